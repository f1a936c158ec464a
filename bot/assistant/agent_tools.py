"""The tools as a model gets them: run for the asker, one at a time, each result kept and handed over as marked data."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from bot.assistant.question import clean
from bot.tools import TOOLS, ToolContext, call
from bot.tools.procedures import Passages
from bot.tools.status import CaseList
from cases.status import CaseFacts
from config.errors import DeskError

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

MOST_CALLS = 24  # tool calls in one answer
SECRETS = ("risk_grade", "underwriter_note")
MOST_CHARACTERS = 12_000  # of one result that a model reads


class Stopped(Exception):
    """The answer is over (time-out): no tool runs any more."""


@dataclass(frozen=True)
class Record:
    """One call with what came of it; exactly one of `result` and `error` is set."""

    name: str
    arguments: dict[str, Any]
    result: BaseModel | None = None
    error: DeskError | None = None


@dataclass
class Desk:
    """The tools for one answer. The database session is used by one thread at a time, and by none after `close`."""

    context: ToolContext
    secrets: bool = False  # whether the question asks for grade or note; else they stay here, whoever asks
    records: list[Record] = field(default_factory=list)
    passages: list[dict[str, Any]] = field(default_factory=list)  # of the manual, number n at place n - 1
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    def close(self) -> None:
        """Waits for a running tool; later calls are refused."""
        with self._lock:
            self._closed = True

    def rest(self) -> None:
        """Gives the connection back: others need it while the model is waited for. The next tool takes one again."""
        self.context.session.commit()

    def run(self, name: str, arguments: dict[str, Any]) -> str:
        """Runs a tool with the asker's rights; what goes wrong is told to the model as text."""
        with self._lock:
            if self._closed:
                raise Stopped
            if len(self.records) >= MOST_CALLS:
                return f"refused: more than {MOST_CALLS} calls; answer from what you have"
            try:
                with self.context.session.begin_nested():
                    result = call(self.context, name, _cleaned(arguments))
            except DeskError as error:
                self.records.append(Record(name, arguments, error=error))
                return f"{type(error).__name__}: {error}"
            except (SQLAlchemyError, ValueError, ArithmeticError) as error:
                return f"failed ({type(error).__name__}): these arguments cannot be used"
            finally:
                self.rest()
            result = result if self.secrets else _without_secrets(result)
            self.records.append(Record(name, arguments, result))
            return self._shown(name, result)

    def _shown(self, name: str, result: BaseModel) -> str:
        if isinstance(result, Passages):
            return self._numbered(result)
        return marked(name, json.dumps(result.model_dump(mode="json", exclude_none=True), ensure_ascii=False))

    def _numbered(self, found: Passages) -> str:
        """Passages under numbers that hold for the whole answer."""
        lines = []
        for one in found.passages:
            plain = one.model_dump()
            known = [place for place, old in enumerate(self.passages, 1) if old["text"] == plain["text"]]
            if not known:
                self.passages.append(plain)
            number = known[0] if known else len(self.passages)
            page = f", page {one.page}" if one.page else ""
            lines.append(f"[{number}] {one.source} › {one.section}{page}\n{one.text}")
        return marked("search_manual", "\n\n".join(lines) or "no passage fits")


def _without_secrets(result: BaseModel) -> BaseModel:
    if isinstance(result, CaseFacts):
        return result.model_copy(update=dict.fromkeys(SECRETS))
    if isinstance(result, CaseList):
        return result.model_copy(
            update={"cases": [one.model_copy(update=dict.fromkeys(SECRETS)) for one in result.cases]}
        )
    return result


def marked(name: str, text: str) -> str:
    """Text between marks that it cannot imitate, cut at a length."""
    inner = text.replace("<<<", "‹‹‹").replace(">>>", "›››")
    if len(inner) > MOST_CHARACTERS:
        inner = inner[:MOST_CHARACTERS] + f" … ({len(inner) - MOST_CHARACTERS} characters more: ask for less)"
    return f"<<<DATA {name}>>>\n{inner}\n<<<END OF DATA>>>"


def _cleaned(value: Any) -> Any:
    """Without control characters, which not every database takes."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(name)): _cleaned(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return value


def as_langchain(desk: Desk) -> "list[StructuredTool]":
    """Every tool of the registry; arguments reach our own checks as they come."""
    from langchain_core.tools import StructuredTool

    return [
        StructuredTool(
            name=tool.name,
            description=tool.description,
            args_schema=_schema(tool.arguments),
            func=_runner(desk, tool.name),
        )
        for tool in TOOLS.values()
    ]


@cache
def _schema(arguments: type[BaseModel]) -> dict[str, Any]:
    """The form of a tool's arguments, made once: a dozen of them take longer than the tools."""
    return arguments.model_json_schema()


def _runner(desk: Desk, name: str) -> Callable[..., str]:
    def run(**arguments: Any) -> str:
        return desk.run(name, arguments)

    return run
