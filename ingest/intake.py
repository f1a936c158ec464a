"""The intake: carries messages from the ledger into cases, by durable workflows that any process can take over.

The ledger's rows say what is to be done; a workflow carries a few of them: read (in worker processes, several
batches at once), wait for its turn, file (one transaction, in the order in which the messages came). Killed anywhere,
the durable engine goes on after the last finished step; and what it does not take up, because its records are lost,
stuck or of another version, is begun anew from the ledger under a fresh key. Filing is idempotent by the row.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType

from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from cases.database import read_session
from cases.models import StoredMessage
from config.desk import DeskRules
from config.errors import Unavailable
from ingest import batches, ledger
from ingest.batches import Batch, IntakeDesk
from ingest.turns import Turns
from runtime.durable import VERSION, Durable, Json, Steps, Tick, Workflow
from runtime.slots import Slot, beat, dead_slot, take_slot
from runtime.timings import timed

AHEAD = 4  # batches under way at once: some are read while one is filed
SWEEP_SECONDS = 10.0  # between looks for dead processes
STUCK_SECONDS = 20.0  # work that should go on here but does not is begun anew after this time
TROUBLE_SECONDS = 30.0  # the database may be away this long before `finish` gives up

log = logging.getLogger("creditdesk.intake")


class Intake:
    """One process's share of the intake. Use as a context: entering takes a slot and goes on with its work.

    `workflows` and `ticks` are further durable work of this process (schedules), on the same engine.
    """

    def __init__(
        self,
        database: DatabaseEngine,
        desk: IntakeDesk,
        *,
        slot: str = "",
        workflows: Sequence[Workflow] = (),
        ticks: Sequence[Tick] = (),
        version: str = VERSION,
        poll_seconds: float = 0.05,
        ahead: int = AHEAD,
    ) -> None:
        self._database = database
        self._desk = desk
        self._wanted_slot = slot
        self._workflows = [Workflow("intake", self._carry, anew=False), *workflows]
        self._ticks = ticks
        self._version = version
        self._poll_seconds = poll_seconds
        self._ahead = ahead
        self._sessions: sessionmaker[Session] = desk.sessions
        self._changed = threading.Condition()
        self._under_way: dict[str, Batch] = {}  # begun by this process
        self._alive: set[str] = set()  # keys whose body runs in this process just now
        self._turns = Turns(database, self._changed)
        self._inherited: dict[str, float] = {}  # key of an earlier process → when it was seen first
        self._not_before: dict[int, float] = {}  # id of a failed message → when it is tried again
        self._unsettled: set[str] = set()  # keys whose end could not be noted: the database was away
        self._troubles: list[Exception] = []  # of the database, since something went well
        self._next_sweep = self._next_look = 0.0

    def __enter__(self) -> "Intake":
        self._slot: Slot = take_slot(self._database, self._wanted_slot)
        self.durable = Durable(
            self._database,
            self._slot.name,
            self._workflows,
            ticks=self._ticks,
            version=self._version,
            poll_seconds=self._poll_seconds,
        )
        try:
            self.durable.launch()
            self.durable.adopt(self._slot.name)
            self._sweep()
        except BaseException:
            self._slot.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self, seconds: float = 0) -> None:
        """Leaves; batches under way get so many seconds to end, the next holder of the slot goes on with the rest."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._alive and time.monotonic() < deadline:
                self._changed.wait(0.2)
        self.durable.stop()
        self._slot.release()

    @property
    def slot(self) -> str:
        """The name of the slot that this process holds."""
        return self._slot.name

    def holds_slot(self) -> bool:
        """Whether this process still owns its slot."""
        return self._slot.holds()

    def use_rules(self, rules: DeskRules) -> None:
        """Goes on with these rules (desk.yaml was read again)."""
        self._desk = replace(self._desk, rules=rules)

    def wake(self) -> None:
        """Says that there is something new in the ledger."""
        with self._changed:
            self._changed.notify_all()

    def serve(self, stop: threading.Event, pause: float = 1.0) -> None:
        """Carries what comes until `stop` is set; database troubles are waited out."""
        while not stop.is_set():
            try:
                busy = self.advance()
            except (OperationalError, InterfaceError) as error:
                log.warning("intake waits for the database: %s", type(error).__name__)
                busy = False
            with self._changed:
                if not stop.is_set():
                    self._changed.wait(0.05 if busy else pause)

    def finish(self, ids: Sequence[int], progress: Callable[[int], None] | None = None) -> None:
        """Carries all that waits until none of these messages is in progress; `progress` gets the number done.

        Raises Unavailable when the database stays away or cannot be written.
        """
        wanted, trouble_since, next_count = set(ids), 0.0, 0.0
        while True:
            try:
                busy = self.advance()
                left = len(wanted)
                if not busy or time.monotonic() >= next_count:
                    next_count = time.monotonic() + 0.25
                    left = len(wanted & self._in_progress())
                    if progress:
                        progress(len(wanted) - left)
                trouble_since = 0.0
            except (OperationalError, InterfaceError) as error:
                trouble_since = trouble_since or time.monotonic()
                if _hopeless(error) or time.monotonic() - trouble_since > TROUBLE_SECONDS:
                    raise _unavailable(error) from error
                time.sleep(0.5)
                continue
            if not left and not busy:
                return
            with self._changed:
                self._changed.wait(0.02 if busy else 0.2)

    def _in_progress(self) -> set[int]:
        with read_session(self._database) as session:
            return set(session.scalars(select(StoredMessage.id).where(*ledger.waiting())))

    def advance(self) -> bool:
        """Begins what can be begun; whether this process has work under way or waiting for another try."""
        now = time.monotonic()
        if now >= self._next_sweep:
            self._sweep()
        elif self._inherited and now >= self._next_look:
            self._look_after_own()
        hopeless = [error for error in self._troubles if _hopeless(error)]
        if hopeless or len(self._troubles) >= ledger.TRIES:
            error = (hopeless or self._troubles)[-1]
            self._troubles.clear()
            raise error
        while (len(self._under_way) < self._ahead or self._held_up()) and self._begin_next(now):
            pass
        return bool(self._under_way or self._inherited or self._not_before)

    def _held_up(self) -> bool:
        """Whether something must be begun beyond the usual number, because all under way waits for it."""
        with self._changed:
            return self._turns.held_up(self._under_way)

    def _begin_next(self, now: float) -> bool:
        """Starts the next batch, if there is one."""
        not_yet = {row_id for row_id, until in self._not_before.items() if until > now}
        with self._sessions.begin() as session:
            batch = batches.claim(session, self.slot, not_yet)
        for row_id in set(self._not_before) - not_yet:
            del self._not_before[row_id]  # taken now, or settled meanwhile
        if batch is None:
            return False
        with self._changed:
            self._under_way[batch.key] = batch
        try:
            self.durable.start("intake", batch.key, {"key": batch.key, "ids": batch.ids})
        except Exception:
            with self._changed:
                del self._under_way[batch.key]  # the rows stay claimed under a dead key: the next look lets them go
            self._inherited[batch.key] = now
            raise
        return True

    def _carry(self, steps: Steps, argument: Json) -> Json:
        """The workflow: begun by this process, or inherited."""
        batch = Batch(argument["key"], argument["ids"])
        with self._living(batch):
            with self._sessions.begin() as session:
                ids = batches.begin(session, batch.ids)
            if ids:
                steps.step("read", self._read, batch.ids)
                self._turns.wait(batch.key, min(ids))
                steps.transaction("file", self._file, batch.ids)
        return len(batch.ids)

    def _read(self, ids: list[int]) -> int:
        with timed("read"):
            return batches.read(self._desk, ids)

    def _file(self, session: Session, ids: list[int]) -> None:
        with timed("file"):
            batches.file(self._desk, session, ids)

    @contextmanager
    def _living(self, batch: Batch) -> Iterator[None]:
        """Keeps account of a body that runs here; what it leaves unfinished is let go, and tried again later."""
        with self._changed:
            self._alive.add(batch.key)
        trouble: Exception | None = None
        try:
            yield
        except Exception as error:
            trouble = error
            raise
        finally:
            self._turns.leave(batch.key)
            try:
                self._settle(batch, trouble)
            finally:
                with self._changed:
                    self._alive.discard(batch.key)
                    self._under_way.pop(batch.key, None)
                    self._inherited.pop(batch.key, None)
                    self._changed.notify_all()

    def _settle(self, batch: Batch, trouble: Exception | None) -> None:
        try:
            with self._sessions.begin() as session:
                left = batches.end(session, batch, refund=trouble is not None)
        except SQLAlchemyError as error:  # the rows stay claimed under a dead key: the next look lets them go
            self._troubles.append(error)
            self._unsettled.add(batch.key)
            self._next_sweep = 0.0  # as soon as the database is back
            return
        if trouble is None:
            self._troubles.clear()
        else:
            log.warning("intake batch of %d: %s", len(batch.ids), type(trouble).__name__)
            self._troubles.append(trouble)
        now = time.monotonic()
        self._not_before |= {row_id: now + 0.1 * 2**tries for row_id, tries in left.items()}

    def _sweep(self) -> None:
        """Heartbeat; takes up the work of processes that are dead."""
        if not self._slot.holds():  # the database was away; usually nobody else was quicker
            self._slot = take_slot(self._database, self._slot.name)
        self._next_sweep = time.monotonic() + SWEEP_SECONDS  # without a slot nothing is begun
        with self._sessions.begin() as session:
            beat(session, self.slot, self._version)
            query = select(StoredMessage.claim_slot).where(*ledger.waiting(), StoredMessage.claim_slot.is_not(None))
            holders = set(session.scalars(query.distinct()))
        for name in (holders | self.durable.holders()) - {self.slot, None}:
            with dead_slot(self._database, str(name)) as dead:
                if dead:
                    self._adopt(str(name))
        self._look_after_own()

    def _adopt(self, name: str) -> None:
        """The durable work of a dead slot goes on; its other messages are free to be taken."""
        log.info("taking over the work of %s", name)
        going_on = self.durable.adopt(name)
        with self._sessions.begin() as session:
            rows = session.scalars(select(StoredMessage).where(*ledger.waiting(), StoredMessage.claim_slot == name))
            for row in rows:
                going = row.claim_key in going_on
                row.claim_slot = self.slot if going else None
                row.claim_key = row.claim_key if going else None

    def _look_after_own(self) -> None:
        """Messages claimed by this slot that no body here carries: the durable engine must go on, or they are let go."""
        now = time.monotonic()
        self._next_look = now + 0.25
        with read_session(self._database) as session:
            query = select(StoredMessage.claim_key).where(*ledger.waiting(), StoredMessage.claim_slot == self.slot)
            keys = {key for key in session.scalars(query.distinct()) if key}
        with self._changed:
            keys -= self._alive | self._under_way.keys()
        active = self.durable.active(keys)
        self._inherited = {key: self._inherited.get(key, now) for key in keys & active}
        stuck = {key for key, since in self._inherited.items() if now - since > STUCK_SECONDS}
        for key in stuck:
            self.durable.cancel(key)
            del self._inherited[key]
        lost = (keys - active) | stuck
        if lost:
            with self._sessions.begin() as session:
                batches.let_go(session, lost, refund=lost & self._unsettled)
            self._unsettled -= lost


def _hopeless(error: Exception) -> bool:
    """Faults that waiting does not mend; not those of an earlier run, which the durable engine tells again."""
    return isinstance(error, OperationalError) and any(
        words in str(error) for words in ("disk is full", "readonly", "read-only", "No space left")
    )


def _unavailable(error: OperationalError | InterfaceError) -> Unavailable:
    reason = " ".join(str(error.orig).split())[:160]
    return Unavailable(f"the database cannot be used ({reason}): make room or start it, then run this again")
