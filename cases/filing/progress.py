"""A request's way on: identified, checked, its documents listed; in review until its values are trusted or confirmed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cases import allocation, buyers, checks, documents, duplicates, lifecycle, policies
from cases.buyers import BuyerMatch
from cases.calendar import add_working_days, local_day
from cases.checks import Check, Ground
from cases.duplicates import Likeness
from cases.filing import evidence
from cases.filing.requesting import request_documents
from cases.models import Case, CaseMessage, FieldEvidence, Policy
from cases.names import name_key
from cases.policies import Party
from cases.sla import due_day
from cases.summary import two_sentences
from cases.vocabulary import CaseKind, CheckOutcome, EvidenceState, Status
from config.desk import DeskRules

_TRUST = select(FieldEvidence.field, FieldEvidence.trust, FieldEvidence.state).where(
    FieldEvidence.case_id == bindparam("case"), FieldEvidence.current
)
MUST_PASS = (
    "policy_known",
    "policy_in_force",
    "sender_belongs",
    "buyer_identified",
    "country_covered",
    "currency_known",
    "amount_plausible",
    "within_policy_maximum",
    "no_duplicate",
)
KEY_FIELDS = ("request_type", "buyer_name", "amount", "currency")
TRUSTED = "values_trusted"
DOCUMENTS = "documents_complete"
_BEFORE_DECISION = frozenset(
    {
        Status.RECEIVED.value,
        Status.IN_REVIEW.value,
        Status.AWAITING_DOCUMENTS.value,
        Status.READY.value,
        Status.ALLOCATED.value,
        Status.IN_UNDERWRITING.value,
    }
)
_WORKED_ON = frozenset({Status.IN_REVIEW.value, Status.READY.value, Status.ALLOCATED.value})


def link_party(case: Case, party: Party, *, confirmed: bool = False) -> None:
    """The known policyholder and policy of a case; what is unknown stays as written.

    Where policy, name and sender point to different policyholders, only a person's word (`confirmed`) links them.
    """
    sound = confirmed or not party.contradiction
    case.policy_id = party.policy.id if party.policy and sound else None
    case.policyholder_id = party.policyholder.id if party.policyholder and sound else None
    case.broker = party.policy.broker if party.policy else case.broker
    if party.policyholder is not None:
        case.policyholder_name = case.policyholder_name or party.policyholder.name
        case.sales_contact = party.policyholder.sales_contact or case.sales_contact
        case.language = case.language or party.policyholder.language


def link_buyer(case: Case, match: BuyerMatch) -> None:
    """The known buyer of a case, and what the register knows of it."""
    case.buyer_id = match.buyer.id if match.buyer and not match.conflict else None
    if case.buyer_id is None or match.buyer is None:
        return
    case.sector = case.sector or match.buyer.sector
    case.risk_grade = case.risk_grade if case.risk_grade is not None else match.buyer.risk_grade


def look(
    session: Session,
    case: Case,
    rules: DeskRules,
    party: Party,
    thread: list[int] | None = None,
    ignore: frozenset[int] = frozenset(),
    confirmed: bool = False,
) -> tuple[Ground, Likeness]:
    """Identifies policyholder, policy and buyer of a case (which need not be stored yet) and open cases like it.

    `thread`: ids of cases of the same mail thread; `ignore`: ids that are no duplicates (of the same message).
    """
    day = local_day(case.received_at, rules.calendar)
    link_party(case, party, confirmed=confirmed)
    match = buyers.identify_case(session, case, rules.checks)
    link_buyer(case, match)
    ground = Ground(session, case, party, match, rules, day, called=_called(session, case))
    ground.live = checks.live_limit(session, party.policy, match, day)
    likeness = duplicates.find(session, case, party, thread or [], ignore)
    alike = [*([likeness.same] if likeness.same else []), *likeness.offered]
    ground.duplicates = [other.reference for other in alike]
    case.candidates = [*(c.as_json() for c in match.candidates), *map(_as_candidate, alike)]
    return ground, likeness


def judge(ground: Ground) -> str | None:
    """Settles the type by the limit that stands and runs all checks. Returns the rule where the type was changed."""
    case, rule = ground.case, None
    kind = checks.settled_type(ground)
    by_person = case in ground.session and "request_type" in evidence.set_by_person(ground.session, case)
    if kind is not None and kind.value != case.request_type and not by_person:
        rule = f"called {ground.called or 'nothing'}; by the limit that stands it is {kind.value}"
        case.request_type = kind.value
    case.checks = [check.as_json() for check in checks.run(ground)]
    return rule


def assess(
    session: Session,
    case: Case,
    rules: DeskRules,
    now: datetime,
    party: Party,
    *,
    ignore: frozenset[int] = frozenset(),
    files: Sequence[tuple[str, str]] = (),
    message_row_id: int | None = None,
    confirmed: bool = False,
) -> None:
    """The whole look at a stored case: parties, type, checks, documents."""
    ground, _ = look(session, case, rules, party, ignore=ignore, confirmed=confirmed)
    if (rule := judge(ground)) is not None:
        evidence.derive(session, case, "request_type", case.request_type, rule, now)
    list_documents(session, case, rules, now, files, message_row_id)


def list_documents(
    session: Session,
    case: Case,
    rules: DeskRules,
    now: datetime,
    files: Sequence[tuple[str, str]] = (),
    message_row_id: int | None = None,
    *,
    new: bool = False,
) -> None:
    """Brings the document list in step, ticks what has come, and notes with the checks whether it is complete."""
    day = local_day(case.received_at, rules.calendar)
    unknown, rows = documents.require(session, case, rules, now, day, new=new)
    if files:
        documents.receive(session, case, rows, files, message_row_id, now)
    case.checks = [*(c for c in case.checks if c["name"] != DOCUMENTS), _documents_check(case, unknown).as_json()]


def _called(session: Session, case: Case) -> str | None:
    """The type as the message, or a person after it, called it; not what the register made of it."""
    if case not in session or "request_type" in evidence.set_by_person(session, case):
        return case.request_type
    of_type = select(FieldEvidence.value).where(FieldEvidence.case_id == case.id, FieldEvidence.field == "request_type")
    said = of_type.where(FieldEvidence.message_row_id.is_not(None)).order_by(FieldEvidence.id.desc()).limit(1)
    if (called := session.scalar(said)) is not None:
        return called
    return None if session.scalar(of_type.limit(1)) is not None else case.request_type


def _documents_check(case: Case, unknown: list[str]) -> Check:
    rule = "The documents that the desk's rules ask for must be here."
    if unknown:
        return Check(DOCUMENTS, CheckOutcome.UNKNOWN, rule, f"cannot be told: {', '.join(unknown)}")
    if case.missing_documents:
        return Check(DOCUMENTS, CheckOutcome.WARN, rule, f"missing: {', '.join(case.missing_documents)}")
    return Check(DOCUMENTS, CheckOutcome.PASS, rule, "nothing is missing")


def _as_candidate(other: Case) -> dict[str, object]:
    return {
        "kind": "duplicate",
        "reference": other.reference,
        "request_type": other.request_type,
        "amount": evidence.as_text(other.amount),
        "currency": other.currency,
        "status": other.status,
    }


def doubts(session: Session, case: Case, rules: DeskRules, remarks: tuple[str, ...] = ()) -> list[str]:
    """Why a person must look before the case goes on; empty where every key value is trusted."""
    reasons = list(remarks)
    outcomes = {check["name"]: check for check in case.checks or []}
    for name, check in outcomes.items():
        failed = check["outcome"] == CheckOutcome.FAIL
        if failed or (name in MUST_PASS and check["outcome"] != CheckOutcome.PASS) or _odd_type(name, check):
            reasons.append(f"{name.replace('_', ' ')}: {check['detail']}")
        elif name == DOCUMENTS and check["outcome"] == CheckOutcome.UNKNOWN:
            reasons.append(f"documents: {check['detail']}")
    reasons += [f"two readings of {entry['path']}" for entry in case.conflicts or []]
    trust = _with_register(session, case, _trust(session, case), outcomes)
    needed = [f for f in KEY_FIELDS if not (f == "currency" and case.amount == 0)]
    weak = [f for f in needed if trust.get(f, 0.0) < rules.checks.trust_unasked]
    if weak:
        reasons.append(f"not certain enough: {', '.join(weak)}")
    return reasons


def _odd_type(name: str, check: dict[str, str]) -> bool:
    return name == "request_type_fits" and check["outcome"] != CheckOutcome.PASS


def _trust(session: Session, case: Case) -> dict[str, float]:
    """How far each field can be trusted: the least of its quotes; 1 where a person set it."""
    found: dict[str, float] = {}
    for field, trust, state in session.execute(_TRUST, {"case": case.id}):
        value = 1.0 if state != EvidenceState.PROPOSED else (trust or 0.0)
        found[field] = min(found.get(field, 1.0), value)
    return found


def _with_register(
    session: Session, case: Case, trust: dict[str, float], outcomes: Mapping[str, Mapping[str, str]]
) -> dict[str, float]:
    """Trust where the register says the same: the buyer is in it, the type fits the limit that stands, the currency
    is the policy's. Agreement leaves a tenth of the chance of error, for the currency a third."""
    agreed = {"buyer_name": "buyer_identified", "request_type": "request_type_fits"}
    found = dict(trust)
    for field, check in agreed.items():
        if field in found and outcomes.get(check, {}).get("outcome") == CheckOutcome.PASS:
            found[field] = 1 - (1 - found[field]) * 0.1
    policy = session.get(Policy, case.policy_id) if case.policy_id is not None else None
    if "currency" in found and policy is not None and policy.currency == case.currency:
        found["currency"] = 1 - (1 - found["currency"]) / 3
    return found


def proceed(
    session: Session,
    case: Case,
    rules: DeskRules,
    now: datetime,
    *,
    actor: str,
    settled: bool,
    cause: str,
    message_row_id: int | None = None,
) -> None:
    """Moves a request as far as it can go: into review; if settled on to documents, ready, allocated."""

    def move(to: Status, why: str) -> None:
        lifecycle.move(session, case, to, actor=actor, at=now, cause=why, message_row_id=message_row_id)

    if case.status == Status.RECEIVED:
        move(Status.IN_REVIEW, "checks done")
    if case.status == Status.IN_REVIEW and settled:
        case.needs_review = False
        allocation.set_team(session, case, rules, local_day(case.received_at, rules.calendar))
        move(Status.AWAITING_DOCUMENTS if case.missing_documents else Status.READY, cause)
    elif case.status == Status.AWAITING_DOCUMENTS and not case.missing_documents and not case.needs_review:
        move(Status.READY, "the documents are complete")
    elif case.status == Status.READY and case.missing_documents:
        move(Status.AWAITING_DOCUMENTS, "documents are missing")
    if case.status == Status.READY:
        if not case.team:
            allocation.set_team(session, case, rules, local_day(case.received_at, rules.calendar))
        if allocation.allocate(session, case, rules, now, actor=actor):
            case.next_action = "decide"
    plan_next(case, rules, now)


def plan_next(case: Case, rules: DeskRules, now: datetime) -> None:
    """What is to be done next and by when, for a case's present state."""
    if case.status == Status.IN_REVIEW:
        case.next_action = "confirm or correct what was understood"
    elif case.status == Status.AWAITING_DOCUMENTS:
        case.next_action = "documents from the client"
        today = local_day(now, rules.calendar)
        case.next_action_due = add_working_days(today, rules.chasing.documents_due_days, rules.calendar)
        return
    if case.status in _WORKED_ON:
        case.next_action_due = due_day(case, rules)


def review(session: Session, case: Case, rules: DeskRules, now: datetime, actor: str) -> None:
    """The same continuation after a person confirmed or corrected values: checks, documents, allocation.

    A case confirmed (`needs_review` is False then) goes on whatever the checks say: the person has seen them. A
    buyer that the register lacks enters it with the confirmation.
    """
    if case.kind != CaseKind.REQUEST or case.status not in _BEFORE_DECISION:
        return
    case.buyer_name_key = name_key(case.buyer_name or "") or None
    party = policies.identify_case(session, case, rules.checks)
    confirmed = not case.needs_review
    assess(session, case, rules, now, party, ignore=_siblings(session, case), confirmed=confirmed)
    buyers_offered = any(c.get("kind") == "buyer" for c in case.candidates)
    if confirmed and case.buyer_id is None and not buyers_offered and not _failed(case, "buyer_identified"):
        adopted = buyers.adopt(session, case, now)
        case.buyer_id = adopted.id if adopted else None
    reasons = doubts(session, case, rules)
    was_awaiting = case.status == Status.AWAITING_DOCUMENTS
    cause = "values confirmed" if confirmed else "every key value is trusted"
    proceed(session, case, rules, now, actor=actor, settled=confirmed or not reasons, cause=cause)
    note_doubts(case, reasons, confirmed_by=actor if confirmed else None)
    case.summary = two_sentences(case)
    if case.status == Status.AWAITING_DOCUMENTS and not was_awaiting:
        request_documents(session, case, rules, now, actor=actor)


def _siblings(session: Session, case: Case) -> frozenset[int]:
    """Other cases that the same messages opened: several requests of one mail are no duplicates."""
    opened = select(CaseMessage.message_row_id).where(CaseMessage.case_id == case.id)
    return frozenset(session.scalars(select(CaseMessage.case_id).where(CaseMessage.message_row_id.in_(opened))))


def _failed(case: Case, name: str) -> bool:
    return any(c["name"] == name and c["outcome"] == CheckOutcome.FAIL for c in case.checks)


def note_doubts(case: Case, reasons: list[str], confirmed_by: str | None = None) -> None:
    """Keeps with the checks whether the values passed unasked, and why not; or that a person stands for them."""
    outcome = CheckOutcome.WARN if reasons and confirmed_by is None else CheckOutcome.PASS
    rule = "Values go on without a person only where each key value is proved beyond doubt."
    detail = "; ".join(reasons) if reasons else "every key value is trusted"
    if confirmed_by is not None:
        detail = f"confirmed, {confirmed_by} stands for them"
    kept = [c for c in case.checks if c["name"] != TRUSTED]
    case.checks = [*kept, Check(TRUSTED, outcome, rule, detail).as_json()]
