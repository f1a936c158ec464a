"""Working days and working time, right to the minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.calendar import (
    add_working_days,
    add_working_hours,
    is_open_at,
    is_working_day,
    opening,
    running_hours,
    working_days_between,
    working_hours_between,
    working_time_between,
)
from config.desk import BusinessCalendar
from config.errors import ConfigurationError

BERLIN = BusinessCalendar(country="DE")
calendars = st.builds(
    BusinessCalendar,
    timezone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
    country=st.sampled_from([None, "DE", "US", "IN"]),
    workdays=st.sampled_from(
        [("mon", "tue", "wed", "thu", "fri"), ("sun", "mon", "tue", "wed", "thu"), ("mon", "sat")]
    ),
    opens=st.sampled_from([time(0, 30), time(2, 30), time(9)]),
    closes=st.sampled_from([time(12), time(17), time(23, 30)]),
    closed_days=st.sampled_from([(), (date(2026, 12, 28),)]),
)
moments = st.integers(0, 555_000).map(lambda minutes: datetime(2025, 12, 20, tzinfo=UTC) + timedelta(minutes=minutes))


def counted(start: datetime, end: datetime, calendar: BusinessCalendar) -> int:
    """Open minutes, counted one by one on the wall clock."""
    zone, minutes, moment = ZoneInfo(calendar.timezone), 0, start
    while moment < end:
        local = moment.astimezone(zone)
        if is_working_day(local.date(), calendar) and calendar.opens <= local.time() < calendar.closes:
            minutes += 1
        moment += timedelta(minutes=1)
    return minutes


@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(0, 9_000))
def test_every_minute_counts(calendar: BusinessCalendar, start: datetime, minutes: int) -> None:
    """Working time equals the open minutes counted one by one, over holidays, weekends and clock changes."""
    if calendar.opens == time(2, 30):  # an hour that some days do not have: the day then opens when it exists
        calendar = calendar.model_copy(update={"opens": time(4)})
    end = start + timedelta(minutes=minutes)
    assert working_time_between(start, end, calendar) == timedelta(minutes=counted(start, end, calendar))


@settings(max_examples=200, deadline=None)
@given(calendars, moments, st.integers(1, 20_000))
def test_adding_hours_is_the_inverse(calendar: BusinessCalendar, start: datetime, minutes: int) -> None:
    """So much working time lies between a moment and the one that many working hours later."""
    due = add_working_hours(start, minutes / 60, calendar)
    assert abs(working_time_between(start, due, calendar) - timedelta(minutes=minutes)) < timedelta(seconds=1)


@settings(max_examples=200, deadline=None)
@given(calendars, moments, st.integers(0, 20_000), st.integers(0, 20_000))
def test_time_adds_up(calendar: BusinessCalendar, start: datetime, one: int, two: int) -> None:
    """Working time of two stretches is that of both together."""
    middle = start + timedelta(minutes=one)
    end = middle + timedelta(minutes=two)
    whole = working_time_between(start, end, calendar)
    assert whole == working_time_between(start, middle, calendar) + working_time_between(middle, end, calendar)
    assert working_time_between(end, start, calendar) == timedelta() or start == end


@settings(max_examples=200, deadline=None)
@given(calendars, st.dates(date(2025, 12, 1), date(2027, 1, 31)), st.integers(-30, 30))
def test_working_days(calendar: BusinessCalendar, start: date, days: int) -> None:
    """The n-th working day is a working day with n of them on the way."""
    end = add_working_days(start, days, calendar)
    assert is_working_day(end, calendar)
    if days > 0:
        assert working_days_between(start, end, calendar) == days
    if days < 0:
        assert working_days_between(end, start - timedelta(days=1), calendar) == -days - 1


def test_clock_changes() -> None:
    """On the day when clocks change, hours are as long as they really are: 02:30 to 03:30 does not exist in March."""
    night = BusinessCalendar(workdays=("sun",), opens=time(1), closes=time(5))
    assert opening(date(2026, 3, 29), night) == (
        datetime(2026, 3, 29, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 3, tzinfo=UTC),
    )
    spring = (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    autumn = (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert (working_hours_between(*spring, night), working_hours_between(*autumn, night)) == (3.0, 5.0)


def test_holidays_and_closed_days() -> None:
    """Public holidays, weekends and closed days do not count."""
    assert add_working_days(date(2026, 12, 23), 1, BERLIN) == date(2026, 12, 24)
    assert add_working_days(date(2026, 12, 24), 1, BERLIN) == date(2026, 12, 28)
    shut = BusinessCalendar(country="DE", closed_days=(date(2026, 12, 28),))
    assert add_working_days(date(2026, 12, 24), 1, shut) == date(2026, 12, 29)


def test_paused_states_do_not_count() -> None:
    """The clock stands still while the client has to send documents."""
    day = datetime(2026, 3, 2, 8, tzinfo=UTC)  # nine o'clock at the desk
    stays = [
        ("ready", day, day + timedelta(hours=2)),
        ("awaiting_documents", day + timedelta(hours=2), day + timedelta(hours=5)),
        ("ready", day + timedelta(hours=5), day + timedelta(hours=6)),
    ]
    assert running_hours(stays, ("awaiting_documents",), BERLIN) == 3.0


def test_overnight_hours() -> None:
    """A desk that closes after midnight is open on both sides of it."""
    night = BusinessCalendar(timezone="UTC", opens=time(22), closes=time(6))
    assert is_open_at(datetime(2026, 3, 3, 1, tzinfo=UTC), night)
    assert not is_open_at(datetime(2026, 3, 3, 7, tzinfo=UTC), night)
    assert (
        working_hours_between(datetime(2026, 3, 3, 0, tzinfo=UTC), datetime(2026, 3, 3, 23, tzinfo=UTC), night) == 7.0
    )


@pytest.mark.parametrize(
    "calendar",
    [
        BusinessCalendar(timezone="Mars/Base"),
        BusinessCalendar(country="ZZ"),
        BusinessCalendar(workdays=()),
    ],
    ids=["time zone", "country", "never open"],
)
def test_impossible_calendars(calendar: BusinessCalendar) -> None:
    """A calendar that cannot work says what to correct in desk.yaml."""
    with pytest.raises(ConfigurationError, match=r"desk\.yaml: calendar"):
        add_working_hours(datetime(2026, 3, 2, tzinfo=UTC), 8, calendar)
