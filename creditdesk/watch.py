"""Watches the mailboxes from inside: an alarm when no poll succeeded for five minutes, once for each outage."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import Clock
from cases.models import KeyValue, OutboxItem
from cases.vocabulary import OutboxState
from config.desk import DeskRules
from creditdesk.metrics import POLL_FACT

log = logging.getLogger("creditdesk.watch")
ALARM_SECONDS = 300.0
NOTE_SECONDS = 15.0  # a successful poll is noted in the database at most this often
LOOK_SECONDS = 5.0


@dataclass
class _Box:
    succeeded: float  # monotonic
    noted: float = 0.0
    reason: str = ""
    alarmed: bool = False


@dataclass
class MailboxWatch:
    """Knows when each mailbox was last read."""

    sessions: "sessionmaker[Session]"
    rules: Callable[[], DeskRules]
    clock: Clock
    _boxes: dict[str, _Box] = field(default_factory=dict)

    def add(self, name: str) -> None:
        """Begins to watch a mailbox."""
        self._boxes[name] = _Box(succeeded=time.monotonic())

    def succeeded(self, name: str) -> None:
        """A whole poll went well."""
        box, now = self._boxes[name], time.monotonic()
        box.succeeded, box.reason, box.alarmed = now, "", False
        if now - box.noted < NOTE_SECONDS:
            return
        box.noted = now
        with self.sessions.begin() as session:
            session.merge(KeyValue(key=POLL_FACT + name, value="ok", at=self.clock()))

    def failed(self, name: str, reason: str) -> None:
        """A poll was broken off."""
        self._boxes[name].reason = reason

    def run(self, stop: threading.Event) -> None:
        """Looks until `stop` is set."""
        while not stop.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Raises the alarm for each mailbox that was not read for too long."""
        for name, box in self._boxes.items():
            silent = time.monotonic() - box.succeeded
            if silent > ALARM_SECONDS and not box.alarmed:
                box.alarmed = True
                self._alarm(name, silent, box.reason)

    def _alarm(self, name: str, silent: float, reason: str) -> None:
        log.error("mailbox %s was not read for %d seconds", name, silent)
        text = (
            f"The mailbox {name!r} could not be read for {silent / 60:.0f} minutes.\n"
            f"Last reason: {reason or 'none was given'}\n\n"
            "Mails wait safely on the server. `creditdesk doctor` says what is wrong and how to mend it.\n"
        )
        now, subject = self.clock(), f"Creditdesk: mailbox {name} is not being read"
        with self.sessions.begin() as session:
            for address in self.rules().alarms:
                if _told(session, address, subject, now):
                    continue  # another process on this desk has seen the same outage
                session.add(
                    OutboxItem(
                        key=f"alarm:{name}:{now.isoformat()}:{address}",
                        kind="alarm",
                        channel="email",
                        to=address,
                        state=OutboxState.WAITING,
                        subject=subject,
                        text=text,
                        created_at=now,
                        due_at=now,
                        message_id=f"<alarm.{uuid4().hex}@creditdesk.invalid>",
                    )
                )

    def reasons(self) -> dict[str, str]:
        """Mailboxes with trouble, and what it is."""
        return {name: box.reason for name, box in self._boxes.items() if box.reason}


def _told(session: Session, address: str, subject: str, now: datetime) -> bool:
    """Whether this alarm was given a moment ago."""
    recent = now - timedelta(seconds=ALARM_SECONDS / 2)
    query = select(OutboxItem.id).where(
        OutboxItem.kind == "alarm",
        OutboxItem.to == address,
        OutboxItem.subject == subject,
        OutboxItem.created_at > recent,
    )
    return session.scalar(query.limit(1)) is not None
