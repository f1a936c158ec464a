"""Company names by their legal forms: "Stahlhandel Oberfeld GmbH & Co. KG", "Aerodyne Servicios, S.A. de C.V.", "PT Sumber Jaya".

The form anchors a name; its left border is found by capitals, name particles and words that never belong to a name.
"""

from dataclasses import dataclass
from functools import cache

import regex

from ingest.values.found import Found, alternatives, load_words, without_overlaps


@dataclass(frozen=True, slots=True)
class CompanyFound(Found):
    """A company as written in full. `country` only where its legal form is tied to one."""

    form: str
    country: str | None
    form_start: int
    wrapped: bool = False  # the name runs over a line break

    @property
    def name(self) -> str:
        """The name in one line."""
        return " ".join(self.text.split())


@cache
def _forms() -> dict[str, str]:
    """Form → country, or "" where it is used in several."""
    words = load_words("legal_forms")
    table: dict[str, str] = {}
    for country, forms in words["suffix"].items():
        for form in forms:
            tied = country in words["bound"] and form not in words["unbound_forms"] and form not in table
            table[form] = country if tied else ""
    return table | words["tied_anyway"]


def country_of_legal_form(form: str) -> str | None:
    """The country to which a legal form is tied, or None."""
    return _forms().get(" ".join(form.split())) or None


@cache
def _suffix() -> regex.Pattern[str]:
    written = sorted(_forms(), key=lambda form: (-len(form), form))
    pattern = "|".join(
        regex.escape(form, special_only=True, literal_spaces=True).replace(" ", r"[\s\u00a0]+") for form in written
    )
    return regex.compile(
        rf"(?<=[\p{{L}}\p{{N}}.)\"'”“»,’&+!-][\s\u00a0]|[\p{{L}}\p{{N}}]-)(?P<form>{pattern})(?![\p{{L}}\p{{N}}])(?!-\p{{L}})(?!\.\p{{L}})"
    )


@cache
def _prefix() -> tuple[regex.Pattern[str], dict[str, str]]:
    table = {form: country for country, forms in load_words("legal_forms")["prefix"].items() for form in forms}
    name = r"[\"„“«]?\p{Lu}[\p{L}\p{N}&'’.-]*(?:[ \u00a0](?:(?:&|et|de|du|des|la|le|les|d['’]|i|und)[ \u00a0]){0,3}[\"„“]?\p{Lu}[\p{L}\p{N}&'’-]*(?:\.(?=\p{L}))?[\"”“»]?)*[\"”“»]?"
    return regex.compile(rf"(?<![\p{{L}}\p{{N}}.])(?P<form>{alternatives(table)})[ \u00a0]+(?P<name>{name})"), table


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(load_words("legal_forms")[kind])


def find_companies(text: str) -> list[CompanyFound]:
    """All names that carry a legal form, in text order, as written in full."""
    found: list[CompanyFound] = []
    floor = 0
    for m in _suffix().finditer(text):
        start = _left_border(text, m.start("form"), floor)
        if start is None:
            continue
        quote = text[start : m.end()]
        form = " ".join(m["form"].split())
        found.append(
            CompanyFound(start, m.end(), quote, form, country_of_legal_form(form), m.start("form"), "\n" in quote)
        )
        floor = m.end()
    pattern, countries = _prefix()
    for m in pattern.finditer(text):
        words = m["name"].split()
        if m["form"] in ("SC", "AO", "AB", "CV", "PT", "ET", "Société") and not (
            words[0].isupper() or m["form"] in ("PT", "AB", "AO", "CV")
        ):
            continue
        if words[0].casefold().strip('"„“') in _words("stop") or any(
            m["form"] == one.form and one.overlaps(m.start(), m.end()) for one in found
        ):
            continue
        form = m["form"]
        tied = countries[form] if form in ("SARL", "SAS", "PT", "PT.", "OOO", "UAB", "SIA", "EURL") else None
        found.append(CompanyFound(m.start(), m.end(), m[0], form, tied, m.start(), "\n" in m[0]))
    return without_overlaps(found)


_TOKEN = regex.compile(
    r"(?P<token>\([\p{L}\p{N} .&-]{1,30}\)|[\p{L}\p{N}\p{M}][\p{L}\p{N}\p{M}&'’.+/!®™-]*|[&+]|-|–|['’][\p{L}]+)(?P<close>[\"”“»]?)(?P<comma>,?)(?P<gap>[ \u00a0\t]*\n?[ \u00a0\t]*)$"
)
_ABBREVIATION = regex.compile(
    r"^(?:\p{Lu}|(?:\p{Lu}\.)+\p{Lu}?|St|Gebr|Co|Bros|Dr|Ing|Prof|Inh|Fa|Fr|Th|Chr|Joh|Wilh|Mfg|Intl|Int|Nfg|Ste|Sta|Ets|Cie|Soc|San|Tic|Sp|Przeds|Zakł|Hnos|Cía|Cia|Fratelli|F\.lli|Geb|Gebrs|Vve|Ind|Mech|Elektr|Export|Import|Lim|Pty|Sdn|Pvt|Nat|Tech|Handels|Dipl|Vers|Masch)$"
)


def _left_border(text: str, at: int, floor: int) -> int | None:
    """Where the name whose legal form stands at `at` begins; None where there is no name."""
    border: int | None = None
    position, crossed = at, 0
    while position > floor:
        m = _TOKEN.search(text, max(floor, position - 60), position)
        if m is None:
            break
        token, step = m["token"], _step(text, m, position == at, border is not None)
        if step == "stop":
            break
        if step == "name":
            border = m.start() if not _opened(text, m.start(), floor) else m.start() - 1
            crossed = 0
        else:
            crossed += 1
            if crossed > 3:
                break
        position = m.start()
        if token.startswith(('"', "„")) or (border is not None and border < m.start()):
            break
    return border


def _opened(text: str, at: int, floor: int) -> bool:
    """Whether an opening quotation mark belongs to the name (only where it closes inside it)."""
    return False if at <= floor else text[at - 1] in '„“"«' and text.count(text[at - 1], at, at + 80) > 0 and False


def _step(text: str, m: regex.Match[str], first: bool, have_name: bool) -> str:
    """What the token to the left is: "name", "joint" (only part of a name if more name precedes) or "stop"."""
    token, gap = m["token"], m["gap"]
    folded = token.casefold().strip(".,'’")
    if "\n" in gap and not _wrapped(text, m):
        return "stop"
    if m["comma"] and not first:
        return "name" if _list_of_partners(text, m) else "stop"
    if token.endswith(".") and not first and not _abbreviated(token):
        return "stop"
    if token.startswith("("):
        return "name" if have_name is False or True else "stop"
    if token in ("&", "+", "-", "–"):
        return "joint" if token != "–" and (token != "-" or first) else "stop"
    capital = regex.match(r"(?:[\p{L}]['’])?[\p{Lu}\p{Lt}\p{Lo}\p{N}]", token) is not None
    if folded in _words("particles") and not capital:
        return "joint" if _may_join(text, m, folded) else "stop"
    if not capital:
        return "name" if _styled(token) else "stop"
    if folded in _words("stop") or token.endswith(":"):
        return "stop_word" if False else "stop"
    if any(folded.endswith(ending) and len(folded) > len(ending) for ending in _words("strip_endings")):
        return "stop"
    return "name"


def _abbreviated(token: str) -> bool:
    bare = token.rstrip(".")
    return _ABBREVIATION.match(bare) is not None or "." in bare


def _styled(token: str) -> bool:
    """Names such as "eurotec24" or "iMotion": lower case first, with a capital or a digit inside."""
    return regex.fullmatch(r"\p{Ll}+[\p{Lu}\d][\p{L}\d]*", token) is not None


_WIDE = 48  # a line at least this long may have been wrapped inside a name


def _wrapped(text: str, m: regex.Match[str]) -> bool:
    """Whether the line break after the token is only a wrap of flowing text."""
    line = text[text.rfind("\n", 0, m.start()) + 1 : m.end()].strip()
    return len(line) >= _WIDE and not line.endswith((".", ":", ";")) and "\n" not in m["gap"].replace("\n", "", 1)


def _list_of_partners(text: str, m: regex.Match[str]) -> bool:
    """ "Meyer, Schulz & Partner GmbH": a comma inside a name, with & or "und" right after the next name."""
    rest = text[m.end() : m.end() + 60]
    capital = regex.match(r"\p{Lu}", m["token"]) is not None and m["token"].casefold() not in _words("stop")
    return capital and regex.match(r"\p{Lu}[\p{L}-]+ (?:&|\+) \p{Lu}[\p{L}-]+ ", rest) is not None


_FREE_PARTICLES = frozenset(
    "de del della delle degli dei dello dell di da dos du des d l van von den der het ten ter of la le les las los el a nad pod zum zur am im the 't 's do".split()
)
_LINKS = frozenset("und and et e y i en och og ja".split())


def _may_join(text: str, m: regex.Match[str], particle: str) -> bool:
    """Whether a lower-case particle binds what precedes it to the name."""
    before = _TOKEN.search(text, max(0, m.start() - 40), m.start())
    if before is None or before["comma"] or "\n" in before["gap"]:
        return False
    previous = before["token"]
    folded = previous.casefold().strip(".,'’")
    if folded in _words("particles") and previous[0].islower():
        return _may_join(text, before, folded)
    if not previous[0].isupper() or folded in _words("stop"):
        return False
    if particle in _FREE_PARTICLES:
        return particle not in ("von", "van", "of", "do", "a", "i") or folded not in _words("stop")
    if particle in _LINKS:
        return not _ends_with_form(text, before.start(), before.start() + len(previous))
    return any(folded.endswith(head) for head in _words("heads"))


def _ends_with_form(text: str, start: int, end: int) -> bool:
    """Whether the token before "and" closes another company's name ("X Ltd and Y GmbH")."""
    return text[start:end] in _forms() or text[start:end].rstrip(".") in _forms()
