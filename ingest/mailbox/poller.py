"""Keeps one mailbox read: polls, waits in IDLE, reconnects with growing waits. One connection a box."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from imapclient import IMAPClient
from sqlalchemy.exc import DBAPIError

from config.errors import DeskError, Unavailable
from config.settings import MailboxSettings
from ingest.mailbox.connection import DROPPED, close, connect
from ingest.mailbox.sync import MailboxSync
from ingest.mailbox.tokens import TokenSource

log = logging.getLogger("creditdesk.mailbox")
LONGEST_WAIT = 15.0  # seconds between tries to connect, before jitter
OTHER_FOLDERS_EVERY = 3.0  # seconds in IDLE on one folder before the others are looked at
IDLE_AT_MOST = 300.0  # a silent loss of the network is invisible in IDLE: come out and ask
REFUSED_FOLDERS_WAIT = 10.0  # no folder can be read just now
DATABASE_WAIT = 2.0  # seconds; the mail server is asked anew each time
REFUSED_WAIT = 22.0  # a refused login is tried again slowly: a server locks accounts


def token_source(box: MailboxSettings) -> TokenSource | None:
    """Tokens for a box that logs in by OAuth 2."""
    return TokenSource(box) if box.auth == "oauth2" else None


def first_words(error: DBAPIError) -> str:
    """What the database says, in short and without what was to be stored."""
    return " ".join(str(error.orig).split())[:120]


@dataclass
class Poller:
    """The thread of one mailbox. `succeeded` is told of each whole pass, `failed` why one was broken off."""

    sync: MailboxSync
    succeeded: Callable[[], None] = lambda: None
    failed: Callable[[str], None] = lambda _reason: None
    _tokens: TokenSource | None = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = token_source(self.sync.box)

    def once(self) -> int:
        """One pass over all folders; gives the number of mails stored. Raises DeskError or one of DROPPED."""
        client = connect(self.sync.box, self._tokens)
        try:
            number = self.sync.fetch_new(client)
        finally:
            close(client)
        self._raise_troubles()
        return number

    def _raise_troubles(self) -> None:
        if self.sync.troubles:
            raise Unavailable("; ".join(self.sync.troubles.values()) + ": correct FOLDERS or the rights there")

    def mark_once(self) -> int:
        """Marks on the server what was done with."""
        client = connect(self.sync.box, self._tokens)
        try:
            return self.sync.mark_done(client)
        finally:
            close(client)

    def run(self, stop: threading.Event) -> None:
        """Reads until `stop` is set, whatever the server does."""
        wait = 1.0
        self.sync.stopping = stop.is_set
        while not stop.is_set():
            begun = time.monotonic()
            try:
                self._session(stop)
                continue
            except DROPPED as error:
                reason = f"{type(error).__name__}: {error}"
                wait = 1.0 if time.monotonic() - begun > 60 else min(wait * 2, LONGEST_WAIT)
            except DeskError as error:
                reason, wait = str(error), REFUSED_WAIT
            except DBAPIError as error:  # nothing was touched on the server: the mail waits there
                reason, wait = f"the database cannot take mail ({first_words(error)})", DATABASE_WAIT
            if stop.is_set():
                return
            log.warning("mailbox %s: %s", self.sync.name, reason.splitlines()[0][:200])
            self.failed(reason)
            stop.wait(wait * random.uniform(0.7, 1.3))

    def _session(self, stop: threading.Event) -> None:
        """One connection's life: a whole pass, then whatever arrives."""
        client = connect(self.sync.box, self._tokens)
        try:
            self._pass(client)
            while not stop.is_set():
                self.sync.mark_done(client)
                self._wait_for_mail(client, stop)
                if stop.is_set():
                    return
                self._pass(client)
        finally:
            close(client)

    def _pass(self, client: IMAPClient) -> None:
        """Reads all folders. A refused folder is reported as a failure, and keeps the others from nothing."""
        self.sync.fetch_new(client)
        try:
            self._raise_troubles()
        except DeskError as error:
            self.failed(str(error))
            return
        self.succeeded()

    def _wait_for_mail(self, client: IMAPClient, stop: threading.Event) -> None:
        """Until something may be new: IDLE on the first folder, a look at the others between."""
        names = [name for name in self.sync.box.folder_list() if name not in self.sync.troubles]
        if not names:
            stop.wait(REFUSED_FOLDERS_WAIT)
            return
        if not client.has_capability("IDLE"):
            stop.wait(min(self.sync.box.poll_seconds, 30.0))
            return
        until = time.monotonic() + min(IDLE_AT_MOST, max(self.sync.box.poll_seconds, OTHER_FOLDERS_EVERY))
        alone = len(names) == 1
        while time.monotonic() < until and not stop.is_set():
            # What came since the last look is told to nobody who enters IDLE only now: ask first.
            if self.sync.enter(client, names[0]):
                return
            if _idle(client, until - time.monotonic() if alone else OTHER_FOLDERS_EVERY, stop):
                return
            if any(self.sync.changed(client, name) for name in names[1:]):
                return


def _idle(client: IMAPClient, seconds: float, stop: threading.Event) -> bool:
    """Waits in IDLE; True when the server tells of something. Raises ConnectionError when the connection is gone."""
    client.idle()
    until = time.monotonic() + seconds
    news: list[object] = []
    while not news and not stop.is_set() and (left := until - time.monotonic()) > 0:
        begun = time.monotonic()
        slice_ = min(left, 1.0)
        news = client.idle_check(timeout=slice_)
        # On a closed connection idle_check gives [] at once, for ever.
        if not news and time.monotonic() - begun < slice_ * 0.5:
            raise ConnectionError("the server closed the connection")
        if any(isinstance(item, tuple) and item and item[0] == b"BYE" for item in news):
            raise ConnectionError("the server said BYE")
    _, last = client.idle_done()
    return any(
        isinstance(item, tuple) and len(item) > 1 and item[1] in (b"EXISTS", b"RECENT") for item in [*news, *last]
    )
