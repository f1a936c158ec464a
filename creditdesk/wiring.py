"""The composition root: the only place where settings, engines and clients are built.

Everything is built on first use and passed on; no module below reaches for a global.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cases.clock import Clock, fixed_clock, system_clock
from config.errors import WrongUse
from config.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine as DatabaseEngine
    from sqlalchemy.orm import Session, sessionmaker

    from bot.assistant.answer import Agent
    from config.desk import DeskRules
    from ingest.engine import Engine
    from ingest.llm.breaker import Breaker
    from ingest.llm.pace import Pace
    from knowledge.search import Knowledge

EngineChoice = Literal["rules", "llm", "auto"]


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """The options that every command takes."""

    db: str | None = None
    data_dir: Path | None = None
    now: datetime | None = None
    engine: EngineChoice = "auto"
    json: bool = False

    @staticmethod
    def parse(options: dict[str, str]) -> "GlobalOptions":
        """From the raw words of the command line; raises WrongUse."""
        engine = options.get("--engine", "auto")
        if engine not in ("rules", "llm", "auto"):
            raise WrongUse(f"--engine {engine!r} is none: choose rules, llm or auto")
        return GlobalOptions(
            db=options.get("--db"),
            data_dir=Path(options["--data-dir"]) if "--data-dir" in options else None,
            now=_parse_now(options["--now"]) if "--now" in options else None,
            engine=engine,  # type: ignore[arg-type]
            json="--json" in options,
        )


def _parse_now(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"--now {text!r} is no time: write it like 2026-10-30T12:00:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Wiring:
    """The parts of one desk, each built when first asked for."""

    def __init__(self, options: GlobalOptions) -> None:
        self.options = options

    @cached_property
    def settings(self) -> Settings:
        """Environment and `.env`, under the command line's own options."""
        return load_settings(database_url=self.options.db, data_dir=self.options.data_dir)

    @cached_property
    def clock(self) -> Clock:
        """Domain time."""
        return fixed_clock(self.options.now) if self.options.now else system_clock

    @cached_property
    def rules(self) -> "DeskRules":
        """desk.yaml, validated."""
        from config.desk import load_desk_rules

        return load_desk_rules(self.settings.desk_file, self.settings.smtp.sender)

    def use_rules(self, rules: "DeskRules") -> None:
        """Goes on with these rules (desk.yaml was read again)."""
        self.__dict__["rules"] = rules

    @cached_property
    def database(self) -> "DatabaseEngine":
        """The database, created and migrated on first use."""
        from cases.database import open_database

        return open_database(self.settings.url)

    @cached_property
    def sessions(self) -> "sessionmaker[Session]":
        """Makes SQLAlchemy sessions."""
        from sqlalchemy.orm import sessionmaker

        return sessionmaker(self.database, expire_on_commit=False)

    @cached_property
    def engine(self) -> "Engine":
        """The triage engine that --engine and the settings choose."""
        from ingest.engines import choose_engine

        return choose_engine(self.options.engine, self.settings)

    @cached_property
    def filing_engine(self) -> "Engine":
        """The same, keeping the model's answers, tokens and costs in the database."""
        from ingest.engines import choose_engine
        from ingest.llm.store import DatabaseStore

        return choose_engine(
            self.options.engine,
            self.settings,
            store=DatabaseStore(self.sessions),
            clock=self.clock,
            breaker=self.model_breaker,
            pace=self.model_pace,
        )

    @cached_property
    def model_breaker(self) -> "Breaker":
        """In front of the model, for mails and questions alike."""
        from ingest.llm.breaker import Breaker

        return Breaker(enabled=self.settings.llm.breaker)

    @cached_property
    def model_pace(self) -> "Pace":
        """Calls a minute, of mails and questions together."""
        from ingest.llm.pace import Pace

        return Pace(self.settings.llm.calls_per_minute)

    @cached_property
    def agent(self) -> "Agent | None":
        """What answers questions with the model; None: rules answer."""
        from ingest.engines import model_wanted

        if not model_wanted(self.options.engine, self.settings):
            return None
        from bot.assistant.agent import ModelAgent
        from ingest.llm.store import DatabaseStore

        return ModelAgent(self.settings, DatabaseStore(self.sessions), self.clock, self.model_breaker, self.model_pace)

    @cached_property
    def knowledge(self) -> "Knowledge":
        """The procedures manual."""
        from knowledge.search import open_knowledge

        return open_knowledge(
            self.settings.data_dir,
            embedding_model=self.settings.embedding_model,
            chroma_url=self.settings.chroma_url,
            openai_base_url=self.settings.openai_base_url,
            openai_api_key=self.settings.openai_api_key.get_secret_value(),
        )

    @cached_property
    def slack_channel(self) -> str:
        """Where review cards go; empty: Slack is not in use."""
        return self.settings.slack.desk_channel or self.rules.slack.desk_channel


_options = GlobalOptions()


def use_options(options: GlobalOptions) -> None:
    """Called once by the command line, before a command runs."""
    global _options
    _options = options


def wire() -> Wiring:
    """The wiring of this run."""
    return Wiring(_options)
