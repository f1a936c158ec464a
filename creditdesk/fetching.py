"""Takes mail into cases while more of it is still being fetched."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from cases.database import read_session
from cases.models import StoredMessage
from creditdesk.intake_parts import carry, intake_of
from creditdesk.wiring import Wiring
from ingest import ledger
from runtime.nursery import Nursery

if TYPE_CHECKING:  # imported by the thread that takes in, while mails are fetched
    from ingest.intake import Intake


@dataclass
class Alongside:
    """An intake that begins with the first message stored; `stored` is called after each commit."""

    desk: Wiring
    _nursery: Nursery
    _stack: ExitStack
    _before: set[int]
    _top: int
    _stop: threading.Event = field(default_factory=threading.Event)
    _intake: "Intake | None" = None
    _thread: threading.Thread | None = None
    _fault: Exception | None = None

    def stored(self) -> None:
        """Something new is in the ledger."""
        if self._intake is not None:
            self._intake.wake()
        elif self._thread is None:
            self._thread = threading.Thread(target=self._take_in, daemon=True)
            self._thread.start()

    def _take_in(self) -> None:
        """Starts the intake, while more is fetched, and carries what comes."""
        try:
            self._intake = self._stack.enter_context(intake_of(self.desk, nursery=self._nursery))
        except Exception as error:  # told by `finish`
            self._fault = error
            return
        self._intake.serve(self._stop, 0.1)

    def ids(self) -> list[int]:
        """The messages that waited at the beginning, and those that came since."""
        with read_session(self.desk.database) as session:
            return sorted(
                self._before | set(session.scalars(select(StoredMessage.id).where(StoredMessage.id > self._top)))
            )

    def finish(self, ids: Sequence[int], progress: Callable[[int], None]) -> None:
        """Carries these to their end."""
        self.pause()
        if self._fault is not None:
            raise self._fault
        if self._intake is None:
            carry(self.desk, ids, progress)
        else:
            self._intake.finish(ids, progress)

    def pause(self) -> None:
        """Ends the thread; what is under way goes on."""
        self._stop.set()
        if self._intake is not None:
            self._intake.wake()
        if self._thread is not None:
            self._thread.join()


@contextmanager
def alongside(desk: Wiring, nursery: Nursery) -> Iterator[Alongside]:
    """An intake beside the block, which fetches; the nursery ends with it. Raises Unavailable."""
    logging.getLogger("creditdesk").addHandler(logging.NullHandler())  # the ledger tells what went wrong
    with read_session(desk.database) as session:
        before = set(session.scalars(select(StoredMessage.id).where(*ledger.waiting())))
        top = session.scalar(select(func.max(StoredMessage.id))) or 0
    with ExitStack() as stack:
        stack.callback(nursery.close)
        beside = Alongside(desk, nursery, stack, before, top)
        try:
            yield beside
        finally:
            beside.pause()
