"""Every tool of the assistant, each with the right it takes. A tool without a rule cannot be registered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.tools.context import ToolContext
from cases.rights import RULES, may
from config.errors import Refused, WrongUse


@dataclass(frozen=True)
class Tool:
    """A typed function that a router or a model may call.

    `action` is the rule of cases.rights that the asker must meet; finer rules stand inside the tool.
    `proposes`: it changes nothing and hands back a proposal that a person's click carries out.
    """

    name: str
    action: str
    description: str
    arguments: type[BaseModel]
    run: Callable[[ToolContext, Any], BaseModel]
    proposes: bool = False


TOOLS: dict[str, Tool] = {}


def register(tool: Tool) -> Tool:
    """Adds a tool; raises ValueError where its rule does not exist."""
    if tool.action not in RULES:
        raise ValueError(f"tool {tool.name}: there is no rule {tool.action!r} in cases.rights")
    TOOLS[tool.name] = tool
    return tool


def call(context: ToolContext, name: str, arguments: dict[str, Any]) -> BaseModel:
    """Runs a tool for the asker. Raises Refused without the right, WrongUse for a wrong name or wrong arguments."""
    import bot.tools  # noqa: F401  fills TOOLS

    tool = TOOLS.get(name)
    if tool is None:
        raise WrongUse(f"there is no tool {name[:60]!r}: use one of {', '.join(sorted(TOOLS))}")
    asker = context.known
    if not may(asker, tool.action, context.rules.rights):
        raise Refused(f"{asker.role.value} may not {tool.action.replace('_', ' ')}")
    try:
        checked = tool.arguments.model_validate(arguments)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "arguments"
        raise WrongUse(f"{name}: {where}: {first['msg']}") from error
    return tool.run(context, checked)
