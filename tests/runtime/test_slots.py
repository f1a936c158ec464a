"""Slots are held by one process each and freed with it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cases.models import Worker
from config.errors import Unavailable
from runtime.slots import LOCK_CLASS, beat, dead_slot, take_slot


def test_the_lowest_free_slot_is_taken(database: Engine) -> None:
    """Each process gets a slot of its own; a freed one is the next to be taken."""
    first, second = take_slot(database), take_slot(database)
    assert (first.name, second.name) == ("slot-0", "slot-1")
    assert first.holds()
    first.release()
    third = take_slot(database)
    assert third.name == "slot-0"
    second.release()
    third.release()


def test_a_configured_slot(database: Engine) -> None:
    """A configured slot is that one or none."""
    slot = take_slot(database, "slot-5")
    assert slot.name == "slot-5"
    with pytest.raises(Unavailable, match="held by another process"):
        take_slot(database, "5")
    with pytest.raises(Unavailable, match="write a number"):
        take_slot(database, "five")
    slot.release()


def test_whether_a_holder_lives(database: Engine) -> None:
    """A slot without a holder is dead, and cannot be taken while somebody clears it up."""
    slot = take_slot(database)
    with dead_slot(database, slot.name) as dead:
        assert not dead
    slot.release()
    with dead_slot(database, slot.name) as dead:
        assert dead
        other = take_slot(database)
        assert other.name == "slot-1"
        other.release()


def test_the_heartbeat_is_one_row(session: Session) -> None:
    """A slot's heartbeat is renewed, not repeated."""
    beat(session, "slot-0", "1")
    session.flush()
    beat(session, "slot-0", "2")
    session.flush()
    [worker] = session.query(Worker).all()
    assert worker.version == "2"


def test_no_room_for_locks(tmp_path: Path) -> None:
    """Where locks cannot be written, the error says what to do."""
    from cases.database import open_database

    engine = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    (tmp_path / "slots").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="make room or correct its rights"):
        take_slot(engine)
    engine.dispose()


def test_a_lost_slot_stays_lost_and_is_taken_anew(database: Engine) -> None:
    """PostgreSQL ended the session of a slot: it is held no more, however often one asks, and can be taken again."""
    if database.dialect.name != "postgresql":
        pytest.skip("a file lock is not lost with a connection")
    slot = take_slot(database)
    with database.connect() as connection:
        ended = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = :number"
        connection.execute(text(ended), {"number": LOCK_CLASS})
    assert [slot.holds(), slot.holds(), slot.holds()] == [False, False, False]
    again = take_slot(database, slot.name)
    assert (again.name, again.holds()) == (slot.name, True)
    again.release()
