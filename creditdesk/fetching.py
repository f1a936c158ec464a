"""Takes mail into cases while more of it is still being fetched."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import func, select

from cases.database import read_session
from cases.models import StoredMessage
from creditdesk.intake_parts import FEW, carry, intake_of
from creditdesk.wiring import Wiring
from ingest import ledger
from ingest.intake import Intake


@dataclass
class Alongside:
    """An intake that begins when enough is stored to be worth its start; `stored` is called after each commit."""

    desk: Wiring
    _stack: ExitStack
    _before: set[int]
    _top: int
    _stop: threading.Event = field(default_factory=threading.Event)
    _intake: Intake | None = None
    _thread: threading.Thread | None = None

    def stored(self) -> None:
        """Something new is in the ledger."""
        if self._intake is not None:
            self._intake.wake()
            return
        with read_session(self.desk.database) as session:
            if (session.scalar(select(func.count()).where(*ledger.waiting())) or 0) < FEW:
                return
        self._intake = self._stack.enter_context(intake_of(self.desk))
        self._thread = threading.Thread(target=self._intake.serve, args=(self._stop, 0.1), daemon=True)
        self._thread.start()

    def ids(self) -> list[int]:
        """The messages that waited at the beginning, and those that came since."""
        with read_session(self.desk.database) as session:
            return sorted(
                self._before | set(session.scalars(select(StoredMessage.id).where(StoredMessage.id > self._top)))
            )

    def finish(self, ids: Sequence[int], progress: Callable[[int], None]) -> None:
        """Carries these to their end."""
        self.pause()
        if self._intake is None:
            carry(self.desk, ids, progress)
        else:
            self._intake.finish(ids, progress)

    def pause(self) -> None:
        """Ends the thread; what is under way goes on."""
        self._stop.set()
        if self._intake is not None and self._thread is not None:
            self._intake.wake()
            self._thread.join()
            self._thread = None


@contextmanager
def alongside(desk: Wiring) -> Iterator[Alongside]:
    """An intake beside the block, which fetches. Raises Unavailable."""
    logging.getLogger("creditdesk").addHandler(logging.NullHandler())  # the ledger tells what went wrong
    with read_session(desk.database) as session:
        before = set(session.scalars(select(StoredMessage.id).where(*ledger.waiting())))
        top = session.scalar(select(func.max(StoredMessage.id))) or 0
    with ExitStack() as stack:
        beside = Alongside(desk, stack, before, top)
        try:
            yield beside
        finally:
            beside.pause()
