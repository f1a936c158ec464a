"""Opening a case: its row, its first event, its values with their evidence."""

from collections.abc import Mapping
from typing import Literal

from cases import audit, lifecycle
from cases.calendar import local_day
from cases.filing import evidence
from cases.filing.urgency import urgency
from cases.filing.work import CLIENT, Work
from cases.models import Case
from cases.names import name_key
from cases.references import next_reference
from cases.sla import due_day
from cases.summary import two_sentences
from cases.vocabulary import DEPARTMENT_OF, CaseKind, Channel, Department, Intent, Status

_ADDRESS = 320  # characters


def draft(work: Work, kind: CaseKind, values: Mapping[str, object]) -> Case:
    """A case with its values, not yet in the database and without a reference."""
    case = Case(
        reference="",
        kind=kind.value,
        intent=work.triage.intent.value,
        status=Status.RECEIVED.value,
        status_since=work.now,
        channel=(Channel.SLACK if work.stored.source == "slack" else Channel.EMAIL).value,
        received_at=work.received_at,
        created_at=work.now,
        missing_documents=[],
        checks=[],
        conflicts=[],
        candidates=[],
        needs_review=True,
    )
    for field, value in values.items():
        setattr(case, field, value)
    case.buyer_name_key = name_key(case.buyer_name or "") or None
    address = work.party.address
    case.asker_address = address if address and len(address) <= _ADDRESS else None
    case.asker_domain = (work.party.domain or "")[:255] or None
    case.reply_address = work.reply_to
    case.needed_by = case.needed_by or None
    case.urgency, case.urgency_reason = urgency(work.text, work.triage.needed_by, work.day)
    return case


def enter(work: Work, case: Case, values: Mapping[str, object], index: int | None, *, cause: str | None = None) -> None:
    """Puts a drafted case into the register: reference, evidence, link to the message, CaseOpened."""
    prefix: Literal["CR", "EN"] = "CR" if case.kind == CaseKind.REQUEST else "EN"
    case.reference = next_reference(work.session, prefix, local_day(work.now, work.rules.calendar).year)
    work.session.add(case)
    work.session.flush()
    evidence.write_first(work, case, values, index)
    evidence.add_disagreements(work, case, index)
    work.attach(case, "opened", index or 0, new=True)
    audit.record(
        work.session,
        kind="CaseOpened",
        actor=CLIENT if work.party.address else work.facts.sender_address or CLIENT,
        at=work.now,
        case=case,
        message_row_id=work.stored.id,
        after={"reference": case.reference, "intent": case.intent},
        cause=cause,
    )
    work.opened.append(case)


def open_enquiry(work: Work, *, department: Department | None = None, cause: str | None = None) -> Case:
    """An enquiry to a department: registered, with the department's team, waiting for its answer."""
    intent = work.triage.intent
    department = department or _department(intent)
    values = evidence.shared_values(work)
    case = draft(work, CaseKind.ENQUIRY, values)
    desk = work.rules.departments.get(department.value)
    case.team = (desk.team if desk else "") or department.value.replace("_", " ").title()
    party = work.party
    if not party.contradiction:
        case.policy_id = party.policy.id if party.policy else None
        case.policyholder_id = party.policyholder.id if party.policyholder else None
    if party.policyholder is not None:
        case.policyholder_name = case.policyholder_name or party.policyholder.name
        case.sales_contact = party.policyholder.sales_contact
    enter(work, case, values, None, cause=cause)
    lifecycle.move(
        work.session,
        case,
        Status.ASSIGNED,
        actor="desk",
        at=work.now,
        cause=f"{intent.value.replace('_', ' ')}: for {case.team}",
        message_row_id=work.stored.id,
    )
    case.needs_review = cause is not None
    case.next_action = f"answer the client{f' ({cause})' if cause else ''}"
    case.next_action_due = due_day(case, work.rules) or case.needed_by
    case.summary = two_sentences(case)
    return case


def _department(intent: Intent) -> Department:
    department = DEPARTMENT_OF[intent]
    return Department.CREDIT_BACK_OFFICE if department is Department.NONE else department
