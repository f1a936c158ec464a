"""Company names by their legal forms: "Stahlhandel Oberfeld GmbH & Co. KG", "Aerodyne Servicios, S.A. de C.V.", "PT Sumber Jaya".

The form anchors a name; its left border is found by capitals, name particles and words that never belong to a name.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import regex

from ingest.values.found import Found, alternatives, compiled, load_words, without_overlaps


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


# Two names, and behind "of" at least two words of the company's own.
_PERSON_OF = regex.compile(r"(?P<who>\p{Lu}[\p{Ll}'’-]+ \p{Lu}[\p{Ll}'’-]+) (?:of|at|from) (?=\S+ \S+)")


@cache
def _forms() -> dict[str, str]:
    """Form → country, or "" where it is used in several."""
    words = load_words("legal_forms")
    table: dict[str, str] = {}
    for country, forms in words["suffix"].items():
        for form in forms:
            tied = country in words["bound"] and form not in words["unbound_forms"] and form not in table
            table[form] = country if tied else ""
    table.update(words["tied_anyway"])
    return table


def country_of_legal_form(form: str) -> str | None:
    """The country to which a legal form is tied, or None."""
    return _forms().get(" ".join(form.split())) or None


@cache
def _suffix() -> regex.Pattern[str]:
    written = sorted(_forms(), key=lambda form: (-len(form), form))
    pattern = "|".join(
        regex.escape(form, special_only=True, literal_spaces=True).replace(" ", r"[\s\u00a0]+") for form in written
    )
    return compiled(
        rf"(?<=[\p{{L}}\p{{N}}.)\"'”“»,’&+!-][\s\u00a0]|[\p{{L}}\p{{N}}]-)(?P<form>{pattern})(?![\p{{L}}\p{{N}}])(?!-\p{{L}})(?!\.\p{{L}})"
    )


@cache
def _prefix() -> tuple[regex.Pattern[str], dict[str, str]]:
    table = {form: country for country, forms in load_words("legal_forms")["prefix"].items() for form in forms}
    name = r"[\"„“«]?\p{Lu}[\p{L}\p{N}&'’.-]*(?:[ \u00a0](?:(?:&|et|de|du|des|la|le|les|d['’]|i|und)[ \u00a0]){0,3}[\"„“]?\p{Lu}[\p{L}\p{N}&'’-]*(?:\.(?=\p{L}))?[\"”“»]?)*[\"”“»]?"
    return compiled(rf"(?<![\p{{L}}\p{{N}}.])(?P<form>{alternatives(table)})[ \u00a0]+(?P<name>{name})"), table


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(load_words("legal_forms")[kind])


def find_companies(text: str) -> list[CompanyFound]:
    """All names that carry a legal form, in text order, as written in full."""
    return list(_find_companies(text))


@lru_cache(maxsize=512)
def _find_companies(text: str) -> tuple[CompanyFound, ...]:
    found: list[CompanyFound] = []
    floor = 0
    for m in _suffix().finditer(text):
        if text[m.start() - 1] == "-" and not m["form"].startswith(_AFTER_HYPHEN):
            continue
        if m["form"] in _words("after_comma") and not text[: m.start()].rstrip().endswith(","):
            continue  # a common noun elsewhere ("Zemědělské družstvo Kolín")
        if found and not text[found[-1].end : m.start()].strip(" \u00a0"):
            found[-1] = _longer(text, found[-1], m.end())  # "Hansen & Co A/S"
            floor = m.end()
            continue
        start = _left_border(text, m.start("form"), floor)
        if start is None:
            continue
        partners = (
            _PARTNERS.match(text, m.end()) if m["form"].casefold() in ("s.n.c.", "s.a.s.", "snc", "sas") else None
        )
        end = partners.end() if partners else m.end()
        start += _person_before(text[start : m.start("form")])
        if compiled(r"[dl]['’]\p{Lu}").match(text, start):
            start += 2  # "le compte d'Ateliers Brun SAS"
        quote = text[start:end]
        form = " ".join(m["form"].split())
        found.append(CompanyFound(start, end, quote, form, country_of_legal_form(form), m.start("form"), "\n" in quote))
        floor = end
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
    return tuple(without_overlaps(found))


_AFTER_HYPHEN = ("GmbH", "AG", "mbH", "Ges")  # "Verwaltungs-GmbH"; all other forms stand alone
_PARTNERS = regex.compile(r"\s+di\s+\p{Lu}[\p{L}' ]{2,40}?\s+(?:&|e)\s+C\.")  # "Rossi S.n.c. di Rossi Mario & C."


def _person_before(name: str) -> int:
    """How long "Ann Marlow of " is in "Ann Marlow of Corve Valley Ciders" (0 in "Steel Company of North Wales")."""
    person = _PERSON_OF.match(name)
    if person is None or any(word.casefold() in _words("heads") for word in person["who"].split()):
        return 0
    return int(person.end())


def _longer(text: str, company: CompanyFound, end: int) -> CompanyFound:
    quote = text[company.start : end]
    form = " ".join(text[company.form_start : end].split())
    country = country_of_legal_form(text[company.end : end].strip()) or company.country
    return CompanyFound(company.start, end, quote, form, country, company.form_start, "\n" in quote)


_TOKEN = regex.compile(
    r"(?P<token>\([\p{L}\p{N} .&-]{1,30}\)|[\p{L}\p{N}\p{M}][\p{L}\p{N}\p{M}&'’.+/!®™-]*|[&+]|-|–|['’][\p{L}]+)"
    r"(?P<close>[\"”“»]?)(?P<comma>,?)(?P<gap>[ \u00a0\t]*\n?[ \u00a0\t]*)$"
)
_QUOTES = {'"': '"', "„": "“”", "“": "”", "«": "»"}
_WIDE = 48  # a line at least this long may have been wrapped inside a name
_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "PLN", "CZK", "SEK", "NOK", "DKK", "TEUR", "Euro", "Euros")
_MOST_JOINTS = 3  # lower-case words in a row inside a name


def _left_border(text: str, at: int, floor: int) -> int | None:
    """Where the name whose legal form stands at `at` begins; None where there is no name."""
    names: list[regex.Match[str]] = []
    position, joints, quoted = at, 0, False
    while position > floor:
        token = _TOKEN.search(text, max(floor, position - 60), position)
        if token is None:
            break
        if (
            names
            and compiled(r"\d{1,2}[.)]").fullmatch(token["token"])
            and compiled(r"(?:^|\n)[ \t]*$").search(text, max(0, token.start() - 12), token.start())
        ):
            break  # the number of a list's item
        if names and "\n" in token["gap"] and (token["token"] in _CURRENCIES or _is_figure(text, token)):
            break  # the amount or date that ends the line before
        role = _role(text, token, position == at, bool(names))
        if role == "stop" or (role == "joint" and joints == _MOST_JOINTS):
            break
        joints = joints + 1 if role == "joint" else 0
        if role == "name":
            names.append(token)
        position = token.start()
        if text[position - 1 : position] in _QUOTES and position > floor:
            if quoted or not _closes_inside(text, position, at):
                break  # a name in quotation marks begins there
            position, quoted = position - 1, True
    while names and _leads_in(text, names[-1]):
        names.pop()
    if not names:
        return None
    start = int(names[-1].start())
    if text[start - 1 : start] in _QUOTES and names[-1].start() > floor and _closes_inside(text, start, at):
        return start - 1
    return _dutch_particle(text, start, floor, text[at : at + 6])


def _leads_in(text: str, token: regex.Match[str]) -> bool:
    """Whether the leftmost token is no part of the name: "Increase Nordwind GmbH", "2. Nordwind GmbH", "(a) Nordwind GmbH"."""
    written = token["token"]
    if _word(token) in _words("soft") or written.startswith("(") or _is_sum(text, token):
        return True
    if written in ("Y", "E", "Et", "Und", "And", "En", "Oraz", "Ed", "Plus") and not token["comma"]:
        return _begins_sentence(text, token.start())
    if _word(token) in _words("articles"):
        return _begins_sentence(text, token.start())
    line = text[text.rfind("\n", 0, token.start()) + 1 : token.start()].strip(" \t|•*-")
    return compiled(r"\d{1,3}\.?|\p{L}\.?").fullmatch(written) is not None and (
        (line == "" and not written[0].isalpha()) or (written.endswith(".") and written[0].isdigit())
    )


def _is_sum(text: str, token: regex.Match[str]) -> bool:
    """Whether a token is a figure in groups of thousands, or one of such groups: "50.000", "220 000"."""
    if compiled(r"\d{1,3}(?:[.,'’]\d{3})+").fullmatch(token["token"]):
        return True
    ahead = compiled(r"\d{1,3}[ \u00a0]\d{3}(?!\d)").match(text, token.start())
    behind = compiled(r"(?<!\d)\d{1,3}[ \u00a0]$").search(text, max(0, token.start() - 4), token.start())
    return ahead is not None or (compiled(r"\d{3}").fullmatch(token["token"]) is not None and behind is not None)


def _is_figure(text: str, token: regex.Match[str]) -> bool:
    """Whether a token is a sum, a year or another number: "30k", "2026", "1.3.26"."""
    return _is_sum(text, token) or compiled(r"\d[\d.,'’]*(?:k|m|mn)?[.,]?").fullmatch(token["token"]) is not None


def _begins_sentence(text: str, at: int) -> bool:
    """Whether a capital at `at` is owed to the beginning of a line or sentence."""
    return compiled(r"(?:^|[\n.!?:;,|•*-]|\d\))\s*$").search(text[max(0, at - 4) : at]) is not None


def _closes_inside(text: str, start: int, end: int) -> bool:
    """Whether the quotation mark before `start` is closed before the legal form."""
    return any(mark in text[start:end] for mark in _QUOTES[text[start - 1]])


def _dutch_particle(text: str, start: int, floor: int, form: str) -> int:
    """ "de Boer & Zonen B.V.": with a Dutch form a particle at the beginning of a line or after a preposition belongs to it."""
    if not form.startswith(tuple(_words("dutch_forms"))):
        return start
    pattern = rf"(?:^|[:;|,(\"\n]\s*|\b(?:for|on|to|with|von|für|bei|voor|op|aan|bij|met|and|und|en)\s+)(?P<p>{alternatives(_words('dutch_particles'))} )$"
    before = compiled(pattern).search(text, max(floor, start - 30), start)
    return int(before.start("p")) if before else start


def _word(token: regex.Match[str]) -> str:
    return str(token["token"]).casefold().strip(".,'’:")


def _role(text: str, m: regex.Match[str], first: bool, have_name: bool) -> str:
    """What the token to the left is: "name", "joint" (part of a name only if more of it precedes) or "stop"."""
    token, folded = m["token"], _word(m)
    if "\n" in m["gap"] and not (first or _wrapped(text, m)):
        return "stop"
    if m["comma"] and not first:
        return "name" if _first_of_partners(text, m) else "stop"
    if token.endswith(".") and not first and not _abbreviated(token):
        return "stop"
    if token.startswith("("):
        return "name"
    if token in ("&", "+") or (token == "-" and first):
        return "joint"
    capital = compiled(r"(?:\p{L}['’])?[\p{Lu}\p{Lt}\p{Lo}\p{N}]").match(token) is not None
    if not capital and folded in _words("particles"):
        return "joint" if have_name and _may_join(text, m, folded) else "stop"
    if not capital and text[max(0, m.start() - 3) : m.start()].rstrip().endswith(("&", "+")):
        return "name"  # "Novák & syn"
    if not capital:
        return "name" if _styled(token) else "joint" if _slavic_noun(text, m) else "stop"
    if folded in _words("stop") or folded.endswith(tuple(_words("strip_endings"))):
        return "stop"
    return "name"


def _abbreviated(token: str) -> bool:
    bare = token.rstrip(".")
    return bare in _words("abbreviations") or "." in bare or len(bare) == 1


def _styled(token: str) -> bool:
    """Names such as "eurotec24" or "iMotion": lower case first, with a capital or a digit inside."""
    return compiled(r"\p{Ll}+[\p{Lu}\d][\p{L}\d]*").fullmatch(token) is not None


def _slavic_noun(text: str, m: regex.Match[str]) -> bool:
    """ "Hotelový textil Šárka s.r.o.", "Severočeské doly a.s.": a lower-case noun after a capitalised adjective."""
    if _word(m) in _words("stop") | _words("soft") or m["comma"]:
        return False
    before = _TOKEN.search(text, max(0, m.start() - 40), m.start())
    adjective = before is not None and compiled(r"\p{Lu}\p{Ll}{2,}[ýáéí]$").match(before["token"]) is not None
    return adjective and before is not None and _word(before) not in _words("stop") | _words("soft")


def _wrapped(text: str, m: regex.Match[str]) -> bool:
    """Whether the line break after the token is only a wrap of flowing text."""
    line = text[text.rfind("\n", 0, m.start()) + 1 : m.end()].strip()
    return len(line) >= _WIDE and not line.endswith((".", ":", ";"))


def _first_of_partners(text: str, m: regex.Match[str]) -> bool:
    """ "Meyer, Schulz & Partner GmbH": a comma inside a name, with & right after the next name."""
    capital = compiled(r"\p{Lu}").match(m["token"]) is not None and _word(m) not in _words("stop") | _words("soft")
    return capital and compiled(r"\p{Lu}[\p{L}-]+ (?:&|\+) \p{Lu}[\p{L}-]+ ").match(text, m.end()) is not None


def _may_join(text: str, m: regex.Match[str], particle: str) -> bool:
    """Whether a lower-case particle binds what precedes it to the name."""
    before = _TOKEN.search(text, max(0, m.start() - 40), m.start())
    if before is None or before["comma"] or "\n" in before["gap"]:
        return False
    previous, folded = before["token"], _word(before)
    if folded in _words("particles") and previous[0].islower():
        return _may_join(text, before, folded)
    if not previous[0].isupper() or folded in _words("stop") | _words("soft"):
        return False
    if folded.endswith(tuple(_words("strip_endings"))) or previous in _forms() or previous.rstrip(".") in _forms():
        return False  # "X Ltd and Y GmbH" are two companies
    if particle in _words("free_particles") or particle in _words("links"):
        return True
    return folded.endswith(tuple(_words("heads")))
