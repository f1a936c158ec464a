"""What is no request: submissions, appeals, questions to departments, delivery reports."""

from sqlalchemy import select

from cases import audit
from cases.filing import evidence, opening, progress
from cases.filing.requests import join_as_reply, settle
from cases.filing.work import CLIENT, DESK, Work
from cases.models import Case, CaseLink, OutboxItem
from cases.names import name_key
from cases.replies import Known
from cases.vocabulary import DECIDED, CaseKind, Department

_COPIED = (
    "request_type", "buyer_name", "buyer_country", "buyer_registration_number", "buyer_vat_id", "buyer_lei", "buyer_duns",
    "amount", "currency", "current_limit", "payment_terms_days", "valid_from", "valid_until", "expected_turnover",
    "goods", "policyholder_name", "policy_number",
)  # fmt: skip


def file_submission(work: Work, known: Known) -> None:
    """Documents go to the client's open case; without one, to underwriting as an enquiry."""
    if known.open:
        join_as_reply(work, known)
        return
    cause = "documents for a case that is decided" if known.cases else "documents without a known case"
    enquiry = opening.open_enquiry(work, department=Department.UNDERWRITING, cause=cause)
    _relate(work, enquiry, known)


def file_appeal(work: Work, known: Known) -> None:
    """An appeal against a decision reopens the matter as a linked case; without a known one, an enquiry."""
    decided = [case for case in known.cases if case.status in {s.value for s in DECIDED}]
    if known.open and not decided:
        join_as_reply(work, known)
        return
    if len(decided) != 1:
        cause = "an appeal that may mean several decisions" if decided else "an appeal without a known decision"
        enquiry = opening.open_enquiry(work, department=Department.UNDERWRITING, cause=cause)
        _relate(work, enquiry, known)
        return
    original = decided[0]
    running = select(Case).where(Case.appeal_of_id == original.id, Case.status.not_in([s.value for s in DECIDED]))
    running = running.where(Case.status != "withdrawn").order_by(Case.id)
    if (appeal := work.session.scalar(running.limit(1))) is not None:
        join_as_reply(work, Known(cases=[appeal], how="appeal of the same decision"))
        return
    _open_appeal(work, original)


def _open_appeal(work: Work, original: Case) -> None:
    index = _restated(work, original)
    said = evidence.request_values(work, index) if index is not None else {}
    values = evidence.shared_values(work) | said
    case = opening.draft(work, CaseKind.REQUEST, values)
    for field in _COPIED:
        if getattr(case, field) is None:
            setattr(case, field, getattr(original, field))
    case.buyer_name_key = case.buyer_name_key or original.buyer_name_key
    case.appeal_of_id = original.id
    case.policyholder_id, case.policy_id = original.policyholder_id, original.policy_id
    opening.enter(work, case, values, index, cause=f"appeal against the decision on {original.reference}")
    copied = [f for f in _COPIED if f not in values and getattr(case, f) is not None]
    for field in copied:
        rule = f"as in {original.reference}"
        evidence.derive(work.session, case, field, getattr(case, field), rule, work.now)
    work.session.add(CaseLink(case_id=case.id, other_id=original.id, relation="appeal"))
    audit.record(
        work.session,
        kind="AppealReceived",
        actor=CLIENT,
        at=work.now,
        case=original,
        message_row_id=work.stored.id,
        after={"appeal": case.reference},
    )
    work.appeal_of = original
    progress.assess(
        work.session, case, work.rules, work.now, work.party, files=work.files, message_row_id=work.stored.id
    )
    settle(work, case)


def _restated(work: Work, original: Case) -> int | None:
    """The request of the message that restates the one appealed against."""
    keys = [name_key(r.buyer_name or "") for r in work.triage.requests]
    if original.buyer_name_key in keys:
        return keys.index(original.buyer_name_key or "")
    return 0 if len(keys) == 1 and not keys[0] else None


def file_enquiry(work: Work, known: Known) -> None:
    """A question to a department: it continues an open enquiry of its thread, else opens one beside known cases."""
    enquiries = [case for case in known.open if case.kind == CaseKind.ENQUIRY]
    if enquiries and known.how in ("thread", "case number"):
        join_as_reply(work, Known(cases=enquiries, how=known.how))
        return
    if work.files and known.how == "thread" and known.open:
        join_as_reply(work, known)  # what it carries still belongs to its case
    enquiry = opening.open_enquiry(work)
    _relate(work, enquiry, known)


def _relate(work: Work, enquiry: Case, known: Known) -> None:
    """Links an enquiry to the client's own cases it speaks of; what may be meant is offered."""
    for case in known.cases:
        work.session.add(CaseLink(case_id=enquiry.id, other_id=case.id, relation="related"))
    offered: list[dict[str, object]] = [{"kind": "case", "reference": c.reference} for c in known.offered[:5]]
    offered += [{"kind": "case of another client", "reference": c.reference} for c in known.foreign[:5]]
    if offered:
        enquiry.candidates = offered


def file_bounce(work: Work) -> Case | None:
    """A mail of ours that could not be delivered: noted at its case; the address is not chased any more."""
    message_id = (work.facts.bounce_of or "").strip("<> ")
    row = work.session.scalar(select(OutboxItem).where(OutboxItem.message_id == f"<{message_id}>"))
    if row is None:
        return None
    row.error = f"bounced: {work.facts.subject}"[:500]
    case = work.session.get(Case, row.case_id) if row.case_id else None
    if case is None:
        return None
    work.attach(case, "bounce")
    audit.record(
        work.session,
        kind="MailBounced",
        actor=DESK,
        at=work.now,
        case=case,
        message_row_id=work.stored.id,
        after={"to": row.to, "kind": row.kind},
        cause="the receiving server returned it",
    )
    case.next_action = "mail to the client came back: find another address"
    return case
