"""The model's turns: at most four, each within the time left, each priced and kept for the day cap."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cases.clock import Clock
from config.settings import Settings
from ingest.llm.client import ModelFailed, price, refuse_beyond_cap
from ingest.llm.pace import Pace
from ingest.llm.store import AnswerStore, ModelAnswer

if TYPE_CHECKING:
    from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse

MOST_TURNS = 4
PURPOSE = "assistant"


class PaceReached(ModelFailed):
    """No call was made: no fault of the endpoint's."""


@dataclass
class Turns:
    """Counts the turns of one answer. `deadline` is on the monotonic clock."""

    settings: Settings
    store: AnswerStore
    clock: Clock
    deadline: float
    pace: Pace
    taken: int = 0

    def middleware(self) -> "AgentMiddleware[Any, Any]":
        """What langchain calls around each call of the model."""
        from langchain.agents.middleware import wrap_model_call

        @wrap_model_call
        def limited(
            request: "ModelRequest[Any]", handler: "Callable[[ModelRequest[Any]], ModelResponse[Any]]"
        ) -> "ModelResponse[Any]":
            return self._turn(request, handler)

        return limited

    def _turn(
        self, request: "ModelRequest[Any]", handler: "Callable[[ModelRequest[Any]], ModelResponse[Any]]"
    ) -> "ModelResponse[Any]":
        self.taken += 1
        left = self.deadline - time.monotonic()
        if self.taken > MOST_TURNS:
            raise ModelFailed(f"it went on calling tools after {MOST_TURNS} turns")
        if left <= 0:
            raise ModelFailed("out of time")
        refuse_beyond_cap(self.settings, self.store, self.clock)
        if not self.pace.take(self.deadline):
            raise PaceReached(f"{self.settings.llm.calls_per_minute} calls a minute are used up")
        left = self.deadline - time.monotonic()
        choice = "none" if self.taken == MOST_TURNS else request.tool_choice  # the last turn answers
        started = time.monotonic()
        response = handler(
            request.override(model_settings=request.model_settings | {"timeout": left}, tool_choice=choice)
        )
        self._keep(response, time.monotonic() - started)
        return response

    def _keep(self, response: "ModelResponse[Any]", seconds: float) -> None:
        """Tokens and cost of a turn; answers are not kept, they hold the register's data of one moment."""
        from langchain_core.messages import AIMessage

        for message in response.result:
            if not isinstance(message, AIMessage):
                continue
            tokens_in, tokens_out, cost = price(self.settings, message)
            now = self.clock()
            key = hashlib.sha256(f"{PURPOSE} {message.id} {now.isoformat()} {time.monotonic_ns()}".encode()).hexdigest()
            self.store.put(
                ModelAnswer(
                    key, PURPOSE, self.settings.model, "", tokens_in, tokens_out, cost, round(seconds * 1000), now
                )
            )

    def streamed(self, agent: Any, asked: dict[str, Any], show: Callable[[str], None]) -> str:
        """Runs the agent and hands on the text of the turn as it grows; returns the last words."""
        from langchain_core.messages import AIMessageChunk

        state: dict[str, Any] = {}
        text, shown = "", 0.0
        for mode, part in agent.stream(asked, stream_mode=["messages", "values"]):
            if mode == "values":
                state = part
                continue
            chunk = part[0]
            if not isinstance(chunk, AIMessageChunk):
                text = ""  # a tool's result: what was said before it is not the answer
            elif isinstance(chunk.content, str) and chunk.content:
                text += chunk.content
                if time.monotonic() - shown > 0.3:
                    show(text)
                    shown = time.monotonic()
        return last_text(state)


def last_text(state: dict[str, Any]) -> str:
    """The text of the last message. Raises ModelFailed where it has none."""
    messages = state.get("messages") or []
    message = messages[-1] if messages else None
    content = message.text if message is not None else ""
    if message is None or getattr(message, "tool_calls", None) or not str(content).strip():
        raise ModelFailed("an empty answer")
    if message.response_metadata.get("finish_reason") == "length":
        raise ModelFailed("its answer was cut off")
    return str(content)
