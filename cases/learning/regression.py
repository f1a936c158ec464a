"""Corrected messages as cases of an evaluation set: the mail as it came, and the record that it should have given."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from cases.models import Case, CaseMessage, FieldEvidence, StoredMessage
from cases.understanding import LABELS, REQUEST_FIELDS
from cases.vocabulary import EvidenceState

_SHARED = ("policy_number", "policyholder_name", "needed_by", "language")


@dataclass(frozen=True, slots=True)
class Regression:
    """A message and what is right about it."""

    id: str  # "learned-" and the beginning of the digest
    raw: bytes
    record: dict[str, Any]


def regressions(session: Session) -> Iterator[Regression]:
    """Every message with a corrected case, all of whose cases a person confirmed; oldest first."""
    corrected = (
        select(CaseMessage.message_row_id)
        .join(FieldEvidence, FieldEvidence.case_id == CaseMessage.case_id)
        .where(
            CaseMessage.relation == "opened",
            FieldEvidence.current,
            FieldEvidence.state == EvidenceState.CORRECTED.value,
        )
    )
    query = select(StoredMessage).where(StoredMessage.id.in_(corrected)).order_by(StoredMessage.id)
    for stored in session.scalars(query.options(undefer(StoredMessage.raw), undefer(StoredMessage.triage))):
        record = _record(session, stored)
        if record is not None:
            yield Regression(f"learned-{stored.digest[:12]}", stored.raw, record)


def _record(session: Session, stored: StoredMessage) -> dict[str, Any] | None:
    said: dict[str, Any] = deepcopy(dict(stored.triage or {}))
    opened = select(CaseMessage.position, Case).join(Case, Case.id == CaseMessage.case_id)
    mine = opened.where(CaseMessage.message_row_id == stored.id, CaseMessage.relation == "opened")
    for position, case in session.execute(mine.order_by(CaseMessage.position)):
        if case.needs_review:
            return None  # nobody stands for it yet
        persons = _set_by_person(session, case)
        _write(said, case, persons)
        requests: list[dict[str, Any]] = said.setdefault("requests", [])
        if position < len(requests):
            for field in persons & set(REQUEST_FIELDS):
                requests[position][field] = _plain(getattr(case, field))
    for request in said.get("requests", []):
        for name, value in request.items():
            request[name] = _number(name, value)
    return {name: said.get(name) for name in LABELS}


def _set_by_person(session: Session, case: Case) -> set[str]:
    query = select(FieldEvidence.field).where(
        FieldEvidence.case_id == case.id, FieldEvidence.current, FieldEvidence.state == EvidenceState.CORRECTED.value
    )
    return set(session.scalars(query))


def _write(said: dict[str, Any], case: Case, persons: set[str]) -> None:
    for field in _SHARED:
        if field in persons:
            said[field] = _plain(getattr(case, field))
    contact = dict(said.get("contact") or {})
    for name in ("name", "email", "phone"):
        if f"contact_{name}" in persons:
            contact[name] = getattr(case, f"contact_{name}")
    said["contact"] = contact


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _number(name: str, value: object) -> object:
    """Amounts are kept as text in the ledger; a record has plain numbers."""
    amounts = ("amount", "current_limit", "expected_turnover", "overdue_amount")
    return _plain(Decimal(value)) if name in amounts and isinstance(value, str) else value
