"""Erasing a client (policyholder)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from cases import audit, lifecycle
from cases.erasure import traces
from cases.erasure.traces import ERASED, Erasure, chunks
from cases.models import (
    Buyer,
    BuyerAlias,
    Case,
    CaseDocument,
    CaseMessage,
    CreditLimit,
    Decision,
    FieldEvidence,
    Note,
    OutboxItem,
    Person,
    Policy,
    Policyholder,
    StoredMessage,
    Task,
)
from cases.names import name_key
from cases.rights import Asker, require
from cases.vocabulary import Status
from config.errors import Conflict, NotFound

# What remains of a case: its reference, kind, states, times, amounts, country, sector, team.
_EMPTIED: dict[str, object] = {
    "policyholder_name": ERASED,
    "policyholder_id": None,
    "policy_id": None,
    "policy_number": None,
    "broker": None,
    "contact_name": None,
    "contact_email": None,
    "contact_phone": None,
    "language": None,
    "buyer_id": None,
    "buyer_name": ERASED,
    "buyer_name_key": None,
    "buyer_registration_number": None,
    "buyer_vat_id": None,
    "buyer_lei": None,
    "buyer_duns": None,
    "goods": None,
    "urgency_reason": None,
    "summary": None,
    "allocation_reason": None,
    "next_action": None,
    "underwriter_note": None,
    "risk_grade": None,
    "checks": [],
    "conflicts": [],
    "candidates": [],
}


def erase_policyholder(session: Session, name: str, asker: Asker, now: datetime) -> Erasure:
    """Erases a client everywhere in the desk: mails, files, quotes, texts, payloads, conversations, rules, policies.

    Cases stay as figures without names. Raises Refused, NotFound, Conflict where the name fits several clients.
    Mail on the mail server and messages in Slack are outside the desk and stay.
    """
    require(asker, "erase")
    traces.begin(session)
    audit.lock(session)
    holder = _find(session, name)
    names = _spellings(session, holder)
    done = Erasure()
    owned = or_(Case.policyholder_id == holder.id, Case.policyholder_name.in_(names))
    rows = session.execute(select(Case.id, Case.reference, Case.contact_email, Case.buyer_id).where(owned)).all()
    case_ids = [row.id for row in rows]
    policies = session.execute(select(Policy.id, Policy.number).where(Policy.policyholder_id == holder.id)).all()
    needles = [
        *names,
        *(row.reference for row in rows),
        *(row.contact_email or "" for row in rows),
        *(p.number for p in policies),
    ]
    message_ids = _messages(session, case_ids, holder.id)
    traces.drop_payloads(session, traces.events_of(session, case_ids, message_ids), done)
    traces.drop_mentioning_payloads(session, needles, done)
    traces.drop_conversations(session, needles, done)
    traces.drop_learned(session, needles, done, policyholder_id=holder.id)
    _empty_outbox(session, case_ids, message_ids, done)
    traces.empty_messages(session, message_ids, done)
    _end_cases(session, case_ids, asker, now)
    _empty_cases(session, case_ids, done)
    _drop_register(session, holder, [p.id for p in policies], done)
    _drop_buyers(session, {row.buyer_id for row in rows if row.buyer_id is not None}, done)
    audit.record(session, kind="ClientErased", actor=asker.email, at=now, after=done.counts)
    session.expire_all()
    return done


def _find(session: Session, name: str) -> Policyholder:
    exact = session.scalar(select(Policyholder).where(Policyholder.name == name.strip()))
    if exact is not None:
        return exact
    alike = session.scalars(select(Policyholder).where(Policyholder.name_key == name_key(name))).all()
    if len(alike) > 1:
        raise Conflict(f"{name!r} fits {', '.join(h.name for h in alike)}: give one of these names in full")
    if not alike:
        raise NotFound(f"no policyholder {name!r}: give the name as the register has it")
    return alike[0]


def _spellings(session: Session, holder: Policyholder) -> list[str]:
    """The client's name as the register and its cases write it (cases without a link too)."""
    unlinked = select(Case.policyholder_name).where(Case.policyholder_id.is_(None), Case.policyholder_name.is_not(None))
    linked = select(Case.policyholder_name).where(Case.policyholder_id == holder.id)
    written = {name for name in session.scalars(unlinked.distinct()) if name and name_key(name) == holder.name_key}
    written |= {name for name in session.scalars(linked.distinct()) if name}
    return sorted(written | {holder.name})


def _messages(session: Session, case_ids: Sequence[int], holder_id: int) -> set[int]:
    found = set(session.scalars(select(StoredMessage.id).where(StoredMessage.policyholder_id == holder_id)))
    for part in chunks(case_ids):
        found |= set(session.scalars(select(CaseMessage.message_row_id).where(CaseMessage.case_id.in_(part))))
    return found


def _empty_outbox(session: Session, case_ids: Sequence[int], message_ids: set[int], done: Erasure) -> None:
    items: dict[int, OutboxItem] = {}
    for column, ids in ((OutboxItem.case_id, set(case_ids)), (OutboxItem.message_row_id, message_ids)):
        for part in chunks(ids):
            items |= {item.id: item for item in session.scalars(select(OutboxItem).where(column.in_(part)))}
    traces.empty_outbox(session, list(items.values()), done)


def _end_cases(session: Session, case_ids: Sequence[int], asker: Asker, now: datetime) -> None:
    """Open cases of the client end: nobody can work on them any more."""
    for part in chunks(case_ids):
        for case in session.scalars(select(Case).where(Case.id.in_(part))):
            if lifecycle.is_open(case):
                cause = "the client was erased"
                lifecycle.move(session, case, Status.WITHDRAWN, actor=asker.email, at=now, cause=cause)


def _empty_cases(session: Session, case_ids: Sequence[int], done: Erasure) -> None:
    for part in chunks(case_ids):
        for model in (FieldEvidence, Note, Task):
            session.execute(delete(model).where(model.case_id.in_(part)))
        session.execute(update(Decision).where(Decision.case_id.in_(part)).values(rationale=None, sentence=None))
        session.execute(update(CaseDocument).where(CaseDocument.case_id.in_(part)).values(filename=None))
        session.execute(update(Case).where(Case.id.in_(part)).values(version=Case.version + 1, **_EMPTIED))
    done.add("cases", len(case_ids))


def _drop_register(session: Session, holder: Policyholder, policy_ids: Sequence[int], done: Erasure) -> None:
    for part in chunks(policy_ids):
        session.execute(update(Case).where(Case.policy_id.in_(part)).values(policy_id=None, policy_number=None))
        session.execute(delete(CreditLimit).where(CreditLimit.policy_id.in_(part)))
        session.execute(delete(Policy).where(Policy.id.in_(part)))
    done.add("policies", len(policy_ids))
    for person in session.scalars(select(Person)):
        if holder.name in (person.accounts or []):
            person.accounts = [account for account in person.accounts if account != holder.name]
    session.flush()
    session.execute(delete(Policyholder).where(Policyholder.id == holder.id))


def _drop_buyers(session: Session, buyer_ids: set[int], done: Erasure) -> None:
    """Buyers that only this client dealt with."""
    for part in chunks(buyer_ids):
        used = set(session.scalars(select(Case.buyer_id).where(Case.buyer_id.in_(part))))
        used |= set(session.scalars(select(CreditLimit.buyer_id).where(CreditLimit.buyer_id.in_(part))))
        alone = sorted(set(part) - used)
        session.execute(delete(BuyerAlias).where(BuyerAlias.buyer_id.in_(alone)))
        session.execute(delete(Buyer).where(Buyer.id.in_(alone)))
        done.add("buyers", len(alone))
