"""The documents that a request needs, and what has arrived of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.conditions import RequestFacts, holds
from cases.models import Case, CaseDocument
from cases.rates import convert
from cases.vocabulary import DocumentState, DocumentType
from config.desk import DeskRules, DocumentRule

OWED = frozenset({DocumentState.MISSING.value, DocumentState.REQUESTED.value, DocumentState.REJECTED.value})
NEVER_ASKED = frozenset({DocumentType.OTHER.value, DocumentType.APPLICATION_FORM.value})  # kept as files alone


@dataclass(frozen=True, slots=True)
class Required:
    """A document that must come: any one of `types`, by the rule of that name."""

    types: tuple[str, ...]
    rule: str


def facts_of(session: Session, case: Case, rules: DeskRules, day: date) -> RequestFacts:
    """What the rules of desk.yaml ask about a case, amounts in the reporting currency."""
    amount = convert(session, case.amount, case.currency, rules.reporting_currency, rules.reporting_currency, day)
    return RequestFacts(case.request_type, case.buyer_country, case.policyholder_name, case.sector, amount)


def required(rules: tuple[DocumentRule, ...], facts: RequestFacts) -> tuple[list[Required], list[str]]:
    """What all rules that hold ask for together, and the names of rules of which it cannot be told."""
    wanted: dict[tuple[str, ...], Required] = {}
    unknown: list[str] = []
    for rule in rules:
        answer = holds(rule.when, facts)
        if answer is None:
            unknown.append(rule.name)
        if answer:
            for types in [*((t,) for t in rule.require), *rule.any_of]:
                wanted.setdefault(tuple(types), Required(tuple(types), rule.name))
    single = {w.types[0] for w in wanted.values() if len(w.types) == 1}
    kept = [w for w in wanted.values() if len(w.types) == 1 or not single.intersection(w.types)]
    return kept, unknown


def rows_of(session: Session, case: Case) -> dict[str, CaseDocument]:
    """The document rows of a case by type."""
    session.flush()
    rows = session.scalars(select(CaseDocument).where(CaseDocument.case_id == case.id).order_by(CaseDocument.id))
    return {row.type: row for row in rows}


def require(
    session: Session, case: Case, rules: DeskRules, now: datetime, day: date, *, new: bool = False
) -> tuple[list[str], dict[str, CaseDocument]]:
    """Brings the list in step with the rules; returns the names of rules of which it cannot be told, and the list.

    What is no longer required and has not come goes; what has come stays. A `new` case has no list yet.
    """
    wanted, unknown = required(rules.documents, facts_of(session, case, rules, day))
    rows = {} if new else rows_of(session, case)
    kept: set[str] = set()
    for need in wanted:
        reason = need.rule if len(need.types) == 1 else f"{need.rule}: any of {', '.join(need.types)}"
        row = next((rows[t] for t in need.types if t in rows and rows[t].state not in OWED), None)
        row = row or next((rows[t] for t in need.types if t in rows), None)
        if row is None:
            row = CaseDocument(
                case_id=case.id, type=need.types[0], state=DocumentState.MISSING.value, changed_at=now, reminders=0
            )
            session.add(row)
            rows[row.type] = row
        row.reason = reason
        kept.add(row.type)
    open_ones = OWED - {DocumentState.REJECTED.value}
    gone = [kind for kind, row in rows.items() if kind not in kept and not unknown and row.state in open_ones]
    for kind in gone:
        session.delete(rows.pop(kind))
    if gone:
        session.flush()  # before a file of the same type is entered anew
    _keep_in_step(case, rows)
    return unknown, rows


def receive(
    session: Session,
    case: Case,
    rows: dict[str, CaseDocument],
    files: Sequence[tuple[str, str]],
    message_row_id: int | None,
    now: datetime,
) -> list[str]:
    """Ticks in the list of `require` what has arrived ((type, file name) each); returns the types that were owed and
    now are here."""
    ticked: list[str] = []
    for kind, filename in files:
        if kind in NEVER_ASKED:
            continue
        row = rows.get(kind) or _of_group(rows, kind)
        if row is None:
            row = CaseDocument(case_id=case.id, type=kind, reason="sent by the client", reminders=0, changed_at=now)
            row.state = ""
            session.add(row)
        elif row.state in OWED:
            ticked.append(kind)
        elif row.state == DocumentState.ACCEPTED.value:
            continue
        rows.pop(row.type, None)
        row.type, row.state, row.filename = kind, DocumentState.RECEIVED.value, filename
        row.message_row_id, row.changed_at, row.due = message_row_id, now, None
        rows[kind] = row
    _keep_in_step(case, rows)
    return ticked


def _of_group(rows: dict[str, CaseDocument], kind: str) -> CaseDocument | None:
    """The owed row of a group ("any of a, b") that this type satisfies too."""
    for row in rows.values():
        _, _, group = row.reason.partition(": any of ")
        if row.state in OWED and kind in group.split(", "):
            return row
    return None


def owed(session: Session, case: Case) -> list[CaseDocument]:
    """The documents still to come."""
    return [row for row in rows_of(session, case).values() if row.state in OWED]


def mark_requested(session: Session, case: Case, due: date, now: datetime) -> None:
    """Notes that the client was asked for what is owed."""
    for row in owed(session, case):
        if row.state != DocumentState.REQUESTED.value:
            row.state, row.changed_at = DocumentState.REQUESTED.value, now
        row.due = due


def _keep_in_step(case: Case, rows: dict[str, CaseDocument]) -> None:
    missing = [row.type for row in rows.values() if row.state in OWED]
    if list(case.missing_documents or []) != missing:
        case.missing_documents = missing
