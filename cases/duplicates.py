"""Requests that may be the same as an open one: joined only where there is no doubt, else offered."""

from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from cases.models import Case
from cases.names import similarity
from cases.policies import Party, number_key, same_client, same_company
from cases.vocabulary import ENDED, CaseKind, Status

MAY_BE_BUYER = 0.92  # names at least this alike, in one country, may be one buyer

# Made once: putting a statement together costs as much as running it. What is not known is equal to nothing.
_OPEN_OF_CLIENT = select(
    Case.id, Case.buyer_id, Case.buyer_name, Case.buyer_country, Case.buyer_vat_id, Case.buyer_lei
).where(
    Case.kind == CaseKind.REQUEST.value,
    Case.status.in_([s.value for s in Status if s not in ENDED]),
    Case.merged_into_id.is_(None),
    or_(
        Case.policyholder_id == bindparam("holder"),
        Case.policy_number == bindparam("number"),
        Case.asker_domain == bindparam("domain"),
        Case.asker_address == bindparam("address"),
    ),
)


@dataclass(slots=True)
class Likeness:
    """The open case that is the same (to join), and those that may be (to offer)."""

    same: Case | None = None
    why: str = ""
    offered: list[Case] = field(default_factory=list)


def find(
    session: Session, case: Case, party: Party, thread: list[int], ignore: frozenset[int] = frozenset()
) -> Likeness:
    """How a request relates to the open ones of its client. `thread`: ids of cases of the same mail thread;
    `ignore`: ids never compared (cases of the same message)."""
    likeness = Likeness()
    for other in _on_same_buyer(session, case, party):
        if other.id in ignore or other.id == case.id:
            continue
        if not same_client(other, party):
            if _may_be_same_client(other, party):
                likeness.offered.append(other)
            continue
        if likeness.same is None and _surely_one_buyer(case, other) and (why := _why_same(case, other, thread)):
            likeness.same, likeness.why = other, why
        else:
            likeness.offered.append(other)
    return likeness


def _why_same(case: Case, other: Case, thread: list[int]) -> str:
    if other.id in thread and (case.request_type in (None, other.request_type) or case.amount == other.amount):
        return "same thread and buyer"
    policies_equal = _same_policy(case, other)
    equal = case.request_type == other.request_type and case.currency == other.currency
    if policies_equal and equal and case.amount is not None and case.amount == other.amount:
        return "same policy, buyer, type and amount"
    return ""


def _same_policy(case: Case, other: Case) -> bool:
    """One policy; where neither mail names one, one policyholder named in both."""
    if case.policy_id is not None and other.policy_id is not None:
        return case.policy_id == other.policy_id
    one, two = number_key(case.policy_number), number_key(other.policy_number)
    if one or two:
        return one == two
    names = case.policyholder_name, other.policyholder_name
    return bool(names[0] and names[1]) and same_company(names[0] or "", names[1] or "")


def _may_be_same_client(other: Case, party: Party) -> bool:
    """The same policyholder by policy or name, though the sender is not proved: offered, never joined."""
    if party.policyholder is not None and other.policyholder_id is not None:
        return party.policyholder.id == other.policyholder_id
    theirs, ours = number_key(party.policy_number), number_key(other.policy_number)
    return bool(theirs) and theirs == ours


def _on_same_buyer(session: Session, case: Case, party: Party) -> list[Case]:
    """Open requests, perhaps of the same client, whose buyer is, or is spelt nearly like, the case's."""
    client = {
        "holder": party.policyholder.id if party.policyholder is not None else None,
        "number": party.policy_number or None,
        "domain": party.domain,
        "address": party.address if not party.domain else None,
    }
    if not any(client.values()) or not (case.buyer_id or case.buyer_name_key):
        return []
    own = _Named(case.buyer_id, case.buyer_name, case.buyer_country, case.buyer_vat_id, case.buyer_lei)
    ids = [row[0] for row in session.execute(_OPEN_OF_CLIENT, client) if _may_be_one_buyer(own, _Named(*row[1:]))]
    if not ids:
        return []
    return list(session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id)))


def _surely_one_buyer(case: Case, other: Case) -> bool:
    """The same buyer of the register, the same identifier, or the same name."""
    if case.buyer_id is not None and case.buyer_id == other.buyer_id:
        return True
    if case.buyer_vat_id and case.buyer_vat_id == other.buyer_vat_id:
        return True
    return bool(case.buyer_name) and similarity(case.buyer_name or "", other.buyer_name or "") == 1.0


class _Named(NamedTuple):
    """What tells buyers apart."""

    buyer_id: int | None
    name: str | None
    country: str | None
    vat_id: str | None
    lei: str | None


def _may_be_one_buyer(one: _Named, two: _Named) -> bool:
    if one.buyer_id is not None and two.buyer_id is not None:
        return one.buyer_id == two.buyer_id
    for mine, theirs in ((one.vat_id, two.vat_id), (one.lei, two.lei)):
        if mine and theirs:
            return mine == theirs
    if one.country and two.country and one.country != two.country:
        return False
    return similarity(one.name or "", two.name or "") >= MAY_BE_BUYER
