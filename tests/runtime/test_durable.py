"""Durable work: steps are remembered, transactions happen once, dead processes are inherited."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from cases.models import KeyValue
from runtime.durable import Durable, Steps, Tick, Workflow
from runtime.schedules import Schedule, scheduled

Launch = Callable[..., Durable]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def launch(database: Engine) -> Iterator[Launch]:
    """Starts the engine; a second start in one test is a process after the first one's end."""
    engines: list[Durable] = []

    def launch(*workflows: Workflow, slot: str = "slot-0", version: str = "1", ticks: Sequence[Tick] = ()) -> Durable:
        if engines:
            engines[-1].stop()
        engines.append(Durable(database, slot, workflows, version=version, ticks=ticks, poll_seconds=0.02))
        engines[-1].launch()
        return engines[-1]

    yield launch
    engines[-1].stop()


def note(session: Session, key: str) -> str:
    """A business row."""
    session.add(KeyValue(key=key, value="x", at=NOW))
    return key


def notes(database: Engine) -> int:
    with Session(database) as session:
        return session.scalar(select(func.count()).select_from(KeyValue)) or 0


def test_a_key_is_one_run(database: Engine, launch: Launch) -> None:
    """The same key again gives the first result and does nothing."""
    durable = launch(Workflow("w", lambda steps, argument: steps.transaction("note", note, argument)))
    assert durable.start("w", "k", "first").result() == "first"
    assert durable.start("w", "k", "second").result() == "first"
    assert notes(database) == 1
    assert durable.active(["k"]) == set()


def test_a_failing_transaction_leaves_nothing(database: Engine, launch: Launch) -> None:
    """What a step wrote before it failed is rolled back with it."""

    def fail(session: Session) -> None:
        note(session, "half")
        session.flush()
        raise RuntimeError("in the middle")

    durable = launch(Workflow("w", lambda steps, _: steps.transaction("fail", fail)))
    with pytest.raises(Exception, match="in the middle"):
        durable.start("w", "k", None).result()
    assert notes(database) == 0


class Interrupted:
    """A workflow whose process ends after its transaction; the next process finishes it."""

    def __init__(self) -> None:
        self.reached, self.ended, self.done = threading.Event(), threading.Event(), threading.Event()
        self.first = True

    def body(self, steps: Steps, argument: Any) -> str:
        """Writes once, however often it is taken up."""
        steps.transaction("note", note, argument)
        if self.first:
            self.first = False
            self.reached.set()
            self.ended.wait(30)
            raise SystemExit  # whatever this thread of the ended process would still do
        self.done.set()
        return "finished"


def test_the_next_holder_of_a_slot_finishes(database: Engine, launch: Launch) -> None:
    """A process dies after a step; the next one on its slot goes on behind that step."""
    work = Interrupted()
    durable = launch(Workflow("w", work.body))
    durable.start("w", "k", "once")
    assert work.reached.wait(20)
    launch(Workflow("w", work.body))
    assert work.done.wait(20)
    work.ended.set()
    assert notes(database) == 1


def test_a_living_process_adopts_a_dead_slot(database: Engine, launch: Launch) -> None:
    """Work of a dead slot goes on in another one, when that adopts it."""
    work = Interrupted()
    durable = launch(Workflow("w", work.body))
    durable.start("w", "k", "once")
    assert work.reached.wait(20)
    other = launch(Workflow("w", work.body), slot="slot-1")
    assert other.holders() == {"slot-0"}
    assert other.adopt("slot-0") == {"k"}
    assert work.done.wait(20)
    work.ended.set()
    assert notes(database) == 1


def test_work_of_another_version_begins_anew(database: Engine, launch: Launch) -> None:
    """A release with other steps finishes what the old one began; its own writes must be idempotent for that."""
    work = Interrupted()
    launch(Workflow("w", work.body)).start("w", "k", "old")
    assert work.reached.wait(20)
    done = threading.Event()

    def changed(steps: Steps, argument: Any) -> None:
        steps.step("a new first step", lambda: 1)
        steps.transaction("other note", note, f"{argument} under the new release")
        done.set()

    fresh = launch(Workflow("w", changed), version="2")
    [key] = fresh.adopt("slot-0")
    assert key != "k"
    assert done.wait(20)
    work.ended.set()


def test_old_records_are_forgotten(launch: Launch) -> None:
    """Retention deletes what ended before a time, and nothing else."""
    durable = launch(Workflow("w", lambda steps, argument: argument))
    for number in range(3):
        durable.start("w", f"k{number}", number).result()
    assert durable.forget(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert durable.forget(datetime.now(UTC) + timedelta(seconds=5)) == 3


def test_a_schedule_ticks(database: Engine, launch: Launch) -> None:
    """A schedule's work runs in a transaction at each tick."""
    ticked = threading.Event()

    def work(session: Session, at: datetime) -> None:
        note(session, at.isoformat())
        ticked.set()

    workflows, ticks = scheduled([Schedule("each second", "* * * * * *", work)])
    launch(*workflows, ticks=ticks)
    assert ticked.wait(45)
