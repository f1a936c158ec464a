"""One question to an OpenAI-compatible endpoint, within a time budget: at most two calls, breaker, day cap, cache."""

import hashlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.clock import Clock, system_clock
from config.settings import Settings
from ingest.llm.breaker import Breaker
from ingest.llm.pace import Pace
from ingest.llm.store import AnswerStore, MemoryStore, ModelAnswer

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage
    from langchain_openai import ChatOpenAI

MOST_CALLS = 2  # a mail
_MOST_OUTPUT_TOKENS = 8_000
_MOST_CHARACTERS = 200_000  # of an answer; more is no triage
_LEAST_SECONDS = 1.0  # with less left a call is not worth making
_PAUSE = 0.5  # before the second call, where the endpoint says nothing
_TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_NO_TEMPERATURE = ("gpt-5", "o1", "o3", "o4")  # reasoning models take no temperature


class ModelFailed(Exception):
    """The model gave no usable answer; the message says why in a few words."""


class _Busy(ModelFailed):
    """No call was made: it is not the endpoint's fault, and no reason to rest."""


class _TryAgain(Exception):
    """A failure after which a second call makes sense, after `wait` seconds."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: messages (role, text) and the form of the answer."""

    purpose: str
    messages: tuple[tuple[str, str], ...]
    schema: dict[str, Any]
    digest: str = ""  # of the message that it is about; no part of the key

    def key(self, model: str) -> str:
        """Hex SHA-256 of model, messages and form."""
        whole = json.dumps([model, self.purpose, self.messages, self.schema], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


class ModelClient:
    """Asks the configured model. Nothing is opened, and langchain is not imported, before the first question."""

    def __init__(
        self,
        settings: Settings,
        store: AnswerStore | None = None,
        clock: Clock = system_clock,
        breaker: Breaker | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._store = store if store is not None else MemoryStore()
        self._breaker = breaker or Breaker(enabled=settings.llm.breaker)
        self._pace = pace or Pace(settings.llm.calls_per_minute)
        self._slots = threading.BoundedSemaphore(max(1, settings.llm.parallel))
        self._chat: ChatOpenAI | None = None
        self._building = threading.Lock()

    def ask(self, question: Question, check: Callable[[str], None]) -> ModelAnswer:
        """The answer, from the store where it was given before.

        `check` raises ValueError for an answer that is no use; such an answer is not kept. Raises ModelFailed.
        """
        key = question.key(self._settings.model)
        if self._settings.llm.cache and (known := self._store.get(key)) is not None:
            return known
        self._refuse_beyond_cap()
        if not self._breaker.allows():
            raise ModelFailed("it failed five times in a row and rests for a minute")
        deadline = time.monotonic() + self._settings.llm.timeout
        try:
            answer = self._ask_within(question, key, check, deadline)
        except _Busy:
            self._breaker.given_back()
            raise
        except ModelFailed:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer

    def _refuse_beyond_cap(self) -> None:
        refuse_beyond_cap(self._settings, self._store, self._clock)

    def _ask_within(self, question: Question, key: str, check: Callable[[str], None], deadline: float) -> ModelAnswer:
        if not self._slots.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise _Busy("all parallel calls are taken")
        try:
            started = time.monotonic()
            for call in range(1, MOST_CALLS + 1):
                if not self._pace.take(deadline):
                    raise _Busy(f"{self._settings.llm.calls_per_minute} calls a minute are used up")
                try:
                    message = self._call(question.messages, question.schema, deadline)
                except _TryAgain as fault:
                    left = deadline - time.monotonic() - fault.wait
                    if call == MOST_CALLS or left < _LEAST_SECONDS:
                        raise ModelFailed(str(fault)) from fault
                    time.sleep(fault.wait)
                    continue
                answer = self._priced(question, key, message, time.monotonic() - started)
                return self._checked(answer, message, check)
        finally:
            self._slots.release()
        raise ModelFailed("no answer")  # unreachable: the last call returns or raises

    def _priced(self, question: Question, key: str, message: "AIMessage", seconds: float) -> ModelAnswer:
        tokens_in, tokens_out, cost = price(self._settings, message)
        content = message.content if isinstance(message.content, str) else json.dumps(message.content)
        return ModelAnswer(
            key, question.purpose, self._settings.model, content, tokens_in, tokens_out, cost, round(seconds * 1000),
            self._now(), question.digest,
        )  # fmt: skip

    def _now(self) -> datetime:
        return self._clock()

    def _checked(self, answer: ModelAnswer, message: "AIMessage", check: Callable[[str], None]) -> ModelAnswer:
        fault = _fault_of(message, answer.content)
        if fault is None:
            try:
                check(answer.content)
            except ValueError as error:
                fault = f"its answer does not fit the form ({str(error).splitlines()[0][:80]})"
        if fault is not None:
            self._store.put(_without_content(answer))
            raise ModelFailed(fault)
        self._store.put(answer)
        return answer

    def _call(self, messages: Sequence[tuple[str, str]], schema: dict[str, Any], deadline: float) -> "AIMessage":
        """One HTTP call that ends by the deadline, whatever the endpoint does."""
        left = deadline - time.monotonic()
        outcome: queue.Queue[tuple[AIMessage | None, Exception | None]] = queue.Queue(maxsize=1)

        def run() -> None:
            try:
                outcome.put((self._invoke(messages, schema, left), None))
            except Exception as error:
                outcome.put((None, error))

        threading.Thread(target=run, daemon=True, name="model-call").start()
        try:
            message, error = outcome.get(timeout=max(0.05, left))
        except queue.Empty:
            raise ModelFailed(f"no answer within {self._settings.llm.timeout:g} s") from None
        if error is not None:
            raise _translated(error, self._settings.llm.timeout) from error
        if message is None:
            raise ModelFailed("an empty answer")
        return message

    def _invoke(self, messages: Sequence[tuple[str, str]], schema: dict[str, Any], seconds: float) -> "AIMessage":
        from langchain_core.messages import AIMessage
        from langsmith import tracing_context

        form = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
        with tracing_context(enabled=False):
            message = self._model().invoke(list(messages), response_format=form, timeout=seconds)
        if not isinstance(message, AIMessage):
            raise ModelFailed("an answer of an unknown kind")
        return message

    def _model(self) -> "ChatOpenAI":
        with self._building:
            if self._chat is None:
                self._chat = build_chat_model(self._settings)
            return self._chat


def refuse_beyond_cap(settings: Settings, store: AnswerStore, clock: Clock) -> None:
    """Raises ModelFailed where today's calls have cost what the day may cost."""
    cap = settings.llm.day_cap
    if cap <= 0:
        return
    midnight = clock().replace(hour=0, minute=0, second=0, microsecond=0)
    if store.spent_since(midnight) >= cap * 1_000_000:
        raise ModelFailed(f"today's cap of {cap:g} is spent")


def price(settings: Settings, message: "AIMessage") -> tuple[int, int, int]:
    """Tokens read, tokens written, and their cost in millionths."""
    usage = message.usage_metadata
    tokens_in, tokens_out = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
    return tokens_in, tokens_out, round(tokens_in * settings.llm.price_input + tokens_out * settings.llm.price_output)


def build_chat_model(settings: Settings) -> "ChatOpenAI":
    """The chat model of langchain on the configured endpoint; tracing is off, no retries of its own."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING"):
        os.environ[name] = "false"
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    reasoning = settings.model.startswith(_NO_TEMPERATURE)
    return ChatOpenAI(
        model=settings.model,
        api_key=SecretStr(settings.openai_api_key.get_secret_value() or "none"),
        base_url=settings.openai_base_url or None,
        temperature=None if reasoning else 0.0,
        seed=None if reasoning else 7,
        max_retries=0,
        max_completion_tokens=_MOST_OUTPUT_TOKENS,
        use_responses_api=False,
    )


def _without_content(answer: ModelAnswer) -> ModelAnswer:
    """What a useless answer cost counts against the cap, under a key that no question has."""
    key = hashlib.sha256(f"{answer.key} {answer.at.isoformat()}".encode()).hexdigest()
    return ModelAnswer(
        key, answer.purpose, answer.model, "", answer.input_tokens, answer.output_tokens, answer.cost,
        answer.milliseconds, answer.at, answer.digest,
    )  # fmt: skip


def _fault_of(message: "AIMessage", content: str) -> str | None:
    if message.additional_kwargs.get("refusal"):
        return "it refused"
    if message.response_metadata.get("finish_reason") == "length":
        return "its answer was cut off"
    if len(content) > _MOST_CHARACTERS:
        return "its answer is far too long"
    return None if content.strip() else "an empty answer"


def _translated(error: Exception, timeout: float) -> Exception:
    """The endpoint's faults in our terms: try again, or give up."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return ModelFailed(f"no answer within {timeout:g} s")
    if isinstance(error, openai.APIStatusError):
        reason = f"the endpoint answered {error.status_code}"
        if error.status_code in _TRANSIENT:
            return _TryAgain(reason, _retry_after(error.response.headers.get("retry-after")))
        return ModelFailed(reason)
    if isinstance(error, openai.APIConnectionError):
        return _TryAgain("the endpoint cannot be reached", _PAUSE)
    if isinstance(error, (ModelFailed, _TryAgain)):
        return error
    return ModelFailed(f"its answer cannot be read ({type(error).__name__})")


def _retry_after(header: str | None) -> float:
    """Seconds to wait: as the endpoint says (a number), else a short pause."""
    try:
        return max(0.0, float(header)) if header else _PAUSE
    except ValueError:
        return 3600.0  # a date: later than any budget of one mail
