"""A running desk: the threads of `serve` and `poll`, their start and their end.

mailboxes (one thread each) → ledger → intake → outbox worker → the world; beside them the watch and one
thread with an event loop for HTTP and Slack. SIGTERM and SIGINT: the step under way is finished, the rest is left to
the next process.
"""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from config.errors import DeskError
from creditdesk.watch import MailboxWatch
from creditdesk.wiring import Wiring
from ingest.intake import Intake
from ingest.mailbox.poller import Poller
from ingest.mailbox.sync import MailboxSync
from runtime.outbox import Outbox

log = logging.getLogger("creditdesk")
STOP_SECONDS = 8.0  # for work under way at the end, over all parts together

Loop = Callable[[threading.Event], None]
Service = Callable[[asyncio.Event], Coroutine[Any, Any, None]]  # runs until the event is set


@dataclass
class DeskProcess:
    """The threads of one process. Add loops and services, then `run`."""

    wiring: Wiring
    intake: Intake
    stop: threading.Event = field(default_factory=threading.Event)
    _loops: dict[str, Loop] = field(default_factory=dict)
    _services: dict[str, Service] = field(default_factory=dict)
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _failed: dict[str, str] = field(default_factory=dict)
    _awaited: dict[str, Callable[[], bool]] = field(default_factory=dict)

    def add_intake(self) -> None:
        """Carries messages from the ledger into cases."""
        self._loops["intake"] = lambda stop: self.intake.serve(stop)

    def add_mailboxes(self, watch: MailboxWatch | None) -> int:
        """One thread for each configured mailbox; gives their number."""
        boxes = self.wiring.settings.all_mailboxes()
        for name, box in boxes.items():
            sync = MailboxSync(name, box, self.wiring.sessions, self.wiring.clock, stored=self.intake.wake)
            poller = Poller(sync)
            if watch is not None:
                watch.add(name)
                poller.succeeded = partial(watch.succeeded, name)
                poller.failed = partial(watch.failed, name)
            self._loops[f"mailbox {name}"] = poller.run
        if watch is not None:
            self._loops["watch"] = watch.run
        return len(boxes)

    def add_outbox(self, outbox: Outbox, name: str = "outbox") -> None:
        """Sends what the outbox holds."""
        outbox.inherit()
        self._loops[name] = outbox.run

    def add_service(self, name: str, service: Service) -> None:
        """A coroutine on the event loop thread (HTTP, Slack)."""
        self._services[name] = service

    def wait_for(self, name: str, begun: Callable[[], bool]) -> None:
        """The process is not ready before this part says that it has begun."""
        self._awaited[name] = begun

    def add_loop(self, name: str, loop: Loop) -> None:
        """A thread of its own."""
        self._loops[name] = loop

    def run(self) -> None:
        """Starts everything and waits for SIGTERM or SIGINT, or for the end of a part that cannot go on.

        Raises DeskError where a part failed for good.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        for name, loop in self._loops.items():
            self._threads[name] = threading.Thread(target=self._guarded, args=(name, loop), name=name, daemon=True)
        if self._services:
            self._threads["services"] = threading.Thread(target=self._run_services, name="services", daemon=True)
        for thread in self._threads.values():
            thread.start()
        while not self.stop.wait(0.5):
            if "services" in self._failed:
                self.stop.set()
        log.info("stopping")
        self.intake.wake()
        deadline = time.monotonic() + STOP_SECONDS
        for name, thread in self._threads.items():
            thread.join(max(0.1, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("%s did not end in time; the next process goes on with its work", name)
        if "services" in self._failed:
            raise DeskError(self._failed["services"])

    def _guarded(self, name: str, loop: Loop) -> None:
        """Runs a loop; one that breaks is begun again, and said so."""
        while not self.stop.is_set():
            try:
                loop(self.stop)
                self._failed.pop(name, None)
            except DBAPIError as error:
                self._failed[name] = f"waits for the database: {type(error).__name__}"
                log.warning("%s waits for the database: %s", name, type(error).__name__)
                self.stop.wait(1.0)
            except Exception as error:
                self._failed[name] = f"{type(error).__name__}: {error}"
                log.exception("%s broke and is begun again", name)
                self.stop.wait(2.0)

    def _run_services(self) -> None:
        try:
            asyncio.run(self._gather())
        except Exception as error:
            self._failed["services"] = str(error)
            log.exception("HTTP or Slack ended")

    async def _gather(self) -> None:
        ended = asyncio.Event()
        tasks = [asyncio.create_task(service(ended), name=name) for name, service in self._services.items()]
        while not self.stop.is_set() and all(not task.done() for task in tasks):
            await asyncio.sleep(0.2)
        ended.set()
        await asyncio.wait_for(asyncio.gather(*tasks), STOP_SECONDS)

    def alive(self) -> tuple[bool, dict[str, str]]:
        """Whether every part of this process runs (not whether the parts outside answer)."""
        parts = {
            name: "runs" if thread.is_alive() else self._failed.get(name, "ended")
            for name, thread in self._threads.items()
        }
        return all(word == "runs" for word in parts.values()), parts

    def ready(self) -> tuple[bool, dict[str, str]]:
        """Whether this process can take work: its parts run and the database answers."""
        good, parts = self.alive()
        try:
            with self.wiring.database.connect() as connection:
                connection.execute(text("select 1"))
        except SQLAlchemyError as error:
            return False, parts | {"database": type(error).__name__}
        begun = {name: "begun" if test() else "begins" for name, test in self._awaited.items()}
        return good and "begins" not in begun.values(), parts | begun | {"database": "answers"}
