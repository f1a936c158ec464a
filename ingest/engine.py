"""What an engine is: it reads a message and says what it understands. Rules and model share it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cases.understanding import Triage
from cases.vocabulary import EngineName
from ingest.message import Message


@dataclass(frozen=True, slots=True)
class Hint:
    """A learned rule that applies to this sender or policy."""

    kind: str  # default_currency, column_meaning, example
    payload: dict[str, object]
    sentence: str
    policy: str = ""  # letters and digits of the policy number for which it holds; "": of no one policy
    holder: str = ""  # name of the policyholder for whom it holds
    domains: tuple[str, ...] = ()  # domains of senders for whom it holds


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What an engine may know beside the message."""

    staff_domains: frozenset[str] = frozenset()  # empty: the domain of the addressee
    received_at: datetime | None = None  # used where the message has no date
    hints: tuple[Hint, ...] = field(default=())


class Engine(Protocol):
    """Reads a message; never raises for what the message holds."""

    name: EngineName

    def triage(self, message: Message, context: ReadingContext) -> Triage:
        """What the message says, each value with its evidence."""
        ...
