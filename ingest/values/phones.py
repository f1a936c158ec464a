"""Phone numbers: digits with a leading + where it is written so; a "(0)" after the country code is dropped."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import regex

from ingest.values.found import Found, compiled, pieces

_NUMBER = regex.compile(
    r"(?<![\p{L}\d@/_=.,-])(?P<number>(?:\+|00|\(\+|\()?\d(?:[)(/.\u2013-]?[\u00a0 ]?[(/\u2013-]?[\u00a0 ]?\(?\d){5,16})(?!\d)(?![\p{L}@_]|[.,-]\d)"
)
_FAX = regex.compile(r"fax[^\n\d+]{0,6}$", regex.IGNORECASE)


@cache
def _label() -> regex.Pattern[str]:
    return regex.compile(
        rf"(?<!\p{{L}})(?:{pieces('phones', 'labels')})(?:\s?(?:{pieces('phones', 'number')}))?\s*[.:)]{{0,2}}\s*$",
        regex.IGNORECASE,
    )


@dataclass(frozen=True, slots=True)
class PhoneFound(Found):
    """A phone number; `fax` where it is called so, `labelled` where a word such as Tel. precedes."""

    number: str
    labelled: bool = False
    fax: bool = False
    country: str | None = None  # ISO 3166-1 alpha-2, from the + prefix


def normalise_phone(written: str) -> str:
    """Digits with a leading + if given so; "(0)" after a country code is dropped, 00 stays."""
    text = written.strip()
    if text.startswith(("+", "(+")):
        text = compiled(r"\(\s*0\s*\)").sub("", text)
        return "+" + str(compiled(r"\D").sub("", text))
    if text.startswith("00"):
        text = compiled(r"\(\s*0\s*\)").sub("", text)
    return str(compiled(r"\D").sub("", text))


def country_of_phone(number: str) -> str | None:
    """The country of a number with its + prefix, or None (also for shared prefixes such as +1 without area)."""
    if not number.startswith("+"):
        return None
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    region: str | None = phonenumbers.region_code_for_number(parsed)
    if region is None and parsed.country_code is not None:
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(parsed.country_code, ())
        region = regions[0] if len(regions) == 1 else None
    return region if region and len(region) == 2 else None


def find_phones(text: str, with_country: bool = False) -> list[PhoneFound]:
    """Numbers with a + prefix, behind a label, or in a line of their own with at least two groups, in text order."""
    found = []
    for match in _numbers(text):
        number = normalise_phone(match[0])
        digits = number.lstrip("+")
        before = text[max(0, match.start() - 24) : match.start()]
        labelled, fax = _label().search(before) is not None, _FAX.search(before) is not None
        if not 7 <= len(digits) <= 15:
            continue
        if not (labelled or fax or number.startswith("+") or _looks_like_one(text, match)):
            continue
        country = country_of_phone(number) if with_country else None
        found.append(PhoneFound(match.start(), match.end(), match[0], number, labelled, fax, country))
    return found


def _numbers(text: str) -> Iterator[regex.Match[str]]:
    """Runs of digits; of two with " / " between them the first."""
    for match in _NUMBER.finditer(text):
        two = compiled(r"\s+[/|]\s+").search(match[0])
        first = _NUMBER.match(text, match.start(), match.start() + two.start()) if two else None
        yield first or match


def _duns(text: str, at: int) -> bool:
    return compiled(r"d-?u-?n-?s", regex.IGNORECASE).search(text[max(0, at - 24) : at]) is not None


def _looks_like_one(text: str, match: regex.Match[str]) -> bool:
    """A national number starts with 0, has several groups and is no date, amount or identifier."""
    written = match[0]
    if compiled(r"\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{1,2}/\d{1,2}/\d{2,4}").search(written):
        return False
    line = compiled(r"[|·•\n]").split(text[: match.start()])[-1].strip(" ,-–")
    if written.startswith(("0", "(0")):
        groups = len(compiled(r"\d+").findall(written))
        return (
            groups >= 2
            and len(compiled(r"\d").findall(written)) >= 9
            and not _duns(text, match.start())
            and not compiled(r"\p{L}{3,}[.:]?[ \u00a0]*\Z").search(text[: match.start()], max(0, match.start() - 12))
        )
    alone = line == "" and text[match.end() : match.end() + 1] in ("", "\n")
    if alone and compiled(r"\d{3}[ -]\d{3}[ -]\d{3}|\d{3}(?:[ -]\d{2}){3}").fullmatch(written):
        return True  # nine digits in a line of their own, as in Poland, Spain and Czechia
    return line == "" and compiled(r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}").fullmatch(written) is not None
