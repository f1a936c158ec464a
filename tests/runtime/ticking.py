"""A process with a schedule that ticks each second: `python -m tests.runtime.ticking URL SLOT SECONDS [CLOCK]`.

CLOCK tells how far the scheduler's clock is off and from when on, in seconds: `0:86400` is a day ahead, `0:0,5:30,10:0`
jumps half a minute ahead after five seconds and back after ten.
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

from sqlalchemy.orm import Session

from cases.database import open_database
from cases.models import KeyValue
from runtime.durable import Durable
from runtime.schedules import Schedule, scheduled


def main() -> None:
    """Runs; each tick leaves a row with its time and this process."""
    url, slot, seconds = sys.argv[1:4]
    if len(sys.argv) > 4:
        _set_clock(sys.argv[4])

    def work(session: Session, at: datetime) -> None:
        session.add(KeyValue(key=f"tick {at.isoformat()} {os.getpid()}", value=slot, at=datetime.now(UTC)))

    workflows, ticks = scheduled([Schedule("each-second", "* * * * * *", work)])
    durable = Durable(open_database(url), slot, workflows, ticks=ticks, poll_seconds=0.1)
    durable.launch()
    time.sleep(float(seconds))
    durable.stop()


def _set_clock(text: str) -> None:
    """A machine whose clock is off: the durable engine asks `datetime.now` when the next tick is."""
    from dbos import _scheduler

    begun = time.monotonic()
    jumps = [
        (float(after), timedelta(seconds=float(off))) for after, off in (one.split(":") for one in text.split(","))
    ]

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            passed = time.monotonic() - begun
            return super().now(tz) + [off for after, off in jumps if after <= passed][-1]

    vars(_scheduler)["datetime"] = Shifted


if __name__ == "__main__":
    main()
