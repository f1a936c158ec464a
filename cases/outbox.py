"""What people do with outgoing messages: look at them, let them go, change or stop them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import audit
from cases.models import Case, OutboxItem
from cases.rights import Asker, require
from cases.vocabulary import OutboxState
from config.errors import Conflict, InvalidValue, NotFound

PENDING = frozenset({OutboxState.DRAFT.value, OutboxState.HELD.value})  # wait for a person
_GONE = {OutboxState.SENT.value, OutboxState.SENDING.value, OutboxState.REJECTED.value}
_LONGEST = 100_000


def find_item(session: Session, item_id: int) -> OutboxItem:
    """An outgoing message by its id. Raises NotFound."""
    item = session.get(OutboxItem, item_id)
    if item is None:
        raise NotFound(f"no outgoing message {item_id}: `creditdesk outbox list` shows what there is")
    return item


def list_items(
    session: Session, *, states: tuple[str, ...] = (), reference: str | None = None, limit: int | None = None
) -> list[tuple[OutboxItem, str | None]]:
    """Outgoing messages with the references of their cases, oldest first."""
    query = select(OutboxItem, Case.reference).outerjoin(Case, Case.id == OutboxItem.case_id).order_by(OutboxItem.id)
    if states:
        query = query.where(OutboxItem.state.in_(states))
    if reference:
        query = query.where(Case.reference == reference)
    return [(item, case) for item, case in session.execute(query.limit(limit))]


def approve(session: Session, item: OutboxItem, asker: Asker, now: datetime) -> OutboxItem:
    """Lets a draft (or what is held, or has failed) go out as it stands.

    Raises Refused, Conflict where it went out, was rejected, or was approved by somebody before.
    """
    require(asker, "approve_outbox")
    if item.state not in PENDING | {OutboxState.FAILED.value}:
        by = f" by {item.approved_by}" if item.approved_by else ""
        raise Conflict(f"outgoing message {item.id} is {item.state}{by}: it does not wait for approval")
    before = item.state
    item.state, item.approved_by, item.error = OutboxState.WAITING.value, asker.email, None
    item.due_at, item.attempts, item.automatic = now, 0, False
    _record(session, "OutboxApproved", item, asker, now, before)
    return item


def edit(session: Session, item: OutboxItem, asker: Asker, now: datetime, text: str) -> OutboxItem:
    """Changes the text of a draft; it still waits for approval. Raises Refused, Conflict, InvalidValue."""
    require(asker, "edit_outbox")
    _still_here(item)
    words = text.replace("\0", "").strip()
    if not words or len(words) > _LONGEST:
        raise InvalidValue(f"the text has {len(words):,} characters: between 1 and {_LONGEST:,} are possible")
    before = item.state
    item.text = words
    if item.state not in PENDING:
        item.state = OutboxState.HELD.value
    _record(session, "OutboxEdited", item, asker, now, before)
    return item


def reject(session: Session, item: OutboxItem, asker: Asker, now: datetime) -> OutboxItem:
    """Stops an outgoing message for good. Raises Refused, Conflict where it went out."""
    require(asker, "reject_outbox")
    _still_here(item)
    before = item.state
    item.state = OutboxState.REJECTED.value
    _record(session, "OutboxRejected", item, asker, now, before)
    return item


def _still_here(item: OutboxItem) -> None:
    if item.state in _GONE:
        raise Conflict(f"outgoing message {item.id} is {item.state}: it cannot be changed any more")


def _record(session: Session, kind: str, item: OutboxItem, asker: Asker, now: datetime, before: str) -> None:
    case = session.get(Case, item.case_id) if item.case_id is not None else None
    audit.record(
        session,
        kind=kind,
        actor=asker.email,
        at=now,
        case=case,
        before={"state": before},
        after={"outbox": item.id, "kind": item.kind, "state": item.state},
    )
