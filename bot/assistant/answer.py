"""The one door to the assistant, for the shell and Slack alike: a question in, an answer out."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from bot.assistant.conversation import State, keep_turn, load_state, next_state
from bot.assistant.draft import Action, AnswerFile, Draft, plain_value
from bot.assistant.router import route
from bot.tools import ToolContext
from cases.database import read_session
from cases.name_index import NameIndex
from cases.rights import Asker
from config.desk import DeskRules

if TYPE_CHECKING:
    from knowledge.search import Knowledge

OnText = Callable[[str], None]  # gets the checked part of an answer while it is written


class Agent(Protocol):
    """Answers with a model."""

    def __call__(
        self, question: str, context: ToolContext, state: State, on_text: OnText | None = None
    ) -> Draft | None:
        """The answer; None: the router is to answer."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What the asker gets; `data` has columns and rows, `kind` is of the contract, `engine` says who wrote it."""

    id: str
    answer: str
    kind: str
    data: dict[str, list[Any]]
    citations: list[dict[str, object]]
    actions: list[Action]
    refused: bool
    engine: str
    files: tuple[AnswerFile, ...] = ()
    confidential: bool = False  # holds a grade or note: not for a channel

    def as_json(self) -> dict[str, Any]:
        """The keys of `ask --json`."""
        return {
            "id": self.id,
            "answer": self.answer,
            "kind": self.kind,
            "data": self.data,
            "citations": self.citations,
            "actions": [action.as_json() for action in self.actions],
            "refused": self.refused,
            "engine": self.engine,
            "files": [file.name for file in self.files],
        }


@dataclass
class Assistant:
    """What answering needs: the database, the desk's rules, the names of the register, the manual, perhaps a model."""

    database: Engine
    rules: DeskRules
    knowledge: "Knowledge | None" = None
    agent: Agent | None = None
    index: NameIndex = field(default_factory=NameIndex)

    def answer(self, asker: Asker | None, thread: str | None, question: str, now: datetime) -> Answer:
        """The answer in the person's conversation in the thread; without a thread nothing is remembered."""
        state = self._state(asker, thread)
        result, new_state = self.reply(asker, question, now, state)
        if thread is not None and asker is not None:
            with sessionmaker(self.database).begin() as session:
                keep_turn(session, asker.email, thread, question, result.as_json(), new_state, now)
        return result

    def reply(
        self, asker: Asker | None, question: str, now: datetime, state: State, on_text: OnText | None = None
    ) -> tuple[Answer, State]:
        """The answer and the new state of a conversation that the caller keeps.

        `on_text` gets, from another thread, what is checked of a model's answer while it is being written.
        """
        with read_session(self.database) as session:
            context = ToolContext(asker, session, now, self.rules, self.index, self.knowledge)
            draft, engine = None, "llm"
            if self.agent is not None and asker is not None:
                draft = self.agent(question, context, state, on_text)
            if draft is None:
                draft, engine = route(question, context, state), "rules"
        told = "" if draft.confidential else draft.text  # a grade goes into no later answer
        return finished(draft, engine), next_state(state, draft.state, question, told)

    def _state(self, asker: Asker | None, thread: str | None) -> State:
        if asker is None or thread is None:
            return {}
        with read_session(self.database) as session:
            return load_state(session, asker.email, thread)


def finished(draft: Draft, engine: str) -> Answer:
    """A draft with its id and in plain values."""
    rows = [[plain_value(value) for value in row] for row in draft.rows]
    return Answer(
        id=secrets.token_hex(8),
        answer=draft.text,
        kind=draft.kind,
        data={"columns": draft.columns, "rows": rows},
        citations=draft.citations,
        actions=draft.actions,
        refused=draft.refused,
        engine=engine,
        files=tuple(draft.files),
        confidential=draft.confidential,
    )


def answer_question(
    assistant: Assistant, asker: Asker | None, thread: str | None, question: str, now: datetime
) -> Answer:
    """The same as a function: who asks (None: unknown), in which thread, what, and when."""
    return assistant.answer(asker, thread, question, now)
