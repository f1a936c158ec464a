"""Which cases a message continues: by its thread, then by case numbers, then by parties; never across policyholders."""

import re
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, CaseMessage, OutboxItem, StoredMessage
from cases.names import transliterate
from cases.policies import Party, same_client
from cases.references import parse
from cases.understanding import MessageFacts, Triage
from cases.vocabulary import DECIDED, ENDED, CaseKind, Intent

READ_CHARACTERS = 40_000  # of a message's text in which buyers are looked for


@dataclass(slots=True)
class Known:
    """The cases that a message continues, and how that was found; `foreign` were named but are not the sender's."""

    cases: list[Case] = field(default_factory=list)
    how: str = ""
    foreign: list[Case] = field(default_factory=list)
    offered: list[Case] = field(default_factory=list)  # perhaps meant; for a person to choose

    @property
    def open(self) -> list[Case]:
        """Those on which work goes on."""
        return [case for case in self.cases if case.status not in {s.value for s in ENDED}]


def find(session: Session, triage: Triage, facts: MessageFacts, party: Party) -> Known:
    """The cases of the same client that this message continues."""
    known = Known()
    for how, found in (
        ("thread", of_thread(session, facts)),
        ("case number", _of_numbers(session, triage.case_references)),
    ):
        own = [case for case in found if _may_touch(case, party, facts, how)]
        known.foreign += [case for case in found if case not in own]
        if own:
            known.cases, known.how = _narrowed(own, triage, facts), how
            return known
    if triage.requests and triage.intent is Intent.CREDIT_LIMIT_REQUEST:
        return known  # each request is compared with the open ones by itself
    by_parties = _of_parties(session, triage, facts, party)
    if len(by_parties) == 1:
        known.cases, known.how = by_parties, "parties"
    else:
        known.offered = by_parties
    return known


def _may_touch(case: Case, party: Party, facts: MessageFacts, how: str) -> bool:
    """The client's own case; or a colleague's word: in its thread, or by its number when the sender is proved."""
    if same_client(case, party):
        return True
    colleague = facts.from_staff and party.address is None
    return colleague and (how == "thread" or facts.authenticated)


def of_thread(session: Session, facts: MessageFacts) -> list[Case]:
    """Cases of the mails that this one answers: ours first, then the client's own; the nearest that has any."""
    ids = [i.strip("<> ") for i in facts.in_reply_to][:50]
    if not ids:
        return []
    touching: dict[str, set[int]] = {}
    ours = select(OutboxItem.message_id, OutboxItem.case_id, OutboxItem.message_row_id).where(
        OutboxItem.message_id.in_([f"<{i}>" for i in ids])
    )
    for message_id, case_id, row_id in session.execute(ours):
        cases = _of_messages(session, [row_id] if row_id else []) or ({case_id} if case_id else set())
        touching.setdefault((message_id or "").strip("<>"), set()).update(cases)
    theirs = select(StoredMessage.message_id, StoredMessage.id).where(StoredMessage.message_id.in_(ids))
    for message_id, row_id in session.execute(theirs):
        touching.setdefault(message_id or "", set()).update(_of_messages(session, [row_id]))
    for one in ids:
        if touching.get(one):
            return _resolved(session, touching[one])
    return []


def _of_messages(session: Session, row_ids: list[int]) -> set[int]:
    if not row_ids:
        return set()
    return set(session.scalars(select(CaseMessage.case_id).where(CaseMessage.message_row_id.in_(row_ids))))


def _resolved(session: Session, ids: set[int]) -> list[Case]:
    """The cases by id, a merged one replaced by the one it went into."""
    found: dict[int, Case] = {}
    for case in session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id)):
        target = case
        while target.merged_into_id is not None and (into := session.get(Case, target.merged_into_id)) is not None:
            target = into
        found[target.id] = target
    return list(found.values())


def _of_numbers(session: Session, references: list[str]) -> list[Case]:
    wanted = [r.strip().upper() for r in references if parse(r)]
    if not wanted:
        return []
    return _resolved(session, set(session.scalars(select(Case.id).where(Case.reference.in_(wanted)))))


def _narrowed(found: list[Case], triage: Triage, facts: MessageFacts) -> list[Case]:
    """Of several cases in a thread, those whose number or buyer the message names; all, where it names none."""
    if len(found) < 2:
        return found
    named = {r.strip().upper() for r in triage.case_references}
    chosen = [case for case in found if case.reference in named]
    if not chosen:
        text = read_text(triage, facts)
        chosen = [case for case in found if mentions(text, case.buyer_name_key)]
    return chosen or found


def read_text(triage: Triage, facts: MessageFacts) -> str:
    """All that a message says, in one spelling: plain letters, single spaces, a space at both ends."""
    pieces = [facts.subject, *(d.filename for d in triage.documents), facts.text or _parts(triage)]
    text = transliterate("\n".join(pieces)[:READ_CHARACTERS])
    return f" {' '.join(re.split(r'[^a-z0-9]+', text))} "


def _parts(triage: Triage) -> str:
    return "\n".join(part.text for part in triage.parts)


def mentions(text: str, buyer_name_key: str | None) -> bool:
    """Whether a buyer is named in a text of `read_text`."""
    return bool(buyer_name_key) and len(buyer_name_key or "") > 2 and f" {buyer_name_key} " in text


def _of_parties(session: Session, triage: Triage, facts: MessageFacts, party: Party) -> list[Case]:
    """The policyholder's cases whose buyer the message names: open ones, for an appeal the decided."""
    if party.policyholder is None and party.domain is None:
        return []
    appeal = triage.intent is Intent.DECISION_APPEAL
    states = [s.value for s in (DECIDED if appeal else ENDED)]
    query = select(Case).where(Case.kind == CaseKind.REQUEST.value, Case.merged_into_id.is_(None))
    query = query.where(Case.status.in_(states) if appeal else Case.status.not_in(states))
    if party.policyholder is not None:
        query = query.where(Case.policyholder_id == party.policyholder.id)
    else:
        query = query.where(Case.asker_domain == party.domain)
    text = read_text(triage, facts)
    recent = query.with_only_columns(Case.id, Case.buyer_name_key).order_by(Case.received_at.desc(), Case.id.desc())
    ids = [row.id for row in session.execute(recent.limit(2000)) if mentions(text, row.buyer_name_key)]
    if not ids:
        return []
    named = session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.received_at.desc(), Case.id.desc()))
    found = [case for case in named if same_client(case, party)]
    found = _by_amount(found, triage)
    if appeal:  # of several decisions on one buyer the last is meant
        newest: dict[str, Case] = {}
        for case in found:
            newest.setdefault(case.buyer_name_key or "", case)
        found = list(newest.values())
    return found


def _by_amount(found: list[Case], triage: Triage) -> list[Case]:
    amounts = {r.amount for r in triage.requests if r.amount is not None}
    exact = [case for case in found if case.amount in amounts]
    return exact if len(found) > 1 and exact else found
