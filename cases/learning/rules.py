"""Learned rules: kept once each, listed, looked up, taken back. Every change is an event of its case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import audit
from cases.models import BuyerAlias, Case, LearnedRule, Policyholder
from cases.rights import Asker, require
from config.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Scope:
    """For whose mail a rule holds; at least one of the three is known."""

    policy_number: str | None
    policyholder_id: int | None
    sender_domain: str | None
    name: str  # as people call it

    @property
    def known(self) -> bool:
        """Whether there is anybody for whom a rule could hold: none is ever made for all."""
        return bool(self.policy_number or self.policyholder_id or self.sender_domain)


def scope_of(case: Case) -> Scope:
    """Whose case it is; the sender's domain is unknown for public mail services."""
    name = case.policy_number or (case.policyholder_name if case.policyholder_id else None)
    return Scope(
        case.policy_number,
        case.policyholder_id,
        case.asker_domain,
        name or f"mail from {case.asker_domain}",
    )


def keep(
    session: Session,
    case: Case,
    scope: Scope,
    *,
    kind: str,
    key: str,
    payload: dict[str, object],
    sentence: str,
    message_id: int | None,
    actor: str,
    now: datetime,
) -> LearnedRule | None:
    """A new rule; None where it is known already. One that says otherwise of the same thing gives way."""
    session.flush()
    if any(old.payload == payload for old in _same_thing(session, scope, kind, key)):
        return None
    for old in _same_thing(session, scope, kind, key):
        old.removed_at, old.removed_by = now, actor
    rule = LearnedRule(
        kind=kind,
        key=key[:300],
        policyholder_id=scope.policyholder_id,
        policy_number=scope.policy_number,
        sender_domain=scope.sender_domain,
        payload=payload,
        sentence=sentence,
        case_id=case.id,
        message_id=message_id,
        created_by=actor,
        created_at=now,
    )
    session.add(rule)
    session.flush()
    after = {"rule": rule.id, "kind": kind, "says": sentence}
    audit.record(
        session, kind="RuleLearned", actor=actor, at=now, case=case, after=after, cause="a correction, confirmed"
    )
    return rule


def _same_thing(session: Session, scope: Scope, kind: str, key: str) -> Sequence[LearnedRule]:
    query = select(LearnedRule).where(
        LearnedRule.kind == kind, LearnedRule.key == key[:300], LearnedRule.removed_at.is_(None)
    )
    if kind != "example":
        query = query.where(
            LearnedRule.policy_number == scope.policy_number, LearnedRule.policyholder_id == scope.policyholder_id
        )
        if scope.policy_number is None and scope.policyholder_id is None:
            query = query.where(LearnedRule.sender_domain == scope.sender_domain)
    return session.scalars(query).all()


def active(session: Session, kinds: Sequence[str] | None = None) -> list[LearnedRule]:
    """The rules in force, oldest first."""
    query = select(LearnedRule).where(LearnedRule.removed_at.is_(None)).order_by(LearnedRule.id)
    return list(session.scalars(query.where(LearnedRule.kind.in_(kinds)) if kinds is not None else query))


def all_rules(session: Session) -> list[LearnedRule]:
    """Those that were taken back too, oldest first."""
    return list(session.scalars(select(LearnedRule).order_by(LearnedRule.id)))


def find_rule(session: Session, rule_id: int) -> LearnedRule:
    """The rule of an id. Raises NotFound."""
    rule = session.get(LearnedRule, rule_id)
    if rule is None:
        raise NotFound(f"no learned rule {rule_id}: `creditdesk learned list` shows what there is")
    return rule


def remove(session: Session, rule_id: int, asker: Asker, now: datetime) -> LearnedRule:
    """Takes a rule back, with what it wrote into the register. Raises Refused, NotFound, Conflict."""
    require(asker, "manage_learned")
    rule = find_rule(session, rule_id)
    if rule.removed_at is not None:
        raise Conflict(f"learned rule {rule_id} was taken back already by {rule.removed_by}: nothing to do")
    rule.removed_at, rule.removed_by = now, asker.email
    _undo(session, rule)
    case = session.get(Case, rule.case_id) if rule.case_id is not None else None
    before = {"rule": rule.id, "kind": rule.kind, "says": rule.sentence}
    audit.record(session, kind="RuleRemoved", actor=asker.email, at=now, case=case, before=before)
    return rule


def _undo(session: Session, rule: LearnedRule) -> None:
    if rule.kind == "alias" and "buyer_id" in rule.payload:
        query = select(BuyerAlias).where(
            BuyerAlias.buyer_id == rule.payload["buyer_id"], BuyerAlias.name_key == rule.key
        )
        for alias in session.scalars(query):
            session.delete(alias)
    if rule.kind == "sender_domain" and rule.policyholder_id is not None:
        holder = session.get(Policyholder, rule.policyholder_id)
        if holder is not None:
            holder.email_domains = [one for one in holder.email_domains or [] if one.lower() != rule.key]
