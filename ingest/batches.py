"""The steps of the intake workflow on a few messages at once: claim, read, file. A bad message falls out alone."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import Engine, Row, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker, undefer

from cases.clock import Clock
from cases.database import read_session
from cases.models import Attachment, StoredMessage
from cases.understanding import MessageFacts, Triage
from cases.vocabulary import MessageState
from config.desk import DeskRules
from ingest import ledger
from ingest.hints import load_hints
from ingest.readers import understand_head
from ingest.understand import Circumstances, Understood
from runtime.workers import WorkerFailed

BATCH = 32  # messages in one workflow under a backlog
BATCH_BYTES = 8_000_000
ALONE_FROM = 2  # tries after which a message is no longer put together with others

log = logging.getLogger("creditdesk.intake")

Understand = Callable[[bytes, Circumstances], "Future[Understood]"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that one workflow carries."""

    key: str
    ids: list[int]


@dataclass(frozen=True, slots=True)
class IntakeDesk:
    """What the steps stand on."""

    database: Engine
    sessions: "sessionmaker[Session]"
    rules: DeskRules
    clock: Clock
    understand: Understand
    slack_channel: str = ""
    authserv_id: str = ""
    own_addresses: tuple[str, ...] = ()  # of the desk: never written to


def claim(session: Session, slot: str, not_yet: set[int]) -> Batch | None:
    """The next messages that nobody carries, marked as carried by the slot; None: there are none.

    Those that failed before come last and alone. `not_yet`: left out for now.
    """
    query = (
        select(StoredMessage.id, StoredMessage.digest, StoredMessage.size, StoredMessage.reason, StoredMessage.attempts)
        .where(*ledger.waiting(), StoredMessage.claim_slot.is_(None), StoredMessage.id.not_in(not_yet))
        .order_by(ledger.held_back(), StoredMessage.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    chosen: list[Row[int, str, int, str | None, int]] = []
    size = 0
    for row in session.execute(query):
        alone = row.reason is not None or row.attempts >= ALONE_FROM
        size += row.size
        if chosen and (alone or size > BATCH_BYTES):
            break
        chosen.append(row)
        if alone:
            break
    if not chosen:
        return None
    # A fresh key each time: a key is never begun twice, and what an old one did is in the ledger.
    identity = sha256("".join(row.digest for row in chosen).encode()).hexdigest() if chosen[1:] else chosen[0].digest
    key = f"intake:{identity}:{uuid4().hex[:8]}"
    ids = [row.id for row in chosen]
    _set(session, ids, claim_slot=slot, claim_key=key)
    return Batch(key, ids)


def _set(session: Session, ids: Sequence[int], **values: object) -> None:
    """The same values into all these rows, by one statement."""
    if ids:
        changed = update(StoredMessage).where(StoredMessage.id.in_(ids)).values(**values)
        session.execute(changed, execution_options={"synchronize_session": False})


def begin(session: Session, ids: list[int]) -> list[int]:
    """Counts this beginning of work, before it can do harm; gives the messages to go on with.

    A message begun too often is parked. Where a batch died twice with its process, its messages are let go, to be
    carried alone: so the one that kills is found, and parked by itself.
    """
    query = select(StoredMessage).where(StoredMessage.id.in_(ids), *ledger.waiting())
    rows = session.scalars(query.order_by(StoredMessage.id).with_for_update()).all()
    if len(rows) > 1 and any(row.attempts >= ALONE_FROM for row in rows):
        _set(session, [row.id for row in rows], claim_slot=None, claim_key=None)
        return []
    go_on = []
    for row in rows:
        if row.attempts >= ledger.TRIES + (0 if row.reason else ALONE_FROM):
            _park(row)
        else:
            go_on.append(row.id)
    _set(session, go_on, attempts=StoredMessage.attempts + 1)
    return go_on


def _park(row: StoredMessage) -> None:
    row.state, row.parked = MessageState.QUARANTINED, True
    cause = row.reason or "each time the process ended in the middle"
    row.reason = f"given up after {row.attempts} tries: {cause}; creditdesk messages retry {row.id} tries again"


def end(session: Session, batch: Batch, refund: bool) -> dict[int, int]:
    """Lets go of what the batch left unfinished; gives its ids with their tries so far.

    `refund`: the fault was the database's, so the beginning does not count.
    """
    query = select(StoredMessage).where(
        StoredMessage.id.in_(batch.ids), *ledger.waiting(), StoredMessage.claim_key == batch.key
    )
    left = {}
    for row in session.scalars(query.with_for_update()):
        row.claim_slot = row.claim_key = None
        row.attempts -= int(refund and row.attempts > 0)
        left[row.id] = row.attempts
    return left


def let_go(session: Session, keys: set[str], refund: set[str]) -> None:
    """Messages carried under keys that nobody carries are free; those of `refund` as if they had not been begun."""
    rows = session.scalars(select(StoredMessage).where(*ledger.waiting(), StoredMessage.claim_key.in_(keys)))
    for row in rows:
        row.attempts -= int(row.claim_key in refund and row.attempts > 0)
        row.claim_slot = row.claim_key = None


def read(desk: IntakeDesk, ids: list[int]) -> int:
    """Reads and understands those not yet understood; the result lies in their rows. Gives their number."""
    with read_session(desk.database) as session:
        query = select(StoredMessage.id, StoredMessage.raw, StoredMessage.stored_at).where(
            StoredMessage.id.in_(ids), *ledger.waiting(), StoredMessage.facts.is_(None)
        )
        rows = session.execute(query.order_by(StoredMessage.id)).all()
        hints = load_hints(session) if rows else ()
    staff = frozenset(domain.lower() for domain in desk.rules.staff_domains)
    begun = []
    for row_id, raw, stored_at in rows:
        circumstances = Circumstances(stored_at, staff, desk.authserv_id, hints)
        begun.append((row_id, raw, circumstances, desk.understand(raw, circumstances)))
    ended = [(row_id, _outcome(row_id, raw, circumstances, future)) for row_id, raw, circumstances, future in begun]
    with desk.sessions.begin() as session:
        known = {row.id: row for row in session.scalars(select(StoredMessage).where(StoredMessage.id.in_(ids)))}
        noted = set(session.scalars(select(Attachment.message_id).where(Attachment.message_id.in_(ids)).distinct()))
        for row_id, outcome in ended:
            row = known[row_id]
            if isinstance(outcome, Understood):
                _note(row, outcome)
                if row_id not in noted:
                    session.add_all(_attachments(row_id, outcome))
            else:
                row.reason = _failure("reading", outcome)
    return len(rows)


def _outcome(
    row_id: int, raw: bytes, circumstances: Circumstances, future: "Future[Understood]"
) -> Understood | Exception:
    try:
        try:
            return future.result()
        except WorkerFailed as failure:
            return understand_head(raw, circumstances, failure)
    except Exception as error:  # whatever a message does to its reader, the next one goes on
        log.warning("message %s: %s in reading", row_id, type(error).__name__)
        return error


def _note(row: StoredMessage, understood: Understood) -> None:
    """What was understood, into the row of the message."""
    facts = MessageFacts.model_validate(understood.facts | {"digest": row.digest})
    row.triage, row.facts = understood.triage, understood.facts | {"digest": row.digest}
    row.text_digest = understood.text_digest
    row.message_id = facts.message_id[:998] if facts.message_id else None
    row.subject, row.received_at = facts.subject, facts.received_at
    row.sender = facts.sender_address[:500] if facts.sender_address else None
    row.intent, row.language = understood.triage["intent"], understood.triage["language"]
    row.engine = understood.triage["engine"]
    row.reason = None
    if understood.unreadable:
        row.state, row.reason = MessageState.QUARANTINED, understood.unreadable


def _attachments(row_id: int, understood: Understood) -> list[Attachment]:
    """The files that came with it."""
    types = {document["filename"]: document["type"] for document in understood.triage["documents"]}
    return [
        Attachment(
            message_id=row_id,
            filename=file.filename,
            media_type=file.media_type[:200],
            size=file.size,
            digest=file.digest,
            type=types.get(file.filename),
            unread_reason=file.unread_reason,
        )
        for file in understood.files
    ]


def file(desk: IntakeDesk, session: Session, ids: list[int]) -> None:
    """Files those that were understood, in the order in which they came; one transaction of the caller.

    Idempotent: what is filed is left alone. A message that fails is rolled back alone and says why in its row.
    """
    ledger.lock_filing(session)
    query = select(StoredMessage).where(StoredMessage.id.in_(ids), *ledger.waiting(), StoredMessage.facts.is_not(None))
    query = query.options(undefer(StoredMessage.triage), undefer(StoredMessage.facts)).order_by(StoredMessage.id)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    if rows and not _all_filed(desk, session, rows):
        for row in rows:
            _all_filed(desk, session, [row], alone=True)
    session.flush()


def _all_filed(desk: IntakeDesk, session: Session, rows: Sequence[StoredMessage], *, alone: bool = False) -> bool:
    """Files them under one savepoint; where one fails, none is filed, and that of a single one is noted in its row."""
    from cases.filing import file_messages

    try:
        with session.begin_nested():
            originals = ledger.Originals(session, rows)
            todo = []
            for row in rows:
                if (first := originals.of(row)) is None:
                    todo.append((row, Triage.model_validate(row.triage), MessageFacts.model_validate(row.facts)))
                else:
                    row.state, row.reason, row.filed_at = MessageState.IGNORED, f"copy of {first}", desk.clock()
            file_messages(
                session,
                todo,
                desk.rules,
                desk.clock,
                slack_channel=desk.slack_channel,
                own_addresses=desk.own_addresses,
            )
    except (OperationalError, InterfaceError):
        raise  # the database, not the message: the whole step is tried again
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        if alone:
            log.warning("message %s: %s in filing", rows[0].id, type(error).__name__)
            rows[0].reason = _failure("filing", error)
        return False
    return True


def _failure(where: str, error: Exception) -> str:
    told = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return f"{where} failed: {type(told).__name__}: {' '.join(str(told).split())[:300]}"
