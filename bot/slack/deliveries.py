"""What Slack delivers (events, commands, clicks): written down before it is acknowledged, worked on once.

`take` inserts the delivery under its key and returns when that is in the database; many at once share a transaction.
A second delivery of the key, in whatever process and after whatever restart, finds the row and changes nothing.
The work runs as a task; a process killed in the middle leaves a lease, and whoever comes next takes the work up.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from cases.database import read_session
from cases.models import SeenDelivery
from config.errors import Unavailable

LEASE = timedelta(seconds=60)
RENEW = 20.0  # seconds between renewals of the leases of what is at work
TRIES = 6
CALM, PATIENCE = 0.03, 0.5  # seconds without a new delivery before work begins, and how long it waits for them at most
TAKEN, DONE, FAILED = "taken", "done", "failed"

_FINISHED = {"state": DONE, "payload": None, "progress": None, "lease_until": None, "lease_owner": None}

log = logging.getLogger("creditdesk.slack")


@dataclass(slots=True)
class Delivery:
    """One thing to do. `progress` is what an earlier try kept before it sent anything; `again`: it was tried before."""

    key: str
    kind: str
    payload: dict[str, Any]
    progress: dict[str, Any] | None = None
    attempts: int = 1

    @property
    def again(self) -> bool:
        """Whether an earlier try may have got as far as sending."""
        return self.attempts > 1


Work = Callable[[Delivery], Awaitable[None]]


@dataclass(slots=True)
class _Wanted:
    """A row to be inserted, and who waits to hear whether it is new."""

    row: dict[str, Any]
    new: "asyncio.Future[bool]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Deliveries:
    """Takes deliveries and works on them. Belongs to one event loop; `owner` is the process's slot."""

    def __init__(self, database: Engine, sessions: sessionmaker[Session], owner: str) -> None:
        self._database = database
        self._sessions = sessions
        self._owner = owner
        self._works: dict[str, Work] = {}
        self._wanted: list[_Wanted] = []
        self._finished: list[str] = []
        self._writing: asyncio.Task[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ended = False
        self._coming = 0  # deliveries that are not yet written down
        self._came = 0.0  # when the last one came, in the loop's time
        self._writer = ThreadPoolExecutor(1, "deliveries")  # its own: acknowledgements queue behind nothing else

    def work(self, kind: str, work: Work) -> None:
        """What is done with deliveries of a kind. It may be run again after a kill, so it looks before it repeats."""
        self._works[kind] = work

    async def take(self, key: str, kind: str, payload: dict[str, Any]) -> bool:
        """Writes the delivery down and begins its work; False: it was taken before, and nothing happens.

        Raises SQLAlchemy's errors where it could not be written: then it must not be acknowledged.
        """
        new = await self._insert(key, kind, TAKEN, payload)
        if new:
            self._begin(Delivery(key, kind, payload))
        return new

    async def first(self, key: str, kind: str = "") -> bool:
        """Only notes the key: True the first time. For what needs no durable work (opening a modal)."""
        return await self._insert(key, kind, DONE, None)

    async def _insert(self, key: str, kind: str, state: str, payload: dict[str, Any] | None) -> bool:
        now = datetime.now(UTC)
        lease = now + LEASE if state == TAKEN else None
        wanted = _Wanted(
            {
                "key": key[:200], "at": now, "state": state, "kind": kind, "payload": payload, "progress": None,
                "lease_until": lease, "lease_owner": self._owner if lease else None, "attempts": 1,
            }
        )  # fmt: skip
        self._wanted.append(wanted)
        self._write_soon()
        self._coming += 1
        self._came = asyncio.get_running_loop().time()
        try:
            return await wanted.new
        finally:
            self._coming -= 1

    def _write_soon(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        """Writes what is wanted and finished, all that came meanwhile in the next transaction."""
        while self._wanted or self._finished:
            batch, self._wanted = self._wanted, []
            finished, self._finished = self._finished, []
            try:
                rows = [one.row for one in batch]
                new = await asyncio.get_running_loop().run_in_executor(self._writer, self._write_all, rows, finished)
            except Exception as error:
                log.warning("deliveries could not be written (%s)", type(error).__name__)
                self._finished += finished
                for one in batch:
                    if not one.new.done():
                        one.new.set_exception(error)
                await asyncio.sleep(0.5)
                continue
            for one in batch:
                if not one.new.done():
                    one.new.set_result(one.row["key"] in new)
                    new.discard(one.row["key"])  # the same key twice in one batch: the first has it

    def _write_all(self, rows: list[dict[str, Any]], finished: list[str]) -> set[str]:
        """The keys of rows that were not there before."""
        dialect = sqlite if self._database.dialect.name == "sqlite" else postgresql
        new: set[str] = set()
        with self._sessions.begin() as session:
            if rows:
                single = list({row["key"]: row for row in reversed(rows)}.values())
                insert = dialect.insert(SeenDelivery).values(single).on_conflict_do_nothing(index_elements=["key"])
                new = set(session.scalars(insert.returning(SeenDelivery.key)))
            if finished:
                session.execute(update(SeenDelivery).where(SeenDelivery.key.in_(finished)).values(**_FINISHED))
        return new

    def _begin(self, delivery: Delivery) -> None:
        if not self._ended and delivery.key not in self._tasks:
            task = asyncio.create_task(self._do(delivery), name=f"delivery {delivery.kind}")
            self._tasks[delivery.key] = task
            task.add_done_callback(lambda _: self._tasks.pop(delivery.key, None))

    async def _until_calm(self) -> None:
        """Lets what comes in a burst be acknowledged first: the work of fifty questions would keep the loop for a second."""
        now = asyncio.get_running_loop().time
        end = now() + PATIENCE
        while now() < end and (self._coming or now() < self._came + CALM):
            await asyncio.sleep(0.01)

    async def _do(self, delivery: Delivery) -> None:
        await self._until_calm()
        work = self._works.get(delivery.kind)
        try:
            if work is None:
                log.warning("delivery of kind %s is not known here and is left", delivery.kind)
            else:
                await work(delivery)
        except Exception as error:
            if isinstance(error, Unavailable):
                log.warning("delivery %s (%s): %s", delivery.kind, type(error).__name__, error)
            else:
                log.exception("delivery %s failed", delivery.kind)
            wait = None if delivery.attempts >= TRIES else timedelta(seconds=5.0 * 2 ** (delivery.attempts - 1))
            await asyncio.to_thread(self._put_back, delivery.key, wait)
            return
        self._finished.append(delivery.key)
        self._write_soon()

    def _put_back(self, key: str, wait: timedelta | None) -> None:
        """Again after a while, or never where it was tried often enough."""
        values: dict[str, Any] = {"lease_owner": None}
        values |= {"state": FAILED} if wait is None else {"lease_until": datetime.now(UTC) + wait}
        with self._sessions.begin() as session:
            session.execute(update(SeenDelivery).where(SeenDelivery.key == key).values(**values))

    def keep(self, session: Session, delivery: Delivery, progress: dict[str, Any]) -> None:
        """Keeps what was worked out, in the caller's transaction, before it is sent."""
        delivery.progress = progress
        session.execute(update(SeenDelivery).where(SeenDelivery.key == delivery.key).values(progress=progress))

    async def run(self, ended: asyncio.Event, pause: float = 2.0) -> None:
        """Takes up what a dead process left, renews leases, until `ended`; then waits for what is at work."""
        await asyncio.to_thread(self._inherit)
        renewed = asyncio.get_running_loop().time()
        while not ended.is_set():
            for delivery in await asyncio.to_thread(self._due):
                self._begin(delivery)
            if self._tasks and asyncio.get_running_loop().time() - renewed > RENEW:
                renewed = asyncio.get_running_loop().time()
                await asyncio.to_thread(self._renew, list(self._tasks))
            with_time = asyncio.create_task(ended.wait())
            await asyncio.wait({with_time}, timeout=pause)
            with_time.cancel()
        self._ended = True
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=5.0)
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=2.0)
        await asyncio.to_thread(self._hand_over, list(self._tasks))

    def _inherit(self) -> None:
        """Frees at once what the last holder of this process's slot had under lease."""
        mine = and_(SeenDelivery.state == TAKEN, SeenDelivery.lease_owner == self._owner)
        with self._sessions.begin() as session:
            session.execute(update(SeenDelivery).where(mine).values(lease_until=datetime.now(UTC)))

    def _due(self) -> list[Delivery]:
        """Open deliveries whose lease has ended, now leased to us."""
        now = datetime.now(UTC)
        free = or_(SeenDelivery.lease_until.is_(None), SeenDelivery.lease_until <= now)
        query = (
            select(SeenDelivery)
            .where(SeenDelivery.state == TAKEN, free, SeenDelivery.kind.in_(list(self._works)))
            .order_by(SeenDelivery.at)
            .limit(20)
        )
        with read_session(self._database) as look:  # mostly there is nothing, and nothing needs a write lock
            if look.scalar(query.with_only_columns(SeenDelivery.key)) is None:
                return []
        with self._sessions.begin() as session:
            found = []
            for row in session.scalars(query.with_for_update(skip_locked=True)).all():
                if row.key in self._tasks:
                    continue
                row.attempts += 1
                row.lease_until, row.lease_owner = now + LEASE, self._owner
                payload, progress = dict(row.payload or {}), row.progress
                found.append(Delivery(row.key, row.kind, payload, dict(progress) if progress else None, row.attempts))
            return found

    def _renew(self, keys: list[str]) -> None:
        self._lease(keys, datetime.now(UTC) + LEASE)

    def _hand_over(self, keys: list[str]) -> None:
        """What could not be finished in time is free for the next process at once."""
        self._lease(keys, datetime.now(UTC))

    def _lease(self, keys: list[str], until: datetime) -> None:
        if keys:
            with self._sessions.begin() as session:
                mine = and_(SeenDelivery.key.in_(keys), SeenDelivery.state == TAKEN)
                session.execute(update(SeenDelivery).where(mine).values(lease_until=until))


def key_of(body: dict[str, Any]) -> str:
    """What makes two deliveries of Slack the same: the message, the event, the trigger of a command or click.

    A mention arrives as `app_mention` and as `message`: both are the message in its channel.
    """
    team = str(body.get("team_id") or (body.get("team") or {}).get("id") or "")
    event = body.get("event")
    if isinstance(event, dict):
        if event.get("type") in ("app_mention", "message") and event.get("ts") and not event.get("subtype"):
            return f"message:{team}:{event.get('channel')}:{event['ts']}"
        return f"event:{team}:{body.get('event_id')}"
    if body.get("type") == "view_submission":
        view = body.get("view") or {}
        return f"view:{team}:{view.get('id')}:{view.get('hash')}"
    action: dict[str, Any] = next(iter(body.get("actions") or []), {})
    if action:
        user = (body.get("user") or {}).get("id")
        return f"click:{team}:{user}:{action.get('action_id')}:{action.get('action_ts')}:{body.get('trigger_id')}"
    return f"{body.get('command') or body.get('callback_id') or body.get('type')}:{team}:{body.get('trigger_id')}"
