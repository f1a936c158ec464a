"""One pass over a mailbox: what is new goes into the ledger, what was filed is marked on the server.

Bytes are committed (and on disk) before anything on the server is touched. A folder's place is the highest UID in the
ledger under its UIDVALIDITY; after a change of UIDVALIDITY everything is fetched again and the digests tell what is new.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import Clock
from cases.models import MailboxCopy, StoredMessage
from cases.vocabulary import MessageState
from config.settings import MailboxSettings
from ingest import ledger
from ingest.mailbox import folders
from ingest.mailbox.folders import FetchedMail, FolderState
from runtime.timings import timed

log = logging.getLogger("creditdesk.mailbox")
STORED_AT_ONCE = 50
BYTES_AT_ONCE = 8_000_000


@dataclass
class MailboxSync:
    """The state of reading one mailbox. `stored` is called after each commit of new messages."""

    name: str
    box: MailboxSettings
    sessions: "sessionmaker[Session]"
    clock: Clock
    stored: Callable[[], None] = lambda: None
    stopping: Callable[[], bool] = lambda: False
    troubles: dict[str, str] = field(default_factory=dict)  # folder → why the server refuses it
    _places: dict[str, tuple[int, int]] = field(default_factory=dict)  # folder → UIDVALIDITY, highest UID

    def fetch_new(self, client: IMAPClient) -> int:
        """Stores what is new in every folder, in the order of folders and UIDs; gives the number of mails stored.

        A folder that the server refuses is named in `troubles`; the others are read all the same.
        """
        self.troubles.clear()
        number = 0
        for name in self.box.folder_list():
            if self.stopping():
                break
            try:
                with timed("fetch"):
                    number += self._fetch_folder(client, name)
            except IMAPClientError as error:
                if isinstance(error, IMAPClientAbortError):
                    raise  # the connection, not the folder
                self.troubles[name] = f"folder {name}: {error}"
        return number

    def _fetch_folder(self, client: IMAPClient, name: str) -> int:
        state = folders.select(client, name)
        after = self._highest(state)
        number, batch = 0, list[FetchedMail]()
        uids = folders.new_uids(client, after, self.box.since)
        for mail in folders.fetch(client, state, uids, self.box.max_bytes):
            batch.append(mail)
            if len(batch) == STORED_AT_ONCE or sum(len(one.raw) for one in batch) > BYTES_AT_ONCE:
                number += self._store(batch)
                batch = []
                if self.stopping():
                    return number  # the place stays where it was: the rest comes next time
        number += self._store(batch)
        seen = max(uids, default=after)
        if state.uidnext is not None:
            seen = max(seen, state.uidnext - 1)  # mails that went away before we came
        self._places[name] = (state.uidvalidity, seen)
        return number

    def _store(self, mails: list[FetchedMail]) -> int:
        if not mails:
            return 0
        incoming = [
            ledger.Incoming(
                mail.raw, ledger.MailboxPlace(self.name, mail.folder, mail.uidvalidity, mail.uid), mail.truncated
            )
            for mail in mails
        ]
        with self.sessions.begin() as session:
            ledger.store_all(session, incoming, now=self.clock(), source="imap")
        self.stored()
        return len(mails)

    def _highest(self, state: FolderState) -> int:
        """The highest UID that is in the ledger; 0 for a folder that was rebuilt."""
        place = self._places.get(state.name)
        if place and place[0] == state.uidvalidity:
            return place[1]
        here = (MailboxCopy.mailbox == self.name, MailboxCopy.folder == state.name)
        with self.sessions() as session:
            highest = session.scalar(
                select(func.max(MailboxCopy.uid)).where(*here, MailboxCopy.uidvalidity == state.uidvalidity)
            )
            known = session.scalar(select(func.count()).select_from(MailboxCopy).where(*here))
        if highest is None and known:
            log.warning("mailbox %s: folder %s was rebuilt on the server; it is read again", self.name, state.name)
        return highest or 0

    def enter(self, client: IMAPClient, name: str) -> bool:
        """Selects a folder to wait in; whether something new is there already."""
        state = folders.select(client, name)
        place = self._places.get(name)
        if state.uidnext is not None:
            return place != (state.uidvalidity, state.uidnext - 1)
        return place is None or place[0] != state.uidvalidity or bool(folders.new_uids(client, place[1], None))

    def changed(self, client: IMAPClient, name: str) -> bool:
        """Whether a folder that is not selected holds something new."""
        if name in self.troubles:
            return False  # asked again with the next whole pass
        uidvalidity, uidnext = folders.uidnext(client, name)
        return self._places.get(name) != (uidvalidity, uidnext - 1)

    def mark_done(self, client: IMAPClient) -> int:
        """Marks on the server what the ledger has done with; gives the number of mails marked.

        Where the server refuses, the mail stays unmarked and is tried again with the next mark; reading goes on.
        """
        number = 0
        for name in self.box.folder_list():
            if name in self.troubles:
                continue
            try:
                number += self._mark_folder(client, name)
            except IMAPClientError as error:
                if isinstance(error, IMAPClientAbortError):
                    raise
                log.warning("mailbox %s: filed mail in %s cannot be marked: %s", self.name, name, str(error)[:120])
        return number

    def _mark_folder(self, client: IMAPClient, name: str) -> int:
        query = (
            select(MailboxCopy.id, MailboxCopy.uid, MailboxCopy.uidvalidity, StoredMessage.state)
            .join(StoredMessage, StoredMessage.id == MailboxCopy.message_id)
            .where(MailboxCopy.mailbox == self.name, MailboxCopy.folder == name, MailboxCopy.marked.is_(False))
            .where(StoredMessage.state != MessageState.IN_PROGRESS)
        )
        with self.sessions() as session:
            rows = session.execute(query).all()
        if not rows:
            return 0
        state = folders.select(client, name)
        for quarantined in (False, True):
            uids = [
                uid
                for _, uid, uidvalidity, outcome in rows
                if uidvalidity == state.uidvalidity and (outcome == MessageState.QUARANTINED) == quarantined
            ]
            if uids:
                target = self.box.quarantine_folder if quarantined else self.box.done_folder
                folders.mark(client, state, uids, quarantined=quarantined, target=target)
        with self.sessions.begin() as session:
            for start in range(0, len(rows), 500):
                ids = [row[0] for row in rows[start : start + 500]]
                session.execute(update(MailboxCopy).where(MailboxCopy.id.in_(ids)).values(marked=True))
        return len(rows)
