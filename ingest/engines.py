"""Chooses the engine that reads messages: by rules, or with a model where one is configured."""

from typing import TYPE_CHECKING, Literal

from cases.clock import Clock, system_clock
from cases.understanding import Triage
from cases.vocabulary import EngineName
from config.errors import DeskError
from config.settings import Settings
from ingest.engine import Engine, ReadingContext
from ingest.message import Message

if TYPE_CHECKING:
    from ingest.llm.breaker import Breaker
    from ingest.llm.pace import Pace
    from ingest.llm.store import AnswerStore

Choice = Literal["rules", "llm", "auto"]


class LazyRules:
    """The rules engine, loaded when it is first asked: where reading processes have their own, it never is."""

    name = EngineName.RULES

    def triage(self, message: Message, context: ReadingContext) -> Triage:
        """What the message says, by rules."""
        from ingest.rules.engine import RulesEngine

        return RulesEngine().triage(message, context)


def model_wanted(choice: Choice, settings: Settings) -> bool:
    """Whether `--engine` and the settings choose the model; raises DeskError where "llm" has no endpoint."""
    if choice == "llm" and not settings.model_configured:
        raise DeskError(
            "--engine llm needs a model: set OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own"
        )
    return choice != "rules" and settings.model_configured


def choose_engine(
    choice: Choice,
    settings: Settings,
    *,
    store: "AnswerStore | None" = None,
    clock: Clock = system_clock,
    breaker: "Breaker | None" = None,
    pace: "Pace | None" = None,
) -> Engine:
    """The engine for `--engine`: "auto" takes the model where one is configured.

    `store` keeps the model's answers and costs (None: for this process only); `breaker` and `pace` are shared with others
    who ask the same model. Raises DeskError where "llm" is wanted and no endpoint is configured.
    """
    if not model_wanted(choice, settings):
        return LazyRules()
    from ingest.llm.client import ModelClient
    from ingest.llm.engine import MixedEngine
    from ingest.rules.engine import RulesEngine

    return MixedEngine(RulesEngine(), ModelClient(settings, store, clock, breaker, pace))
