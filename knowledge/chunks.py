"""Sections cut into chunks for searching: a short section stays whole, a long one is cut at sentence ends with overlap."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.sections import Piece, Section, sentences

WHOLE = 1500  # characters; a section up to this stays whole
TARGET = 1000  # characters of a cut piece
OVERLAP = 250  # characters that two neighbours share


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is searched: a section or a part of it. Lines of `text`: a paragraph or item (`- `) each; tables as `a | b`."""

    chunk_id: str
    source: str
    headings: tuple[str, ...]
    page: int | None
    ordinal: int  # of the section in its file
    part: int  # of the chunk in its section
    text: str
    author: str = ""

    @property
    def embedded_text(self) -> str:
        """What the embedding model reads: the headings, then the text."""
        return ". ".join(self.headings) + "\n" + self.text if self.headings else self.text


def cut(source: str, sections: list[Section], author: str = "") -> list[Chunk]:
    """The chunks of a file. An id depends on file, place and text only, so that what did not change keeps its id."""
    chunks = []
    for ordinal, section in enumerate(sections):
        for part, (text, page) in enumerate(_parts(section)):
            identity = "\x1f".join((source, str(ordinal), str(part), *section.headings, text))
            chunk_id = hashlib.sha256(identity.encode()).hexdigest()[:32]
            chunks.append(Chunk(chunk_id, source, section.headings, page, ordinal, part, text, author))
    return chunks


def _line(piece: Piece) -> str:
    return "- " + piece.text if piece.kind == "item" else piece.text


def _parts(section: Section) -> Iterator[tuple[str, int | None]]:
    whole = "\n".join(_line(piece) for piece in section.pieces)
    if len(whole) <= WHOLE:
        yield whole, section.page
        return
    units = [unit for piece in section.pieces for unit in _units(piece)]
    start = 0
    while start < len(units):
        end, length = start, 0
        while end < len(units) and (length == 0 or length + len(units[end][0]) <= TARGET):
            length += len(units[end][0]) + 1
            end += 1
        yield _join(units[start:end]), units[start][1] if units[start][1] is not None else section.page
        if end == len(units):
            return
        back, shared = end, 0
        while back - 1 > start and shared + len(units[back - 1][0]) <= OVERLAP and units[back - 1][2] != "table":
            back -= 1
            shared += len(units[back][0])
        start = back


Unit = tuple[str, int | None, str, bool]  # text, page, kind, whether it begins a line


def _units(piece: Piece) -> list[Unit]:
    """What a piece may be cut into: sentences; groups of table rows, each under the table's header."""
    if piece.kind == "table":
        return [(group, piece.page, "table", True) for group in _row_groups(piece.text)]
    found: list[Unit] = []
    for index, sentence in enumerate(sentences(piece.text)):
        for offset, stretch in enumerate(_hard_cut(sentence)):
            first = index == 0 and offset == 0
            found.append((("- " if first and piece.kind == "item" else "") + stretch, piece.page, piece.kind, first))
    return found


def _join(units: list[Unit]) -> str:
    text = ""
    for unit, _, _, begins in units:
        text += ("\n" if begins else " ") + unit if text else unit
    return text


def _row_groups(table: str) -> list[str]:
    if len(table) <= WHOLE:
        return [table]
    header, *rows = table.split("\n")
    groups, group = [], [header]
    for row in rows:
        if len(group) > 1 and sum(map(len, group)) + len(row) > TARGET:
            groups.append("\n".join(group))
            group = [header]
        group.append(row)
    groups.append("\n".join(group))
    return groups


def _hard_cut(sentence: str) -> Iterator[str]:
    """A sentence longer than a chunk, in pieces at spaces."""
    while len(sentence) > TARGET:
        at = sentence.rfind(" ", TARGET // 2, TARGET)
        at = at if at > 0 else TARGET
        yield sentence[:at]
        sentence = sentence[at:].lstrip()
    if sentence:
        yield sentence
