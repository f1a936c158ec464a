"""Answers with a language model: langchain's agent on the registry's tools, within turns, time, breaker and day cap.

The model chooses tools and words. Rights are inside the tools; data, sources, buttons and refusals come from the
results; of its text only stays what the results bear out. Whatever fails, the router answers.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.assistant.agent_draft import compose
from bot.assistant.agent_prompt import earlier, instructions
from bot.assistant.agent_tools import Desk, as_langchain
from bot.assistant.agent_turns import PaceReached, Turns, last_text
from bot.assistant.answer import OnText
from bot.assistant.checked_text import CheckedText
from bot.assistant.conversation import State, said_before
from bot.assistant.draft import Draft
from bot.assistant.intents import confidential_fields
from bot.assistant.question import LONGEST, clean, read_question
from bot.assistant.reading import Reading, read
from bot.assistant.wording import Say
from bot.tools import ToolContext
from bot.tools.procedures import Passages
from cases.clock import Clock, system_clock
from config.errors import DeskError
from config.settings import Settings
from ingest.llm.breaker import Breaker
from ingest.llm.client import ModelFailed, build_chat_model, refuse_beyond_cap
from ingest.llm.pace import Pace
from ingest.llm.store import AnswerStore, MemoryStore

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

_LOG = logging.getLogger(__name__)


@dataclass
class ModelAgent:
    """Implements `bot.assistant.answer.Agent`; safe between threads. Nothing is imported before the first question.

    `store`, `breaker` and `pace` are those of the desk's other model calls: cost, failures and calls a minute count together.
    """

    settings: Settings
    store: AnswerStore = field(default_factory=MemoryStore)
    clock: Clock = system_clock
    breaker: Breaker | None = None
    pace: Pace | None = None
    _chat: "ChatOpenAI | None" = None
    _building: threading.Lock = field(default_factory=threading.Lock)
    _slots: threading.BoundedSemaphore | None = None

    def __post_init__(self) -> None:
        self.breaker = self.breaker or Breaker(enabled=self.settings.llm.breaker)
        self.pace = self.pace or Pace(self.settings.llm.calls_per_minute)
        self._slots = threading.BoundedSemaphore(max(1, self.settings.llm.parallel))

    def __call__(
        self, question: str, context: ToolContext, state: State, on_text: OnText | None = None
    ) -> Draft | None:
        """The answer; None: the router is to answer."""
        bare = clean(question)
        if not bare or len(question) > LONGEST:
            return None
        context.index.refresh(context.session)
        reading = _reading(bare, context)
        if reading is None:
            return None
        subject = bool(reading.references or reading.companies or reading.identifiers or state.get("references"))
        secrets = confidential_fields(reading, subject)
        if secrets and not context.confidential:
            return None  # the router refuses, or tells what the manual says of it
        try:
            return self._answered(bare, context, state, reading, bool(secrets), on_text)
        except ModelFailed as failure:
            _LOG.warning("the model gave no usable answer (%s): rules answer", failure)
        return None

    def _answered(
        self,
        question: str,
        context: ToolContext,
        state: State,
        reading: Reading,
        secrets: bool,
        on_text: OnText | None,
    ) -> Draft | None:
        refuse_beyond_cap(self.settings, self.store, self.clock)
        assert self.breaker is not None
        if not self.breaker.allows():
            raise ModelFailed("it failed five times in a row and rests for a minute")
        desk = Desk(context, secrets)
        messages = [*earlier(state), ("user", question)]
        questions = [question, *(asked for asked, _ in said_before(state)[1])]
        preview = _previewed(desk, questions, on_text) if on_text else None
        desk.rest()
        try:
            text = self._asked(desk, messages, preview)
        except PaceReached:
            self.breaker.given_back()
            raise
        except ModelFailed:
            self.breaker.failed()
            raise
        finally:
            desk.close()
        self.breaker.succeeded()
        draft = compose(text, desk, reading, Say(reading.question.language), checker(desk, questions))
        if draft is None:
            _LOG.info("what the model said is not borne out by the tools: rules answer")
        return draft

    def _asked(self, desk: Desk, messages: list[tuple[str, str]], preview: OnText | None) -> str:
        """The model's last words, by the deadline whatever the endpoint does. Raises ModelFailed."""
        self._model()  # some seconds of imports, once in a process, are not the model's time
        deadline = time.monotonic() + self.settings.llm.timeout
        system = instructions(desk.context)
        assert self._slots is not None
        assert self.pace is not None
        pace = self.pace
        if not self._slots.acquire(timeout=self.settings.llm.timeout):
            raise ModelFailed("all parallel calls are taken")
        outcome: queue.Queue[str | Exception] = queue.Queue(maxsize=1)

        def run() -> None:
            try:
                turns = Turns(self.settings, self.store, self.clock, deadline, pace)
                outcome.put(self._run(system, messages, desk, turns, preview))
            except Exception as error:  # of any library below; told as the reason
                outcome.put(error)
            finally:
                self._release()

        threading.Thread(target=run, daemon=True, name="assistant-model").start()
        try:
            ended = outcome.get(timeout=max(0.05, deadline - time.monotonic()))
        except queue.Empty:
            raise ModelFailed(f"no answer within {self.settings.llm.timeout:g} s") from None
        if isinstance(ended, ModelFailed):
            raise ended
        if isinstance(ended, Exception):
            raise ModelFailed(f"{type(ended).__name__}: {str(ended)[:120]}") from ended
        return ended

    def _release(self) -> None:
        assert self._slots is not None
        self._slots.release()

    def _run(
        self, system: str, messages: list[tuple[str, str]], desk: Desk, turns: Turns, preview: OnText | None
    ) -> str:
        from langchain.agents import create_agent
        from langsmith import tracing_context

        tools, limits = as_langchain(desk), [turns.middleware()]
        # its overloads know no plain messages
        graph: Any = create_agent(self._model(), tools, system_prompt=system, middleware=limits)
        asked: dict[str, Any] = {"messages": messages}
        with tracing_context(enabled=False):
            if preview is None:
                return last_text(graph.invoke(asked))
            return turns.streamed(graph, asked, preview)

    def _model(self) -> "ChatOpenAI":
        with self._building:
            if self._chat is None:
                import langchain.agents  # noqa: F401

                self._chat = build_chat_model(self.settings)
            return self._chat


def _reading(text: str, context: ToolContext) -> Reading | None:
    """The question as the router reads it; None where even reading it is refused."""
    try:
        question = read_question(text, context.index)
        return read(question, context.index, context.now, context.rules.fiscal_year_starts, None)
    except DeskError:
        return None


def checker(desk: Desk, questions: list[str]) -> CheckedText:
    """What the results so far bear out."""
    facts = CheckedText(desk.context.now, questions, desk.context.index.knows)
    for record in desk.records:
        if record.result is not None and not isinstance(record.result, Passages):
            facts.add(record.result.model_dump())
    facts.add_passages([f"{one['text']} {one['section']} {one['source']}" for one in desk.passages])
    return facts


def _previewed(desk: Desk, questions: list[str], on_text: OnText) -> Callable[[str], None]:
    """Hands on only whole lines and sentences that the results bear out."""

    def show(text: str) -> None:
        whole = text[: max(text.rfind("\n"), text.rfind(". ")) + 1]
        if whole.strip() and desk.records and (checked := checker(desk, questions).check(whole).text):
            on_text(checked)

    return show
