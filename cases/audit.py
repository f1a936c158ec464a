"""The audit chain: every act writes an event, each bound to the one before; `verify` names a row that was touched.

A row's digest covers its sequence, time, kind, case, message, the salted digests of actor and payload, and the
digest of the row before. Payloads (and actors' names) can be erased with their salts: the chain still holds.
Writers wait for each other at the head row, so that two never take the same place.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cases.models import AuditHead, Case, Event, EventPayload

START = "0" * 64  # what the first row is bound to
ERASED = "erased"  # stands where an erased actor's name was
_BATCH = 500
_GATHERED = "audit events"  # key in Session.info

_TABLES = Event.metadata.tables
_EVENTS, _PAYLOADS, _HEAD = _TABLES["events"], _TABLES["event_payloads"], _TABLES["audit_head"]
_LOCKED_HEAD = select(_HEAD.c.sequence, _HEAD.c.digest).where(_HEAD.c.id == 1).with_for_update()
_MOVE_HEAD = update(_HEAD).where(_HEAD.c.id == 1).values(sequence=bindparam("last"), digest=bindparam("last_digest"))
_NEW_EVENTS = insert(_EVENTS).returning(_EVENTS.c.id, _EVENTS.c.sequence)
_NEW_PAYLOADS = insert(_PAYLOADS)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has its place in the chain."""

    kind: str
    actor: str
    at: datetime
    case_id: int | None = None
    message_row_id: int | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    cause: str | None = None

    def payload(self) -> dict[str, object]:
        """What is kept apart and can be erased; only JSON values."""
        held = {"before": self.before, "after": self.after, "cause": self.cause}
        return {key: _plain(value) for key, value in held.items() if value is not None}


class _Link(NamedTuple):
    """What a row's digest covers, in this order."""

    sequence: int
    at: datetime
    kind: str
    case_id: int | None
    message_row_id: int | None
    actor_digest: str
    payload_digest: str
    previous_digest: str

    def digest(self) -> str:
        moment = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return _sha(_canonical([self.sequence, moment, *self[2:]]))


@dataclass(slots=True)
class _Gathered:
    """Events of one piece of work that wait to be written together, and the head of the chain once it is locked."""

    drafts: list[Draft] = field(default_factory=list)
    head: tuple[int, str] | None = None


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """What is recorded inside is written at the end of the block, in its order and all at once: a tenth of the cost.

    What is pending in the session is flushed before. Where the block raises nothing is written; verify and queries
    of events inside do not see them yet. What `record` was given must not be changed until then.
    """
    if _GATHERED in session.info:
        yield  # part of a larger piece of work
        return
    waiting = session.info[_GATHERED] = _Gathered()
    try:
        yield
        session.flush()
        _append(session, waiting.drafts)
    finally:
        del session.info[_GATHERED]


def lock(session: Session) -> None:
    """Waits until no other transaction writes events. Called first in a write transaction that also changes
    rows which others change, it keeps two writers from blocking each other; `record` calls it anyway."""
    _locked_head(session)


def record(
    session: Session,
    *,
    kind: str,
    actor: str,
    at: datetime,
    case: Case | None = None,
    message_row_id: int | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    cause: str | None = None,
) -> None:
    """Appends one event in the session's transaction; what is pending in the session is flushed first.

    `kind` is in the past tense (CaseConfirmed), `at` aware, `actor` an e-mail or "desk", "client", "shell".
    """
    waiting: _Gathered | None = session.info.get(_GATHERED)
    if waiting is None or case in session.new:
        session.flush()
    draft = Draft(kind, actor, at, case.id if case is not None else None, message_row_id, before, after, cause)
    if waiting is None:
        _append(session, [draft])
    else:
        waiting.drafts.append(draft)


def record_many(session: Session, drafts: Iterable[Draft]) -> int:
    """Appends events in bulk (imports) and returns how many."""
    session.flush()
    return _append(session, list(drafts))


def _append(session: Session, drafts: Sequence[Draft]) -> int:
    if not drafts:
        return 0
    sequence, previous = _locked_head(session)
    rows: list[dict[str, object]] = []
    payloads: dict[int, dict[str, object]] = {}
    for draft in drafts:
        sequence += 1
        payload, salt, actor_salt = draft.payload(), secrets.token_hex(16), secrets.token_hex(8)
        actor = _clean(draft.actor)[:320]
        link = _Link(
            sequence,
            draft.at,
            draft.kind,
            draft.case_id,
            draft.message_row_id,
            _sha(actor_salt + actor),
            _sha(salt + _canonical(payload)),
            previous,
        )
        previous = link.digest()
        rows.append({**link._asdict(), "actor": actor, "actor_salt": actor_salt, "digest": previous})
        payloads[sequence] = {"salt": salt, "payload": payload}
    _write(session, rows, payloads)
    session.connection().execute(_MOVE_HEAD, {"last": sequence, "last_digest": previous})
    waiting: _Gathered | None = session.info.get(_GATHERED)
    if waiting is not None:
        waiting.head = sequence, previous
    return len(rows)


def _write(session: Session, rows: list[dict[str, object]], payloads: Mapping[int, Mapping[str, object]]) -> None:
    """Tables, not objects: nobody works on an event after it is written."""
    connection = session.connection()
    for start in range(0, len(rows), _BATCH):
        ids = connection.execute(_NEW_EVENTS, rows[start : start + _BATCH])
        connection.execute(_NEW_PAYLOADS, [{"event_id": row.id, **payloads[row.sequence]} for row in ids])


def _locked_head(session: Session) -> tuple[int, str]:
    """Sequence and digest of the last row, locked until the transaction ends."""
    waiting: _Gathered | None = session.info.get(_GATHERED)
    if waiting is not None and waiting.head is not None:
        return waiting.head
    connection = session.connection()
    if (head := connection.execute(_LOCKED_HEAD).one_or_none()) is None:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        first = dialect.insert(AuditHead).values(id=1, sequence=0, digest=START)
        connection.execute(first.on_conflict_do_nothing(index_elements=["id"]))
        head = connection.execute(_LOCKED_HEAD).one()
    if waiting is not None:
        waiting.head = head.sequence, head.digest
    return head.sequence, head.digest


def verify(session: Session) -> list[str]:
    """Every fault of the chain, one sentence each, naming the row; empty where all is as it was written."""
    columns = [getattr(Event, name) for name in _Link._fields]
    query = (
        select(*columns, Event.digest, Event.actor, Event.actor_salt, EventPayload.salt, EventPayload.payload)
        .outerjoin(EventPayload, EventPayload.event_id == Event.id)
        .order_by(Event.sequence)
    )
    faults: list[str] = []
    expected, previous, previous_name = 1, START, ""
    for row in session.execute(query.execution_options(yield_per=_BATCH)):
        link = _Link(*row[: len(_Link._fields)])
        digest, actor, actor_salt, salt, payload = row[len(_Link._fields) :]
        name = f"event {link.sequence} ({link.kind}, {link.at:%Y-%m-%d %H:%M:%S} UTC)"
        if link.sequence > expected:
            faults.append(_gap(expected, link.sequence - 1))
        own = _own_faults(name, link, digest, actor, actor_salt, salt, payload)
        faults += own
        if not own and link.sequence == expected and link.previous_digest != previous:
            faults.append(f"{previous_name or name} was altered: {name} was bound to other contents of it")
        expected, previous, previous_name = link.sequence + 1, digest, name
    return faults + _head_faults(session, expected - 1, previous, previous_name)


def _own_faults(
    name: str, link: _Link, digest: str, actor: str, actor_salt: str | None, salt: str | None, payload: object
) -> list[str]:
    faults = []
    if link.digest() != digest:
        faults.append(f"{name} was altered: its digest does not fit its contents")
    if actor_salt is None:
        if actor != ERASED:
            faults.append(f"{name} was altered: its actor does not fit the digest")
    elif _sha(actor_salt + actor) != link.actor_digest:
        faults.append(f"{name} was altered: its actor does not fit the digest")
    if salt is not None and _sha(salt + _canonical(payload)) != link.payload_digest:
        faults.append(f"{name} was altered: its payload does not fit the digest")
    return faults


def _gap(first: int, last: int) -> str:
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"


def _head_faults(session: Session, last: int, digest: str, name: str) -> list[str]:
    head = session.execute(select(AuditHead.sequence, AuditHead.digest)).one_or_none()
    if head is None:
        return [f"the head of the chain is missing, while {name} exists"] if last else []
    if head.sequence > last:
        return [f"{_gap(last + 1, head.sequence)} at the end of the chain"]
    if head.sequence < last:
        return [f"{name} was added behind the head of the chain (event {head.sequence})"]
    return [f"{name} was altered: the head of the chain has another digest"] if head.digest != digest else []


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _clean(text: str) -> str:
    """Without what PostgreSQL cannot keep in text: NUL and halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _plain(value: object) -> object:
    """The value as JSON that comes back the same from any database; amounts and fractions as text."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value.is_finite() else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_clean(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return _clean(str(value))
