"""Turns of phrase in several languages that once were misread."""

from datetime import date
from decimal import Decimal

import pytest

from ingest.rules.amounts import sums
from ingest.rules.kinds import wanted_kind
from ingest.rules.lexicon import fold
from ingest.rules.material import Passage
from ingest.rules.periods import validity
from ingest.rules.prose import terms_of
from ingest.values.identifiers import country_of_register, find_identifiers


def _said(text: str) -> Passage:
    return Passage(0, 0, text, fold(text), "body", date(2026, 3, 3))


@pytest.mark.parametrize(
    ("text", "kind", "end"),
    [
        ("Wir brauchen ein höheres Limit ab 1. April für sechs Monate.", "temporary_increase", date(2026, 9, 30)),
        ("un límite mayor por un periodo de 3 meses a partir del 1 de mayo", "temporary_increase", date(2026, 7, 31)),
        ("wyższy limit od 1 czerwca na okres 2 miesięcy", "temporary_increase", date(2026, 7, 31)),
        ("Il fido scade a fine anno; proroga dal 1° gennaio 2027 al 30 giugno 2027.", "renewal", date(2027, 6, 30)),
    ],
)
def test_periods(text: str, kind: str, end: date) -> None:
    """Months are counted from their first day, and the end of the old limit is not that of the new one."""
    assert validity([_said(text)], kind)["valid_until"].value == end


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("het limiet blijft op 40.000 euro in plaats van 100.000 euro", {40_000: "current", 100_000: "amount"}),
        ("ampliar de 80 mil a 150 mil euros", {80_000: "current", 150_000: "amount"}),
        ("statt der gestern genannten 130.000 mit 160.000 EUR", {130_000: "other", 160_000: "amount"}),
        ("75.000 EUR, pago a 90 días, ventas anuales 310.000 EUR", {75_000: "amount", 310_000: "turnover"}),
        ("Dit seizoen willen zij voor zo'n 250.000 euro bollen afnemen", {250_000: "turnover"}),
    ],
)
def test_roles(text: str, roles: dict[int, str]) -> None:
    """What each amount of a sentence is."""
    found = {int(one.amount): one.role for one in sums([_said(text)])}
    assert {amount: found.get(amount) for amount in roles if roles[amount] != "other"} == {
        amount: role for amount, role in roles.items() if role != "other"
    }
    assert all(found.get(amount) in (None, "other") for amount, role in roles.items() if role == "other")


def test_fractions_and_terms() -> None:
    """Signs for fractions are figures, and terms that replace others are those of now."""
    assert [one.amount for one in sums([_said("Umsatz rund ¾ Mio EUR p.a.")])] == [Decimal(750_000)]
    terms = terms_of([_said("Please take 90 days instead of 60.")])
    assert terms is not None
    assert terms.value == 90


@pytest.mark.parametrize(
    ("text", "country"),
    [("HRB 144512", "DE"), ("KRS 0000312455", "PL"), ("KvK 34118876", "NL"), ("company no. 03918844", None)],
)
def test_registers_tell_countries(text: str, country: str | None) -> None:
    """Only a register that one country alone has tells where a company is."""
    assert [country_of_register(one) for one in find_identifiers(text)] == [country]


def test_a_day_ends_no_sentence() -> None:
    """The dot of "1. April" parts no phrase."""
    assert wanted_kind([_said("Das Limit brauchen wir ab 1. April nicht mehr.")])[0] == "cancellation"
