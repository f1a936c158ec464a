"""An assistant whose model is a scripted endpoint over HTTP, on the invented register and manual."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.assistant.agent import ModelAgent
from bot.assistant.answer import Answer, Assistant, OnText
from cases.people import asker_by_email
from config.settings import LlmSettings, Settings, load_settings
from ingest.llm.store import AnswerStore, MemoryStore
from tests.doubles.openai_server import OpenAiServer, Reply
from tests.evaluation_chat.conftest import Desk
from tests.evaluation_chat.world import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from knowledge.search import Knowledge

MANAGER, OFFICER, SALES = "p.sand@desk.example", "i.maurer@desk.example", "j.reuter@desk.example"


def settings_for(url: str, **limits: Any) -> Settings:
    """Settings with that endpoint."""
    return load_settings(openai_base_url=url, model="scripted", llm=LlmSettings(**limits))


class Talk:
    """Asks the assistant, each conversation with its own state."""

    def __init__(self, desk: Desk, server: OpenAiServer, agent: ModelAgent, knowledge: "Knowledge | None") -> None:
        self.server, self.agent = server, agent
        self.assistant: Assistant = replace(desk.assistant, agent=agent, knowledge=knowledge)

    def ask(self, user: str, *turns: str, on_text: OnText | None = None) -> Answer:
        """The last answer."""
        with Session(self.assistant.database) as session:
            asker = asker_by_email(session, user)
        state: dict[str, Any] = {}
        for text in turns:
            answer, state = self.assistant.reply(asker, text, NOW, state, on_text)
        return answer


@contextmanager
def talk(
    desk: Desk,
    script: Sequence[Reply],
    *,
    knowledge: "Knowledge | None" = None,
    store: AnswerStore | None = None,
    **limits: Any,
) -> "Iterator[Talk]":
    """A talk with a model that replies as scripted."""
    with OpenAiServer(script) as server:
        agent = ModelAgent(settings_for(server.url, **limits), store or MemoryStore())
        yield Talk(desk, server, agent, knowledge)
