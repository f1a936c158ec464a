"""The intake carries messages in order, leaves bad ones behind, and goes on with what others left."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from cases.models import Case, CaseMessage, Event, OutboxItem, StoredMessage, Worker
from ingest import batches, ledger
from ingest.batches import IntakeDesk
from ingest.intake import Intake
from runtime.durable import Durable, Workflow
from tests.ingest.intake.conftest import NOW
from tests.ingest.intake.mails import request

Take = Callable[..., list[int]]
Open = Callable[[], AbstractContextManager[Intake]]


def stored(sessions: "sessionmaker[Session]", *mails: bytes) -> list[int]:
    with sessions.begin() as session:
        return [ledger.store(session, raw, now=NOW).id for raw in mails]


def poison(database: Engine, name: str) -> None:
    """From now on the database refuses a case on this buyer."""
    with database.begin() as connection:
        if database.dialect.name == "sqlite":
            connection.execute(
                text(
                    f"create trigger poison before insert on cases when new.buyer_name = '{name}'"
                    " begin select raise(abort, 'poisoned'); end"
                )
            )
        else:
            connection.execute(text(f"alter table cases add constraint poison check (buyer_name <> '{name}')"))


def cure(database: Engine) -> None:
    with database.begin() as connection:
        drop = (
            "drop trigger poison" if database.dialect.name == "sqlite" else "alter table cases drop constraint poison"
        )
        connection.execute(text(drop))


def counts(session: Session) -> list[Any]:
    tables = (Case, CaseMessage, Event, OutboxItem)
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_a_backlog_is_filed_in_the_order_of_the_ledger(take: Take, session: Session) -> None:
    """Many messages, several batches: the cases are numbered as the messages came."""
    ids = take(*(request(number) for number in range(batches.BATCH + 6)))
    found = ledger.references_of(session, ids)
    references = [reference for row_id in ids for reference in found[row_id]]
    assert len(references) == len(ids)
    assert references == sorted(references)


def test_a_second_time_changes_nothing(take: Take, session: Session) -> None:
    """The same bytes again: no row more anywhere."""
    take(request(1), request(2))
    before = counts(session)
    session.rollback()
    take(request(1), request(2))
    assert counts(session) == before


def test_a_failing_message_is_parked_alone_and_retried_by_command(
    database: Engine, sessions: "sessionmaker[Session]", take: Take, intake: Open
) -> None:
    """Filing fails for one message in the middle: the others go on, it is parked after five tries, and can be resumed."""
    poison(database, "Nordbach 2 GmbH")
    ids = take(*(request(number) for number in range(1, 5)))
    with sessions() as session:
        states = [session.get_one(StoredMessage, row_id).state for row_id in ids]
        bad = session.get_one(StoredMessage, ids[1])
        assert states == ["filed", "quarantined", "filed", "filed"]
        assert (bad.parked, bad.attempts) == (True, ledger.TRIES)
        assert bad.reason is not None
        assert f"messages retry {bad.id}" in bad.reason
    cure(database)
    with sessions.begin() as session:
        ledger.begin_again(session, [ids[1]])
    with intake() as running:
        running.finish(ids)
    with sessions() as session:
        row = session.get_one(StoredMessage, ids[1])
        assert (row.state, row.reason, row.parked) == ("filed", None, False)


def test_a_message_that_kills_its_process_is_found_and_parked(sessions: "sessionmaker[Session]") -> None:
    """A batch that dies twice is carried one by one, and only the one that goes on killing is parked."""
    ids = stored(sessions, request(1), request(2))

    def die() -> list[int]:
        with sessions.begin() as session:
            batch = batches.claim(session, "slot-9", set())
        assert batch is not None
        with sessions.begin() as session:
            begun = batches.begin(session, batch.ids)
            ledger.release(session, "slot-9")
        return begun

    assert [die() for _ in range(3)] == [ids, ids, ids[:1]]
    while die() == ids[:1]:
        pass
    with sessions.begin() as session:
        bad, good = (session.get_one(StoredMessage, row_id) for row_id in ids)
        assert (bad.state, bad.parked) == ("quarantined", True)
        assert (good.state, good.parked) == ("in_progress", False)


def test_claims_of_a_dead_slot_are_taken_over(sessions: "sessionmaker[Session]", intake: Open) -> None:
    """Messages claimed by a process that is gone, without durable work behind the claim, are begun anew."""
    ids = stored(sessions, request(1), request(2))
    with sessions.begin() as session:
        assert batches.claim(session, "slot-7", set())
    with intake() as running:
        running.finish(ids)
        assert running.slot == "slot-0"
    with sessions() as session:
        assert {session.get_one(StoredMessage, row_id).state for row_id in ids} == {"filed"}
        assert session.get(Worker, "slot-0") is not None


def test_claims_of_the_own_slot_are_inherited(sessions: "sessionmaker[Session]", intake: Open) -> None:
    """A process that was killed between claim and start leaves a claim on its slot; the next holder goes on at once."""
    ids = stored(sessions, request(1))
    with sessions.begin() as session:
        assert batches.claim(session, "slot-0", set())
    with intake() as running:
        running.finish(ids)
    with sessions() as session:
        assert session.get_one(StoredMessage, ids[0]).state == "filed"


def test_work_of_an_older_release_is_finished(
    database: Engine, desk: IntakeDesk, sessions: "sessionmaker[Session]"
) -> None:
    """Messages under way in a workflow of version 0 when its process ended are filed by this version, once."""
    ids = stored(sessions, request(1), request(2))
    with sessions.begin() as session:
        batch = batches.claim(session, "slot-0", set())
    assert batch is not None

    reached, released = threading.Event(), threading.Event()

    def old_body(steps: Any, argument: Any) -> None:
        steps.step("a step that is no more", lambda: 1)
        reached.set()
        released.wait(60)  # the process ends here: the workflow stays unfinished

    old = Durable(database, "slot-0", [Workflow("intake", old_body, anew=False)], version="0", poll_seconds=0.02)
    old.launch()
    old.start("intake", batch.key, {"key": batch.key, "ids": batch.ids})
    assert reached.wait(20)
    old.stop()
    with Intake(database, desk, poll_seconds=0.02) as intake:
        intake.finish(ids)
    released.set()
    with sessions() as session:
        assert {session.get_one(StoredMessage, row_id).state for row_id in ids} == {"filed"}
        assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_stuck_durable_work_is_begun_anew(
    database: Engine, desk: IntakeDesk, sessions: "sessionmaker[Session]", monkeypatch: Any
) -> None:
    """Where the durable engine says that work goes on but it does not, the ledger takes the messages back."""
    monkeypatch.setattr("ingest.intake.STUCK_SECONDS", 0.3)
    ids = stored(sessions, request(1))
    with Intake(database, desk, poll_seconds=0.02) as intake:
        with sessions.begin() as session:
            batch = batches.claim(session, intake.slot, set())
        assert batch is not None
        with database.begin() as connection:  # PENDING in the records, but nobody runs it
            _pretend_pending(connection, database, batch.key, intake.slot)
        intake._next_sweep = 0
        intake.finish(ids)
    with sessions() as session:
        assert session.get_one(StoredMessage, ids[0]).state == "filed"


def _pretend_pending(connection: Any, database: Engine, key: str, slot: str) -> None:
    from sqlalchemy import create_engine

    from runtime.durable import VERSION, system_url

    row = {
        "workflow_uuid": key,
        "status": "PENDING",
        "name": "intake",
        "executor_id": slot,
        "application_version": VERSION,
        "application_name": "creditdesk",
        "created_at": 1,
        "updated_at": 1,
        "recovery_attempts": 1,
        "priority": 0,
    }
    schema = "" if database.dialect.name == "sqlite" else "dbos."
    insert = text(
        f"insert into {schema}workflow_status ({', '.join(row)}) values ({', '.join(':' + name for name in row)})"
    )
    engine = create_engine(system_url(database)) if database.dialect.name == "sqlite" else database
    if engine is database:
        connection.execute(insert, row)
        return
    with engine.begin() as other:
        other.execute(insert, row)
    engine.dispose()
