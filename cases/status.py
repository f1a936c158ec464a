"""The read side of one case: where it stands, since when, who has it, what is missing, what comes next."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from cases.models import Buyer, Case, CreditLimit, Decision, Event, EventPayload, Person, Policy
from cases.names import name_key
from cases.vocabulary import DECIDED, ENDED, Status

Holder = Literal["client", "desk", "underwriting"]
HOLDERS: dict[str, Holder] = {
    Status.AWAITING_DOCUMENTS: "client",
    Status.ALLOCATED: "underwriting",
    Status.IN_UNDERWRITING: "underwriting",
}


class CaseFacts(BaseModel):
    """What may be told about a case; grade and note are filled only for who may see them."""

    model_config = ConfigDict(frozen=True)

    reference: str
    kind: str
    status: str
    since: datetime
    holder: Holder | None  # who has the ball; None: ended
    buyer: str | None
    country: str | None
    client: str | None
    policy_number: str | None
    broker: str | None
    request_type: str | None
    amount: Decimal | None
    currency: str | None
    amount_approved: Decimal | None
    received_at: datetime
    decided_at: datetime | None
    team: str | None
    underwriter: str | None
    assignee: str | None  # name where known
    sales_contact: str | None
    sales_name: str | None
    missing_documents: tuple[str, ...]
    next_action: str | None
    next_action_due: date | None
    overdue: bool
    payment_terms_days: int | None
    limit_in_force: Decimal | None
    limit_currency: str | None
    limit_until: date | None
    told: str | None  # the sentence of the decision that may be told
    held_days: dict[str, float]  # days by who held the ball; empty where the history does not say
    risk_grade: int | None = None
    underwriter_note: str | None = None

    @property
    def is_open(self) -> bool:
        """Not decided, withdrawn, answered or closed."""
        return Status(self.status) not in ENDED

    @property
    def is_decided(self) -> bool:
        """Approved, partially approved or declined."""
        return Status(self.status) in DECIDED


def facts(session: Session, case: Case, now: datetime, *, confidential: bool = False) -> CaseFacts:
    """The facts of a case; `confidential` only for an asker who may see grade and note."""
    return facts_of(session, [case], now, confidential=confidential)[0]


def facts_of(session: Session, cases: Sequence[Case], now: datetime, *, confidential: bool = False) -> list[CaseFacts]:
    """The facts of several cases, in few queries."""
    if not cases:
        return []
    ids = [case.id for case in cases]
    people = _names(session, {email for case in cases for email in (case.assignee, case.sales_contact) if email})
    told_rows = session.execute(
        select(Decision.case_id, Decision.sentence).where(Decision.case_id.in_(ids)).order_by(Decision.id)
    )
    told = {case_id: sentence for case_id, sentence in told_rows}  # noqa: C416  the last one stays
    limits, moves = _limits(session, cases, now.date()), _moves(session, ids)
    return [
        _facts(
            case,
            now,
            people,
            told.get(case.id),
            limits.get((case.policy_id, case.buyer_id)),
            moves.get(case.id, []),
            confidential,
        )
        for case in cases
    ]


def _facts(
    case: Case,
    now: datetime,
    people: dict[str, str],
    told: str | None,
    limit: CreditLimit | None,
    moves: list[tuple[datetime, str]],
    confidential: bool,
) -> CaseFacts:
    status = Status(case.status)
    return CaseFacts(
        reference=case.reference,
        kind=case.kind,
        status=case.status,
        since=max(case.status_since, case.received_at),
        holder=None if status in ENDED else HOLDERS.get(status, "desk"),
        buyer=case.buyer_name,
        country=case.buyer_country,
        client=case.policyholder_name,
        policy_number=case.policy_number,
        broker=case.broker,
        request_type=case.request_type,
        amount=case.amount,
        currency=case.currency,
        amount_approved=case.amount_approved if status in DECIDED else None,
        received_at=case.received_at,
        decided_at=case.decided_at,
        team=case.team,
        underwriter=case.underwriter,
        assignee=people.get(case.assignee or "", case.assignee),
        sales_contact=case.sales_contact,
        sales_name=people.get(case.sales_contact or ""),
        missing_documents=tuple(case.missing_documents or ()),
        next_action=case.next_action,
        next_action_due=case.next_action_due,
        overdue=status not in ENDED and case.next_action_due is not None and case.next_action_due < now.date(),
        payment_terms_days=case.payment_terms_days,
        limit_in_force=limit.amount if limit else None,
        limit_currency=limit.currency if limit else None,
        limit_until=limit.valid_until if limit else None,
        told=told,
        held_days=held_days(case, moves, now),
        risk_grade=case.risk_grade if confidential else None,
        underwriter_note=case.underwriter_note if confidential else None,
    )


def _names(session: Session, emails: set[str]) -> dict[str, str]:
    if not emails:
        return {}
    rows = session.execute(select(Person.email, Person.name).where(Person.email.in_(emails)))
    return {email: name for email, name in rows}  # noqa: C416  rows are not typed as pairs


def _limits(session: Session, cases: Sequence[Case], today: date) -> dict[tuple[int | None, int | None], CreditLimit]:
    """The limit in force today for each case's policy and buyer; a temporary one before the lasting one."""
    buyers = {case.buyer_id for case in cases if case.buyer_id is not None}
    policies = {case.policy_id for case in cases if case.policy_id is not None}
    if not buyers or not policies:
        return {}
    statement = (
        select(CreditLimit)
        .where(
            CreditLimit.policy_id.in_(policies),
            CreditLimit.buyer_id.in_(buyers),
            CreditLimit.valid_from <= today,
            or_(CreditLimit.valid_until.is_(None), CreditLimit.valid_until >= today),
        )
        .order_by(CreditLimit.temporary, CreditLimit.valid_from, CreditLimit.id)
    )
    return {(limit.policy_id, limit.buyer_id): limit for limit in session.scalars(statement)}


def _moves(session: Session, ids: list[int]) -> dict[int, list[tuple[datetime, str]]]:
    """When each case came into which state, from its history."""
    rows = session.execute(
        select(Event.case_id, Event.at, EventPayload.payload)
        .join(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.case_id.in_(ids), Event.kind == "StatusChanged")
        .order_by(Event.sequence)
    )
    found: dict[int, list[tuple[datetime, str]]] = {}
    for case_id, at, payload in rows:
        after = payload.get("after")
        if case_id is not None and isinstance(after, dict) and isinstance(after.get("status"), str):
            found.setdefault(case_id, []).append((at, after["status"]))
    return found


def held_days(case: Case, moves: list[tuple[datetime, str]], now: datetime) -> dict[str, float]:
    """Days that client, desk and underwriting each held the case; empty where its history tells no move."""
    if not moves:
        return {}
    moments: list[tuple[datetime, str]] = [(case.received_at, Status.RECEIVED), *moves]
    spent: dict[str, float] = {}
    for (start, status), (end, _) in zip(moments, [*moments[1:], (now, "")], strict=True):
        if status in ENDED:
            continue
        holder = HOLDERS.get(Status(status), "desk")
        spent[holder] = spent.get(holder, 0.0) + max(0.0, (end - start).total_seconds() / 86400)
    return {holder: round(days, 1) for holder, days in spent.items()}


# --- finding cases ---


def by_reference(session: Session, reference: str) -> Case | None:
    """The case of a reference; a duplicate leads to the case into which it was merged."""
    case = session.scalar(select(Case).where(Case.reference == reference.strip().upper()))
    if case is not None and case.merged_into_id is not None:
        return session.get(Case, case.merged_into_id) or case
    return case


def identifier_condition(text: str) -> ColumnElement[bool]:
    """Cases that carry a VAT, registration, LEI or DUNS number."""
    key = "".join(c for c in text.upper() if c.isalnum())
    buyers = select(Buyer.id).where(
        or_(Buyer.vat_id == key, Buyer.registration_number.in_([key, text]), Buyer.lei == key, Buyer.duns == key)
    )
    other = aliased(Case)
    ways = (other.buyer_vat_id == key, other.buyer_registration_number.in_([key, text]), other.buyer_id.in_(buyers))
    return Case.id.in_(union_all(*(select(other.id).where(way) for way in ways)))  # each by its own index


def policy_condition(session: Session, text: str) -> ColumnElement[bool] | None:
    """Cases under a policy number, however it is written; None where there is no such policy."""
    key = "".join(c for c in text.upper() if c.isalnum())
    number = session.scalar(select(Policy.number).where(Policy.number_key == key))
    number = number or session.scalar(select(Case.policy_number).where(Case.policy_number == text.upper()).limit(1))
    return None if number is None else Case.policy_number == number


def buyer_condition(name: str, country: str | None) -> ColumnElement[bool]:
    """Cases on a buyer: the name's key uses the index, the name itself decides."""
    found = and_(Case.buyer_name_key == name_key(name), Case.buyer_name == name)
    return and_(found, Case.buyer_country == country) if country else found


def cases_where(session: Session, *conditions: ColumnElement[bool], order: Any = None, limit: int = 200) -> list[Case]:
    """Cases that meet all conditions, newest first unless told otherwise; merged duplicates are left out."""
    by = order if order is not None else Case.received_at.desc()
    statement = select(Case).where(Case.merged_into_id.is_(None), *conditions).order_by(by, Case.id.desc()).limit(limit)
    return list(session.scalars(statement))
