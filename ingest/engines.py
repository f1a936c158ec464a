"""Chooses the engine that reads messages: by rules, or with a model where one is configured."""

from typing import TYPE_CHECKING, Literal

from cases.clock import Clock, system_clock
from config.errors import DeskError
from config.settings import Settings
from ingest.engine import Engine

if TYPE_CHECKING:
    from ingest.llm.store import AnswerStore

Choice = Literal["rules", "llm", "auto"]


def choose_engine(
    choice: Choice, settings: Settings, *, store: "AnswerStore | None" = None, clock: Clock = system_clock
) -> Engine:
    """The engine for `--engine`: "auto" takes the model where one is configured.

    `store` keeps the model's answers and costs (None: for this process only). Raises DeskError where "llm" is
    wanted and no endpoint is configured.
    """
    from ingest.rules.engine import RulesEngine

    rules = RulesEngine()
    if choice == "rules" or (choice == "auto" and not settings.model_configured):
        return rules
    if not settings.model_configured:
        raise DeskError(
            "--engine llm needs a model: set OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own"
        )
    from ingest.llm.client import ModelClient
    from ingest.llm.engine import MixedEngine

    return MixedEngine(rules, ModelClient(settings, store, clock))
