"""The person who asks: name, address and phone of the client or broker, never of the colleague who forwarded."""

import re

from ingest.message import Address
from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, Fact, Place, fact
from ingest.rules.lexicon import fold, phrases
from ingest.rules.material import Material, Passage, companies_in, domain_of, is_closing
from ingest.values.addresses import find_addresses
from ingest.values.identifiers import find_identifiers
from ingest.values.phones import PhoneFound, find_phones, normalise_phone

_DEPARTMENT = Cue("contact.department", r"\b(?:<1>)\b")
_TITLES = Cue("contact.titles", r"^(?:<1>)\.?\s+", re.IGNORECASE)
_LETTERS_AFTER = Cue("contact.letters_after", r"(?:<1>)\.?")
_PARTICLE = Cue("contact.particle", r"(?:<1>)")
_CLOSES = Cue("contact.closes", r"<1>")
_AFTER_NAME = re.compile(r"\s*(?:,|\||–| - |\t|/|\(|·|•|;)\s*")
_DIRECT = Cue("contact.direct", r"(?<!\w)(?:<1>)[.: ]+(\+?\d[\d ()/.-]{7,18}\d)", re.IGNORECASE)
_REGISTER = Cue("contact.register", r"(?:<1>)[\s.:#-]*(?:<2>)?[\s.:#°º-]*$")
_GENERIC_BOX = Cue("contact.generic_box", r"(?:<1>)\b")


def contact(material: Material, form: Draft) -> dict[str, Fact]:
    """contact.name, contact.email and contact.phone."""
    out: dict[str, Fact] = {}
    sender = material.sender
    name = _name(material, form)
    if name is not None:
        out["contact.name"] = name
    email = _email(material, sender, form, name)
    if email is not None:
        out["contact.email"] = email
    phone = _phone(material, form)
    if phone is not None:
        out["contact.phone"] = phone
    return out


def is_person(name: str) -> bool:
    """Whether a display name is that of a person: two words or more, no department, no company."""
    words = [w for w in re.split(r"[\s]+", name.strip()) if w]
    if len(words) < 2 or len(words) > 5 or any(c.isdigit() for c in name) or "@" in name or "&" in name:
        return False
    return not _DEPARTMENT.search(fold(name)) and not companies_in(name)


def tidy_name(name: str) -> str:
    """ "Bellamy, Ruth" is Ruth Bellamy; titles and remarks in brackets go."""
    clean = re.sub(r"\s*[(\[].*?[)\]]\s*", " ", name).strip(" '\"\t")
    if clean.count(",") == 1:
        last, first = (part.strip() for part in clean.split(","))
        if first and last and len(first.split()) <= 3 and not _LETTERS_AFTER.fullmatch(fold(first)):
            clean = f"{first} {last}"
    return _TITLES.sub("", clean).strip()


def _name(material: Material, form: Draft) -> Fact | None:
    sender = material.sender
    signed = _foot_name(material.foot)
    if sender is not None and is_person(tidy_name(sender.name)) and not (signed and _is_firm(sender)):
        spot = _header_place(material, sender.name)
        name = tidy_name(sender.name)
        if spot is not None:
            if signed is not None and _same_person(str(signed.value), name):
                return signed
            derived = None if name == sender.name else "name in its usual order"
            return Fact(name, (spot,), derived, labelled=True)
    labelled = form.facts.get("contact.name")
    if labelled is not None and is_person(str(labelled.value)):
        return labelled
    found = signed or _foot_name(material.older_foot) or _foot_name(_tail(material.body))
    if found is not None:
        return found
    if labelled is not None:
        return labelled
    if sender is not None and len(sender.name) > 2 and not _DEPARTMENT.search(fold(sender.name)):
        spot = _header_place(material, sender.name)
        return Fact(tidy_name(sender.name), (spot,)) if spot else None
    return None


def _same_person(full: str, short: str) -> bool:
    """Whether a name as signed is that of the sender, told better: "J. Pardo", "PARDO Joaquín", "joaquín pardo", "Joaquín Pardo"."""
    one, two = fold(full).split(), fold(short).split()
    if full == short:
        return False
    if re.match(r"\w\.", short):
        return one[0][:1] == two[0][:1] and len(one[0]) > 2 and one[-1] == two[-1]
    return set(two) <= set(one) and not full.isupper() and not full.islower()


def _is_firm(sender: Address) -> bool:
    """Whether a display name is the firm's, by its mail domain: "Exportaciones Maipo Sur" at maiposur-berries.example."""
    domain = re.sub(r"\W", "", domain_of(sender.address or "").rsplit(".", 1)[0])
    words = [word for word in re.findall(r"[^\W\d_]{3,}", fold(sender.name)) if not _DEPARTMENT.search(word)]
    return bool(domain and words) and all(word[:7] in domain for word in words)


def _tail(body: list[Passage]) -> list[Passage]:
    """The last lines of a letter, where a name may stand without a closing."""
    if not body or body[-1].text.count("\n") < 2:
        return []
    last = body[-1]
    cut = last.text.rstrip()
    for _ in range(3):
        cut = cut[: max(0, cut.rfind("\n"))]
    return [last.cut(len(cut), len(last.text))]


def _foot_name(foot: list[Passage]) -> Fact | None:
    for passage in foot:
        at = 0
        for number, line in enumerate(passage.text.split("\n")):
            start, at = at, at + len(line) + 1
            if number > 8 or not line.strip():
                continue
            head = _AFTER_NAME.split(line.strip())[0]
            clean = _TITLES.sub("", head).strip(" ,.*")
            clean = re.sub(r"(?<=[a-z])(?: Cert| Dip)?(?: [A-Z]{3,5})+$", "", clean)  # letters after the name
            if phrases("phrases").has(fold(clean), "salutation") or is_closing(line):
                continue
            capital = all(w[:1].isupper() or _PARTICLE.fullmatch(w) for w in clean.split())
            if capital and is_person(clean) and not _CLOSES.search(clean.lower()):
                where = start + line.find(clean)
                return fact(passage, where, where + len(clean), clean)
    return None


def _header_place(material: Material, text: str) -> Place | None:
    """Where an address or name of the asker stands: the mail's header, or the header block of the forward."""
    if not text:
        return None
    message = material.message
    if material.asker > 0:
        for span in message.letters[material.asker].header:
            block = message.text_of(span)
            at = block.lower().find(text.lower())
            if at >= 0:
                return Place(span.part, span.start + at, span.start + at + len(text))
    letter = message.letters[material.asker] if message.letters else None
    parts = {span.part for span in letter.body} if letter and material.asker > 0 else set()
    for index, part in enumerate(message.parts):
        if (part.kind == "header" and material.asker == 0) or index in parts:
            at = part.text.lower().find(text.lower())
            if at >= 0:
                return Place(index, at, at + len(text))
    for index, part in enumerate(message.parts):
        at = part.text.lower().find(text.lower())
        if at >= 0:
            return Place(index, at, at + len(text))
    return None


def _email(material: Material, sender: Address | None, form: Draft, name: Fact | None) -> Fact | None:
    labelled = form.facts.get("contact.email")
    if sender is not None and sender.address:
        local = sender.address.partition("@")[0]
        shared = _GENERIC_BOX.match(local) or _DEPARTMENT.search(fold(local))
        if labelled is not None and (shared or _belongs(str(labelled.value), name)):
            found = find_addresses(str(labelled.value))
            if found and found[0].address != sender.address:
                return Fact(found[0].address, labelled.places, None, labelled=True)
        spot = _header_place(material, sender.address)
        if spot is not None:
            return Fact(sender.address, (spot,), labelled=True)
    for passage in material.foot:
        for one in find_addresses(passage.text):
            if not material.is_staff(Address("", one.address)):
                return fact(passage, one.start, one.end, one.address)
    return labelled


def _belongs(address: str, name: Fact | None) -> bool:
    """Whether an address carries the last name of the person."""
    if name is None:
        return False
    last = re.sub(r"\W", "", fold(str(name.value)).split()[-1])
    local = re.sub(r"\W", "", address.partition("@")[0].lower())
    return len(last) > 3 and (last in local or last in re.sub("([aou])e", r"\1", local))  # "luehrs" is Lührs


_ME = Cue("contact.me", r"\b(?:<1>)\b")


def _mine(passage: Passage, at: int) -> bool:
    """Whether a number in running text is the writer's: "ring me on …", or a line of its own."""
    line = passage.text[passage.text.rfind("\n", 0, at) + 1 : at]
    return len(line.strip()) <= 12 or _ME.search(passage.folded[max(0, at - 45) : at]) is not None


def _phone(material: Material, form: Draft) -> Fact | None:
    for passages in (material.foot, material.body, material.older_foot):
        for passage in passages:
            for one in _phones(passage):
                if not one.fax and (passage.role != "body" or _mine(passage, one.start)):
                    return fact(passage, one.start, one.end, one.number, labelled=one.labelled)
            if passage.role == "foot" and (direct := _DIRECT.search(passage.text)):
                return fact(passage, direct.start(1), direct.end(1), normalise_phone(direct[1]), labelled=True)
    labelled = form.facts.get("contact.phone")
    if labelled is not None:
        digits = re.sub(r"\(0\)", "", str(labelled.value))
        number = ("+" if digits.strip().startswith("+") else "") + re.sub(r"\D", "", digits)
        if 6 <= len(number) <= 16:
            return Fact(number, labelled.places, None, labelled=True)
    for passage in material.files:
        for one in _phones(passage):
            if (one.labelled or one.number.startswith("+")) and not one.fax:
                return fact(passage, one.start, one.end, one.number)
    return None


def _phones(passage: Passage) -> list[PhoneFound]:
    """The phone numbers of a passage: none that is a company's number, and none that a word of a register precedes."""
    numbers = find_identifiers(passage.text)
    return [
        one
        for one in find_phones(passage.text)
        if not any(one.overlaps(other.start, other.end) for other in numbers)
        and (
            one.labelled
            or one.number.startswith("+")
            or not _REGISTER.search(passage.folded[max(0, one.start - 30) : one.start])
        )
    ]
