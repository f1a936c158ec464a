"""What is kept of model calls: answers by content, tokens, cost and time. In memory, or in the table `model_calls`."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from cases.models import ModelCall, StoredMessage


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """One answer and what it cost (`cost` in millionths of the price list's currency)."""

    key: str  # digest of model, prompt and content
    purpose: str
    model: str
    content: str
    input_tokens: int
    output_tokens: int
    cost: int
    milliseconds: int
    at: datetime
    digest: str = ""  # of the message that it is about


class AnswerStore(Protocol):
    """Keeps answers; a second question with the same key costs nothing."""

    def get(self, key: str) -> ModelAnswer | None:
        """The answer with that key."""
        ...

    def put(self, answer: ModelAnswer) -> None:
        """Keeps an answer; a second one with the same key replaces the first."""
        ...

    def spent_since(self, start: datetime) -> int:
        """Cost of all calls since `start`, in millionths."""
        ...


class MemoryStore:
    """For commands that touch no database: lives as long as the process."""

    def __init__(self) -> None:
        self._answers: dict[str, ModelAnswer] = {}
        self._calls: list[tuple[datetime, int]] = []
        self._lock = threading.Lock()

    def get(self, key: str) -> ModelAnswer | None:
        """The answer with that key."""
        return self._answers.get(key)

    def put(self, answer: ModelAnswer) -> None:
        """Keeps an answer."""
        with self._lock:
            self._answers[answer.key] = answer
            self._calls.append((answer.at, answer.cost))

    def spent_since(self, start: datetime) -> int:
        """Cost of all calls since `start`, in millionths."""
        return sum(cost for at, cost in self._calls if at >= start)


class DatabaseStore:
    """In the desk's database, each call in a short transaction of its own."""

    def __init__(self, sessions: "sessionmaker[Session]") -> None:
        self._sessions = sessions

    def get(self, key: str) -> ModelAnswer | None:
        """The answer with that key."""
        with self._sessions() as session:
            row = session.get(ModelCall, key)
            if row is None or row.answer is None:
                return None
            return ModelAnswer(
                row.key, row.purpose, row.model, str(row.answer.get("content", "")),
                row.input_tokens, row.output_tokens, row.cost, row.milliseconds, row.at,
            )  # fmt: skip

    def put(self, answer: ModelAnswer) -> None:
        """Keeps an answer; where two processes asked the same, the later one stays."""
        with self._sessions.begin() as session:
            row_id = _note(session, answer) if answer.digest else None
            session.merge(
                ModelCall(
                    key=answer.key,
                    purpose=answer.purpose,
                    model=answer.model,
                    answer={"content": answer.content},
                    input_tokens=answer.input_tokens,
                    output_tokens=answer.output_tokens,
                    cost=answer.cost,
                    milliseconds=answer.milliseconds,
                    at=answer.at,
                    message_row_id=row_id,
                )
            )

    def spent_since(self, start: datetime) -> int:
        """Cost of all calls since `start`, in millionths."""
        with self._sessions() as session:
            return int(
                session.scalar(select(func.coalesce(func.sum(ModelCall.cost), 0)).where(ModelCall.at >= start)) or 0
            )


def _note(session: Session, answer: ModelAnswer) -> int | None:
    """Adds tokens, cost (in the price list's currency) and seconds to the message's row; gives its id."""
    return session.execute(
        update(StoredMessage)
        .where(StoredMessage.digest == answer.digest)
        .values(
            model_tokens=func.coalesce(StoredMessage.model_tokens, 0) + answer.input_tokens + answer.output_tokens,
            model_cost=func.coalesce(StoredMessage.model_cost, 0.0) + answer.cost / 1_000_000,
            model_seconds=func.coalesce(StoredMessage.model_seconds, 0.0) + answer.milliseconds / 1000,
        )
        .returning(StoredMessage.id)
        .execution_options(synchronize_session=False)
    ).scalar()
