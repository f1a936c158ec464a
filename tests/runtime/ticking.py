"""A process with a schedule that ticks each second: `python -m tests.runtime.ticking URL SLOT SECONDS`."""

import os
import sys
import time
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from cases.database import open_database
from cases.models import KeyValue
from runtime.durable import Durable
from runtime.schedules import Schedule, scheduled


def main() -> None:
    """Runs; each tick leaves a row with its time and this process."""
    url, slot, seconds = sys.argv[1:]

    def work(session: Session, at: datetime) -> None:
        session.add(KeyValue(key=f"tick {at.isoformat()} {os.getpid()}", value=slot, at=datetime.now(UTC)))

    workflows, ticks = scheduled([Schedule("each-second", "* * * * * *", work)])
    durable = Durable(open_database(url), slot, workflows, ticks=ticks, poll_seconds=0.1)
    durable.launch()
    time.sleep(float(seconds))
    durable.stop()


if __name__ == "__main__":
    main()
