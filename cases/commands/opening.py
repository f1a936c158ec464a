"""Opening a case by hand, and reopening a decided one as a linked case."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from cases import audit, lifecycle
from cases.commands.review import run_checks, set_field
from cases.models import Case, CaseLink
from cases.references import next_reference
from cases.rights import Asker, require
from cases.understanding import REQUEST_FIELDS
from cases.values import parse_field
from cases.vocabulary import CaseKind, Channel, Intent, Role, Status
from config.desk import DeskRules
from config.errors import IllegalTransition, InvalidValue

COPIED_FIELDS = (
    "policyholder_id",
    "policyholder_name",
    "policy_id",
    "policy_number",
    "broker",
    "contact_name",
    "contact_email",
    "contact_phone",
    "sales_contact",
    "language",
    "buyer_id",
    "buyer_name_key",
    "sector",
    "needed_by",
    *REQUEST_FIELDS,
)


def new_case(
    session: Session,
    asker: Asker,
    now: datetime,
    rules: DeskRules,
    *,
    kind: CaseKind = CaseKind.REQUEST,
    fields: Mapping[str, str],
    channel: Channel = Channel.EMAIL,
) -> Case:
    """Opens a case with what a person states; it is then reviewed like any other.

    A request needs buyer_name and request_type. Raises Refused, InvalidValue.
    """
    require(asker, "new_case")
    values = {name: parse_field(name, text) for name, text in fields.items()}
    missing = [name for name in ("buyer_name", "request_type") if kind is CaseKind.REQUEST and not values.get(name)]
    if missing:
        raise InvalidValue(f"a request needs {' and '.join(missing)}: give {missing[0]}=VALUE")
    case = blank_case(session, kind, now, channel=channel)
    if asker.role is Role.SALES:
        case.sales_contact = asker.email
    audit.record(
        session,
        kind="CaseOpened",
        actor=asker.email,
        at=now,
        case=case,
        after={"reference": case.reference},
        cause="by hand",
    )
    for name, value in values.items():
        set_field(session, case, name, value, asker.email, now)
    if kind is CaseKind.REQUEST:
        lifecycle.move(session, case, Status.IN_REVIEW, actor=asker.email, at=now)
        run_checks(session, case, rules, now, asker.email)
    return case


def blank_case(session: Session, kind: CaseKind, now: datetime, *, channel: Channel = Channel.EMAIL) -> Case:
    """A new case with its reference and nothing else, received now."""
    prefix = "CR" if kind is CaseKind.REQUEST else "EN"
    case = Case(
        reference=next_reference(session, "CR" if prefix == "CR" else "EN", now.year),
        kind=kind.value,
        status=Status.RECEIVED.value,
        status_since=now,
        channel=channel.value,
        received_at=now,
        created_at=now,
        missing_documents=[],
        checks=[],
        conflicts=[],
        candidates=[],
        needs_review=True,
    )
    session.add(case)
    session.flush()
    return case


def copy_of(session: Session, case: Case, now: datetime, *, channel: Channel = Channel.EMAIL) -> Case:
    """A new case that states what another one states; nothing of its progress."""
    twin = blank_case(session, CaseKind(case.kind), now, channel=channel)
    for name in COPIED_FIELDS:
        setattr(twin, name, getattr(case, name))
    return twin


def open_appeal(session: Session, case: Case, *, actor: str, at: datetime, message_row_id: int | None = None) -> Case:
    """Reopens a decided case as a linked one, in review. Raises IllegalTransition where nothing was decided."""
    if case.kind != CaseKind.REQUEST.value or case.decided_at is None:
        raise IllegalTransition(f"{case.reference} is {case.status}: only a decision can be appealed against")
    appeal_case = copy_of(session, case, at)
    appeal_case.appeal_of_id = case.id
    appeal_case.intent = Intent.DECISION_APPEAL.value
    session.add(CaseLink(case_id=appeal_case.id, other_id=case.id, relation="appeal"))
    audit.record(
        session,
        kind="AppealOpened",
        actor=actor,
        at=at,
        case=appeal_case,
        message_row_id=message_row_id,
        after={"reference": appeal_case.reference, "appeal_of": case.reference},
    )
    lifecycle.move(session, appeal_case, Status.IN_REVIEW, actor=actor, at=at, message_row_id=message_row_id)
    return appeal_case


def appeal(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules) -> Case:
    """A person reopens a decided case; returns the linked one. Raises Refused, IllegalTransition."""
    require(asker, "appeal")
    reopened = open_appeal(session, case, actor=asker.email, at=now)
    run_checks(session, reopened, rules, now, asker.email)
    return reopened
