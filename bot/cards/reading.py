"""One mail and its cases as a review card shows them. Nothing confidential is read: whoever is in the channel sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.views import wording
from cases.lifecycle import is_open
from cases.models import Case, Person, StoredMessage
from cases.queries import CaseView, FieldView, HistoryEntry, case_view
from cases.vocabulary import CaseKind, CheckOutcome, DocumentState, Role, Status
from config.errors import NotFound

# What a person did to a case so that a card shown before it is out of date; reading, notes and reminders are not.
TELLING = {
    "CaseConfirmed": "confirmed it",
    "CaseCorrected": "corrected it",
    "CaseRejected": "rejected it",
    "CaseDecided": "decided it",
    "CaseMerged": "merged it",
    "CaseAssigned": "assigned it",
    "CaseSplit": "split it",
    "MergeUndone": "undid the merge",
    "StatusChanged": "moved it on",
    "ValuesChanged": "changed its values",
}
_MACHINES = ("desk", "client")
_NOT_ON_CARD = (
    "language",
    "amount_approved",
    "sales_contact",
    "currency",
    "urgency",
)  # or stand elsewhere
_FIRST = ("policyholder_name", "policy_number", "request_type", "buyer_name", "buyer_country", "amount")


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value with the words that prove it; `by` names the person who set it."""

    name: str
    value: str
    quote: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check that did not pass."""

    name: str
    outcome: CheckOutcome
    detail: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person did."""

    who: str
    what: str
    at: datetime
    email: str


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case as its card shows it. `seen`: number of the last event that is taken into account."""

    reference: str
    seen: int
    kind: CaseKind
    status: Status
    is_open: bool
    title: str
    client: str
    policy_number: str
    urgent: str
    needed_by: date | None
    summary: str
    values: Sequence[ValueLine]
    checks: Sequence[CheckLine]
    passed: int  # checks that passed
    conflicts: Sequence[str]
    missing: Sequence[str]
    received: Sequence[str]
    buyers_offered: Sequence[str]
    duplicates: Mapping[str, str]  # reference → what it is
    team: str
    holder: str  # name of the person who has it
    next_action: str
    next_due: date | None
    confirmed: Act | None
    last: Act | None
    decision: str

    @property
    def needs_confirmation(self) -> bool:
        """Whether a person has still to say that the values are right."""
        before = (Status.RECEIVED, Status.IN_REVIEW, Status.AWAITING_DOCUMENTS, Status.READY, Status.ALLOCATED)
        return self.is_open and self.confirmed is None and self.status in before

    @property
    def can_be_decided(self) -> bool:
        """Whether an underwriter may decide it now."""
        return self.status in (Status.READY, Status.ALLOCATED, Status.IN_UNDERWRITING)


@dataclass(frozen=True, slots=True)
class MailCard:
    """A mail (or a case without one) and the cases that it opened or touched, in the mail's order."""

    message: int | None
    subject: str
    sender: str
    received_at: datetime | None
    source: str
    warnings: Sequence[str]
    unread: Sequence[str]
    cases: Sequence[CaseCard]
    more: int = 0  # cases of the mail that are not read, since they are so many

    @property
    def seen(self) -> int:
        """The number of the last event that is taken into account."""
        return max((case.seen for case in self.cases), default=0)


MOST_CASES = 60


def mail_card(session: Session, message: int | None, references: Sequence[str]) -> MailCard:
    """The card of a mail. Raises NotFound where none of the cases is left."""
    cases = []
    for reference in references[:MOST_CASES]:
        try:
            cases.append(case_card(session, reference))
        except NotFound:  # erased since
            continue
    if not cases:
        raise NotFound(f"no case of {', '.join(references[:3])} is left: nothing to show")
    stored = session.get(StoredMessage, message) if message is not None else None
    triage = (stored.triage if stored is not None else None) or {}
    return MailCard(
        message=message,
        subject=stored.subject or "" if stored else "",
        sender=stored.sender or "" if stored else "",
        received_at=stored.received_at if stored else None,
        source=stored.source if stored else "",
        warnings=_texts(triage.get("warnings")),
        unread=_texts(triage.get("unread")),
        cases=cases,
        more=max(0, len(references) - MOST_CASES),
    )


def case_card(session: Session, reference: str) -> CaseCard:
    """One case as a card shows it. Raises NotFound."""
    view = case_view(session, reference)
    case = view.case
    outcomes = [(str(c["name"]), CheckOutcome(c["outcome"]), str(c["detail"])) for c in case.checks or []]
    candidates = case.candidates or []
    return CaseCard(
        reference=case.reference,
        seen=view.history[-1].sequence if view.history else 0,
        kind=CaseKind(case.kind),
        status=Status(case.status),
        is_open=is_open(case),
        title=title_of(case),
        client=case.policyholder_name or case.contact_name or case.asker_address or "",
        policy_number=case.policy_number or "",
        urgent=(case.urgency_reason or case.urgency or "") if case.urgency else "",
        needed_by=case.needed_by,
        summary=case.summary or "",
        values=_value_lines(view),
        checks=_to_look_at(outcomes),
        passed=sum(outcome is CheckOutcome.PASS for _, outcome, _ in outcomes),
        conflicts=[_conflict(one) for one in case.conflicts or []],
        missing=[wording.document(kind) for kind in case.missing_documents or []],
        received=_came(view),
        buyers_offered=[f"{c.get('name')} ({c.get('country') or '?'})" for c in candidates if c.get("kind") == "buyer"],
        duplicates={str(c["reference"]): _duplicate(c) for c in candidates if c.get("reference")},
        team=case.team or "",
        holder=_name_of(session, case),
        next_action=case.next_action or "",
        next_due=case.next_action_due,
        confirmed=last_act(view.history, ("CaseConfirmed",)),
        last=last_act(view.history, tuple(TELLING)),
        decision=_decision(view),
    )


def title_of(case: Case) -> str:
    """What a case is, in one line: type, amount, buyer; for an enquiry its intent and team."""
    if case.kind == CaseKind.ENQUIRY.value:
        intent = (case.intent or "enquiry").replace("_", " ").capitalize()
        return f"{intent} for {case.team}" if case.team else intent
    buyer = f"{case.buyer_name or 'buyer not recognised'}" + (f" ({case.buyer_country})" if case.buyer_country else "")
    amount = wording.money(case.amount, case.currency) or "amount not stated"
    return f"{wording.request_type(case.request_type)} · {amount} · {buyer}"


def last_act(history: Sequence[HistoryEntry], kinds: Sequence[str], after: int = 0) -> Act | None:
    """The last thing of these kinds that a person did since event number `after`; None: nothing."""
    for entry in reversed(history):
        if entry.sequence > after and entry.kind in kinds and entry.actor not in _MACHINES:
            return Act(entry.who, TELLING.get(entry.kind, entry.kind), entry.at, entry.actor)
    return None


def first_act(history: Sequence[HistoryEntry], after: int) -> Act | None:
    """The first thing that a person did to the case since event number `after`; None: it is as it was shown."""
    kinds = [kind for kind in TELLING if kind != "StatusChanged"]
    for entry in history:
        if entry.sequence > after and entry.kind in kinds and entry.actor not in _MACHINES:
            return Act(entry.who, TELLING[entry.kind], entry.at, entry.actor)
    return None


def _to_look_at(outcomes: Sequence[tuple[str, CheckOutcome, str]]) -> list[CheckLine]:
    """The checks that did not pass. What only sums up the others, or the missing documents, is left out."""
    found = [CheckLine(*one) for one in outcomes if one[1] is not CheckOutcome.PASS]
    told = tuple(f"{one.name.replace('_', ' ')}:" for one in found)
    lines = []
    for one in found:
        if one.name == "documents_complete" and one.outcome is CheckOutcome.WARN:
            continue
        if one.name == "values_trusted":
            said = [other.detail for other in found if other is not one]
            parts = [part for part in one.detail.split("; ") if not part.startswith((*told, "two readings"))]
            left = [part.replace("_", " ") for part in parts if not any(part in other for other in said)]
            if not left:
                continue
            one = CheckLine(one.name, one.outcome, "; ".join(left))
        lines.append(one)
    return lines


def _value_lines(view: CaseView) -> list[ValueLine]:
    """What the desk understood, the most important first."""
    shown = [one for one in view.fields if one.name not in _NOT_ON_CARD]
    order = {name: place for place, name in enumerate(_FIRST)}
    return [_value_line(one, view.case) for one in sorted(shown, key=lambda one: order.get(one.name, len(order)))]


def _value_line(field: FieldView, case: Case) -> ValueLine:
    current = field.evidence[0] if field.evidence else None
    money = ("amount", "current_limit", "expected_turnover", "overdue_amount")
    value = wording.value(field.name, field.value, case.currency if field.name in money else None)
    quote = " ".join(current.quote.split()) if current else ""
    if current and current.derived and not quote:
        quote = f"worked out: {current.derived}"
    by = current.set_by or "" if current and current.engine == "person" else ""
    return ValueLine(field.name, value, quote, by)


def _conflict(entry: Mapping[str, object]) -> str:
    readings, sources = entry.get("readings"), entry.get("sources")
    said = [str(one) for one in readings] if isinstance(readings, list) else []
    where = [str(one) for one in sources] if isinstance(sources, list) else []
    pairs = [f"{one} ({where[n]})" if n < len(where) else one for n, one in enumerate(said)]
    return f"{wording.label(str(entry.get('path', '')).rpartition('.')[2])}: {' or '.join(pairs)}"


def _duplicate(entry: Mapping[str, object]) -> str:
    kind = wording.request_type(str(entry["request_type"])) if entry.get("request_type") else "Case"
    amount = " ".join(str(entry[key]) for key in ("currency", "amount") if entry.get(key))
    state = wording.status(str(entry["status"])) if entry.get("status") else ""
    return ", ".join(word for word in (kind, amount, state) if word)


def _came(view: CaseView) -> list[str]:
    came = (DocumentState.RECEIVED.value, DocumentState.ACCEPTED.value)
    return [f"{wording.document(d.type)}: {d.filename or 'received'}" for d in view.documents if d.state in came]


def _name_of(session: Session, case: Case) -> str:
    if case.assignee:
        return session.scalar(select(Person.name).where(Person.email == case.assignee)) or case.assignee
    return case.underwriter or ""


def _decision(view: CaseView) -> str:
    """What was decided, as far as it may be told."""
    if not view.decisions:
        return ""
    last = view.decisions[-1]
    amount = wording.money(last.amount, last.currency) if last.outcome != Status.DECLINED.value else ""
    until = f"until {wording.day(last.valid_until)}" if last.valid_until else ""
    told = f"“{last.sentence}”" if last.sentence else ""
    return ", ".join(word for word in (wording.status(last.outcome), amount, until, told) if word)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def colleagues(
    session: Session, roles: Sequence[Role] = (Role.UNDERWRITER, Role.OFFICER, Role.MANAGER)
) -> list[Person]:
    """Those to whom a case can be given, by name."""
    query = select(Person).where(Person.active, Person.role.in_([role.value for role in roles]))
    return list(session.scalars(query.order_by(Person.name, Person.email).limit(100)))
