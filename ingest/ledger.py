"""The ledger: every byte sequence that came in has one row, and the row's state is the truth of the message.

in_progress → filed | ignored | quarantined; a quarantined or ignored one goes back to in_progress when a person
retries it. Bytes are stored before anything is read, in a commit that is on disk before the next step.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, null, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cases.models import Case, CaseMessage, MailboxCopy, StoredMessage
from cases.vocabulary import MessageState
from config.errors import Conflict, NotFound

FILING_LOCK = 0x4344464C  # advisory lock on PostgreSQL: one process files at a time, order decides duplicates
_TABLES = StoredMessage.metadata.tables
_MESSAGES, _COPIES = _TABLES[StoredMessage.__tablename__], _TABLES[MailboxCopy.__tablename__]
TRIES = 5  # beginnings of work on one message, after which it is parked


@dataclass(frozen=True, slots=True)
class MailboxPlace:
    """Where on a mail server a message lies."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int


def digest_of(raw: bytes) -> str:
    """The identity of a message: hex SHA-256 of its bytes."""
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message to be stored. `truncated`: only the headers were fetched."""

    raw: bytes
    mailbox: MailboxPlace | None = None
    truncated: bool = False


def store(
    session: Session, raw: bytes, *, now: datetime, source: str = "file", mailbox: MailboxPlace | None = None
) -> StoredMessage:
    """The row of these bytes, made if there is none yet; also notes where on a mail server they lie.

    The bytes are safe when the caller's transaction is committed.
    """
    (row_id,) = store_all(session, [Incoming(raw, mailbox)], now=now, source=source)
    return session.get_one(StoredMessage, row_id)


def store_all(session: Session, incoming: Sequence[Incoming], *, now: datetime, source: str = "file") -> list[int]:
    """The same for several at once: the ids of their rows, in their order."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    digests = [digest_of(one.raw) for one in incoming]
    known = _ids(session, digests)
    new = {digest: one for digest, one in zip(digests, incoming, strict=True) if digest not in known}
    if new:
        rows = [
            {
                "digest": digest,
                "raw": one.raw,
                "size": len(one.raw),
                "truncated": one.truncated,
                "received_at": now,
                "stored_at": now,
                "state": MessageState.IN_PROGRESS,
                "attempts": 0,
                "parked": False,
                "source": source,
            }
            for digest, one in new.items()
        ]
        # Another process may store the same bytes at this moment: the first one wins, both get its row.
        statement = insert(_MESSAGES).on_conflict_do_nothing(index_elements=["digest"])
        session.connection().execute(statement, rows)
        known |= _ids(session, list(new))
    places = [
        {
            "message_id": known[digest],
            "mailbox": one.mailbox.mailbox,
            "folder": one.mailbox.folder,
            "uidvalidity": one.mailbox.uidvalidity,
            "uid": one.mailbox.uid,
            "marked": False,
        }
        for digest, one in zip(digests, incoming, strict=True)
        if one.mailbox is not None
    ]
    if places:  # a second time changes nothing
        copies = insert(_COPIES).on_conflict_do_nothing(index_elements=["mailbox", "folder", "uidvalidity", "uid"])
        session.connection().execute(copies, places)
    return [known[digest] for digest in digests]


def _ids(session: Session, digests: Sequence[str]) -> dict[str, int]:
    rows = session.execute(select(StoredMessage.digest, StoredMessage.id).where(StoredMessage.digest.in_(digests)))
    return dict(rows.all())


def waiting() -> tuple[ColumnElement[bool], ...]:
    """Rows with work to be done."""
    return (StoredMessage.state == MessageState.IN_PROGRESS,)


def held_back() -> ColumnElement[bool]:
    """Rows that failed before and so keep nobody waiting."""
    return StoredMessage.reason.is_not(None)


def lock_filing(session: Session) -> None:
    """From here to the end of the transaction nobody else files (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": FILING_LOCK})


_Likeness = tuple[str | None, ...]  # what two messages have in common that are one and the same


def _likeness(text_digest: str, message_id: str | None, sender: str | None, received_at: datetime) -> _Likeness:
    """Same text and same Message-ID; without one, same sender and time."""
    return (text_digest, message_id) if message_id is not None else (text_digest, None, sender, received_at.isoformat())


class Originals:
    """Finds the message that one of a batch repeats; asks the database once for all of them."""

    def __init__(self, session: Session, rows: Sequence[StoredMessage]) -> None:
        self._first: dict[_Likeness, int] = {}
        digests = {row.text_digest for row in rows if row.text_digest is not None}
        if not digests:
            return
        found = session.execute(
            select(
                StoredMessage.id,
                StoredMessage.text_digest,
                StoredMessage.message_id,
                StoredMessage.sender,
                StoredMessage.received_at,
            )
            .where(
                StoredMessage.text_digest.in_(digests),
                StoredMessage.state != MessageState.IN_PROGRESS,
                or_(StoredMessage.reason.is_(None), StoredMessage.reason.not_like("copy of %")),
            )
            .order_by(StoredMessage.id)
        )
        for row_id, text_digest, message_id, sender, received_at in found:
            self._first.setdefault(_likeness(text_digest or "", message_id, sender, received_at), row_id)

    def of(self, row: StoredMessage) -> int | None:
        """The id of the message that this one repeats. Where it is the first, later ones of the batch repeat it."""
        if row.text_digest is None:
            return None
        likeness = _likeness(row.text_digest, row.message_id, row.sender, row.received_at)
        first = self._first.setdefault(likeness, row.id)
        return None if first == row.id else first


def begin_again(session: Session, ids: Sequence[int]) -> None:
    """Back to the start, for messages in quarantine, ignored or given up. Raises NotFound, Conflict (filed already)."""
    for row_id in ids:
        row = find(session, row_id)
        if row.state == MessageState.FILED:
            raise Conflict(f"message {row_id} is filed already: creditdesk messages show {row_id} names its cases")
        row.state, row.reason, row.parked, row.attempts = MessageState.IN_PROGRESS, None, False, 0
        row.claim_slot = row.claim_key = None
        # None in a JSON column would be the JSON null; the row must look as one never read.
        session.execute(update(StoredMessage).where(StoredMessage.id == row_id).values(triage=null(), facts=null()))


def find(session: Session, row_id: int) -> StoredMessage:
    """The row with that id. Raises NotFound."""
    row = session.get(StoredMessage, row_id)
    if row is None:
        raise NotFound(f"no message {row_id}: creditdesk messages list shows all")
    return row


def release(session: Session, slot: str, ids: Iterable[int] | None = None) -> None:
    """Nobody carries these messages of a slot (all of them, without ids) any more."""
    query = update(StoredMessage).where(*waiting(), StoredMessage.claim_slot == slot)
    if ids is not None:
        query = query.where(StoredMessage.id.in_(list(ids)))
    session.execute(query.values(claim_slot=None, claim_key=None))


def references_of(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """The references of the cases that each message opened or touched, in the order of the message."""
    found: dict[int, list[str]] = {row_id: [] for row_id in ids}
    query = (
        select(CaseMessage.message_row_id, Case.reference)
        .join(Case, Case.id == CaseMessage.case_id)
        .order_by(CaseMessage.message_row_id, CaseMessage.position, CaseMessage.id)
    )
    if len(ids) <= 500:  # else it is the whole ledger, and a list of ids would be too long for the database
        query = query.where(CaseMessage.message_row_id.in_(ids))
    for row_id, reference in session.execute(query):
        if row_id in found and reference not in found[row_id]:
            found[row_id].append(reference)
    return found
