"""Texts beside labels in a message: cells under headers, lines "Label: value". Kept, so that corrections can teach labels."""

import re
from collections.abc import Iterator

from cases.understanding import Labelled
from ingest.message import Message, Table
from ingest.rules.labels import read_label

MOST = 300  # of one message
_LONGEST = 120  # characters of a text
_LINE = re.compile(r"^[ \t>*•·-]*([^:\n\t]{2,60}?)[ .…_]*(?::|：|\t)[ \t]*([^\n]{1,200})$", re.MULTILINE)
_HEADER_ROWS = 25


def labelled(message: Message) -> list[Labelled]:
    """Every text beside a label, at most 300, each pair once."""
    found: dict[tuple[str, str], Labelled] = {}
    for label, text in _pairs(message):
        name, value = " ".join(label.split()), " ".join(text.split())
        if not name or not value or len(name) > 60 or len(value) > _LONGEST or "\0" in name + value:
            continue
        if (name, value) not in found:
            meaning = read_label(name)
            found[name, value] = Labelled(label=name, text=value, meaning=meaning.field if meaning else None)
        if len(found) == MOST:
            break
    return list(found.values())


def labels_of_files(message: Message) -> list[tuple[str, Labelled]]:
    """The same for attached files alone, each with the name of its part."""
    found = []
    for index, part in enumerate(message.parts):
        if part.kind == "attachment":
            tables = [table for table in message.tables if table.part == index and not table.hidden]
            pairs = [pair for table in tables for pair in _of_table(table)][:MOST]
            pairs += [(m[1], m[2]) for m in _LINE.finditer(part.text[:20_000])][:MOST]
            for label, text in pairs:
                meaning = read_label(label)
                if meaning is not None:
                    found.append((part.name, Labelled(label=label, text=text[:_LONGEST], meaning=meaning.field)))
    return found


def _pairs(message: Message) -> Iterator[tuple[str, str]]:
    for table in message.tables:
        if not table.hidden:
            yield from _of_table(table)
    for part in message.parts:
        if part.kind in ("body", "attachment"):
            for match in _LINE.finditer(part.text[:20_000]):
                yield match[1], match[2]


def _of_table(table: Table) -> Iterator[tuple[str, str]]:
    header = next((n for n, row in enumerate(table.rows[:_HEADER_ROWS]) if _heads(row_texts(table, n))), None)
    if header is None:
        for row in table.rows:
            texts = [cell.text.strip() for cell in row if cell.text.strip()]
            if len(texts) == 2:
                yield texts[0], texts[1]
        return
    names = row_texts(table, header)
    for number in range(header + 1, len(table.rows)):
        for name, text in zip(names, row_texts(table, number), strict=False):
            if name and text:
                yield name, text


def row_texts(table: Table, number: int) -> list[str]:
    """The texts of a row."""
    return [cell.text.strip() for cell in table.rows[number]]


def _heads(texts: list[str]) -> bool:
    """Whether a row can be a header: three names or more, and no figures among them."""
    filled = [one for one in texts if one]
    return len(filled) >= 3 and not any(re.fullmatch(r"[\d.,'’ %€$£-]+", one) for one in filled)
