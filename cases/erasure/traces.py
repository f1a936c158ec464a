"""Taking traces out of messages, payloads, conversations and outgoing mail. All run in the caller's transaction."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, null, select, text, update
from sqlalchemy.orm import Session

from cases.models import (
    Attachment,
    Conversation,
    ConversationTurn,
    Event,
    EventPayload,
    LearnedRule,
    ModelCall,
    OutboxItem,
    SeenDelivery,
    StoredMessage,
)
from cases.vocabulary import OutboxState

ERASED = "erased"
_CHUNK = 500
_UNSENT = [s.value for s in (OutboxState.WAITING, OutboxState.DRAFT, OutboxState.HELD, OutboxState.FAILED)]


@dataclass(slots=True)
class Erasure:
    """How many rows of each kind were emptied or removed."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, number: int) -> None:
        """Counts rows of a kind."""
        if number:
            self.counts[what] = self.counts.get(what, 0) + number

    @property
    def total(self) -> int:
        """Rows in all."""
        return sum(self.counts.values())


def begin(session: Session) -> None:
    """Makes SQLite overwrite what is deleted, instead of leaving it in free pages."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("pragma secure_delete = on"))


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Ids in pieces that fit into one statement."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]


def _rows(result: object) -> int:
    return int(getattr(result, "rowcount", 0) or 0)


def empty_messages(session: Session, ids: Iterable[int], done: Erasure) -> None:
    """Bytes, texts and addresses of messages go; the row and its digest stay, so that no copy is taken in again."""
    for part in chunks(ids):
        done.add("attachments", _rows(session.execute(delete(Attachment).where(Attachment.message_id.in_(part)))))
        done.add("model calls", _rows(session.execute(delete(ModelCall).where(ModelCall.message_row_id.in_(part)))))
        session.execute(update(LearnedRule).where(LearnedRule.message_id.in_(part)).values(message_id=None))
        emptied = session.execute(
            update(StoredMessage)
            .where(StoredMessage.id.in_(part))
            .values(
                raw=b"",
                size=0,
                message_id=None,
                text_digest=None,
                subject=None,
                sender=None,
                triage=null(),
                facts=null(),
                policyholder_id=None,
                reason=ERASED,
            )
        )
        done.add("messages", _rows(emptied))


def empty_outbox(session: Session, rows: Sequence[OutboxItem], done: Erasure) -> None:
    """Texts and addresses of outgoing messages go; what was not yet sent is stopped."""
    for item in rows:
        item.to = item.text = ERASED
        item.subject, item.payload, item.references, item.in_reply_to, item.error = "", {}, [], None, None
        if item.state in _UNSENT:
            item.state = OutboxState.REJECTED.value
    done.add("outgoing messages", len(rows))


def drop_payloads(session: Session, event_ids: Iterable[int], done: Erasure) -> None:
    """Payloads of events go with their salts; the events stay in the chain."""
    for part in chunks(event_ids):
        dropped = session.execute(delete(EventPayload).where(EventPayload.event_id.in_(part)))
        done.add("event payloads", _rows(dropped))


def mentions(value: object, needles: Sequence[str]) -> bool:
    """Whether a text or JSON value holds one of the words, in any case."""
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    lowered = written.casefold()
    return any(needle.casefold() in lowered for needle in needles if needle)


def drop_mentioning_payloads(session: Session, needles: Sequence[str], done: Erasure) -> None:
    """Payloads in which one of the words stands, wherever they hang."""
    query = select(EventPayload.event_id, EventPayload.payload).execution_options(yield_per=1000)
    found = [number for number, payload in session.execute(query) if mentions(payload, needles)]
    drop_payloads(session, found, done)


def events_of(session: Session, case_ids: Iterable[int], message_ids: Iterable[int]) -> set[int]:
    """Events of cases and messages."""
    found: set[int] = set()
    for part in chunks(case_ids):
        found |= set(session.scalars(select(Event.id).where(Event.case_id.in_(part))))
    for part in chunks(message_ids):
        found |= set(session.scalars(select(Event.id).where(Event.message_row_id.in_(part))))
    return found


def drop_conversations(session: Session, needles: Sequence[str], done: Erasure) -> None:
    """Turns of conversations in which one of the words stands, and what was remembered of them."""
    turns = session.execute(select(ConversationTurn.id, ConversationTurn.question, ConversationTurn.answer))
    found = [number for number, question, answer in turns if mentions(question, needles) or mentions(answer, needles)]
    for part in chunks(found):
        session.execute(delete(ConversationTurn).where(ConversationTurn.id.in_(part)))
    done.add("conversation turns", len(found))
    for conversation in session.scalars(select(Conversation)):
        if mentions(conversation.state, needles) or mentions(conversation.summary, needles):
            conversation.state, conversation.summary = {}, ""
            done.add("conversations", 1)
    for delivery in session.scalars(select(SeenDelivery).where(SeenDelivery.payload.is_not(None))):
        if mentions(delivery.payload, needles):
            delivery.payload = None
            done.add("deliveries", 1)


def drop_learned(
    session: Session, needles: Sequence[str], done: Erasure, *, policyholder_id: int | None = None
) -> None:
    """Learned rules of a client, or in which one of the words stands."""
    for rule in session.scalars(select(LearnedRule)):
        own = policyholder_id is not None and rule.policyholder_id == policyholder_id
        if own or mentions([rule.payload, rule.sentence, rule.policy_number or ""], needles):
            session.delete(rule)
            done.add("learned rules", 1)
