"""Periods of time in words (English, German, French) as half-open UTC intervals.

Weeks are ISO weeks (Monday first), months, quarters and years those of the calendar; the fiscal year
starts in a month of desk.yaml. "Last 3 months" are the three whole months before this one, "last 30 days"
reach back from now. A month or quarter without a year is the latest that has begun.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from config.errors import WrongUse

Unit = Literal["day", "week", "month", "quarter", "half", "year", "fiscal_year", "free"]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """`start` inclusive, `end` exclusive, both UTC; `unit` says how "the one before" is meant."""

    start: datetime
    end: datetime
    label: str
    unit: Unit = "free"

    @property
    def first_day(self) -> date:
        """The first day in it."""
        return self.start.date()

    @property
    def last_day(self) -> date:
        """The last day in it."""
        return (self.end - timedelta(microseconds=1)).date()

    def describe(self) -> str:
        """Label with the days, as an answer says it: `Q3 2026 (2026-07-01 to 2026-09-30)`."""
        if self.first_day == self.last_day:
            return self.label if str(self.first_day) in self.label else f"{self.label} ({self.first_day})"
        if str(self.first_day) in self.label and str(self.last_day) in self.label:
            return self.label
        if self.start == BEGINNING:
            return f"{self.label} (to {self.last_day})"
        return f"{self.label} ({self.first_day} to {self.last_day})"

    def as_json(self) -> dict[str, str]:
        """For a stored conversation."""
        return {"start": self.start.isoformat(), "end": self.end.isoformat(), "label": self.label, "unit": self.unit}

    @staticmethod
    def from_json(value: dict[str, str]) -> "Period":
        """Back from a stored conversation."""
        unit: Unit = value["unit"]  # type: ignore[assignment]
        return Period(
            datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"]), value["label"], unit
        )


@dataclass(frozen=True, slots=True)
class FoundPeriod:
    """A period and where its words stand in the (folded) text."""

    period: Period
    start: int
    end: int


def midnight(day: date) -> datetime:
    """The day's beginning in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def add_months(day: date, months: int) -> date:
    """The first of the month that many months away."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def unit_start(day: date, unit: Unit, fiscal_start: int = 1) -> date:
    """The first day of the unit that holds the day."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    if unit == "half":
        return date(day.year, 1 if day.month < 7 else 7, 1)
    if unit == "year":
        return date(day.year, 1, 1)
    if unit == "fiscal_year":
        return date(day.year if day.month >= fiscal_start else day.year - 1, fiscal_start, 1)
    return day


def move(first: date, unit: Unit, count: int) -> date:
    """The first day of the unit `count` units later (earlier when negative)."""
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12, "fiscal_year": 12}.get(unit)
    if months:
        return add_months(first, months * count)
    return first + timedelta(days=count * (7 if unit == "week" else 1))


MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def unit_label(first: date, unit: Unit) -> str:
    """How one unit is called: `week 2026-W43`, `September 2026`, `Q3 2026`."""
    if unit == "week":
        year, week, _ = first.isocalendar()
        return f"week {year}-W{week:02d}"
    if unit == "month":
        return f"{MONTH_NAMES[first.month - 1]} {first.year}"
    if unit == "quarter":
        return f"Q{(first.month + 2) // 3} {first.year}"
    if unit == "half":
        return f"H{1 if first.month < 7 else 2} {first.year}"
    if unit == "year":
        return str(first.year)
    if unit == "fiscal_year":
        return f"fiscal year {first.year}" if first.month == 1 else f"fiscal year {first.year}/{first.year + 1}"
    return first.isoformat()


def whole(day: date, unit: Unit, offset: int = 0, count: int = 1, fiscal_start: int = 1) -> Period:
    """`count` whole units, the first of them `offset` units from the one that holds the day."""
    first = move(unit_start(day, unit, fiscal_start), unit, offset)
    end = move(first, unit, count)
    label = unit_label(first, unit)
    if count > 1:
        label = f"{label} to {unit_label(move(first, unit, count - 1), unit)}"
    return Period(midnight(first), midnight(end), label, unit if count == 1 else "free")


def before(period: Period, unit: Unit | None = None) -> Period:
    """The period of the same length before this one; with a unit, the same period one unit earlier."""
    if unit is not None and unit != period.unit:
        return _shifted(period, unit)
    if period.unit != "free":
        span = max(1, _count_units(period))
        return whole(period.first_day, period.unit, -span, span, period.start.month)
    length = period.end - period.start
    start = max(BEGINNING, period.start - length)
    return Period(start, period.start, f"{start.date()} to {(period.start - timedelta(microseconds=1)).date()}")


def _count_units(period: Period) -> int:
    first, count = period.first_day, 0
    while midnight(first) < period.end and count < 1000:
        first, count = move(first, period.unit, 1), count + 1
    return count


def _shifted(period: Period, unit: Unit) -> Period:
    """One unit earlier: of Q3 2026, a year earlier is Q3 2025."""
    if unit in ("day", "week"):
        step = timedelta(days=7 if unit == "week" else 1)
        start, end = period.start - step, period.end - step
    else:
        start, end = (_months_back(moment, unit) for moment in (period.start, period.end))
    if period.unit in ("month", "quarter", "half", "year", "fiscal_year") and period.start == midnight(
        unit_start(period.first_day, period.unit, period.start.month)
    ):
        return Period(start, end, unit_label(start.date(), period.unit), period.unit)
    return Period(start, end, f"{start.date()} to {(end - timedelta(microseconds=1)).date()}")


def _months_back(moment: datetime, unit: Unit) -> datetime:
    months = {"month": 1, "quarter": 3, "half": 6}.get(unit, 12)
    first = add_months(moment.date(), -months)
    last = (add_months(first, 1) - timedelta(days=1)).day
    return moment.replace(year=first.year, month=first.month, day=min(moment.day, last))


def find_periods(
    text: str,
    now: datetime,
    *,
    fiscal_year_starts: int = 1,
    previous: Period | None = None,
    future: bool = False,
) -> list[FoundPeriod]:
    """Every period named in the text, in order of place; positions are those of the folded text.

    `previous` is what "the month before" refers to; `future` reads a bare month as one to come
    (for what expires). Raises WrongUse for a week or day that does not exist.
    """
    from cases.period_grammar import Reader

    return Reader(text, now, fiscal_year_starts, previous, future).read()


def parse_period(text: str, now: datetime, *, fiscal_year_starts: int = 1, previous: Period | None = None) -> Period:
    """The one period that the words name; raises WrongUse where they name none."""
    found = find_periods(text, now, fiscal_year_starts=fiscal_year_starts, previous=previous)
    if not found:
        raise WrongUse(
            f"period {text[:60]!r} is not understood: write it like 'last week', 'Q3 2026', 'since january', '2026-09'"
        )
    return found[0].period
