"""Sends what the outbox holds: rows are claimed under a lease, given to a transport, and marked.

A row is sent at least once: a process killed between the server's yes and the mark leaves a lease that ends, and
the row goes out again under the same Message-ID. Waiting times and leases use the real clock.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from cases.clock import Clock
from cases.models import OutboxItem
from cases.vocabulary import OutboxState
from runtime.slots import dead_slot
from runtime.timings import timed

LEASE = timedelta(seconds=75)  # longer than any transport may take
LOOK_SECONDS = 10.0  # between looks for rows of dead processes
TRIES = 40  # with waits of at most an hour: more than a day
IN_ORDER = ("slack",)  # channels in which a later row to the same place waits for an earlier one

log = logging.getLogger("creditdesk.outbox")


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side took it. `record` is called in the transaction that marks the row."""

    record: Callable[[Session], None] | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now; again after so many seconds (None: the usual growing wait)."""

    reason: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Never: the address or the content is refused for good."""

    reason: str


Outcome = Sent | Retry | Failed


class Transport(Protocol):
    """Gives one row to the world."""

    def send(self, item: OutboxItem) -> Outcome:
        """Sends it once. `item` is detached: its columns can be read, nothing written to it is kept."""
        ...


class Outbox:
    """The worker: one transport for each channel; rows of other channels are left for others."""

    def __init__(
        self, sessions: "sessionmaker[Session]", transports: Mapping[str, Transport], owner: str, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._transports = transports
        self._owner = owner
        self._clock = clock

    def run(self, stop: threading.Event, pause: float = 1.0) -> None:
        """Sends until `stop` is set; looks again after `pause` seconds when nothing is due."""
        look = 0.0
        while not stop.is_set():
            if time.monotonic() >= look:
                look = time.monotonic() + LOOK_SECONDS
                self.free_of_the_dead()
            if not self.once(stop):
                stop.wait(pause)

    def inherit(self) -> None:
        """Frees at once what the last holder of this process's slot had under lease when it died."""
        self._free(self._owner)

    def free_of_the_dead(self) -> None:
        """Frees what other processes had under lease when they died: their slots are held by nobody."""
        with self._sessions() as session:
            query = select(OutboxItem.lease_owner).where(OutboxItem.state == OutboxState.SENDING).distinct()
            owners = {owner for owner in session.scalars(query) if owner and owner != self._owner}
            database = session.get_bind()
        for owner in owners:
            with dead_slot(database.engine, owner) as dead:
                if dead:
                    self._free(owner)

    def _free(self, owner: str) -> None:
        with self._sessions.begin() as session:
            session.execute(
                update(OutboxItem)
                .where(OutboxItem.state == OutboxState.SENDING, OutboxItem.lease_owner == owner)
                .values(lease_until=datetime.now(UTC))
            )

    def once(self, stop: threading.Event | None = None) -> int:
        """Sends what is due now; gives the number of rows tried."""
        tried = 0
        for item in self._claimed():
            self._finish(item, self._send(item))
            tried += 1
            if stop is not None and stop.is_set():
                break
        return tried

    def _claimed(self) -> Iterator[OutboxItem]:
        """One due row after the other, each leased in a commit of its own."""
        while True:
            now = datetime.now(UTC)
            with self._sessions.begin() as session:
                query = select(OutboxItem).where(*_due(tuple(self._transports), now)).order_by(OutboxItem.id).limit(1)
                item = session.scalars(query.with_for_update(skip_locked=True)).first()
                if item is None:
                    return
                item.state = OutboxState.SENDING
                item.lease_until, item.lease_owner = now + LEASE, self._owner
                item.attempts += 1
            yield item

    def _send(self, item: OutboxItem) -> Outcome:
        try:
            with timed(f"send {item.channel}"):
                return self._transports[item.channel].send(item)
        except Exception as error:  # a fault of a transport is no reason to stop the others
            log.warning("outbox row %s: %s", item.id, type(error).__name__)
            return Retry(f"{type(error).__name__}: {error}")

    def _finish(self, item: OutboxItem, outcome: Outcome) -> None:
        with self._sessions.begin() as session:
            row = session.get(OutboxItem, item.id, with_for_update=True)
            if row is None or row.state != OutboxState.SENDING or row.lease_owner != self._owner:
                return  # the lease was lost; whoever has the row now marks it
            row.lease_until = row.lease_owner = None
            if isinstance(outcome, Sent):
                row.state, row.sent_at, row.error = OutboxState.SENT, self._clock(), None
                if outcome.record:
                    outcome.record(session)
            elif isinstance(outcome, Retry) and row.attempts < TRIES:
                wait = _growing_wait(row.attempts) if outcome.after is None else outcome.after
                if outcome.after is not None:
                    row.attempts -= 1  # the other side named the time: waiting for it is no failure
                row.state, row.error = OutboxState.WAITING, outcome.reason
                row.due_at = datetime.now(UTC) + timedelta(seconds=wait)
            else:
                row.state, row.error = OutboxState.FAILED, outcome.reason


def _growing_wait(attempts: int) -> float:
    """Seconds before the next try: 5, 10, 20, 40 … at most an hour."""
    return min(5.0 * 2.0 ** min(attempts - 1, 10), 3600.0)


def _due(channels: tuple[str, ...], now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Waiting and due, or left behind by a process whose lease has ended; in order where order counts."""
    earlier = aliased(OutboxItem)
    unfinished = (OutboxState.WAITING, OutboxState.SENDING)
    blocked = exists().where(
        earlier.channel == OutboxItem.channel,
        earlier.to == OutboxItem.to,
        earlier.id < OutboxItem.id,
        earlier.state.in_(unfinished),
    )
    return (
        OutboxItem.channel.in_(channels),
        or_(
            and_(OutboxItem.state == OutboxState.WAITING, OutboxItem.due_at <= now),
            and_(OutboxItem.state == OutboxState.SENDING, OutboxItem.lease_until <= now),
        ),
        or_(OutboxItem.channel.not_in(IN_ORDER), ~blocked),
    )
