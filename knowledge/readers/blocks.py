"""The common form of what readers find in a file, in reading order."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from config.errors import DeskError


class UnreadableFile(DeskError):
    """A file cannot go into the knowledge base; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 is the outermost."""

    level: int
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, or one list item (`item`)."""

    text: str
    page: int | None = None
    item: bool = False


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table; the first row holds the column names."""

    rows: tuple[tuple[str, ...], ...]
    page: int | None = None


Block = Heading | Paragraph | TableBlock


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read: its blocks in order and who wrote it, where the file says so."""

    blocks: tuple[Block, ...]
    author: str = ""


@dataclass(slots=True)
class Collected:
    """Blocks under construction: clean text only, nothing empty."""

    blocks: list[Block] = field(default_factory=list)

    def heading(self, level: int, text: str, page: int | None = None) -> None:
        """Adds a heading unless it is empty."""
        if clean(text):
            self.blocks.append(Heading(level, clean(text), page))

    def paragraph(self, text: str, page: int | None = None, *, item: bool = False) -> None:
        """Adds a paragraph unless it is empty."""
        if clean(text):
            self.blocks.append(Paragraph(clean(text), page, item))

    def table(self, rows: Iterable[Iterable[str]], page: int | None = None) -> None:
        """Adds a table unless it is empty."""
        kept = tuple(cells for row in rows if any(cells := tuple(clean(cell) for cell in row)))
        if kept:
            self.blocks.append(TableBlock(kept, page))


def clean(text: str) -> str:
    """One line: control characters and soft hyphens dropped, spaces of every kind made one."""
    kept = "".join(" " if c in "\t\n\r\x0b\x0c\x85\u2028\u2029" else c for c in text if c.isprintable() or c.isspace())
    return " ".join(kept.replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "").split())
