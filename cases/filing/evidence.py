"""Values of a case and the quotes that prove them. A machine proposes; what a person set it never overwrites."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from sqlalchemy import Integer, String, insert, inspect, select
from sqlalchemy import update as update_rows
from sqlalchemy.orm import Session

from cases import audit
from cases.filing.work import CLIENT, Work
from cases.models import Case, FieldEvidence
from cases.models.base import Money
from cases.names import name_key
from cases.understanding import REQUEST_FIELDS, Evidence
from cases.vocabulary import EngineName, EvidenceState, Status

SHARED = {
    "policy_number": "policy_number",
    "policyholder_name": "policyholder_name",
    "contact.name": "contact_name",
    "contact.email": "contact_email",
    "contact.phone": "contact_phone",
    "needed_by": "needed_by",
    "language": "language",
}
LARGEST = Decimal(10) ** 15  # amounts beyond cannot be meant, nor stored
_OPEN_TO_CHANGE = frozenset({Status.RECEIVED.value, Status.IN_REVIEW.value, Status.AWAITING_DOCUMENTS.value})
_COLUMNS = inspect(Case).columns
_NEW_ROWS = insert(FieldEvidence.metadata.tables["field_evidence"])


def storable(field: str, value: object) -> object:
    """A value as its column can keep it on any database; None where it cannot be kept."""
    kind = _COLUMNS[field].type
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        text = value.replace("\0", "").encode("utf-8", "replace").decode().strip()
        return (text[: kind.length] if isinstance(kind, String) and kind.length else text) or None
    if isinstance(kind, Money) and isinstance(value, Decimal):
        return value if value.is_finite() and abs(value) < LARGEST else None
    if isinstance(kind, Integer) and isinstance(value, int):
        return value if abs(value) < 2**31 else None
    return value


def shared_values(work: Work) -> dict[str, object]:
    """What the message says for all its cases: policy, policyholder, contact, deadline, language."""
    triage = work.triage
    values: dict[str, object] = {
        "policy_number": triage.policy_number,
        "policyholder_name": triage.policyholder_name,
        "contact_name": triage.contact.name,
        "contact_email": triage.contact.email,
        "contact_phone": triage.contact.phone,
        "needed_by": triage.needed_by,
        "language": triage.language,
    }
    return {field: storable(field, value) for field, value in values.items() if value is not None}


def request_values(work: Work, index: int) -> dict[str, object]:
    """What the message says for one request."""
    request = work.triage.requests[index]
    values = {field: getattr(request, field) for field in REQUEST_FIELDS}
    return {field: storable(field, value) for field, value in values.items() if value is not None}


def as_text(value: object) -> str | None:
    """A value as evidence keeps it."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def quotes_for(work: Work, index: int | None) -> dict[str, list[Evidence]]:
    """The evidence of a message by field of the case, for the request of that index."""
    found: dict[str, list[Evidence]] = {}
    own = None if index is None else f"requests[{index}]."
    for item in work.triage.evidence:
        if item.path in SHARED:
            found.setdefault(SHARED[item.path], []).append(item)
        elif own and item.path.startswith(own):
            found.setdefault(item.path.removeprefix(own), []).append(item)
    return found


def write(work: Work, case: Case, fields: Mapping[str, object], index: int | None, current: bool = True) -> None:
    """One row for each quote of each field, proposed; a value without a quote gets a row that says so."""
    _insert(work.session, _rows(work, case, fields, index, current))


def write_first(work: Work, case: Case, fields: Mapping[str, object], index: int | None) -> None:
    """The same for a new case, and what proves the types of the files that came."""
    proofs = [item for item in work.triage.evidence if item.path.startswith("documents[")]
    files = [_row(work, case, "document_type", as_text(item.value), item, True) for item in proofs]
    _insert(work.session, _rows(work, case, fields, index, True) + files)


def _rows(
    work: Work, case: Case, fields: Mapping[str, object], index: int | None, current: bool
) -> list[dict[str, object]]:
    quotes = quotes_for(work, index)
    rows = []
    for field, value in fields.items():
        found: Sequence[Evidence | None] = quotes.get(field) or [None]
        rows += [_row(work, case, field, as_text(value), item, current) for item in found]
    return rows


def _insert(session: Session, rows: list[dict[str, object]]) -> None:
    """As rows of the table, which costs less than objects: filing reads them by query alone."""
    if rows:
        session.connection().execute(_NEW_ROWS, rows)


def _row(
    work: Work, case: Case, field: str, value: str | None, item: Evidence | None, current: bool
) -> dict[str, object]:
    return {
        "case_id": case.id,
        "message_row_id": work.stored.id,
        "field": field,
        "value": value,
        "quote": item.quote.replace("\0", "\ufffd") if item else "",
        "part": item.part.replace("\0", "\ufffd") if item else "",
        "start": item.start if item else 0,
        "end": item.end if item else 0,
        "how": item.how if item else "exact",
        "derived": item.derived if item else None,
        "engine": item.engine.value if item else work.triage.engine.value,
        "trust": item.trust if item else None,
        "state": EvidenceState.PROPOSED.value,
        "set_at": work.now,
        "current": current,
    }


def derive(session: Session, case: Case, field: str, value: object, rule: str, at: datetime) -> None:
    """Sets a field to what follows from the register, with the rule as its evidence."""
    setattr(case, field, value)
    if case in session.new:
        session.flush()
    retire(session, case, field)
    row: dict[str, object] = {
        "case_id": case.id,
        "message_row_id": None,
        "field": field,
        "value": as_text(value),
        "quote": "",
        "part": "",
        "start": 0,
        "end": 0,
        "how": "derived",
        "derived": rule,
        "engine": EngineName.RULES.value,
        "state": EvidenceState.PROPOSED.value,
        "set_at": at,
        "current": True,
    }
    _insert(session, [row])


def retire(session: Session, case: Case, field: str) -> None:
    """What proved the field until now is kept as history."""
    proofs = update_rows(FieldEvidence).where(
        FieldEvidence.case_id == case.id, FieldEvidence.field == field, FieldEvidence.current
    )
    session.execute(proofs.values(current=False))


def set_by_person(session: Session, case: Case) -> set[str]:
    """The fields that a person confirmed or corrected."""
    states = [EvidenceState.CONFIRMED.value, EvidenceState.CORRECTED.value]
    return set(
        session.scalars(
            select(FieldEvidence.field).where(
                FieldEvidence.case_id == case.id, FieldEvidence.current, FieldEvidence.state.in_(states)
            )
        )
    )


def update(work: Work, case: Case, fields: Mapping[str, object], index: int | None) -> None:
    """A later message's values on a case that exists: gaps are filled, changes taken while the case is in review.

    What a person set, or what underwriters already work with, stays; the other reading stands beside it as a conflict.
    """
    persons = set_by_person(work.session, case)
    taken: dict[str, object] = {}
    against: dict[str, object] = {}
    for field, value in fields.items():
        old = getattr(case, field)
        if value is None or value == old or (isinstance(value, str) and _same_text(value, old)):
            continue
        if field in persons or (old is not None and case.status not in _OPEN_TO_CHANGE):
            against[field] = value
        else:
            taken[field] = value
    before = {field: as_text(getattr(case, field)) for field in taken}
    if any(before.values()) or against:
        case.needs_review = True  # a change of what was said before is for a person
    for field, value in taken.items():
        if before[field] is not None:
            _conflict(case, field, [before[field] or "", as_text(value) or ""], ["earlier message", "this message"])
        retire(work.session, case, field)
        setattr(case, field, value)
    if "buyer_name" in taken:
        case.buyer_name_key = name_key(case.buyer_name or "") or None
    write(work, case, taken, index)
    write(work, case, against, index, current=False)
    for field, value in against.items():
        _conflict(case, field, [as_text(getattr(case, field)) or "", as_text(value) or ""], ["case", "this message"])
    if taken or against:
        after = {field: as_text(value) for field, value in (taken | against).items()}
        audit.record(
            work.session,
            kind="ValuesChanged" if taken else "ValuesDisputed",
            actor=CLIENT,
            at=work.now,
            case=case,
            message_row_id=work.stored.id,
            before=before,
            after=after,
            cause="a later message of the client",
        )


def _same_text(value: str, old: object) -> bool:
    return isinstance(old, str) and value.casefold() == old.casefold()


def _conflict(case: Case, path: str, readings: list[str], sources: list[str]) -> None:
    entry: dict[str, object] = {"path": path, "readings": readings, "sources": sources}
    if entry not in (case.conflicts or []):
        case.conflicts = [*(case.conflicts or []), entry]


def add_disagreements(work: Work, case: Case, index: int | None) -> None:
    """What two readings of the message did not agree on, side by side."""
    own = None if index is None else f"requests[{index}]."
    for item in work.triage.disagreements:
        if item.path in SHARED:
            _conflict(case, SHARED[item.path], item.readings, item.sources)
        elif own and item.path.startswith(own):
            _conflict(case, item.path.removeprefix(own), item.readings, item.sources)
