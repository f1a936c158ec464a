"""Importing a register of past and open cases: new rows in bulk, known ones only where they differ."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cases import audit, lifecycle
from cases.imports.entry import COLUMN_OF, REQUIRED, Entry, read_entry
from cases.imports.parties import Parties
from cases.imports.sheet import Fault, ImportResult, Row, Sheet
from cases.models import Case, CaseDocument, CreditLimit, Decision, FieldEvidence, Person
from cases.names import name_key
from cases.references import parse, raise_counter
from cases.vocabulary import (
    DECIDED,
    DocumentState,
    EvidenceState,
    RequestType,
    Role,
    Status,
)
from config.errors import InvalidValue

_GRANTED = frozenset({Status.APPROVED, Status.PARTIALLY_APPROVED})
_CHUNK = 1000


def import_register(session: Session, sheet: Sheet, now: datetime, actor: str) -> ImportResult:
    """Takes a register in the caller's transaction; columns as in register.csv.

    Policies that the desk does not know are not made up: the case keeps the number, and gets its limit when the
    policy is there and the file is imported again. A known case moves only by legal steps.
    """
    sheet.check(REQUIRED)
    result = ImportResult()
    entries: dict[str, tuple[int, Entry]] = {}
    for line, values in sheet.records(result):
        try:
            entry = read_entry(Row(values))
            if entry.reference in entries:
                raise InvalidValue(f"{entry.reference} stands in line {entries[entry.reference][0]} already")
            entries[entry.reference] = (line, entry)
        except InvalidValue as error:
            result.faults.append(Fault(line, str(error)))
    audit.lock(session)
    parties = Parties(session, [entry for _, entry in entries.values()], now)
    known = _known_cases(session, list(entries))
    fresh = [entry for reference, (_, entry) in entries.items() if reference not in known]
    _add(session, fresh, parties, now, actor)
    result.added = len(fresh)
    _update(session, sheet, entries, known, parties, now, actor, result)
    _raise_counters(session, entries)
    if result.added or result.changed:
        after = {"file": sheet.name, "added": result.added, "changed": result.changed, "faulty": len(result.faults)}
        audit.record(session, kind="RegisterImported", actor=actor, at=now, after=after)
    result.faults.sort(key=lambda fault: fault.line)
    return result


def _known_cases(session: Session, references: list[str]) -> dict[str, Case]:
    known: dict[str, Case] = {}
    for start in range(0, len(references), _CHUNK):
        query = select(Case).where(Case.reference.in_(references[start : start + _CHUNK]))
        known |= {case.reference: case for case in session.scalars(query)}
    return known


def _raise_counters(session: Session, references: Iterable[str]) -> None:
    highest: dict[tuple[str, int], int] = {}
    for prefix, year, number in filter(None, map(parse, references)):
        highest[prefix, year] = max(number, highest.get((prefix, year), 0))
    for (prefix, year), number in sorted(highest.items()):
        raise_counter(session, prefix, year, number)


def _emails(session: Session) -> Mapping[str, str]:
    """E-mail by name, of people whose name is theirs alone; underwriters come first."""
    rows = session.execute(select(Person.name, Person.email, Person.role)).all()
    found: dict[str, list[tuple[bool, str]]] = {}
    for name, email, role in rows:
        found.setdefault(name, []).append((role != Role.UNDERWRITER.value, email))
    return {name: min(emails)[1] for name, emails in found.items() if len(emails) == 1 or not min(emails)[0]}


def _add(session: Session, entries: list[Entry], parties: Parties, now: datetime, actor: str) -> None:
    """New cases with documents, decisions, limits and one event each, in bulk."""
    if not entries:
        return
    emails = _emails(session)
    rows = [_case_row(entry, parties, emails, now) for entry in entries]
    for start in range(0, len(rows), _CHUNK):
        session.execute(insert(Case), rows[start : start + _CHUNK])
    ids: dict[str, int] = {}
    references = [entry.reference for entry in entries]
    for start in range(0, len(references), _CHUNK):
        query = select(Case.reference, Case.id).where(Case.reference.in_(references[start : start + _CHUNK]))
        for reference, number in session.execute(query):
            ids[reference] = number
    documents = [_document_row(ids[e.reference], kind, now) for e in entries for kind in e.missing_documents]
    decisions = [_decision_row(ids[e.reference], e, emails) for e in entries if e.status in DECIDED]
    limits = [row for e in entries if (row := _limit_row(ids[e.reference], e, parties, now))]
    for model, made in ((CaseDocument, documents), (Decision, decisions), (CreditLimit, limits)):
        if made:
            session.execute(insert(model), made)
    audit.record_many(
        session,
        (
            audit.Draft(
                "CaseImported", actor, now, ids[e.reference], after={"reference": e.reference, "status": e.status}
            )
            for e in entries
        ),
    )


def _case_row(entry: Entry, parties: Parties, emails: Mapping[str, str], now: datetime) -> dict[str, object]:
    return {
        **entry.values(),
        **parties.links(entry),
        "reference": entry.reference,
        "kind": entry.kind.value,
        "status": entry.status.value,
        "status_since": entry.decided_at or entry.received_at,
        "decided_at": entry.decided_at,
        "version": 1,
        "created_at": now,
        "buyer_name_key": name_key(entry.buyer_name) if entry.buyer_name else None,
        "assignee": emails.get(entry.underwriter) if entry.underwriter else None,
        "needs_review": entry.status in (Status.RECEIVED, Status.IN_REVIEW),
        "checks": [],
        "conflicts": [],
        "candidates": [],
    }


def _document_row(case_id: int, kind: str, now: datetime) -> dict[str, object]:
    state = DocumentState.MISSING.value
    return {"case_id": case_id, "type": kind, "state": state, "reason": "register", "reminders": 0, "changed_at": now}


def _decision_row(case_id: int, entry: Entry, emails: Mapping[str, str]) -> dict[str, object]:
    who = entry.underwriter or "register"
    return {
        "case_id": case_id,
        "outcome": entry.status.value,
        "amount": entry.amount_approved,
        "currency": entry.currency,
        "decided_by": emails.get(who, who),
        "decided_at": entry.decided_at,
    }


def _limit_row(case_id: int, entry: Entry, parties: Parties, now: datetime) -> dict[str, object] | None:
    links = parties.links(entry)
    known = links["policy_id"] is not None and links["buyer_id"] is not None and entry.currency is not None
    if entry.status not in _GRANTED or not known or entry.decided_at is None:
        return None
    return {
        "policy_id": links["policy_id"],
        "buyer_id": links["buyer_id"],
        "case_id": case_id,
        "amount": entry.amount_approved,
        "currency": entry.currency,
        "valid_from": entry.decided_at.date(),
        "temporary": entry.request_type == RequestType.TEMPORARY_INCREASE.value,
        "created_at": now,
    }


def _update(
    session: Session,
    sheet: Sheet,
    entries: Mapping[str, tuple[int, Entry]],
    known: Mapping[str, Case],
    parties: Parties,
    now: datetime,
    actor: str,
    result: ImportResult,
) -> None:
    """Known cases: values that differ, except what a person set here; states by legal steps only."""
    if not known:
        return
    ids = {case.id: reference for reference, case in known.items()}
    persons = _set_by_people(session)
    with_limit = set(session.scalars(select(CreditLimit.case_id).where(CreditLimit.case_id.is_not(None))))
    emails = _emails(session)
    for case_id, reference in ids.items():
        line, entry = entries[reference]
        case = known[reference]
        route = lifecycle.route(entry.kind, Status(case.status), entry.status)
        if route is None:
            reason = f"{reference} is {case.status} here and cannot become {entry.status}: no such step is allowed"
            result.faults.append(Fault(line, reason))
            continue
        changed = _change(session, sheet, case, entry, parties, persons.get(case_id, frozenset()), now, actor)
        for step in route:
            lifecycle.move(session, case, step, actor=actor, at=now, cause=f"register {sheet.name}")
        if route and entry.status in DECIDED:
            case.decided_at = case.status_since = entry.decided_at or now
            session.execute(insert(Decision), [_decision_row(case_id, entry, emails)])
        limit = _limit_row(case_id, entry, parties, now) if case_id not in with_limit else None
        if limit:
            session.execute(insert(CreditLimit), [limit])
        if changed or route or limit:
            result.changed += 1
        else:
            result.unchanged += 1


def _set_by_people(session: Session) -> dict[int, frozenset[str]]:
    states = [EvidenceState.CONFIRMED.value, EvidenceState.CORRECTED.value]
    query = select(FieldEvidence.case_id, FieldEvidence.field).where(
        FieldEvidence.current, FieldEvidence.state.in_(states)
    )
    found: dict[int, set[str]] = {}
    for case_id, field in session.execute(query):
        found.setdefault(case_id, set()).add(field)
    return {case_id: frozenset(names) for case_id, names in found.items()}


def _change(
    session: Session,
    sheet: Sheet,
    case: Case,
    entry: Entry,
    parties: Parties,
    persons: frozenset[str],
    now: datetime,
    actor: str,
) -> bool:
    wanted = {
        name: value
        for name, value in {**entry.values(), **parties.links(entry)}.items()
        if (name not in persons and COLUMN_OF.get(name, name) in sheet.columns) or name in parties.LINKS
    }
    wanted = {name: value for name, value in wanted.items() if not (name in parties.LINKS and value is None)}
    before = {name: getattr(case, name) for name, value in wanted.items() if getattr(case, name) != value}
    for name in before:
        setattr(case, name, wanted[name])
    if not before:
        return False
    case.buyer_name_key = name_key(case.buyer_name) if case.buyer_name else None
    if "missing_documents" in before:
        _bring_documents_in_step(session, case, entry, now)
    audit.record(
        session,
        kind="CaseReimported",
        actor=actor,
        at=now,
        case=case,
        before=before,
        after={name: wanted[name] for name in before},
    )
    return True


def _bring_documents_in_step(session: Session, case: Case, entry: Entry, now: datetime) -> None:
    """The list of the file: what it no longer misses has come, what it misses now is owed."""
    rows = {row.type: row for row in case.documents}
    owed = {DocumentState.MISSING.value, DocumentState.REQUESTED.value, DocumentState.REJECTED.value}
    for kind, row in rows.items():
        if row.state in owed and kind not in entry.missing_documents:
            row.state, row.changed_at = DocumentState.RECEIVED.value, now
    for kind in entry.missing_documents:
        if kind not in rows:
            session.add(CaseDocument(**_document_row(case.id, kind, now)))
        elif rows[kind].state not in owed:
            rows[kind].state, rows[kind].changed_at = DocumentState.MISSING.value, now
