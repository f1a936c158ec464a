"""Reads rules off corrections: what a person set, against what the machine had read and where the value stands.

A lesson is drawn only where the message shows why the reading failed; anything else stays a single correction.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from cases import audit, policies
from cases.learning.examples import learn_example
from cases.learning.rules import Scope, keep, scope_of
from cases.models import Buyer, BuyerAlias, Case, CaseMessage, FieldEvidence, LearnedRule, Policyholder, StoredMessage
from cases.names import name_key
from cases.understanding import Labelled, MessageFacts
from cases.values import CORRECTABLE, Value, parse_field
from cases.vocabulary import EvidenceState
from config.errors import InvalidValue

_MONEY_WORDS = re.compile(r"[€$£¥]|\b[A-Z]{3}\b")
_NO_LABEL_TEACHES = frozenset({"sector", "broker", "urgency", "language", "sales_contact", "risk_grade"})
_NAMES = frozenset({"buyer_name", "policyholder_name", "contact_name", "goods"})
_LOOKALIKE = 0.85  # domains this alike, yet not the same, may be a trick: never taught


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A case that a person set right, the message that opened it, and for whom its lessons hold."""

    session: Session
    case: Case
    scope: Scope
    facts: MessageFacts
    message_id: int
    actor: str
    now: datetime

    def keep(self, kind: str, key: str, payload: dict[str, object], sentence: str) -> LearnedRule | None:
        """Keeps one rule; None where it is known."""
        return keep(self.session, self.case, self.scope, kind=kind, key=key, payload=payload, sentence=sentence,
                    message_id=self.message_id, actor=self.actor, now=self.now)  # fmt: skip


def learn_values(session: Session, case: Case, actor: str, now: datetime, *, confirmed: bool = False) -> None:
    """Draws the lessons of all corrections of a case; what is known already is not learned twice.

    `confirmed`: a person stands for the whole case, so that it can serve as an example.
    """
    session.flush()
    source = _source(session, case)
    if source is None or not (corrected := _corrected(session, case)):
        return
    stored, facts = source
    scope = scope_of(case)
    if scope.known:
        teacher = _Corrected(session, case, scope, facts, stored.id, actor, now)
        for field in corrected:
            _learn_field(teacher, field)
    if confirmed:
        learn_example(session, case, scope, stored, facts, corrected, actor, now)


def _source(session: Session, case: Case) -> tuple[StoredMessage, MessageFacts] | None:
    """The message that opened the case, with what is known of it."""
    query = (
        select(StoredMessage)
        .join(CaseMessage, CaseMessage.message_row_id == StoredMessage.id)
        .where(CaseMessage.case_id == case.id, CaseMessage.relation == "opened")
        .options(undefer(StoredMessage.facts), undefer(StoredMessage.triage))
        .order_by(CaseMessage.id)
        .limit(1)
    )
    stored = session.scalar(query)
    if stored is None or not stored.facts:
        return None
    return stored, MessageFacts.model_validate(stored.facts)


def _corrected(session: Session, case: Case) -> list[str]:
    """The fields that a person set right, in the order in which that happened."""
    query = select(FieldEvidence.field).where(
        FieldEvidence.case_id == case.id,
        FieldEvidence.current,
        FieldEvidence.state == EvidenceState.CORRECTED.value,
    )
    return list(dict.fromkeys(session.scalars(query.order_by(FieldEvidence.id))))


def _read_by_machine(session: Session, case: Case, field: str) -> list[FieldEvidence]:
    """What the message was taken to say of the field before."""
    query = select(FieldEvidence).where(
        FieldEvidence.case_id == case.id,
        FieldEvidence.field == field,
        FieldEvidence.message_row_id.is_not(None),
        FieldEvidence.engine != "person",
    )
    return [row for row in session.scalars(query) if not (row.derived or "").startswith("learned: ")]


def _learn_field(teacher: _Corrected, field: str) -> None:
    value: Value = getattr(teacher.case, field)
    if value is None:
        return
    client = teacher.scope.name
    if field == "currency" and _currency_was_left_out(teacher.session, teacher.case, teacher.facts):
        sentence = f"amounts of {client} without a currency are in {value}"
        teacher.keep("default_currency", "", {"currency": value}, sentence)
    elif (label := _label_of(field, value, teacher.facts.labels)) is not None:
        sentence = f"column '{label}' of {client} is the {field.replace('_', ' ')}"
        payload: dict[str, object] = {"column": label, "field": field.replace("contact_", "contact.")}
        teacher.keep("column_meaning", label.casefold(), payload, sentence)
    elif field in ("buyer_name", "policyholder_name"):
        _learn_alias(teacher, field)


def _currency_was_left_out(session: Session, case: Case, facts: MessageFacts) -> bool:
    """Whether the message gave its amount as a bare number and names the currency nowhere."""
    if case.amount is None or any(
        _MONEY_WORDS.search(row.quote) for row in _read_by_machine(session, case, "currency")
    ):
        return False
    if any(_MONEY_WORDS.search(row.quote) for row in _read_by_machine(session, case, "amount")):
        return False
    return re.search(rf"\b{re.escape(str(case.currency))}\b", f"{facts.subject}\n{facts.text}") is None


def _label_of(field: str, value: Value, labels: Iterable[Labelled]) -> str | None:
    """The one label beside which the value stands, where that label was not taken for this field alone."""
    if field in _NO_LABEL_TEACHES or field not in CORRECTABLE:
        return None
    own = field.replace("contact_", "contact.")
    beside = {one.label: one.meaning for one in labels if _says(field, value, one.text)}
    taken = {one.label for one in labels if one.meaning == own}
    if len(beside) != 1:
        return None
    [(label, meaning)] = beside.items()
    return None if meaning == own and taken == {label} else label


def _says(field: str, value: Value, text: str) -> bool:
    if field in _NAMES:
        return bool(name_key(text)) and name_key(text) == name_key(str(value))
    bare = _MONEY_WORDS.sub("", text).strip() if field != "currency" else text
    for spelled in (text, bare):
        try:
            if spelled and parse_field(field, spelled) == value:
                return True
        except InvalidValue:
            continue
    return False


def _learn_alias(teacher: _Corrected, field: str) -> None:
    """The name that the message uses for a known party that it does not call by its own name."""
    session, case, facts = teacher.session, teacher.case, teacher.facts
    right = str(getattr(case, field))
    whole = name_key(" ".join([facts.subject, facts.text, *(one.text for one in facts.labels)]))
    written = [row.quote.strip() for row in _read_by_machine(session, case, field) if row.quote.strip()]
    if not written or f" {name_key(right)} " in f" {whole} ":
        return
    alias, key = written[-1], name_key(written[-1])
    payload = _party_of_alias(session, case, field, right, key)
    if payload is None or not key or key == name_key(right):
        return
    sentence = f"'{alias}' is {right}" + (f", in mail of {teacher.scope.name}" if field == "policyholder_name" else "")
    kept = teacher.keep("alias", key, payload | {"name": alias}, sentence)
    if kept is not None and "buyer_id" in payload and case.buyer_id is not None:
        session.add(BuyerAlias(buyer_id=case.buyer_id, name=alias[:300], name_key=key))


def _party_of_alias(session: Session, case: Case, field: str, right: str, key: str) -> dict[str, object] | None:
    """The known party, unless the alias is the name of another one."""
    table = Buyer if field == "buyer_name" else Policyholder
    if session.scalar(select(table.id).where(table.name_key == key).limit(1)) is not None:
        return None
    if field == "policyholder_name":
        return {"policyholder_id": case.policyholder_id} if case.policyholder_id is not None else None
    buyer = session.get(Buyer, case.buyer_id) if case.buyer_id is not None else None
    if buyer is None or not policies.same_company(buyer.name, right):
        return None
    known = select(BuyerAlias.id).where(BuyerAlias.buyer_id == buyer.id, BuyerAlias.name_key == key)
    return {"buyer_id": buyer.id} if session.scalar(known) is None else None


def learn_sender(session: Session, case: Case, actor: str, now: datetime) -> None:
    """A confirmed case teaches that its sender's domain belongs to the policyholder.

    Not for public mail services (there the domain is None), and not where it nearly is a domain on file: that may be
    a trick, and belongs on file only by a person's own hand.
    """
    domain = case.asker_domain
    holder = session.get(Policyholder, case.policyholder_id) if case.policyholder_id is not None else None
    if not domain or holder is None or policies.belongs(holder, case.asker_address or ""):
        return
    on_file = [one.lower().lstrip("@") for one in holder.email_domains or []]
    if any(SequenceMatcher(None, domain, one).ratio() >= _LOOKALIKE for one in on_file):
        after = {"domain": domain, "on_file": on_file}
        audit.record(session, kind="SenderNotLearned", actor=actor, at=now, case=case, after=after,
                     cause="the domain is nearly one on file: it may be a trick")  # fmt: skip
        return
    scope = Scope(None, holder.id, domain, holder.name)
    sentence = f"mail from {domain} belongs to {holder.name}"
    message = session.scalar(
        select(CaseMessage.message_row_id).where(CaseMessage.case_id == case.id).order_by(CaseMessage.id).limit(1)
    )
    kept = keep(session, case, scope, kind="sender_domain", key=domain, payload={"domain": domain},
                sentence=sentence, message_id=message, actor=actor, now=now)  # fmt: skip
    if kept is not None:
        holder.email_domains = [*(holder.email_domains or []), domain]
