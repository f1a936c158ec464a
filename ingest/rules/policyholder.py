"""The insured company: of the sender, or of the client for whom a broker writes."""

import re
from dataclasses import dataclass

from ingest.rules.buyers import name_at, name_key, trim_name
from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, Fact, fact
from ingest.rules.lexicon import fold, phrases
from ingest.rules.material import Material, Passage, companies_in, domain_of
from ingest.values.identifiers import find_identifiers


@dataclass(slots=True)
class Parties:
    """Who stands on the asking side."""

    policyholder: Fact | None
    own: set[str]  # name keys of policyholder, broker and insurer: never buyers


def parties(material: Material, form: Draft) -> Parties:
    """The policyholder, and every name that belongs to the asking side."""
    own: set[str] = set()
    for passage in material.notes:
        own.update(name_key(c.name) for c in companies_in(passage.text))
    signed = _companies(material.foot) + _companies(material.older_foot) or _beside_sender(material)
    own.update(name_key(str(f.value)) for f in signed)
    broker = _is_broker(material, signed)
    client = _client(material, ("on_behalf", "our_client") if broker else ("on_behalf",))
    labelled = form.facts.get("policyholder_name")
    chosen = client or labelled
    beside = _beside_policy(material)
    if chosen is None:
        chosen = beside if (broker or not signed) and beside is not None else None
    if chosen is None and broker:
        chosen = _named_as_client(material)
    if chosen is None and signed and not broker:
        chosen = _best_signed(material, signed)
    if chosen is None:
        chosen = _we_are(material) or (None if broker else _by_domain(material) or _in_files(material))
    if chosen is not None:
        own.add(name_key(str(chosen.value)))
    if beside is not None:
        own.add(name_key(str(beside.value)))
    return Parties(chosen, own)


def _is_broker(material: Material, signed: list[Fact]) -> bool:
    """Whether the sender is a broker: by the company's name or the mail domain."""
    names = [fold(str(one.value)) for one in signed]
    if material.sender is not None and material.sender.address:
        names.append(domain_of(material.sender.address).replace("-", " ").replace(".", " "))
    lines = [line for p in material.foot for line in p.folded.split("\n")[:8] if len(line) <= 60]
    book = phrases("phrases")
    return any(book.has(name, "broker") for name in names) or any(book.has(line, "broker_line") for line in lines)


def _companies(passages: list[Passage]) -> list[Fact]:
    out = []
    for passage in passages:
        for one in companies_in(passage.text):
            start = _line_start(passage, one.start)
            name = trim_name(passage.text[start : one.end])
            out.append(fact(passage, start, one.end, name, checked=True))
    return out


def _beside_sender(material: Material) -> list[Fact]:
    """A company right behind the sender's own name in a letter that has no signature ("… Thanks, Carla Denti, Denti S.p.A.")."""
    words = re.findall(r"[^\W\d_]{2,}", fold(material.sender.name)) if material.sender is not None else []
    if len(words) < 2:
        return []
    first, last = re.escape(words[0]), re.escape(words[-1])
    name = re.compile(rf"(?<!\w)(?:{first}[\s.]+(?:\w+[\s.]+)?|{first[0]}\.\s?){last}(?!\w)")
    for passage in reversed(material.body):
        found = list(name.finditer(passage.folded))
        for one in companies_in(passage.text):
            if found and re.fullmatch(r"\s*[,/|(–\n-]{1,2}\s*", passage.text[found[-1].end() : one.start]):
                return [fact(passage, one.start, one.end, trim_name(one.name), checked=True)]
    return []


_ARTICLE = Cue("policyholder.article", r"(?:<1>)\s(?:(?:<2>)\s)?")


def _line_start(passage: Passage, start: int) -> int:
    """In a signature an article at the beginning of the line belongs to the name."""
    line = passage.text.rfind("\n", 0, start) + 1
    lead = passage.text[line:start]
    return line if lead and _ARTICLE.fullmatch(lead) else start


def _best_signed(material: Material, signed: list[Fact]) -> Fact:
    """The company of the signature; the one like the sender's domain goes first."""
    sender = material.sender
    domain = name_key(domain_of(sender.address).rsplit(".", 1)[0]) if sender and sender.address else ""
    for one in signed:
        words = list(re.findall(r"\w{4,}", fold(str(one.value))))
        if domain and words and words[0] in domain:
            return one
    return signed[0]


_BESIDES = Cue("policyholder.besides", r"(?<!\w)(?:<1>)[ -]*$")
_ROLE = Cue("policyholder.role", r"(?:<1>)[:\s]+(?:<2>)?")
_BEFORE_NAME = Cue("policyholder.before_name", r"[\s:,(\"'„“]*(?:<1>)?[\s:,(\"'„“]*")
_POLICY_OF = Cue("policyholder.policy_of", r"\d\S*\s*[(,;|/–-]+\s*$|\d\S*\.\s+$|<1>")
_OUR_POLICY = Cue("policyholder.our_policy", r"\s*[(,–-]*\s*(?:<1>)?")


def _client(material: Material, keys: tuple[str, ...]) -> Fact | None:
    """ "On behalf of our client X", "We are X", "Our client X"."""
    for passage in [*material.body, *material.subject]:
        for hit in phrases("phrases").find(passage.folded, *keys):
            if _BESIDES.search(passage.folded[max(0, hit.start - 16) : hit.start]):
                continue  # "joint insured: …"
            window = passage.cut(hit.end, min(len(passage.text), hit.end + 110))
            lead = _BEFORE_NAME.match(window.folded)
            at = lead.end() if lead else 0
            companies = [c for c in companies_in(window.text) if c.start <= at + 14]
            if companies:
                one = companies[0]
                role = _ROLE.match(window.folded, one.start)
                start = role.end() if role and role.end() < one.end else one.start  # "Versicherungsnehmerin X GmbH"
                full = trim_name(window.text[start : one.end])
                return fact(window, start, one.end, full, labelled=True, checked=True)
            name = name_at(window, at)
            if name and len(name) > 3 and len(name.split()) > 1:
                return fact(window, at, at + len(name), trim_name(name), labelled=True)
    return None


_AS_CLIENT = re.compile(r"\s*[(,–-]\s*")
_WITH_CODE = re.compile(
    r"\s*(?:\(|[-–,/:]\s)\s*(?=[A-Z0-9/.-]*\d[A-Z0-9/.-]*\d)[A-Z0-9]{1,6}(?:[-/.][A-Z0-9]{1,6})+(?![\w/-])"
)


def _named_as_client(material: Material) -> Fact | None:
    """Whom a broker calls the client: "X Ltd (my client, …)", or the company with a policy's code in the subject."""
    for passage in material.body:
        for one in companies_in(passage.text):
            gap = _AS_CLIENT.match(passage.text, one.end)
            hit = phrases("phrases").first(passage.folded[gap.end() : gap.end() + 30], "our_client") if gap else None
            if hit is not None and hit.start <= 4:
                return fact(passage, one.start, one.end, trim_name(one.name), checked=True)
    for passage in material.subject:
        for one in companies_in(passage.text):
            if _WITH_CODE.match(passage.text, one.end):
                return fact(passage, one.start, one.end, trim_name(one.name), checked=True)
    return None


def _we_are(material: Material) -> Fact | None:
    for passage in material.body:
        for hit in phrases("phrases").find(passage.folded, "we_are"):
            window = passage.cut(hit.end, min(len(passage.text), hit.end + 90))
            for one in companies_in(window.text):
                if one.start <= 22:
                    return fact(window, one.start, one.end, trim_name(one.name), labelled=True, checked=True)
    return None


_NEXT_ITEM = re.compile(r"\n\s*\n|\n\s*(?:[-*•–]|\(?\w{1,2}[.)])\s|:\s*\n")


def _beside_policy(material: Material) -> Fact | None:
    """A company next to the policy number: "policy TC-1 (Elmbridge Resins NV)", "X Ltd, policy TC-1"."""
    for passage in [*material.foot, *material.body, *material.subject, *material.older]:
        companies = companies_in(passage.text)
        for hit in phrases("phrases").find(passage.folded, "policy"):
            if hit.weight < 3:
                continue
            for one in companies:
                behind, before = one.start - hit.end, hit.start - one.end
                gap = passage.text[hit.end : one.start]
                if 0 <= behind <= 34 and not _NEXT_ITEM.search(gap) and _POLICY_OF.search(gap):
                    return fact(passage, one.start, one.end, trim_name(one.name), checked=True)
                if 0 <= before <= 12 and _OUR_POLICY.fullmatch(passage.text[one.end : hit.start]):
                    return fact(passage, one.start, one.end, trim_name(one.name), checked=True)
    for passage in [*material.body, *material.foot, *material.subject]:
        for one in companies_in(passage.text):
            if (
                re.match(r"\s*(?:\(|- |– |, )\s*[A-Z]{2,3}[- ]?\d{5,7}\)?", passage.text[one.end : one.end + 20])
                and not find_identifiers(passage.text[one.end : one.end + 24])  # "(FN 318552 p" is of a register
            ):
                return fact(passage, one.start, one.end, trim_name(one.name), checked=True)
    return None


def _by_domain(material: Material) -> Fact | None:
    """A line of the signature that shares its words with the sender's domain."""
    sender = material.sender
    if sender is None or not sender.address:
        return None
    domain = name_key(domain_of(sender.address).rsplit(".", 1)[0])
    for passage in [*material.foot, *material.body, *material.notes]:
        for one in companies_in(passage.text):
            key = name_key(one.name[: one.form_start - one.start])
            if len(key) >= 5 and (key in domain or domain in key):
                return fact(passage, one.start, one.end, trim_name(one.name), checked=True)
    for passage in [*material.foot, *material.body[-1:]]:
        at = 0
        for line in passage.text.split("\n"):
            start, at = at, at + len(line) + 1
            for piece in re.finditer(r"[^,|()–\t]+", line):
                text = piece.group().strip()
                key = name_key(text)
                if (
                    5 <= len(key) <= 40
                    and "@" not in text
                    and key[:6] in domain
                    and len(text.split()) <= 5
                    and not key.isdigit()
                ):
                    where = start + piece.start() + piece.group().find(text)
                    if (
                        text != (sender.name or "")
                        and name_key(sender.name) != key
                        and text[:1].isupper()
                        and "." not in text
                    ):
                        return fact(passage, where, where + len(text), text)
    return None


def _in_files(material: Material) -> Fact | None:
    """The letterhead of an attached letter, where it matches the sender's domain."""
    sender = material.sender
    domain = name_key(domain_of(sender.address).rsplit(".", 1)[0]) if sender and sender.address else ""
    for passage in material.files:
        head = passage.cut(0, min(len(passage.text), 1500))
        for one in companies_in(head.text):
            words = re.findall(r"\w{4,}", fold(one.name))
            if domain and words and words[0] in domain:
                return fact(head, one.start, one.end, trim_name(one.name), checked=True)
    return None
