"""An answer before it has its id: what every part of the assistant hands back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Action:
    """A button: `ask` asks its value in the same conversation, others name what a person's click does."""

    label: str
    action: str
    value: str

    def as_json(self) -> dict[str, str]:
        """The keys of the contract."""
        return {"label": self.label, "action": self.action, "value": self.value}


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """A chart or workbook that belongs to an answer."""

    name: str
    mime: str
    content: bytes


@dataclass
class Draft:
    """Text, data and buttons of an answer; `state` is what the conversation remembers of it."""

    text: str
    kind: str
    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    citations: list[dict[str, object]] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    refused: bool = False
    files: list[AnswerFile] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    confidential: bool = False  # holds a grade or note: not for a channel


def plain_value(value: Any) -> Any:
    """For JSON: whole decimals as int, dates as ISO text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) >= 1000:
        return int(value)
    if isinstance(value, tuple | list):
        return ";".join(str(one) for one in value)
    return value
