"""What was asked before: kept for each person and thread, so that another person in the thread starts anew."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Conversation, ConversationTurn

WINDOW = 20  # turns kept word by word; older ones become the summary
SUMMARY = 4000  # characters


def load_state(session: Session, person: str, thread: str) -> dict[str, Any]:
    """The state of the person's conversation in the thread; empty for a new one."""
    found = session.scalar(select(Conversation).where(Conversation.person == person, Conversation.thread == thread))
    return dict(found.state or {}) if found is not None else {}


def next_state(before: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """What the conversation remembers after an answer: a new subject replaces the old one."""
    kept = {} if "kind" in change else {name: value for name, value in before.items() if name != "pending"}
    return kept | change


def keep_turn(
    session: Session,
    person: str,
    thread: str,
    question: str,
    answer: dict[str, Any],
    state: dict[str, Any],
    now: datetime,
) -> None:
    """Writes a question, its answer and the new state; the caller commits."""
    found = session.scalar(select(Conversation).where(Conversation.person == person, Conversation.thread == thread))
    if found is None:
        found = Conversation(person=person, thread=thread, state={}, summary="", updated_at=now)
        session.add(found)
        session.flush()
    found.state, found.updated_at = state, now
    session.add(ConversationTurn(conversation_id=found.id, question=question[:4000], answer=answer, at=now))
    session.flush()
    _summarise(session, found)


def _summarise(session: Session, conversation: Conversation) -> None:
    """Beyond the window, the oldest turns become lines of the summary."""
    of_it = ConversationTurn.conversation_id == conversation.id
    count = session.scalar(select(func.count()).select_from(ConversationTurn).where(of_it)) or 0
    if count <= WINDOW:
        return
    oldest = session.scalars(select(ConversationTurn).where(of_it).order_by(ConversationTurn.id).limit(count - WINDOW))
    for turn in list(oldest):
        first_line = str(turn.answer.get("answer", "")).split("\n")[0]
        conversation.summary = f"{conversation.summary}\n{turn.question[:120]} → {first_line[:200]}".strip()[-SUMMARY:]
        session.delete(turn)


def history(session: Session, person: str, thread: str) -> tuple[str, list[tuple[str, str]]]:
    """The summary and the last turns (question, answer), oldest first: what a model is given."""
    found = session.scalar(select(Conversation).where(Conversation.person == person, Conversation.thread == thread))
    if found is None:
        return "", []
    turns = session.scalars(
        select(ConversationTurn).where(ConversationTurn.conversation_id == found.id).order_by(ConversationTurn.id)
    )
    return found.summary, [(turn.question, str(turn.answer.get("answer", ""))) for turn in turns]
