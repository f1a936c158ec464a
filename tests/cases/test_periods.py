"""Periods in words: what each phrase means on Friday, 30 October 2026, noon UTC."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.periods import Period, before, find_periods, parse_period
from config.errors import WrongUse

NOW = datetime(2026, 10, 30, 12, tzinfo=UTC)

# phrase, first day, last day
PHRASES = [
    ("today", "2026-10-30", "2026-10-30"), ("yesterday", "2026-10-29", "2026-10-29"), ("gestern", "2026-10-29", "2026-10-29"),
    ("vorgestern", "2026-10-28", "2026-10-28"), ("hier", "2026-10-29", "2026-10-29"), ("avant-hier", "2026-10-28", "2026-10-28"),
    ("last week", "2026-10-19", "2026-10-25"), ("this week", "2026-10-26", "2026-11-01"), ("next week", "2026-11-02", "2026-11-08"),
    ("letzte Woche", "2026-10-19", "2026-10-25"), ("la semaine dernière", "2026-10-19", "2026-10-25"), ("week before last", "2026-10-12", "2026-10-18"),
    ("vorletzte Woche", "2026-10-12", "2026-10-18"), ("last month", "2026-09-01", "2026-09-30"), ("this month", "2026-10-01", "2026-10-31"),
    ("letzten Monat", "2026-09-01", "2026-09-30"), ("le mois dernier", "2026-09-01", "2026-09-30"), ("Vormonat", "2026-09-01", "2026-09-30"),
    ("last quarter", "2026-07-01", "2026-09-30"), ("im letzten Quartal", "2026-07-01", "2026-09-30"), ("le trimestre dernier", "2026-07-01", "2026-09-30"),
    ("this quarter", "2026-10-01", "2026-12-31"), ("last year", "2025-01-01", "2025-12-31"), ("l'année dernière", "2025-01-01", "2025-12-31"),
    ("this year", "2026-01-01", "2026-10-30"), ("ytd", "2026-01-01", "2026-10-30"), ("seit Jahresbeginn", "2026-01-01", "2026-10-30"),
    ("depuis le début de l'année", "2026-01-01", "2026-10-30"), ("year to date", "2026-01-01", "2026-10-30"), ("mtd", "2026-10-01", "2026-10-30"),
    ("Q3 2026", "2026-07-01", "2026-09-30"), ("q3", "2026-07-01", "2026-09-30"), ("third quarter of 2025", "2025-07-01", "2025-09-30"),
    ("im dritten Quartal 2026", "2026-07-01", "2026-09-30"), ("2. Quartal", "2026-04-01", "2026-06-30"), ("T2 2026", "2026-04-01", "2026-06-30"),
    ("au troisième trimestre 2026", "2026-07-01", "2026-09-30"), ("first half", "2026-01-01", "2026-06-30"), ("H1 2025", "2025-01-01", "2025-06-30"),
    ("erstes Halbjahr 2026", "2026-01-01", "2026-06-30"), ("premier semestre 2026", "2026-01-01", "2026-06-30"),
    ("september", "2026-09-01", "2026-09-30"), ("in december", "2025-12-01", "2025-12-31"), ("sept 2025", "2025-09-01", "2025-09-30"),
    ("septembre", "2026-09-01", "2026-09-30"), ("im März", "2026-03-01", "2026-03-31"), ("in may", "2026-05-01", "2026-05-31"),
    ("2026-09", "2026-09-01", "2026-09-30"), ("09/2026", "2026-09-01", "2026-09-30"), ("in 2025", "2025-01-01", "2025-12-31"),
    ("week 40", "2026-09-28", "2026-10-04"), ("KW 40", "2026-09-28", "2026-10-04"), ("semaine 40", "2026-09-28", "2026-10-04"),
    ("2026-W41", "2026-10-05", "2026-10-11"), ("week 53 of 2026", "2026-12-28", "2027-01-03"), ("week 53", "2020-12-28", "2021-01-03"),
    ("since january", "2026-01-01", "2026-10-30"), ("seit Januar", "2026-01-01", "2026-10-30"), ("depuis janvier", "2026-01-01", "2026-10-30"),
    ("since 1 march", "2026-03-01", "2026-10-30"), ("since last month", "2026-09-01", "2026-10-30"), ("since 2025", "2025-01-01", "2026-10-30"),
    ("last 30 days", "2026-09-30", "2026-10-30"), ("les 30 derniers jours", "2026-09-30", "2026-10-30"), ("in den letzten 30 Tagen", "2026-09-30", "2026-10-30"),
    ("last 3 months", "2026-07-01", "2026-09-30"), ("past two weeks", "2026-10-12", "2026-10-25"), ("in the next 30 days", "2026-10-30", "2026-11-29"),
    ("vor zwei Monaten", "2026-08-01", "2026-08-31"), ("two months ago", "2026-08-01", "2026-08-31"), ("il y a deux semaines", "2026-10-12", "2026-10-18"),
    ("between 1 and 15 October", "2026-10-01", "2026-10-15"), ("vom 3. bis 14. September", "2026-09-03", "2026-09-14"),
    ("du 3 au 14 septembre", "2026-09-03", "2026-09-14"), ("from 2026-01-01 to 2026-03-31", "2026-01-01", "2026-03-31"),
    ("april to september", "2026-04-01", "2026-09-30"), ("d'avril à juin", "2026-04-01", "2026-06-30"), ("november to january 2026", "2025-11-01", "2026-01-31"),
    ("between june and august", "2026-06-01", "2026-08-31"), ("14.09.2026", "2026-09-14", "2026-09-14"), ("September 14th, 2026", "2026-09-14", "2026-09-14"),
    ("1er octobre 2026", "2026-10-01", "2026-10-01"), ("on monday", "2026-10-26", "2026-10-26"), ("first half of september", "2026-09-01", "2026-09-15"),
    ("bis Ende des Jahres", "2026-10-30", "2026-12-31"), ("until the end of the month", "2026-10-30", "2026-10-31"), ("last september", "2026-09-01", "2026-09-30"),
]  # fmt: skip


@pytest.mark.parametrize(("phrase", "first", "last"), PHRASES, ids=[phrase for phrase, _, _ in PHRASES])
def test_phrase(phrase: str, first: str, last: str) -> None:
    """The phrase names these days."""
    period = parse_period(phrase, NOW)
    assert (period.first_day, period.last_day) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text", ["may we approve it", "CR-2026-000123", "over 50 days", "sept dossiers ouverts", "limit of 2000"]
)
def test_no_period(text: str) -> None:
    """Words and numbers that only look like a period are none."""
    assert find_periods(text, NOW) == []


def test_two_periods_and_the_one_before() -> None:
    """A comparison names two periods; "the month before" refers to the period of the question before."""
    assert [one.period.label for one in find_periods("sept vs august", NOW)] == ["September 2026", "August 2026"]
    september = parse_period("september", NOW)
    assert find_periods("and the month before?", NOW, previous=september)[0].period.label == "August 2026"
    quarter = parse_period("q3 2026", NOW)
    assert parse_period("same period last year", NOW, previous=quarter).label == "Q3 2025"
    assert before(quarter).label == "Q2 2026"
    assert before(quarter, "year").label == "Q3 2025"


def test_fiscal_year() -> None:
    """The fiscal year starts in the month that desk.yaml names."""
    period = parse_period("last fiscal year", NOW, fiscal_year_starts=4)
    assert (period.first_day, period.last_day) == (date(2025, 4, 1), date(2026, 3, 31))


@pytest.mark.parametrize("text", ["week 53 of 2025", "31 september 2026", "whenever"])
def test_what_does_not_exist_is_told(text: str) -> None:
    """A week or day that is none, and words that name no period, raise an error that says so."""
    with pytest.raises(WrongUse):
        parse_period(text, NOW)


@given(st.text(max_size=60), st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001
def test_any_text_is_read_or_refused(text: str, moment: datetime) -> None:
    """Whatever is typed gives ordered half-open intervals in UTC, or WrongUse."""
    try:
        found = find_periods(text, moment.replace(tzinfo=UTC))
    except WrongUse:
        return
    assert all(one.period.start <= one.period.end and one.period.start.tzinfo is UTC for one in found)
    assert all(Period.from_json(one.period.as_json()) == one.period for one in found)
