"""An intake on a database of the test's own; messages are understood in this process, which starts faster."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import fixed_clock
from config.desk import load_desk_rules
from ingest import ledger
from ingest.batches import IntakeDesk
from ingest.intake import Intake
from ingest.understand import Circumstances, Understood, understand_by_rules

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def understand_here(raw: bytes, circumstances: Circumstances) -> "Future[Understood]":
    """Understands without a worker process."""
    future: Future[Understood] = Future()
    try:
        future.set_result(understand_by_rules(raw, circumstances))
    except Exception as error:
        future.set_exception(error)
    return future


@pytest.fixture
def desk(database: Engine, sessions: "sessionmaker[Session]") -> IntakeDesk:
    """What the steps of the intake stand on."""
    return IntakeDesk(database, sessions, load_desk_rules(), fixed_clock(NOW), understand_here)


@pytest.fixture
def take(database: Engine, desk: IntakeDesk) -> Callable[..., list[int]]:
    """Stores mails and carries them to their end; gives the ids of their rows."""

    def take(*mails: bytes) -> list[int]:
        with desk.sessions.begin() as session:
            ids = [ledger.store(session, raw, now=NOW).id for raw in mails]
        with Intake(database, desk, poll_seconds=0.02) as intake:
            intake.finish(ids)
        return ids

    return take


@pytest.fixture
def intake(database: Engine, desk: IntakeDesk) -> Callable[[], AbstractContextManager[Intake]]:
    """Opens an intake of the test's own."""

    @contextmanager
    def opened() -> Iterator[Intake]:
        with Intake(database, desk, poll_seconds=0.02) as intake:
            yield intake

    return opened
