"""Executor slots: stable names for processes, so that a living one inherits a dead one's work.

A process holds the lowest free slot for as long as it lives: by a file lock beside an SQLite database, by
an advisory lock on PostgreSQL. The kernel or the server frees it at the moment of death, so whether a slot's
holder lives is asked by trying its lock; the heartbeat row is for people, and for a holder that hangs.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cases.models import Worker
from config.errors import Unavailable

SLOTS = 64
LOCK_CLASS = 0x43445354  # advisory lock class of slots on PostgreSQL


class _Lock(Protocol):
    def holds(self) -> bool: ...
    def release(self) -> None: ...


class _FileLock:
    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def holds(self) -> bool:
        return not self._file.closed

    def release(self) -> None:
        self._file.close()


class _AdvisoryLock:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lost = False

    def holds(self) -> bool:
        """Whether the session that holds the lock still lives; once lost it stays lost, whatever reconnects."""
        if not self._lost:
            try:
                self._connection.execute(text("select 1"))
            except SQLAlchemyError:
                self._lost = True
        return not self._lost

    def release(self) -> None:
        self._connection.close()  # detached from the pool: the session ends, and with it the lock


class Slot:
    """A slot that this process holds."""

    def __init__(self, name: str, lock: _Lock) -> None:
        self.name = name
        self._lock = lock

    def holds(self) -> bool:
        """False when the lock was lost (PostgreSQL went away): somebody else may have the slot now."""
        return self._lock.holds()

    def release(self) -> None:
        """Gives the slot back."""
        self._lock.release()


def slot_name(number: int) -> str:
    """The name of a slot, as the durable engine and the ledger know it."""
    return f"slot-{number}"


def take_slot(database: Engine, wanted: str = "") -> Slot:
    """The lowest free slot, or the one configured (`slot-3`, or just `3`).

    Raises Unavailable when all are taken, or the configured one is.
    """
    if wanted:
        numbers = [int(wanted.removeprefix("slot-"))] if wanted.removeprefix("slot-").isdigit() else []
        if not numbers:
            raise Unavailable(f"CREDITDESK_SLOT {wanted!r} is none: write a number from 0 to {SLOTS - 1}, or unset it")
    else:
        numbers = list(range(SLOTS))
    for number in numbers:
        lock = _try_lock(database, number)
        if lock:
            return Slot(slot_name(number), lock)
    if wanted:
        raise Unavailable(f"{wanted} is held by another process: choose another CREDITDESK_SLOT, or unset it")
    raise Unavailable(f"all {SLOTS} slots are held: stop a creditdesk process that is no longer needed")


@contextmanager
def dead_slot(database: Engine, name: str) -> Iterator[bool]:
    """Whether nobody holds the slot; while the block runs, nobody can take it."""
    digits = name.removeprefix("slot-")
    lock = _try_lock(database, int(digits)) if digits.isdigit() else None
    try:
        yield lock is not None
    finally:
        if lock:
            lock.release()


def beat(session: Session, slot: str, version: str) -> None:
    """Writes the heartbeat of this process (real clock)."""
    row = session.get(Worker, slot)
    now = datetime.now(UTC)
    if row is None:
        session.add(Worker(slot=slot, heartbeat=now, version=version, pid=os.getpid()))
    else:
        row.heartbeat, row.version, row.pid = now, version, os.getpid()


def _try_lock(database: Engine, number: int) -> _Lock | None:
    return _try_advisory(database, number) if database.dialect.name == "postgresql" else _try_file(database, number)


def _try_file(database: Engine, number: int) -> _Lock | None:
    base = Path(database.url.database or "")
    folder = base.parent / "slots"
    try:
        folder.mkdir(exist_ok=True)
        file = (folder / f"{base.stem}-{number}.lock").open("w")
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written ({error.strerror}): make room or correct its rights") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return _FileLock(file)


def _try_advisory(database: Engine, number: int) -> _Lock | None:
    connection = database.connect().execution_options(isolation_level="AUTOCOMMIT")
    taken = connection.execute(
        text("select pg_try_advisory_lock(:class, :number)"), {"class": LOCK_CLASS, "number": number}
    ).scalar()
    if not taken:
        connection.close()
        return None
    connection.detach()  # for good: the pool must not hand the lock on to somebody else
    return _AdvisoryLock(connection)
