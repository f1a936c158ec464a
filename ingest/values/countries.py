"""Countries named or implied in text: names and adjectives in eight languages, cities, postcodes with a country letter."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import regex

from ingest.values.found import Found, alternatives, compiled, load_words, without_overlaps

Ground = Literal["name", "postcode", "adjective", "city"]  # from the strongest to the weakest


@dataclass(frozen=True, slots=True)
class CountryFound(Found):
    """A country (ISO 3166-1 alpha-2) and what names it."""

    country: str
    ground: Ground


_AMBIGUOUS = frozenset(
    {
        "Georgia",
        "Jordan",
        "Jersey",
        "Chad",
        "Niger",
        "Guinea",
        "Essen",
        "Most",
        "Nice",
        "York",
        "Derby",
        "Split",
        "Lima",
        "Perth",
        "Cork",
        "Man",
        "Mali",
        "Tours",
        "Pau",
        "Hull",
        "Reading",
        "Bath",
    }
)
_POSTCODE_LETTERS = {"D": "DE", "A": "AT", "CH": "CH", "F": "FR", "I": "IT", "E": "ES", "B": "BE", "L": "LU", "PL": "PL", "NL": "NL", "CZ": "CZ", "DE": "DE", "AT": "AT", "FR": "FR", "IT": "IT", "ES": "ES", "BE": "BE", "LU": "LU", "SK": "SK", "HU": "HU", "H": "HU", "DK": "DK", "SE": "SE", "S": "SE", "N": "NO", "NO": "NO", "FI": "FI", "FIN": "FI", "PT": "PT", "P": "PT", "SI": "SI", "HR": "HR", "RO": "RO", "BG": "BG", "LT": "LT", "LV": "LV", "EE": "EE", "GR": "GR", "FL": "LI"}  # fmt: skip
_POSTCODE = regex.compile(
    rf"(?<![\p{{L}}\d-])(?P<c>{alternatives(_POSTCODE_LETTERS)})[-–](?P<n>\d{{4,5}}|\d{{2}}-\d{{3}}|\d{{3}} ?\d{{2}}|\d{{4}} ?[A-Z]{{2}}|\d{{4}}-\d{{3}})(?![\d\p{{L}}])(?=\s+\p{{Lu}}|\s*$)"
)
_LETTERS = {
    **{c: k for c, k in _POSTCODE_LETTERS.items() if c not in ("SI", "RO", "NO", "SE")},
    "UK": "GB",
    "GB": "GB",
    "USA": "US",
    "IRL": "IE",
    "FIN": "FI",
}
_BRACKETED = regex.compile(rf"(?<=\p{{L}} ?)\((?P<c>{alternatives(_LETTERS)})\)")  # "Kleve (D)"
_UK_POSTCODE = regex.compile(r"(?<![\p{L}\d])(?:[A-Z]{1,2}\d[A-Z\d]?) \d[A-Z]{2}(?![\p{L}\d])")
_DUTCH_POSTCODE = regex.compile(r"(?<![\p{L}\d-])\d{4} ?[A-Z]{2}(?=,? +\p{Lu}\p{Ll})")
_US_POSTCODE = regex.compile(
    r"(?<![\p{L}])(?:A[LKZR]|C[AOT]|DE|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY]) +\d{5}(?:-\d{4})?(?!\d)"
)


@cache
def _table() -> dict[str, tuple[str, Ground]]:
    words = load_words("countries")
    table: dict[str, tuple[str, Ground]] = {}
    grounds: tuple[tuple[str, Ground], ...] = (("cities", "city"), ("adjectives", "adjective"), ("names", "name"))
    for key, ground in grounds:
        for country, names in words[key].items():
            for name in names:
                table[name] = (country, ground)
                if ground == "name" and len(name) > 4 and name.isalpha() and name not in _AMBIGUOUS:
                    table[name.upper()] = (country, ground)
    return table


@cache
def _by_first_word() -> dict[str, list[str]]:
    """First word → names that begin with it, the longest first: far faster than one huge pattern."""
    index: dict[str, list[str]] = {}
    for name in sorted(_table(), key=len, reverse=True):
        index.setdefault(_WORD.match(name)[0], []).append(name)
    return index


_WORD = regex.compile(r"[\p{L}'İı]+")


def find_countries(text: str) -> list[CountryFound]:
    """All countries named or hinted at, in text order; `ground` says how strongly."""
    found = _named(text)
    for m in _POSTCODE.finditer(text):
        found.append(CountryFound(m.start(), m.end(), m[0], _POSTCODE_LETTERS[m["c"]], "postcode"))
    for m in _BRACKETED.finditer(text):
        found.append(CountryFound(m.start("c"), m.end("c"), m["c"], _LETTERS[m["c"]], "postcode"))
    for shape, country in ((_UK_POSTCODE, "GB"), (_DUTCH_POSTCODE, "NL"), (_US_POSTCODE, "US")):
        found.extend(CountryFound(m.start(), m.end(), m[0], country, "postcode") for m in shape.finditer(text))
    return without_overlaps(found)


def _named(text: str) -> list[CountryFound]:
    found: list[CountryFound] = []
    plain = text.replace("’", "'").replace("\u00a0", " ").replace("\n", " ")
    index, table, done = _by_first_word(), _table(), 0
    for word in _WORD.finditer(plain):
        start = word.start()
        if start < done or (plain[start - 1 : start] in tuple("@./_-") and start):
            continue
        for name in index.get(word[0], ()):
            end = start + len(name)
            if plain.startswith(name, start) and not compiled(r"[\p{L}\d@_]|\.\p{Ll}").match(plain[end : end + 2]):
                country, ground = table[name]
                found.append(CountryFound(start, end, text[start:end], country, ground))
                done = end
                break
    return found


def parse_country(written: str) -> str | None:
    """ISO code of a cell or word that is a country: a name, an adjective or a two- or three-letter code."""
    text = written.strip().strip("().")
    table = _table()
    if entry := table.get(text) or table.get(text.title()):
        return entry[0] if entry[1] != "city" else None
    if text in ("UK", "EL"):
        return {"UK": "GB", "EL": "GR"}[text]
    import pycountry

    if len(text) == 2 and text.isalpha():
        known = pycountry.countries.get(alpha_2=text.upper())
    elif len(text) == 3 and text.isalpha() and text.isupper():
        known = pycountry.countries.get(alpha_3=text)
    else:
        known = None
    return str(known.alpha_2) if known else None
