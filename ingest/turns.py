"""Whose turn it is to file: messages are filed in the order in which they came, over all processes."""

import threading
import time
from collections.abc import Iterable

from sqlalchemy import Engine, select

from cases.database import read_session
from cases.models import StoredMessage
from ingest import ledger

TURN_SECONDS = 120.0  # longest wait for one earlier message of another process
ASK_SECONDS = 0.05


class Turns:
    """The batches of this process that wait for earlier messages. `changed` wakes them.

    Only the first of them asks the database: what it waits for holds up the others too.
    """

    def __init__(self, database: Engine, changed: threading.Condition) -> None:
        self._database, self._changed = database, changed
        self._waiting: dict[str, int] = {}  # key of a batch → its first message
        self._blocker, self._since, self._free = -1, 0.0, False

    def wait(self, key: str, first: int) -> None:
        """Until no earlier message than `first` is in progress, but for those that failed before."""
        query = (
            select(StoredMessage.id, StoredMessage.claim_slot)
            .where(*ledger.waiting(), StoredMessage.id < first, ~ledger.held_back())
            .order_by(StoredMessage.id)
            .limit(1)
        )
        with self._changed:
            self._waiting[key] = first
        while True:
            with self._changed:
                while min(self._waiting.values(), default=first) < first:
                    self._changed.wait(1.0)
            with read_session(self._database) as session:
                found = session.execute(query).first()
            with self._changed:
                if found is None or self._long_enough(found.id, free=found.claim_slot is None):
                    self._forget(key)
                    return
                self._changed.wait(ASK_SECONDS)

    def _long_enough(self, blocker: int, *, free: bool) -> bool:
        now = time.monotonic()
        if blocker != self._blocker:
            self._blocker, self._since = blocker, now
        self._free = free
        return now - self._since > TURN_SECONDS

    def _forget(self, key: str) -> None:
        self._waiting.pop(key, None)
        self._free = False  # asked anew by the next
        self._changed.notify_all()

    def leave(self, key: str) -> None:
        """The batch waits no longer, whatever became of it."""
        with self._changed:
            self._forget(key)

    def held_up(self, keys: Iterable[str]) -> bool:
        """Whether all these batches wait for a message that nobody carries: it must be begun first."""
        with self._changed:
            return self._free and set(keys) <= self._waiting.keys()
