"""What is written in any usual spelling is found again, at the right place, among any other text."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.alignment import locate
from ingest.values import addresses, countries, dates, identifiers, legal_forms, money, numbers, phones, terms
from ingest.values.calendar_words import plus_working_days
from tests.ingest.values.strategies import (
    DAYS,
    NOISE,
    date_spellings,
    money_spellings,
    scaled_spellings,
    working_day_after,
)

WRITTEN = date(2026, 11, 24)


@given(money_spellings(), NOISE, NOISE)
def test_amounts_are_found_again(spelling: tuple[str, Decimal, str], before: str, after: str) -> None:
    """An amount with its currency is found with its value wherever it stands."""
    written, amount, currency = spelling
    text = f"{before} : {written} ; {after}"
    assert any((one.amount, one.currency) == (amount, currency) for one in money.find_money(text))


@given(scaled_spellings())
def test_thousands_and_millions_are_found_again(spelling: tuple[str, Decimal]) -> None:
    """Multipliers before, behind and glued to a figure count."""
    written, amount = spelling
    assert [one.amount for one in money.find_money(f"limit: {written}, please")] == [amount]


@given(date_spellings(), NOISE, NOISE)
def test_dates_are_found_again(spelling: tuple[str, date], before: str, after: str) -> None:
    """A full date is found in each language's way of writing it."""
    written, day = spelling
    text = f"{before} ; {written} ; {after}"
    assert day in [one.value for one in dates.find_dates(text, WRITTEN)]


@given(DAYS, st.sampled_from(["Monday", "Dienstag", "mercredi", "jueves", "venerdì", "sobota", "zondag"]), st.data())
def test_a_weekday_is_the_next_one(written: date, name: str, data: st.DataObject) -> None:
    """ "By Friday" is the next Friday after the day of writing, never that day itself."""
    found = dates.find_dates(f"by {name}", written)
    assert len(found) == 1
    assert 1 <= (found[0].value - written).days <= 7


@given(DAYS, st.integers(min_value=1, max_value=40))
def test_working_days_skip_weekends(day: date, count: int) -> None:
    """Working days are counted as one counts them on a calendar."""
    assert plus_working_days(day, count) == working_day_after(day, count)


@settings(max_examples=150)
@given(st.lists(st.one_of(NOISE, money_spellings().map(lambda one: one[0]), date_spellings().map(lambda one: one[0]), st.sampled_from(["Nordwind Antriebstechnik GmbH", "60 days net", "DE136695976", "HRB 88213", "CHE-287.140.532", "+49 (0)89 5550 120", "d.o.o.", "Österreich", "by Friday", "half a million", "a@b.example", "D-20095 Hamburg"])), max_size=8).map(" ".join))  # fmt: skip
def test_every_finding_stands_where_it_says(text: str) -> None:
    """`text[start:end] == found.text` for all finders, emoji, marks and decomposed letters included."""
    found = [
        *money.find_money(text), *money.find_currencies(text), *numbers.find_numbers(text), *numbers.find_spelled_numbers(text),
        *dates.find_dates(text, WRITTEN), *terms.find_terms(text), *identifiers.find_identifiers(text),
        *identifiers.find_case_references(text), *countries.find_countries(text), *legal_forms.find_companies(text),
        *phones.find_phones(text), *addresses.find_addresses(text),
    ]  # fmt: skip
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text


@given(
    NOISE, st.text(alphabet=st.characters(categories=["L", "N", "M", "P", "Zs", "So"]), min_size=1, max_size=20), NOISE
)
def test_a_quote_is_found_where_it_stands(before: str, quote: str, after: str) -> None:
    """What stands in a text as words of its own is located, and what is located is that quote."""
    text = f"{before} {quote} {after}"
    place = locate(text, quote, len(before) + 1)
    if quote.strip():
        assert place is not None
        assert place.exact
        assert text[place.start : place.end] == quote
