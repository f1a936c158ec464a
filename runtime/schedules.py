"""Work that a clock starts: each tick runs once, however many processes are alive.

A schedule's function gets a session and the time of the tick; what it writes and the note that it ran are one
commit, so a process killed in the middle leaves either all of it or nothing, and the tick is taken up again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from runtime.durable import Json, Steps, Tick, Workflow


@dataclass(frozen=True, slots=True)
class Schedule:
    """A function and its cron line (five fields; a sixth in front counts seconds), in the zone of the desk."""

    name: str
    cron: str
    work: Callable[[Session, datetime], None]
    timezone: str = "UTC"


def scheduled(schedules: Sequence[Schedule]) -> tuple[list[Workflow], list[Tick]]:
    """What `runtime.durable.Durable` needs to run them."""
    workflows = [Workflow(schedule.name, _body(schedule)) for schedule in schedules]
    return workflows, [Tick(schedule.name, schedule.cron, schedule.timezone) for schedule in schedules]


def _body(schedule: Schedule) -> Callable[[Steps, Json], Json]:
    def work(session: Session, at: str) -> None:
        schedule.work(session, datetime.fromisoformat(at))

    def body(steps: Steps, at: Json) -> Json:
        return steps.transaction("work", work, at)

    return body
