"""Blocks of a document as sections: each with its heading path, its text in units (sentences, items, rows) and pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.readers.blocks import Block, Heading, Paragraph, TableBlock

# an end of sentence: a mark, then space and a capital, digit or quotation mark; not after usual abbreviations or initials
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|e\.g|i\.e|z\.B|d\.h|u\.a|bzw|ca|etc|incl|inkl|max|min|No|Nr|Art|Abs|Mr|Mrs|Ms|Dr|Prof|St|vs|cf|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|approx|resp|sec|ch|p))\.$"
)
SENTENCE_END = re.compile(r"[.!?…](?:[\"'”’»)]*)(?=\s+[\"'“„«(]?[A-ZÀ-ÞÄÖÜ0-9•])")


@dataclass(frozen=True, slots=True)
class Piece:
    """One paragraph, list item or table row group as text; `header` is the table's column line, repeated when cut."""

    text: str
    page: int | None
    kind: str  # text, item or table


@dataclass(frozen=True, slots=True)
class Section:
    """A section: heading path from the outermost, and its pieces in order."""

    headings: tuple[str, ...]
    pieces: tuple[Piece, ...]
    page: int | None


def table_lines(block: TableBlock) -> list[str]:
    """A table as lines `a | b | c`, the header first."""
    return [" | ".join(cell.replace("|", "/") for cell in row) for row in block.rows]


def to_sections(blocks: Sequence[Block]) -> list[Section]:
    """Sections in order. Levels skipped in the document leave no gap in the path; a section without text is dropped."""
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    pieces: list[Piece] = []
    page: int | None = None

    def close() -> None:
        nonlocal pieces
        if pieces:
            first = page if page is not None else pieces[0].page
            sections.append(Section(tuple(text for _, text in path), tuple(pieces), first))
        pieces = []

    for block in blocks:
        if isinstance(block, Heading):
            close()
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, block.text))
            page = block.page
        elif isinstance(block, Paragraph):
            pieces.append(Piece(block.text, block.page, "item" if block.item else "text"))
        else:
            pieces.append(Piece("\n".join(table_lines(block)), block.page, "table"))
    close()
    return sections


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, verbatim."""
    found, start = [], 0
    for match in SENTENCE_END.finditer(text):
        if ABBREVIATION.search(text[start : match.end()]):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    if text[start:].strip():
        found.append(text[start:].strip())
    return found
