"""Erasing a person: a contact at a client or broker, or a colleague."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from cases import audit
from cases.erasure import traces
from cases.erasure.traces import ERASED, Erasure, chunks
from cases.models import (
    Case,
    Conversation,
    ConversationTurn,
    Decision,
    Event,
    FieldEvidence,
    LearnedRule,
    Note,
    OutboxItem,
    Person,
    Policyholder,
    StoredMessage,
)
from cases.people import checked_email
from cases.rights import Asker, require
from config.errors import NotFound

_CONTACT_FIELDS = ("contact_name", "contact_email", "contact_phone")


def erase_person(session: Session, email: str, asker: Asker, now: datetime) -> Erasure:
    """Erases a person everywhere in the desk, by e-mail address.

    A contact's mails, quotes and addresses go, the client's cases stay. Of a colleague the name goes, from the
    history too (whose chain still verifies); what was decided stays. Raises Refused, InvalidValue, NotFound.
    """
    require(asker, "erase")
    address = checked_email(email)
    traces.begin(session)
    audit.lock(session)
    done = Erasure()
    colleague = session.scalar(select(Person).where(Person.email == address))
    case_rows = session.execute(
        select(Case.id, Case.contact_name).where(func.lower(Case.contact_email) == address)
    ).all()
    names = {row.contact_name for row in case_rows if row.contact_name}
    if colleague is not None:
        names.add(colleague.name)
    needles = [address, *sorted(name for name in names if len(name) > 3)]
    message_ids = list(session.scalars(select(StoredMessage.id).where(func.lower(StoredMessage.sender) == address)))
    traces.drop_payloads(session, traces.events_of(session, (), message_ids), done)
    traces.drop_mentioning_payloads(session, needles, done)
    traces.drop_conversations(session, needles, done)
    traces.drop_learned(session, needles, done)
    _empty_outbox(session, address, message_ids, done)
    _empty_quotes(session, message_ids, [row.id for row in case_rows], done)
    traces.empty_messages(session, message_ids, done)
    _empty_case_texts(session, [row.id for row in case_rows], needles, done)
    _drop_contacts(session, address, done)
    if colleague is not None:
        _forget_colleague(session, colleague, done)
    if not done.total:
        raise NotFound(f"nothing about {address} is stored: check the address")
    audit.record(session, kind="PersonErased", actor=_actor(asker, address), at=now, after=done.counts)
    session.expire_all()
    return done


def _actor(asker: Asker, address: str) -> str:
    return audit.ERASED if asker.email == address else asker.email


def _empty_outbox(session: Session, address: str, message_ids: Sequence[int], done: Erasure) -> None:
    items = {item.id: item for item in session.scalars(select(OutboxItem).where(func.lower(OutboxItem.to) == address))}
    for part in chunks(message_ids):
        items |= {i.id: i for i in session.scalars(select(OutboxItem).where(OutboxItem.message_row_id.in_(part)))}
    traces.empty_outbox(session, list(items.values()), done)


def _empty_quotes(session: Session, message_ids: Sequence[int], case_ids: Sequence[int], done: Erasure) -> None:
    """Values stay with the client's cases, the person's own words and contact data go."""
    for part in chunks(case_ids):
        session.execute(
            delete(FieldEvidence).where(FieldEvidence.case_id.in_(part), FieldEvidence.field.in_(_CONTACT_FIELDS))
        )
    for part in chunks(message_ids):
        session.execute(
            update(FieldEvidence)
            .where(FieldEvidence.message_row_id.in_(part))
            .values(quote="", part="", start=0, end=0, derived=ERASED)
        )


def _empty_case_texts(session: Session, case_ids: Sequence[int], needles: Sequence[str], done: Erasure) -> None:
    emptied: dict[str, object] = dict.fromkeys(_CONTACT_FIELDS)
    for part in chunks(case_ids):
        for case in session.scalars(select(Case).where(Case.id.in_(part))):
            for name, value in emptied.items():
                setattr(case, name, value)
    done.add("cases", len(case_ids))
    mentioning = or_(*(column.icontains(needle, autoescape=True) for needle in needles for column in _TEXTS))
    for case in session.scalars(select(Case).where(mentioning)):
        for column in _TEXTS:
            if traces.mentions(getattr(case, column.key) or "", needles):
                setattr(case, column.key, None)
        done.add("case texts", 1)
    for note in session.scalars(select(Note)):
        if traces.mentions(note.text, needles):
            note.text = ERASED
            done.add("notes", 1)
    for decision in session.scalars(select(Decision)):
        for name in ("rationale", "sentence"):
            if traces.mentions(getattr(decision, name) or "", needles):
                setattr(decision, name, None)
                done.add("decision texts", 1)
    session.flush()


_TEXTS = (Case.summary, Case.underwriter_note, Case.next_action, Case.urgency_reason, Case.allocation_reason)


def _drop_contacts(session: Session, address: str, done: Erasure) -> None:
    for holder in session.scalars(select(Policyholder)):
        kept = [contact for contact in holder.contacts or [] if contact.get("email", "").lower() != address]
        if len(kept) < len(holder.contacts or []):
            holder.contacts = kept
            done.add("contacts", 1)


def _forget_colleague(session: Session, person: Person, done: Erasure) -> None:
    """The name goes from people, cases and history; a number in its place keeps the people apart."""
    address, name, instead = person.email, person.name, f"{ERASED}-{person.id}"
    talks = select(Conversation.id).where(Conversation.person == address)
    session.execute(delete(ConversationTurn).where(ConversationTurn.conversation_id.in_(talks)))
    session.execute(delete(Conversation).where(Conversation.person == address))
    session.execute(update(Event).where(Event.actor == address).values(actor=audit.ERASED, actor_salt=None))
    for column in (
        Case.assignee,
        Case.sales_contact,
        Policyholder.sales_contact,
        Decision.decided_by,
        Note.author,
        FieldEvidence.set_by,
        OutboxItem.approved_by,
        LearnedRule.created_by,
        LearnedRule.removed_by,
    ):
        session.execute(update(column.class_).where(column == address).values({column.key: instead}))
    for column in (Case.underwriter, Decision.decided_by):
        session.execute(update(column.class_).where(column == name).values({column.key: instead}))
    person.name, person.email, person.active = instead, f"{instead}@invalid", False
    person.slack_user_id, person.accounts, person.absences = None, [], []
    session.flush()
    done.add("people", 1)
