"""The one clock of the domain. `--now` fixes it; leases, time-outs and TLS use the real one."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def fixed_clock(now: datetime) -> Clock:
    """A clock that stands still at `now` (an aware time)."""
    return lambda: now
