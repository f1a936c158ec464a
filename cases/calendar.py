"""The business calendar: working days, and working time right to the minute over holidays and clock changes."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.desk import BusinessCalendar
from config.errors import ConfigurationError

if TYPE_CHECKING:
    from holidays import HolidayBase

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_FAR = 3660  # days after which a calendar that never opens is given up
_NEVER_OPEN = "desk.yaml: calendar: the desk never opens; list at least one workday"


@lru_cache(maxsize=16)
def zone_of(calendar: BusinessCalendar) -> ZoneInfo:
    """The desk's time zone. Raises ConfigurationError."""
    try:
        return ZoneInfo(calendar.timezone)
    except (KeyError, ValueError, OSError) as error:  # the zone's own error is a KeyError
        raise ConfigurationError(
            f"desk.yaml: calendar.timezone: {calendar.timezone!r} is no time zone; write one like Europe/Berlin"
        ) from error


@lru_cache(maxsize=16)
def _holidays(country: str, subdivision: str | None) -> "HolidayBase":
    import holidays

    try:
        return holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError as error:
        where = country + (f", {subdivision}" if subdivision else "")
        raise ConfigurationError(
            f"desk.yaml: calendar.country: no public holidays are known for {where}; "
            "correct country and subdivision, or leave them empty and list closed_days"
        ) from error


@lru_cache(maxsize=65536)
def is_working_day(day: date, calendar: BusinessCalendar) -> bool:
    """Whether the desk works on the day: a workday, no public holiday, not closed."""
    if _WEEKDAYS[day.weekday()] not in calendar.workdays or day in calendar.closed_days:
        return False
    return not (calendar.country and day in _holidays(calendar.country, calendar.subdivision))


def local_day(moment: datetime, calendar: BusinessCalendar) -> date:
    """The date at the desk when it is `moment` (aware)."""
    return moment.astimezone(zone_of(calendar)).date()


def add_working_days(start: date, days: int, calendar: BusinessCalendar) -> date:
    """The `days`-th working day after `start` (before it, for negative days); 0: `start`, or the next one."""
    if days == 0:
        return start if is_working_day(start, calendar) else _next_working_day(start, _DAY, calendar)
    day = start
    for _ in range(abs(days)):
        day = _next_working_day(day, _DAY if days > 0 else -_DAY, calendar)
    return day


def _next_working_day(day: date, step: timedelta, calendar: BusinessCalendar) -> date:
    for _ in range(_FAR):
        day += step
        if is_working_day(day, calendar):
            return day
    raise ConfigurationError(_NEVER_OPEN)


def working_days_between(start: date, end: date, calendar: BusinessCalendar) -> int:
    """Working days after `start` up to and including `end`; 0 where `end` is not later."""
    return sum(is_working_day(start + n * _DAY, calendar) for n in range(1, (end - start).days + 1))


def opening(day: date, calendar: BusinessCalendar) -> tuple[datetime, datetime] | None:
    """When the desk opens and closes on the day, in UTC; None where it stays shut.

    Hours are local: on days when clocks change they last as long as they really do.
    """
    if not is_working_day(day, calendar):
        return None
    zone = zone_of(calendar)
    opens = datetime.combine(day, calendar.opens, zone).astimezone(UTC)
    overnight = calendar.closes <= calendar.opens
    closes = datetime.combine(day + _DAY if overnight else day, calendar.closes, zone).astimezone(UTC)
    return opens, closes


def _openings(
    start: datetime, calendar: BusinessCalendar, until: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Opening times from `start` on, in order, without what lies before it."""
    day = local_day(start, calendar) - _DAY  # an overnight shift of the day before may still run
    idle = 0
    while until is None or day <= local_day(until, calendar):
        hours = opening(day, calendar)
        if hours is not None and hours[1] > start:
            idle = 0
            yield max(hours[0], start), hours[1]
        else:
            idle += 1
            if idle > _FAR:
                raise ConfigurationError(_NEVER_OPEN)
        day += _DAY


def working_time_between(start: datetime, end: datetime, calendar: BusinessCalendar) -> timedelta:
    """How long the desk was open between two moments (aware); nothing where `end` is not later."""
    if end <= start:
        return timedelta()
    spans = (min(closes, end) - max(opens, start) for opens, closes in _openings(start, calendar, end) if opens < end)
    return sum((span for span in spans if span > timedelta()), timedelta())


def working_hours_between(start: datetime, end: datetime, calendar: BusinessCalendar) -> float:
    """The same in hours."""
    return working_time_between(start, end, calendar) / timedelta(hours=1)


def add_working_hours(start: datetime, hours: float, calendar: BusinessCalendar) -> datetime:
    """When `hours` of working time will have passed since `start`, in UTC."""
    left = timedelta(hours=hours)
    if left <= timedelta():
        return start.astimezone(UTC)
    for opens, closes in _openings(start.astimezone(UTC), calendar):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise AssertionError("opening times never end")


def is_open_at(moment: datetime, calendar: BusinessCalendar) -> bool:
    """Whether the desk is open at that moment."""
    days = (local_day(moment, calendar) - _DAY, local_day(moment, calendar))
    return any(hours is not None and hours[0] <= moment < hours[1] for hours in (opening(d, calendar) for d in days))


def running_hours(
    stays: Iterable[tuple[str, datetime, datetime]], paused_in: Iterable[str], calendar: BusinessCalendar
) -> float:
    """Working hours over a case's stays (state, from, until) for which its clock ran: paused states do not count."""
    paused = frozenset(paused_in)
    return sum((working_hours_between(begin, end, calendar) for state, begin, end in stays if state not in paused), 0.0)
