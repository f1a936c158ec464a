"""One case with all that hangs on it: values with their quotes, checks, documents, decisions, links, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cases.models import (
    Case,
    CaseDocument,
    CaseLink,
    CaseMessage,
    Decision,
    Event,
    EventPayload,
    FieldEvidence,
    Note,
    OutboxItem,
    Person,
    StoredMessage,
    Task,
)
from cases.queries.lists import find_case
from cases.rights import CONFIDENTIAL_FIELDS
from cases.understanding import REQUEST_FIELDS

HIDDEN = "(confidential)"

# What a case says, in the order in which an officer reads it.
SHOWN_FIELDS: tuple[str, ...] = (
    "policyholder_name",
    "policy_number",
    "broker",
    "contact_name",
    "contact_email",
    "contact_phone",
    "sales_contact",
    *REQUEST_FIELDS,
    "sector",
    "needed_by",
    "urgency",
    "language",
    "amount_approved",
    "risk_grade",
    "underwriter_note",
)


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Where a value comes from; `part[start:end]` is the quote (`start` inclusive, `end` exclusive)."""

    value: str | None
    quote: str
    part: str
    start: int
    end: int
    how: str
    derived: str | None
    engine: str
    trust: float | None
    state: str
    set_by: str | None
    set_at: datetime
    message: str | None  # digest


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field, its value, and what stands behind it (the current evidence first, then what it replaced)."""

    name: str
    value: object
    evidence: tuple[EvidenceView, ...] = ()
    earlier: tuple[EvidenceView, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of a case; `who` is the name where the person is known, else the actor as written."""

    sequence: int
    at: datetime
    actor: str
    who: str
    kind: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    cause: str | None
    message: str | None  # digest of the message that caused it
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Another case that belongs to this one, as seen from this one."""

    relation: str
    reference: str
    status: str


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message of the case."""

    digest: str
    relation: str
    subject: str | None
    sender: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class CaseView:
    """All of one case. With `confidential` off, grades, notes and internal reasons are left out, not masked later."""

    case: Case
    confidential: bool
    fields: Sequence[FieldView]
    documents: Sequence[CaseDocument]
    decisions: Sequence[Decision]
    links: Sequence[Link]
    messages: Sequence[MessageLine]
    notes: Sequence[Note]
    tasks: Sequence[Task]
    outbox: Sequence[OutboxItem]
    history: Sequence[HistoryEntry]

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.case.reference


def case_view(session: Session, reference: str, *, confidential: bool = False) -> CaseView:
    """Everything about the case of a reference. Raises NotFound."""
    return view_of(session, find_case(session, reference), confidential=confidential)


def view_of(session: Session, case: Case, *, confidential: bool = False) -> CaseView:
    """Everything about a case, in a fixed number of indexed queries."""
    notes = session.scalars(select(Note).where(Note.case_id == case.id).order_by(Note.id))
    return CaseView(
        case=case,
        confidential=confidential,
        fields=_fields(session, case, confidential),
        documents=list(
            session.scalars(select(CaseDocument).where(CaseDocument.case_id == case.id).order_by(CaseDocument.id))
        ),
        decisions=list(session.scalars(select(Decision).where(Decision.case_id == case.id).order_by(Decision.id))),
        links=_links(session, case),
        messages=_messages(session, case),
        notes=[note for note in notes if confidential or not note.internal],
        tasks=list(session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.id))),
        outbox=list(session.scalars(select(OutboxItem).where(OutboxItem.case_id == case.id).order_by(OutboxItem.id))),
        history=history(session, case, confidential=confidential),
    )


def _fields(session: Session, case: Case, confidential: bool) -> list[FieldView]:
    rows = session.execute(
        select(FieldEvidence, StoredMessage.digest)
        .outerjoin(StoredMessage, StoredMessage.id == FieldEvidence.message_row_id)
        .where(FieldEvidence.case_id == case.id)
        .order_by(FieldEvidence.id)
    ).all()
    by_field: dict[str, list[tuple[bool, EvidenceView]]] = {}
    for row, digest in rows:
        seen = EvidenceView(
            row.value, row.quote, row.part, row.start, row.end, row.how, row.derived, row.engine, row.trust,
            row.state, row.set_by, row.set_at, digest,
        )  # fmt: skip
        by_field.setdefault(row.field, []).append((row.current, seen))
    names = [*SHOWN_FIELDS, *sorted(set(by_field) - set(SHOWN_FIELDS))]
    fields = []
    for name in names:
        if name in CONFIDENTIAL_FIELDS and not confidential:
            continue
        found = by_field.get(name, [])
        value = getattr(case, name, found[-1][1].value if found else None)
        if value is not None or found:
            current = tuple(seen for is_current, seen in found if is_current)
            fields.append(FieldView(name, value, current, tuple(seen for is_current, seen in found if not is_current)))
    return fields


def _links(session: Session, case: Case) -> list[Link]:
    rows = session.execute(
        select(CaseLink.relation, Case.reference, Case.status)
        .join(
            Case,
            or_(
                (CaseLink.case_id == case.id) & (Case.id == CaseLink.other_id),
                (CaseLink.other_id == case.id) & (Case.id == CaseLink.case_id),
            ),
        )
        .where(or_(CaseLink.case_id == case.id, CaseLink.other_id == case.id))
        .order_by(CaseLink.id)
    )
    return [Link(*row) for row in rows]


def _messages(session: Session, case: Case) -> list[MessageLine]:
    rows = session.execute(
        select(
            StoredMessage.digest,
            CaseMessage.relation,
            StoredMessage.subject,
            StoredMessage.sender,
            StoredMessage.received_at,
        )
        .join(CaseMessage, CaseMessage.message_row_id == StoredMessage.id)
        .where(CaseMessage.case_id == case.id)
        .order_by(CaseMessage.id)
    )
    return [MessageLine(*row) for row in rows]


def history(session: Session, case: Case, *, confidential: bool = True) -> list[HistoryEntry]:
    """What happened to a case, oldest first; refusals stand in it too."""
    rows = session.execute(
        select(Event, EventPayload.payload, Person.name, StoredMessage.digest)
        .outerjoin(EventPayload, EventPayload.event_id == Event.id)
        .outerjoin(Person, Person.email == Event.actor)
        .outerjoin(StoredMessage, StoredMessage.id == Event.message_row_id)
        .where(Event.case_id == case.id)
        .order_by(Event.sequence)
    )
    return [_entry(event, payload, name, digest, confidential) for event, payload, name, digest in rows]


def _entry(
    event: Event, payload: dict[str, object] | None, name: str | None, digest: str | None, confidential: bool
) -> HistoryEntry:
    held = payload or {}
    cause = held.get("cause")
    return HistoryEntry(
        sequence=event.sequence,
        at=event.at,
        actor=event.actor,
        who=name or event.actor,
        kind=event.kind,
        before=_shown(held.get("before"), confidential),
        after=_shown(held.get("after"), confidential),
        cause=str(cause) if cause is not None else None,
        message=digest,
        erased=payload is None,
    )


def _shown(values: object, confidential: bool) -> dict[str, object]:
    if not isinstance(values, dict):
        return {}
    if confidential:
        return values
    return {key: HIDDEN if key in CONFIDENTIAL_FIELDS else value for key, value in values.items()}
