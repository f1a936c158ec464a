"""Whether quotes support a value: the quote is read again by the value finders and must give the value.

"exact": the value stands in the quote; "aligned": but for case, white space or composition (names only);
"derived": it follows from the quotes by a rule that is computed again here. None: the quotes do not support it.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import permutations
from typing import Literal

import regex

from ingest.alignment import contains
from ingest.values.countries import find_countries, parse_country
from ingest.values.dates import find_dates
from ingest.values.found import alternatives, load_words
from ingest.values.identifiers import find_identifiers
from ingest.values.legal_forms import find_companies
from ingest.values.money import currency_of, find_currencies, find_money, parse_amount
from ingest.values.numbers import find_numbers, find_spelled_numbers, parse_number
from ingest.values.phones import country_of_phone, find_phones, normalise_phone
from ingest.values.terms import find_terms

How = Literal["exact", "aligned", "derived"]


def amounts_in(quote: str) -> set[Decimal]:
    """Every amount that a quote can be read as."""
    amounts = {money.amount for money in find_money(quote)}
    amounts |= {number.value for number in find_numbers(quote)}
    amounts |= {number.value for number in find_spelled_numbers(quote)}
    if cell := parse_amount(quote):
        amounts.add(cell.amount)
    if (plain := parse_number(quote)) is not None:
        amounts.add(plain)
    return amounts


def supports_money(value: Decimal, quotes: Sequence[str], derived: str | None, cancelled: bool = False) -> How | None:
    """An amount: written so, or computed from the amounts quoted. Nothing stands after a cancellation (0)."""
    each = [amounts_in(quote) for quote in quotes]
    every = set().union(*each) if each else set()
    if value in every:
        return "derived" if derived else "exact"
    if value == 0:
        return "derived" if quotes and cancelled else None
    return "derived" if value in _computed(every, [*quotes, derived or ""]) else None


@cache
def _cue(name: str) -> regex.Pattern[str]:
    return regex.compile(rf"(?<!\p{{L}}){alternatives(load_words('arithmetic')[name])}(?!\p{{L}})", regex.IGNORECASE)


_FACTORS = {
    "double": Decimal(2), "triple": Decimal(3), "half": Decimal("0.5"), "month": Decimal(12), "quarter": Decimal(4),
    "week": Decimal(52), "thousand": Decimal(1000), "million": Decimal(1_000_000),
}  # fmt: skip


def _computed(amounts: set[Decimal], quotes: Sequence[str]) -> set[Decimal]:
    """What the words in the quotes make of the amounts: doubled, "by 50k", in thousands, a month, per cents."""
    said = " | ".join(quotes)
    results = {one * factor for name, factor in _FACTORS.items() if _cue(name).search(said) for one in amounts}
    for one, other in permutations(amounts, 2):
        if _cue("more").search(said):
            results.add(one + other)
        if _cue("less").search(said):
            results.add(one - other)
    for number in find_numbers(said):
        if number.percent:
            share = number.value / 100
            results |= {one * (1 + share) for one in amounts} | {one * (1 - share) for one in amounts}
    return results


def supports_date(value: date, quotes: Sequence[str], written: Sequence[date]) -> How | None:
    """A date: written out, or resolved against the day on which its letter was written."""
    for quote in quotes:
        for day in written:
            for american in (False, True):
                for found in find_dates(quote, day, month_first=american):
                    same_day = (found.value.month, found.value.day) == (value.month, value.day)
                    if value in (found.value, found.first) or (
                        not found.year_given and not found.relative and same_day
                    ):
                        return "exact" if found.year_given and not found.relative and found.rule is None else "derived"
    return None


def supports_currency(value: str, quotes: Sequence[str]) -> How | None:
    """A currency: named in the quote, or the one that an ambiguous sign such as "kr" may mean."""
    for quote in quotes:
        named = {found.currency for found in find_currencies(quote)} | {money.currency for money in find_money(quote)}
        if value in named or currency_of(quote) == value:
            return "exact"
        if regex.search(r"(?<!\p{L})kr\.?(?!\p{L})|kron", quote, regex.IGNORECASE) and value in (
            "SEK",
            "NOK",
            "DKK",
            "CZK",
            "ISK",
        ):
            return "derived"
        if "$" in quote and value.endswith("D"):
            return "derived"
    return None


def supports_days(value: int, quotes: Sequence[str]) -> How | None:
    """Payment terms: a period of so many days, or a bare figure (a table cell)."""
    for quote in quotes:
        if any(terms.days == value for terms in find_terms(quote)):
            return "exact"
        if any(number.value == value for number in find_numbers(quote)):
            return "exact"
        if regex.search(rf"(?<![\d.,]){value}(?![\d]|[.,]\d)", quote):
            return "exact"
    return None


def _bare(text: str) -> str:
    return str(regex.sub(r"[^\p{L}\p{N}]", "", text)).upper()


def _stands_whole(value: str, quote: str) -> bool:
    """Whether the letters and digits of `value` stand in `quote`, however spaced, with none of their kind beside them."""
    if not (letters := _bare(value)):
        return False
    spaced = r"[^\p{L}\p{N}]{0,3}".join(map(regex.escape, letters))
    return bool(regex.search(rf"(?<![\p{{L}}\p{{N}}]){spaced}(?![\p{{L}}\p{{N}}])", quote, regex.IGNORECASE))


def supports_identifier(value: str, quotes: Sequence[str]) -> How | None:
    """An identifier: the same letters and digits; a national tax number may lack its country prefix in the mail."""
    bare = _bare(value)
    for quote in quotes:
        if bare == _bare(quote) or (len(bare) >= 4 and _stands_whole(value, quote)):
            return "exact"
        if any(_bare(found.value) == bare for found in find_identifiers(quote)):
            return "exact"
        national = regex.fullmatch(r"[A-Z]{2}(.*\d.*)", bare)
        if national and len(national[1]) >= 7 and _stands_whole(national[1], quote):
            return "derived"
    return None


def supports_country(value: str, quotes: Sequence[str]) -> How | None:
    """A country: named, or implied by city, postcode, identifier, legal form or phone prefix."""
    for quote in quotes:
        found = find_countries(quote)
        if any(one.country == value and one.ground == "name" for one in found) or parse_country(quote) == value:
            return "exact"
        implied = {one.country for one in found}
        implied |= {one.country for one in find_identifiers(quote) if one.country}
        implied |= {one.country for one in find_companies(quote) if one.country}
        implied |= {country_of_phone(phone.number) or "" for phone in find_phones(quote)}
        prefix = regex.match(r"\s*([A-Z]{2})[A-Z0-9]?[ -]?\d", quote)
        implied |= {prefix[1]} if prefix else set()
        if value in implied or regex.search(rf"(?<!\p{{L}}){value}(?!\p{{L}})", quote):
            return "derived"
    return None


def supports_name(value: str, quotes: Sequence[str]) -> How | None:
    """A name or phrase: as written, or aligned but for case, white space and composition."""
    for quote in quotes:
        last, comma, first = quote.partition(",")
        if comma and last.strip() and first.strip() and contains(f"{first.strip()} {last.strip()}", value):
            return "derived"  # "Bellamy, Ruth"
        if regex.search(rf"(?<![\p{{L}}\p{{N}}]){regex.escape(value)}(?![\p{{L}}\p{{N}}])", quote):
            return "exact"
    return "aligned" if any(contains(quote, value) for quote in quotes) else None


def supports_reference(value: str, quotes: Sequence[str]) -> How | None:
    """A policy number or case reference: the same letters and digits, and no more of them beside."""
    return "exact" if any(_stands_whole(value, quote) for quote in quotes) else None


def supports_phone(value: str, quotes: Sequence[str]) -> How | None:
    """A phone number: the same digits; "(0)" may have been dropped."""
    digits = value.lstrip("+")
    for quote in quotes:
        if digits in (normalise_phone(quote).lstrip("+"), regex.sub(r"\D", "", quote)):
            return "exact"
        if any(found.number.lstrip("+") == digits for found in find_phones(quote)):
            return "exact"
    return None


def supports_email(value: str, quotes: Sequence[str]) -> How | None:
    """An address: as written but for case, and whole."""
    whole = regex.compile(rf"(?<![\w.+-]){regex.escape(value)}(?![\w-]|\.\w)", regex.IGNORECASE)
    return "exact" if any(whole.search(quote) for quote in quotes) else None


TEXT_SUPPORT: dict[str, Callable[[str, Sequence[str]], How | None]] = {
    "currency": supports_currency,
    "identifier": supports_identifier,
    "country": supports_country,
    "name": supports_name,
    "reference": supports_reference,
    "phone": supports_phone,
    "email": supports_email,
}
