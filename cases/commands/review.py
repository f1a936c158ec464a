"""Confirming, correcting and rejecting what the desk understood."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cases import audit, lifecycle
from cases.models import Case, Event, FieldEvidence, Person
from cases.names import name_key
from cases.rights import CONFIDENTIAL_FIELDS, Asker, require, sees_confidential
from cases.values import CORRECTABLE, Value, as_text, parse_field
from cases.vocabulary import CaseKind, EvidenceState, Status
from config.desk import DeskRules
from config.errors import Conflict, IllegalTransition, InvalidValue, Refused

_UNREVIEWED = (Status.RECEIVED.value, Status.IN_REVIEW.value)


def confirm(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules) -> Case:
    """A person says that the values are right: the case goes on to documents or allocation.

    Raises Refused; Conflict naming who confirmed first; IllegalTransition on a case whose work has ended.
    """
    require(asker, "confirm")
    _still_open(case, "confirm")
    if case.status not in _UNREVIEWED and not case.needs_review and (first := _confirmed_by(session, case)):
        name, at = first
        raise Conflict(f"{case.reference} was already confirmed by {name} at {at:%Y-%m-%d %H:%M} UTC: nothing to do")
    session.execute(
        update(FieldEvidence)
        .where(
            FieldEvidence.case_id == case.id, FieldEvidence.current, FieldEvidence.state == EvidenceState.PROPOSED.value
        )
        .values(state=EvidenceState.CONFIRMED.value, set_by=asker.email, set_at=now)
        .execution_options(synchronize_session="fetch")
    )
    before = {"needs_review": case.needs_review, "conflicts": case.conflicts or None}
    case.needs_review, case.conflicts = False, []
    audit.record(
        session,
        kind="CaseConfirmed",
        actor=asker.email,
        at=now,
        case=case,
        before=before,
        after={"needs_review": False},
    )
    advance(session, case, rules, now, asker.email)
    _learn(session, case, asker.email, now, confirmed=True)
    return case


def _learn(session: Session, case: Case, actor: str, now: datetime, *, confirmed: bool = False) -> None:
    """What the person's word teaches for the mails to come."""
    from cases import learning

    learning.learn_values(session, case, actor, now, confirmed=confirmed)
    if confirmed:
        learning.learn_sender(session, case, actor, now)


def advance(session: Session, case: Case, rules: DeskRules, now: datetime, actor: str) -> None:
    """Takes a case whose values a person stands for as far as it can go by itself."""
    if case.kind == CaseKind.ENQUIRY.value:
        if case.status == Status.RECEIVED.value:
            lifecycle.move(session, case, Status.ASSIGNED, actor=actor, at=now)
        return
    if case.status == Status.RECEIVED.value:
        lifecycle.move(session, case, Status.IN_REVIEW, actor=actor, at=now)
    run_checks(session, case, rules, now, actor)


def run_checks(session: Session, case: Case, rules: DeskRules, now: datetime, actor: str) -> None:
    """Checks, documents and allocation again, for a request."""
    from cases import filing

    if case.kind == CaseKind.REQUEST.value:
        session.flush()
        filing.review(session, case, rules, now, actor)


def _confirmed_by(session: Session, case: Case) -> tuple[str, datetime] | None:
    row = session.execute(
        select(Event.actor, Person.name, Event.at)
        .outerjoin(Person, Person.email == Event.actor)
        .where(Event.case_id == case.id, Event.kind == "CaseConfirmed")
        .order_by(Event.sequence.desc())
        .limit(1)
    ).one_or_none()
    return (f"{row.name} ({row.actor})" if row.name else row.actor, row.at) if row else None


def correct(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, field: str, text: str) -> Case:
    """A person sets one field; no machine overwrites it afterwards. "-" takes the value away.

    Raises Refused, InvalidValue saying what is right, IllegalTransition where the case was decided.
    """
    return correct_all(session, case, asker, now, rules, {field: text})


def correct_all(
    session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, fields: Mapping[str, str]
) -> Case:
    """Several fields at once (a form): all or none; checks run once."""
    require(asker, "correct")
    if not sees_confidential(asker) and CONFIDENTIAL_FIELDS & fields.keys():
        raise Refused("grades and underwriters' notes may be set by credit people only")
    values = {name: parse_field(name, text) for name, text in fields.items()}
    if not all(CORRECTABLE[name].after_decision for name in values):
        _still_open(case, "correct")
    changed = [name for name, value in values.items() if set_field(session, case, name, value, asker.email, now)]
    if any(CORRECTABLE[name].reviewed for name in changed):
        _agreeing(case)
        run_checks(session, case, rules, now, asker.email)
    if changed:
        _learn(session, case, asker.email, now)
    return case


def set_field(session: Session, case: Case, name: str, value: Value, actor: str, now: datetime) -> bool:
    """Sets a field in a person's name, keeps what it replaces, writes CaseCorrected; False: it was so already.

    A value that was so already counts as confirmed by the person.
    """
    before = getattr(case, name)
    same = before == value
    session.execute(
        update(FieldEvidence)
        .where(FieldEvidence.case_id == case.id, FieldEvidence.field == name, FieldEvidence.current)
        .values(
            {"state": EvidenceState.CONFIRMED.value, "set_by": actor, "set_at": now} if same else {"current": False}
        )
        .execution_options(synchronize_session="fetch")
    )
    if same:
        return False
    setattr(case, name, value)
    case.conflicts = [conflict for conflict in case.conflicts or [] if conflict.get("path") != name]
    if name == "buyer_name":
        case.buyer_name_key = name_key(str(value))
    if name.startswith("buyer_"):
        case.buyer_id = None  # identified anew by the checks
    if name in ("policy_number", "policyholder_name"):
        case.policy_id = case.policyholder_id = None
    session.add(
        FieldEvidence(
            case_id=case.id,
            field=name,
            value=as_text(value),
            engine="person",
            state=EvidenceState.CORRECTED.value,
            set_by=actor,
            set_at=now,
            current=True,
        )
    )
    audit.record(
        session, kind="CaseCorrected", actor=actor, at=now, case=case, before={name: before}, after={name: value}
    )
    return True


def _agreeing(case: Case) -> None:
    if case.valid_from and case.valid_until and case.valid_until < case.valid_from:
        raise InvalidValue(
            f"valid_until {case.valid_until} lies before valid_from {case.valid_from}: correct one of them"
        )


def reject(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, reason: str) -> Case:
    """An officer says that this is no request (a misreading, a wrong addressee): it ends as withdrawn.

    Raises Refused, IllegalTransition.
    """
    require(asker, "reject")
    _still_open(case, "reject")
    case.needs_review = False
    audit.record(session, kind="CaseRejected", actor=asker.email, at=now, case=case, cause=reason or None)
    lifecycle.move(session, case, Status.WITHDRAWN, actor=asker.email, at=now, cause=f"rejected: {reason}".rstrip(": "))
    return case


def _still_open(case: Case, action: str) -> None:
    if not lifecycle.is_open(case):
        raise IllegalTransition(
            f"{case.reference} is {case.status}: it is too late to {action} it; `cases new --appeal-of` opens a linked case"
        )
