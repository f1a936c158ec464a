"""The tool that reads the procedures manual."""

from pydantic import BaseModel, Field

from bot.tools.context import ToolContext
from bot.tools.registry import Tool, register
from bot.tools.status import Arguments


class ManualArguments(Arguments):
    """A question to the manual."""

    question: str = Field(min_length=1, max_length=1000)
    passages: int = Field(default=5, ge=1, le=10)


class PassageLine(BaseModel):
    """A passage with its place."""

    source: str
    section: str
    page: int | None
    text: str
    quote: str
    score: float


class Passages(BaseModel):
    """What fits best, best first; empty where the manual is not indexed."""

    passages: list[PassageLine]


def search_manual(context: ToolContext, arguments: ManualArguments) -> Passages:
    """Passages of the manual that fit the question."""
    if context.knowledge is None:
        return Passages(passages=[])
    found = context.knowledge.search(arguments.question, k=arguments.passages)
    return Passages(
        passages=[
            PassageLine(source=p.file, section=p.section, page=p.page, text=p.text, quote=p.quote, score=p.score)
            for p in found
        ]
    )


register(
    Tool("search_manual", "see_procedures", "Passages of the credit procedures manual.", ManualArguments, search_manual)
)
