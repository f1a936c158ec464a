"""What was asked before: kept for each person and thread, so that another person in the thread starts anew."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Conversation, ConversationTurn

State = dict[str, Any]
STORED = 20  # turns kept whole in the database
WINDOW = 12  # turns told word by word to who goes on; older ones become lines of a summary
SUMMARY = 3000  # characters
QUESTION, ANSWER = 400, 900  # characters of a turn that are told


def load_state(session: Session, person: str, thread: str) -> State:
    """The state of the person's conversation in the thread; empty for a new one."""
    found = session.scalar(select(Conversation).where(Conversation.person == person, Conversation.thread == thread))
    return dict(found.state or {}) if found is not None else {}


def next_state(before: State, change: State, question: str, answer: str) -> State:
    """What the conversation remembers after an answer: a new subject replaces the old one; what was said is added."""
    kept = {} if "kind" in change else {name: value for name, value in before.items() if name != "pending"}
    return kept | change | {"said": _said(before, question, answer)}


def said_before(state: State) -> tuple[str, list[tuple[str, str]]]:
    """The summary and the last turns (question, answer), oldest first: what a model is given."""
    said = state.get("said") or {}
    return str(said.get("summary", "")), [(turn[0], turn[1]) for turn in said.get("turns", [])]


def _said(before: State, question: str, answer: str) -> State:
    """Beyond the window the oldest turn becomes a line of the summary: the question and what the answer began with."""
    summary, turns = said_before(before)
    turns.append((question[:QUESTION], answer[:ANSWER]))
    for old_question, old_answer in turns[:-WINDOW]:
        first_line = old_answer.split("\n")[0]
        summary = f"{summary}\n{old_question[:120]} → {first_line[:200]}".strip()[-SUMMARY:]
    return {"summary": summary, "turns": [list(turn) for turn in turns[-WINDOW:]]}


def keep_turn(
    session: Session,
    person: str,
    thread: str,
    question: str,
    answer: dict[str, Any],
    state: State,
    now: datetime,
) -> None:
    """Writes a question, its answer and the new state; the caller commits."""
    found = session.scalar(select(Conversation).where(Conversation.person == person, Conversation.thread == thread))
    known = found is not None
    if found is None:
        found = Conversation(person=person, thread=thread, state={}, summary="", updated_at=now)
        session.add(found)
        session.flush()
    found.state, found.updated_at = state, now
    session.add(ConversationTurn(conversation_id=found.id, question=question[:4000], answer=answer, at=now))
    found.summary = said_before(state)[0]
    session.flush()
    if known:
        _forget(session, found)


def _forget(session: Session, conversation: Conversation) -> None:
    """Deletes the oldest turns beyond those that are stored."""
    of_it = ConversationTurn.conversation_id == conversation.id
    count = session.scalar(select(func.count()).select_from(ConversationTurn).where(of_it)) or 0
    if count <= STORED:
        return
    oldest = select(ConversationTurn).where(of_it).order_by(ConversationTurn.id).limit(count - STORED)
    for turn in list(session.scalars(oldest)):
        session.delete(turn)
