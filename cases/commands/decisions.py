"""Deciding, withdrawing and answering: how cases end, and the steps of an underwriter before that."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from cases import audit, lifecycle
from cases.codes import reason_code
from cases.models import Case, CreditLimit, Decision
from cases.rights import Asker, require
from cases.vocabulary import DECIDED, CaseKind, RequestType, Role, Status
from config.desk import DeskRules
from config.errors import Conflict, IllegalTransition, InvalidValue


def decide(
    session: Session,
    case: Case,
    asker: Asker,
    now: datetime,
    rules: DeskRules,
    *,
    outcome: str,
    amount: Decimal | None = None,
    valid_until: date | None = None,
    reason: str | None = None,
    tell: str | None = None,
    note: str | None = None,
) -> Case:
    """An underwriter decides. `amount` is the limit that stands afterwards, in the case's currency.

    Approved: by default what was requested. Partially approved: above nothing, below what was requested.
    `reason` is a UN/EDIFACT 4509 code or its words, `tell` may be told to the client, `note` stays inside.
    Raises Refused, InvalidValue, Conflict where it was decided, IllegalTransition where it is not ready.
    """
    require(asker, "decide")
    status = _outcome(outcome)
    _check_open(case)
    granted = _granted(case, status, amount)
    code = reason_code(reason) if reason else None
    until = valid_until or case.valid_until
    if status is not Status.DECLINED and until is not None and valid_until is not None and until < now.date():
        raise InvalidValue(f"valid_until {until} is past: give a day from {now.date()} on")
    _go_to_underwriting(session, case, asker, now)
    decision = Decision(
        case_id=case.id,
        outcome=status.value,
        amount=granted,
        currency=case.currency,
        valid_until=None if status is Status.DECLINED else until,
        reason_code=code,
        rationale=note,
        sentence=tell,
        decided_by=asker.email,
        decided_at=now,
    )
    session.add(decision)
    case.amount_approved = granted
    if note:
        case.underwriter_note = note
    if asker.role is Role.UNDERWRITER and case.underwriter is None:
        case.underwriter, case.assignee = asker.name, asker.email
    lifecycle.move(session, case, status, actor=asker.email, at=now)
    limit = _write_limit(session, case, decision, now)
    after = {"outcome": status, "amount": granted, "currency": case.currency, "valid_until": decision.valid_until}
    audit.record(
        session,
        kind="CaseDecided",
        actor=asker.email,
        at=now,
        case=case,
        after={**after, "reason_code": code, "told": tell, "limit_written": limit},
    )
    return case


def _check_open(case: Case) -> None:
    if Status(case.status) in DECIDED:
        raise Conflict(f"{case.reference} was already decided ({case.status}, {case.decided_at:%Y-%m-%d %H:%M} UTC)")
    if case.kind != CaseKind.REQUEST.value:
        raise IllegalTransition(f"{case.reference} is an enquiry: answer or close it, there is nothing to decide")


def _outcome(text: str) -> Status:
    words = {"partial": Status.PARTIALLY_APPROVED, "partly_approved": Status.PARTIALLY_APPROVED}
    word = text.strip().lower().replace(" ", "_").replace("-", "_")
    status = words.get(word) or next((s for s in DECIDED if s.value == word), None)
    if status is None:
        raise InvalidValue(f"{text!r} is no outcome: choose approved, partially_approved or declined")
    return status


def _granted(case: Case, status: Status, amount: Decimal | None) -> Decimal:
    if amount is not None and amount < 0:
        raise InvalidValue(f"{amount} is below nothing: a limit is 0 or more")
    asked = case.amount
    if status is Status.DECLINED:
        if amount:
            raise InvalidValue("a declined request has no amount: leave --amount out, or choose partially_approved")
        return Decimal(0)
    if status is Status.APPROVED:
        if amount is None and asked is None:
            raise InvalidValue(f"{case.reference} states no amount: say what is approved with --amount")
        if amount is not None and asked is not None and amount != asked:
            kind = "partially_approved" if amount < asked else "a correction of the amount first"
            raise InvalidValue(f"approved means the {asked:,} requested; for {amount:,} choose {kind}")
        return amount if amount is not None else asked or Decimal(0)
    if amount is None:
        raise InvalidValue("partially_approved needs the amount that is approved: give --amount")
    if amount == 0 or (asked is not None and amount >= asked):
        bound = f"below the {asked:,} requested" if asked is not None else "above 0"
        raise InvalidValue(f"{amount:,} is no partial approval: give an amount above 0 and {bound}")
    return amount


def _go_to_underwriting(session: Session, case: Case, asker: Asker, now: datetime) -> None:
    """Passes the steps between a checked case and the decision, each with its event."""
    for step in lifecycle.path_to_underwriting(Status(case.status)):
        lifecycle.move(session, case, step, actor=asker.email, at=now, cause="decided at once")
    if case.status != Status.IN_UNDERWRITING.value:
        first = {
            Status.RECEIVED: "confirm it first",
            Status.IN_REVIEW: "confirm it first",
            Status.AWAITING_DOCUMENTS: "its documents are missing",
        }
        why = first.get(Status(case.status), "its work has ended")
        raise IllegalTransition(f"{case.reference} is {case.status} and cannot be decided: {why}")


def _write_limit(session: Session, case: Case, decision: Decision, now: datetime) -> bool:
    """Appends the limit to the buyer's history; False where nothing was granted or a party is not identified."""
    if case.status == Status.DECLINED.value or case.policy_id is None or case.buyer_id is None or not case.currency:
        return False
    cancelled = case.request_type == RequestType.CANCELLATION.value
    start = (case.valid_until if cancelled else case.valid_from) or now.date()
    session.add(
        CreditLimit(
            policy_id=case.policy_id,
            buyer_id=case.buyer_id,
            case_id=case.id,
            amount=decision.amount,
            currency=case.currency,
            valid_from=start,
            valid_until=None if cancelled else decision.valid_until,
            temporary=case.request_type == RequestType.TEMPORARY_INCREASE.value,
            created_at=now,
        )
    )
    return True


def withdraw(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, cause: str = "") -> Case:
    """The request is taken back. Raises Refused, IllegalTransition where its work has ended."""
    require(asker, "withdraw")
    case.needs_review = False
    lifecycle.move(session, case, Status.WITHDRAWN, actor=asker.email, at=now, cause=cause or None)
    return case


def take_up(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules) -> Case:
    """An underwriter begins to work on an allocated request. Raises Refused, IllegalTransition."""
    require(asker, "take_up")
    if case.status == Status.READY.value:
        lifecycle.move(session, case, Status.ALLOCATED, actor=asker.email, at=now, cause="taken up")
    if asker.role is Role.UNDERWRITER:
        case.underwriter, case.assignee = asker.name, asker.email
    lifecycle.move(session, case, Status.IN_UNDERWRITING, actor=asker.email, at=now)
    return case


def return_for_documents(
    session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, cause: str = ""
) -> Case:
    """An underwriter sends the case back for more documents. Raises Refused, IllegalTransition."""
    require(asker, "return_for_documents")
    lifecycle.move(session, case, Status.AWAITING_DOCUMENTS, actor=asker.email, at=now, cause=cause or None)
    return case


def answer(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, cause: str = "") -> Case:
    """The department has answered an enquiry. Raises Refused, IllegalTransition."""
    require(asker, "answer")
    if case.kind == CaseKind.ENQUIRY.value and case.status == Status.RECEIVED.value:
        lifecycle.move(session, case, Status.ASSIGNED, actor=asker.email, at=now)
    lifecycle.move(session, case, Status.ANSWERED, actor=asker.email, at=now, cause=cause or None)
    case.needs_review = False
    return case


def close(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, cause: str = "") -> Case:
    """An enquiry needs nothing more. Raises Refused, IllegalTransition."""
    require(asker, "close")
    lifecycle.move(session, case, Status.CLOSED, actor=asker.email, at=now, cause=cause or None)
    case.needs_review = False
    return case
