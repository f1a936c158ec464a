"""Dates in all their spellings, absolute and relative, in eight languages.

A relative date ("by Friday", "Ende nächsten Monats") is resolved against the day on which its text was written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import pairwise, zip_longest

import regex

from ingest.values.calendar_words import (
    Period,
    grammar,
    last_of_month,
    month_number,
    plus_months,
    plus_working_days,
    small_number,
)
from ingest.values.found import LANGUAGES, Found, compiled, pieces, without_overlaps


@dataclass(frozen=True, slots=True)
class DateFound(Found):
    """A day. For a month, quarter, week or year `first` and `value` are its first and its last day."""

    value: date
    first: date
    relative: bool = False
    rule: str | None = None  # how a date that is not written out was worked out
    precision: str = "day"  # day, week, month, quarter, year
    year_given: bool = True


def find_dates(
    text: str, written: date, languages: tuple[str, ...] = LANGUAGES, month_first: bool | None = None
) -> list[DateFound]:
    """All dates, in text order; of overlapping readings the longest.

    `written` is the day of the letter in which the text stands. Without a year the next such day on or after
    `written` is meant. `month_first` reads 03/04/2026 as 4 March; None: only where it cannot be otherwise.
    """
    return list(_find_dates(text, written, month_first))


@lru_cache(maxsize=512)
def _find_dates(text: str, written: date, month_first: bool | None) -> tuple[DateFound, ...]:
    words = grammar().words_of(text)
    found: list[DateFound] = []
    for reader, needed in _READERS:
        if needed is None or not words.isdisjoint(grammar().triggers[needed]):
            found.extend(reader(text, written))
    if compiled(r"\d").search(text):
        found.extend(_numeric(month_first)(text, written))
    return tuple(_without_companions(text, _years_of_ranges(text, without_overlaps(found))))


def _without_companions(text: str, found: list[DateFound]) -> list[DateFound]:
    """ "Thursday 3 December" is one day, and "end of day Wednesday" is no today."""
    gap = compiled(rf"[\s,]*(?:{pieces('dates', 'behind_weekday')})?")
    return [
        one
        for one, following in zip_longest(found, found[1:])
        if following is None
        or one.rule not in ("weekday", "today")
        or not gap.fullmatch(text, one.end, following.start)
        or (one.rule == "weekday" and following.relative)
    ]


def _years_of_ranges(text: str, found: list[DateFound]) -> list[DateFound]:
    """In "1 July to 30 September 2026" the first day takes its year from the second."""
    for index, (one, two) in enumerate(pairwise(found)):
        between = text[one.end : two.start]
        if one.rule == "missing_year" and two.year_given and not two.relative and _between_dates().fullmatch(between):
            year = two.value.year - ((one.value.month, one.value.day) > (two.value.month, two.value.day))
            if day := _day(year, one.value.month, one.value.day):
                found[index] = replace(one, value=day, first=day, rule="year_of_range", year_given=True)
    return found


def american_dates(text: str) -> bool:
    """Whether the text's own dates show that it writes the month first."""
    month_first = compiled(r"(?<!\d)(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/\d{2,4}(?!\d)").search(text)
    day_first = compiled(r"(?<!\d)(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])/\d{2,4}(?!\d)").search(text)
    return month_first is not None and day_first is None


@cache
def _between_dates() -> regex.Pattern[str]:
    return regex.compile(rf"\s*(?:{pieces('dates', 'between_dates')})\s*(?:the\s+|den\s+)?", regex.IGNORECASE)


Reader = Callable[[str, date], Iterator[DateFound]]

_ISO = regex.compile(r"(?<![\d/.-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d]|[-/]\d)")
_DMY = regex.compile(
    r"(?<![\d/.,-])(\d{1,2})(?:(\.)\s?|([/-]))(\d{1,2})(?:(?(2)\.\s?|\3)(\d{4}|\d{2}|’\d{2}|'\d{2})(?!\d)|(?(2)\.(?!\d)|(?![\d/-])))(?![\d%]|\.\d)"
)


def _numeric(month_first: bool | None) -> Reader:
    def read(text: str, written: date) -> Iterator[DateFound]:
        for match in _ISO.finditer(text):
            if day := _day(int(match[1]), int(match[3]), int(match[4])):
                yield DateFound(match.start(), match.end(), match[0], day, day)
        for one in _short_ranges().finditer(text):
            yield from _short_range(one, written)
        us = american_dates(text) if month_first is None else month_first
        for match in _DMY.finditer(text):
            if one := _from_numbers(match, written, us):
                yield one

    return read


@cache
def _short_ranges() -> regex.Pattern[str]:
    return regex.compile(
        rf"(?<!\p{{L}})(?:{pieces('dates', 'short_range_from')})\s+(?P<one>(?P<d1>\d{{1,2}})(?P<sep>[./])(?P<m1>\d{{1,2}})\.?)"
        rf"\s*(?:{pieces('dates', 'short_range_to')})\s*(?P<two>(?P<d2>\d{{1,2}})(?P=sep)(?P<m2>\d{{1,2}})\.?)(?![\d%/]|\.\d)",
        regex.IGNORECASE,
    )


def _short_range(match: regex.Match[str], written: date) -> Iterator[DateFound]:
    """ "Du 1/10 au 31/12": days and months without a year, told by the words of a range; the second follows the first."""
    one = _dated(match.start("one"), match.end("one"), match["one"], None, int(match["m1"]), int(match["d1"]), written)
    if one is None:
        return
    two = _dated(
        match.start("two"), match.end("two"), match["two"], None, int(match["m2"]), int(match["d2"]), one.value
    )
    if two is not None:
        yield from (one, two)


def _from_numbers(match: regex.Match[str], written: date, us: bool) -> DateFound | None:
    one, two, year = int(match[1]), int(match[4]), match[5]
    if year is None and match[3]:  # "30/60" and "5-7" are no dates
        return None
    month, day = (one, two) if match[3] == "/" and us and one <= 12 else (two, one)
    if month > 12 >= day and match[3] == "/":
        month, day = day, month
    return _dated(match.start(), match.end(), match[0], _year(year), month, day, written)


def _year(written: str | None) -> int | None:
    if not written:
        return None
    digits = written.strip("'’ ")
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1990 <= year <= 2100 else None
    except ValueError:
        return None


def _dated(start: int, end: int, text: str, year: int | None, month: int, day: int, written: date) -> DateFound | None:
    if year is not None:
        value = _day(year, month, day)
        return DateFound(start, end, text, value, value) if value else None
    for candidate in (written.year, written.year + 1, written.year + 2, written.year + 3):
        value = _day(candidate, month, day)
        if value and value >= written:
            return DateFound(start, end, text, value, value, False, "missing_year", "day", False)
    return None


def _named(text: str, written: date) -> Iterator[DateFound]:
    for match in grammar().day_month.finditer(text):
        month = month_number(match["month"])
        if one := _dated(match.start(), match.end(), match[0], _year(match["year"]), month, int(match["day"]), written):
            yield one
    for match in grammar().month_day.finditer(text):
        month = month_number(match["month"])
        if one := _dated(match.start(), match.end(), match[0], _year(match["year"]), month, int(match["day"]), written):
            yield one


def _months(text: str, written: date) -> Iterator[DateFound]:
    """A month with its year or with an edge ("end of June", "Mitte März")."""
    for match in grammar().month_period.finditer(text):
        edge, year = grammar().edge_of(match["edge"]), _year(match["year"])
        if edge is None and year is None:
            continue
        month = month_number(match["month"])
        start_year = year or (written.year if month >= written.month else written.year + 1)
        first = date(start_year, month, 1)
        yield _at_edge(match, edge, Period(first, last_of_month(first)), "month", year is not None)


def _quarters(text: str, written: date) -> Iterator[DateFound]:
    """A quarter, whole or with an edge."""
    for match in grammar().quarter.finditer(text):
        number, year = grammar().quarter_of(match["quarter"]), _year(match["year"])
        start_year = year or (written.year if number * 3 >= written.month else written.year + 1)
        first = date(start_year, number * 3 - 2, 1)
        last = last_of_month(date(start_year, number * 3, 1))
        yield _at_edge(match, grammar().edge_of(match["edge"]), Period(first, last), "quarter", year is not None)


def _years(text: str, written: date) -> Iterator[DateFound]:
    """ "End of 2026"."""
    for match in grammar().year_period.finditer(text):
        year_number = int(match["year"])
        if 1990 <= year_number <= 2100:
            period = Period(date(year_number, 1, 1), date(year_number, 12, 31))
            yield _at_edge(match, grammar().edge_of(match["edge"]), period, "year", True)


def _at_edge(
    match: regex.Match[str], edge: str | None, period: Period, precision: str, year_given: bool, relative: bool = False
) -> DateFound:
    start, end, text = match.start(), match.end(), match[0]
    if edge is None:
        return DateFound(
            start, end, text, period.last, period.first, relative, f"last_of_{precision}", precision, year_given
        )
    middle = period.first.replace(day=15) if precision == "month" else period.first + (period.last - period.first) / 2
    value = {"start": period.first, "end": period.last, "middle": middle}[edge]
    return DateFound(start, end, text, value, value, relative, f"{edge}_of_{precision}", "day", year_given)


def _relative_periods(text: str, written: date) -> Iterator[DateFound]:
    """ "End of next month", "this week"."""
    words = grammar()
    for match in words.relative_period.finditer(text):
        period, precision = words.period_of(match["period"], written)
        edge = words.edge_of(match["edge"])
        if edge is None and not words.stands_alone(match["period"]):
            continue
        yield _at_edge(match, edge, period, precision, False, True)


def _wholes(text: str, written: date) -> Iterator[DateFound]:
    """ "Tomorrow", "month-end", "Jahresende"."""
    words = grammar()
    for match in words.whole.finditer(text):
        value, rule = words.whole_of(match[0], written)
        yield DateFound(match.start(), match.end(), match[0], value, value, True, rule, "day", False)


def _weekdays(text: str, written: date) -> Iterator[DateFound]:
    """ "By Friday", "Freitag nächster Woche"."""
    words = grammar()
    for match in words.weekday.finditer(text):
        weekday = words.weekday_of(match["weekday"])
        if (numbered := _numbered_weekday(text, match, weekday, written)) is not None:
            yield numbered
            continue
        day = _weekday(weekday, written, bool(match["later"] or match["after"]))
        yield DateFound(match.start(), match.end(), match[0], day, day, True, "weekday", "day", False)


def _numbered_weekday(text: str, match: regex.Match[str], weekday: int, written: date) -> DateFound | None:
    """ "Friday 19", "lunes 22": the day of the month whose weekday that is, within a quarter of a year."""
    number = _day_behind().match(text, match.end())
    if number is None or grammar().day_month.match(text, number.start("day")):
        return None
    days = (written + timedelta(days=ahead) for ahead in range(1, 93))
    day = next((d for d in days if d.day == int(number["day"]) and d.weekday() == weekday), None)
    if day is None:
        return None
    quote = text[match.start() : number.end()]
    return DateFound(match.start(), number.end(), quote, day, day, True, "weekday_and_day", "day", False)


@cache
def _day_behind() -> regex.Pattern[str]:
    return regex.compile(
        rf"[\s,]*(?:{pieces('dates', 'behind_weekday')})?\s*(?P<day>[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º|\.)?"
        rf"(?![\p{{L}}\d%]|[.,:/-]\d|\s?(?:{pieces('dates', 'no_day_behind')}))",
        regex.IGNORECASE,
    )


def _distances(text: str, written: date) -> Iterator[DateFound]:
    """ "In two weeks", "within 5 working days"."""
    for match in grammar().distance.finditer(text):
        if one := _distance(match, written):
            yield one


def _weekday(weekday: int, written: date, next_week: bool) -> date:
    if next_week:
        return written + timedelta(days=7 - written.weekday() + weekday)
    return written + timedelta(days=(weekday - written.weekday() - 1) % 7 + 1)


def _distance(match: regex.Match[str], written: date) -> DateFound | None:
    count, unit = small_number(match["count"]), grammar().unit_of(match["unit"])
    if count is None or count > 400:
        return None
    value = {
        "day": lambda: written + timedelta(days=count),
        "working_day": lambda: plus_working_days(written, count),
        "week": lambda: written + timedelta(weeks=count),
        "month": lambda: plus_months(written, count),
        "hour": lambda: written + timedelta(days=(count + 23) // 24),
    }[unit]()
    return DateFound(match.start(), match.end(), match[0], value, value, True, f"in_{unit}s", "day", False)


_READERS: tuple[tuple[Reader, str | None], ...] = (
    (_named, "month"),
    (_months, "month"),
    (_quarters, "quarter"),
    (_years, "edge"),
    (_relative_periods, "period"),
    (_wholes, "whole"),
    (_weekdays, "weekday"),
    (_distances, "unit"),
)  # and the words of which one must stand in the text before it is worth searching
