"""Whose mail it is: the policyholder and the policy behind a message, and whether the sender belongs there.

The policy number counts first, then the sender's domain, then the name. A name that the desk does not know is
kept as written: no policyholder is ever made up.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, cast, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from cases.models import Case, LearnedRule, Policy, Policyholder
from cases.names import name_key, similarity
from cases.vocabulary import CheckOutcome, PolicyStatus
from config.desk import Checks

SAME_COMPANY = 0.85  # two spellings at least this alike do not contradict each other

# Made once: putting a statement together costs as much as running it.
_OF_NUMBER = (
    select(Policy).options(joinedload(Policy.policyholder)).where(Policy.number_key == bindparam("wanted")).limit(2)
)
_OF_NAME = select(Policyholder).where(Policyholder.name_key == bindparam("wanted")).limit(5)
_ACTIVE = (
    select(Policy)
    .where(Policy.policyholder_id == bindparam("holder"), Policy.status == PolicyStatus.ACTIVE.value)
    .limit(2)
)


OnFile = Mapping[str, Policyholder | None]  # whose an address is
_PATTERNS = 100  # in one statement


@dataclass(slots=True)
class Party:
    """Who a message speaks for, as far as the desk can tell."""

    name: str | None = None  # as written, else as registered
    policy_number: str | None = None  # as written
    policyholder: Policyholder | None = None
    policy: Policy | None = None
    how: str = "nothing in the message leads to a policyholder"
    sender: CheckOutcome = CheckOutcome.UNKNOWN
    sender_detail: str = "no address to judge by"
    address: str | None = None  # of the client or broker who asks; None: a colleague writes on their own account
    contradiction: str | None = None  # policy, name and sender point to different policyholders
    candidates: list[str] = field(default_factory=list)  # names of possible policyholders

    @property
    def domain(self) -> str | None:
        """The sender's domain; None for addresses of public mail services, where it says nothing."""
        return own_domain(self.address)


@cache
def _public_domains() -> frozenset[str]:
    lines = Path(__file__).with_name("public_mail_domains.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def domain_of(address: str | None) -> str | None:
    """The part behind the @, in lower case."""
    return address.rpartition("@")[2].lower() if address and "@" in address else None


def own_domain(address: str | None) -> str | None:
    """The domain, unless it is one where anybody has a mailbox."""
    domain = domain_of(address)
    return None if domain is None or domain in _public_domains() else domain


def number_key(number: str | None) -> str:
    """A policy number by its letters and digits alone, in upper case."""
    return re.sub(r"[^0-9A-Z]", "", (number or "").upper())


def identify(
    session: Session,
    *,
    number: str | None,
    name: str | None,
    address: str | None,
    rules: Checks | None = None,
    on_file: OnFile | None = None,
) -> Party:
    """The party behind a policy number, a name and the address of who asks; any may be missing.

    `on_file`: the answer of the function of that name for this address, where it was asked before.
    """
    rules = rules or Checks()
    party = Party(name=name, policy_number=number, address=address.lower() if address else None)
    by_number = _by_number(session, number)
    by_domain = by_name = None
    if by_number is not None and party.address and belongs(by_number.policyholder, party.address):
        by_domain = by_number.policyholder  # several may share the address (a broker's); the number tells which
    elif party.address:
        by_domain = (on_file if on_file is not None else _on_file(session, [party.address]))[party.address]
    first = by_number.policyholder if by_number is not None else by_domain
    if first is None or (name and not same_company(name, first.name)):
        by_name = _by_name(session, name, rules, party)
    if by_number is not None:
        party.policy, party.policyholder, party.how = by_number, by_number.policyholder, "policy number"
    elif by_domain is not None:
        party.policyholder, party.how = by_domain, "sender's address"
    elif by_name is not None:
        party.policyholder, party.how = by_name, "name"
    if party.policyholder is None:
        return party
    party.name = party.name or party.policyholder.name
    party.candidates = []
    _judge_sender(party, by_domain)
    _contradictions(party, by_domain, by_name)
    if party.policy is None and not number:
        party.policy = only_policy(session, party.policyholder)
    return party


def identify_case(session: Session, case: Case, rules: Checks) -> Party:
    """The party of a case as it stands now (after a correction, say)."""
    return identify(
        session, number=case.policy_number, name=case.policyholder_name, address=case.asker_address, rules=rules
    )


def _by_number(session: Session, number: str | None) -> Policy | None:
    if not (key := number_key(number)):
        return None
    found = session.scalars(_OF_NUMBER, {"wanted": key}).all()
    return found[0] if len(found) == 1 else None


def on_file(session: Session, addresses: Iterable[str]) -> OnFile:
    """For each address (in lower case) the one policyholder that has it or its domain on file; None: none, or several
    (a broker)."""
    found: dict[str, Policyholder | None] = {}
    group: list[str] = []
    patterns = 0
    for address in dict.fromkeys(addresses):
        own = 1 + (own_domain(address) or "").count(".")
        if group and patterns + own > _PATTERNS:
            found |= _on_file(session, group)
            group, patterns = [], 0
        group.append(address)
        patterns += own
    return found | _on_file(session, group) if group else found


def _on_file(session: Session, addresses: list[str]) -> dict[str, Policyholder | None]:
    """By one statement."""
    sqlite = session.get_bind().dialect.name == "sqlite"  # there "like" knows no case, and "ilike" is slow

    def holds(column: InstrumentedAttribute[list[Any]], text: str) -> ColumnElement[bool]:
        plain, pattern = cast(column, String), f'%"{_escaped(text)}"%'
        return plain.like(pattern, escape="\\") if sqlite else plain.ilike(pattern, escape="\\")

    domains: dict[str, None] = {}
    for domain in map(own_domain, addresses):
        parts = domain.split(".") if domain else []
        domains |= dict.fromkeys(".".join(parts[n:]) for n in range(min(len(parts), max(1, len(parts) - 1))))
    texts = [holds(Policyholder.contacts, address) for address in addresses]
    texts += [holds(Policyholder.email_domains, domain) for domain in domains]
    likely = session.scalars(select(Policyholder).where(or_(*texts)).order_by(Policyholder.id)).all()
    exact = {address: [p for p in likely if belongs(p, address)] for address in addresses}
    return {address: one[0] if len(one) == 1 else None for address, one in exact.items()}


def _escaped(text: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", text)


def belongs(policyholder: Policyholder, address: str) -> bool:
    """Whether an address is on file for a policyholder, by itself or by its domain (subdomains count)."""
    if any(contact.get("email", "").lower() == address for contact in policyholder.contacts or []):
        return True
    domain = own_domain(address)
    known = [d.lower().lstrip("@") for d in policyholder.email_domains or []]
    return domain is not None and any(domain == d or domain.endswith("." + d) for d in known)


def _by_name(session: Session, name: str | None, rules: Checks, party: Party) -> Policyholder | None:
    """The policyholder of that name; near spellings become candidates, the only certain one counts."""
    if not name or not (key := name_key(name)):
        return None
    same = session.scalars(_OF_NAME, {"wanted": key}).all()
    if len(same) == 1:
        return same[0]
    near = same or session.scalars(
        select(Policyholder).where(Policyholder.name_key.startswith(key[:3], autoescape=True)).limit(500)
    )
    rated = sorted(((similarity(name, p.name), p.name, p) for p in near), key=lambda r: (-r[0], r[1]))
    certain = [p for score, _, p in rated if score >= rules.name_match_certain]
    if len(certain) == 1:
        return certain[0]
    if (called := learned_alias(session, key)) is not None:
        return called
    party.candidates = [text for score, text, _ in rated[:5] if score >= rules.name_match_offer]
    return None


def learned_alias(session: Session, key: str) -> Policyholder | None:
    """The policyholder of whom a person said that this name (by its key) is theirs too."""
    query = select(LearnedRule.policyholder_id, LearnedRule.payload).where(
        LearnedRule.kind == "alias", LearnedRule.key == key, LearnedRule.removed_at.is_(None)
    )
    holders = {holder for holder, payload in session.execute(query) if holder and "policyholder_id" in payload}
    return session.get(Policyholder, holders.pop()) if len(holders) == 1 else None


def only_policy(session: Session, policyholder: Policyholder) -> Policy | None:
    """The policy of a policyholder that has exactly one active policy."""
    found = session.scalars(_ACTIVE, {"holder": policyholder.id}).all()
    return found[0] if len(found) == 1 else None


def _judge_sender(party: Party, by_domain: Policyholder | None) -> None:
    """Whether the address belongs to the policyholder; unknown where nothing is on file to compare with."""
    holder, address = party.policyholder, party.address
    assert holder is not None
    if not address:
        party.sender_detail = "a colleague writes; the client's own address is not in the message"
        return
    domain = domain_of(address)
    if belongs(holder, address):
        party.sender, party.sender_detail = CheckOutcome.PASS, f"{domain} is on file for {holder.name}"
    elif by_domain is not None:
        party.sender, party.sender_detail = CheckOutcome.FAIL, f"{domain} is on file for another policyholder"
    elif party.policy and party.policy.broker and resembles(own_domain(address), party.policy.broker):
        party.sender, party.sender_detail = CheckOutcome.WARN, f"{domain} looks like the broker {party.policy.broker}"
    elif holder.email_domains or holder.contacts:
        party.sender, party.sender_detail = CheckOutcome.FAIL, f"{domain} is not on file for {holder.name}"
    elif resembles(own_domain(address), holder.name):
        party.sender_detail = f"nothing is on file for {holder.name}; {domain} resembles the name"
    else:
        party.sender_detail = f"nothing is on file for {holder.name} to compare {domain} with"


def resembles(domain: str | None, name: str) -> bool:
    """Whether a domain spells a company's name: kaltenbach-praezision.example for Kaltenbach Präzision GmbH."""
    if domain is None:
        return False
    letters = re.sub(r"[^a-z0-9]", "", name_key(name))
    return len(letters) >= 4 and any(
        similarity(re.sub(r"[^a-z0-9]", "", label), letters) >= SAME_COMPANY for label in domain.split(".")[:-1]
    )


def _contradictions(party: Party, by_domain: Policyholder | None, by_name: Policyholder | None) -> None:
    holder = party.policyholder
    assert holder is not None
    named = by_name is not None and by_name.id == holder.id  # by an alias, perhaps
    if party.name and not named and not same_company(party.name, holder.name):
        party.contradiction = f"the {party.how} leads to {holder.name}, the message names {party.name}"
    elif by_domain is not None and by_domain.id != holder.id:
        party.contradiction = f"the {party.how} leads to {holder.name}, the sender's address to {by_domain.name}"


def speaks_for(policyholder: Policyholder, address: str | None) -> bool:
    """Whether an address is a policyholder's own: on file, or, where nothing is on file, its domain spells the name."""
    if not address:
        return False
    nothing_on_file = not policyholder.email_domains and not policyholder.contacts
    return belongs(policyholder, address) or (nothing_on_file and resembles(own_domain(address), policyholder.name))


def same_company(one: str, other: str) -> bool:
    """Whether two names can be spellings of one company."""
    return similarity(one, other) >= SAME_COMPANY


def same_client(case: Case, party: Party) -> bool:
    """Whether a message of `party` may touch `case`: never across policyholders, doubt means no."""
    if party.contradiction:
        return False
    if case.policyholder_id is not None and party.policyholder is not None:
        if case.policyholder_id != party.policyholder.id:
            return False
        both = speaks_for(party.policyholder, party.address) and (
            case.asker_address is None or speaks_for(party.policyholder, case.asker_address)
        )
        return both or _same_sender(case, party)
    if party.name and case.policyholder_name and not same_company(party.name, case.policyholder_name):
        return False
    theirs, ours = number_key(party.policy_number), number_key(case.policy_number)
    if theirs and ours and theirs != ours:
        return False
    if _same_sender(case, party):
        return True
    named = bool(party.name and case.policyholder_name) or bool(theirs and ours)
    return named and case.asker_address is None and resembles(party.domain, case.policyholder_name or party.name or "")


def _same_sender(case: Case, party: Party) -> bool:
    if not party.address or not case.asker_address:
        return False
    return party.address == case.asker_address or (party.domain is not None and party.domain == case.asker_domain)
