"""Collects what reading finds: parts with unique names, tables, files, notes, all within limits."""

import hashlib
import re
from dataclasses import dataclass

from ingest.charsets import visible
from ingest.limits import Limits
from ingest.message import Cell, FileInfo, Letter, Part, PartKind, Table

CELL = tuple[str, int, int]  # text, start, end


@dataclass(slots=True)
class TextTable:
    """A table as offsets into one text, before that text is a part."""

    rows: list[list[CELL]]
    title: str = ""
    hidden: bool = False


@dataclass(slots=True)
class Reading:
    """Text and tables of one document; `reason` says why there is none."""

    text: str = ""
    tables: list[TextTable] | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()
    hidden: bool = False


class Gathering:
    """The parts of a message while it is read."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts: list[Part] = []
        self.tables: list[Table] = []
        self.files: list[FileInfo] = []
        self.letters: list[Letter] = []
        self.notes: list[str] = []
        self.hidden = False
        self.characters = 0
        self.unpacked = 0
        self.members = 0
        self._names: set[str] = set()

    def note(self, text: str) -> None:
        """Keep a remark for people, once."""
        if text not in self.notes and len(self.notes) < 100:
            self.notes.append(text)

    def part(self, name: str, kind: PartKind, text: str, tables: list[TextTable], attachment: int | None = None) -> int:
        """Add a part; its index. Too long a text is cut and that is said."""
        room = max(0, min(self.limits.text_chars, self.limits.all_chars - self.characters))
        if len(text) > room:
            self.note(f"{name}: only the first {room:,} of {len(text):,} characters were read")
            text = text[:room]
        self.characters += len(text)
        index = len(self.parts)
        self.parts.append(Part(self._unique(name), kind, text, attachment))
        for table in tables:
            self._table(index, table, text)
        return index

    def _unique(self, name: str) -> str:
        candidate, number = name, 2
        while candidate in self._names:
            candidate, number = f"{name} ({number})", number + 1
        self._names.add(candidate)
        return candidate

    def _table(self, part: int, table: TextTable, text: str) -> None:
        rows = [row for row in table.rows if all(cell[2] <= len(text) for cell in row) and row]
        width = max((len(row) for row in rows), default=0)
        if not width:
            return
        padded = tuple(
            tuple(Cell(*cell) for cell in row)
            + tuple(Cell("", row[-1][2], row[-1][2]) for _ in range(width - len(row)))
            for row in rows
        )
        self.tables.append(Table(part, padded, table.title, table.hidden))


def write_table(rows: list[list[str]], at: int) -> tuple[str, list[list[CELL]]]:
    """Rows as lines of tab-separated cells, starting at offset `at`; the text and the cells' places."""
    lines: list[str] = []
    places: list[list[CELL]] = []
    for row in rows:
        cells: list[CELL] = []
        pieces: list[str] = []
        for text in row:
            flat = flatten(text)
            cells.append((flat, at, at + len(flat)))
            pieces.append(flat)
            at += len(flat) + 1
        lines.append("\t".join(pieces))
        places.append(cells)
        if not row:
            at += 1
    return "\n".join(lines), places


def flatten(text: str) -> str:
    """A cell's text on one line, without tabs and invisible characters."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    clean = visible(text)
    return " ".join(clean.split()) if any(c in clean for c in "\n\t ") else clean


def digest(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def file_name(name: str, media_type: str, number: int) -> str:
    """A file's name without folders and control characters; an invented one where there is none."""
    clean = visible(name).replace("\n", " ").replace("\t", " ").strip()
    clean = re.split(r"[\\/]", clean)[-1].strip().strip("\"'")[:200]
    if clean and clean not in (".", ".."):
        return clean
    ending = {
        "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "application/pdf": ".pdf", "image/png": ".png",
        "image/jpeg": ".jpg", "image/gif": ".gif", "message/rfc822": ".eml", "text/calendar": ".ics",
    }.get(media_type, "")  # fmt: skip
    return f"{'message' if ending == '.eml' else 'file'} {number}{ending}"
