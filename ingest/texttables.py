"""Tables drawn with characters in plain text: pipes, tabs, or columns set apart by spaces."""

import re

from ingest.gather import CELL, TextTable

GAP = re.compile(r" {2,}")
RULE = re.compile(r"[\s|+:=_.\u2500-\u257f-]+$")
QUOTED = re.compile(r"(?:> ?)+")


def find_tables(text: str, start: int = 0) -> list[TextTable]:
    """Tables in a text; offsets count from the text's beginning plus `start`."""
    tables: list[TextTable] = []
    block: list[list[CELL]] = []
    kind = ""
    at = start
    for line in text.split("\n"):
        cells, how = _cells(line, at)
        if how == "rule" and block:
            pass  # a drawn line between rows
        elif how and (how == kind or not block):
            kind = how
            block.append(cells)
        else:
            _finish(block, tables)
            block = [cells] if how and how != "rule" else []
            kind = how if block else ""
        at += len(line) + 1
    _finish(block, tables)
    return tables


def _finish(block: list[list[CELL]], tables: list[TextTable]) -> None:
    """Keep a block that is a table: several rows of about the same width."""
    if len(block) < 2:
        return
    widths = [len(row) for row in block]
    common = max(set(widths), key=lambda width: (widths.count(width), width))
    if common < 2 or widths.count(common) * 2 < len(widths):
        return
    tables.append(TextTable(_aligned(block, common) if max(widths) == common else list(block)))


def _aligned(block: list[list[CELL]], width: int) -> list[list[CELL]]:
    """Rows with a missing cell get an empty one where the column's place is not filled."""
    full = [row for row in block if len(row) == width]
    if len(full) == len(block):
        return list(block)
    out: list[list[CELL]] = []
    for row in block:
        out.append(
            row if len(row) == width else [*row, *(("", row[-1][2], row[-1][2]) for _ in range(width - len(row)))]
        )
    return out


def _cells(line: str, at: int) -> tuple[list[CELL], str]:
    """The cells of a line, and how they are set apart: "pipe", "tab", "space", "rule", or "" for no row."""
    lead = QUOTED.match(line)
    skip = lead.end() if lead else 0
    content = line[skip:]
    stripped = content.strip()
    if not stripped or len(line) > 2000:
        return [], ""
    if RULE.match(stripped) and len(stripped) > 2:
        return [], "rule"
    if stripped.count("|") + stripped.count("│") >= 2 or (stripped.count("|") == 1 and not stripped.startswith("|")):
        return _split(content, at + skip, re.compile(r"[|│]"), edges=True), "pipe"
    if "\t" in stripped:
        return _split(content, at + skip, re.compile(r"\t"), edges=False), "tab"
    if "  " in stripped and len(cells := _split(content, at + skip, GAP, edges=False)) >= 2:
        return cells, "space"
    return [], ""


def _split(content: str, at: int, gap: re.Pattern[str], edges: bool) -> list[CELL]:
    cells: list[CELL] = []
    begin = len(content) - len(content.lstrip())
    end = len(content.rstrip())
    if edges and content[begin : begin + 1] in "|│":
        begin += 1
    if edges and content[end - 1 : end] in "|│":
        end -= 1
    position = begin
    for match in gap.finditer(content, begin, end):
        cells.append(_trimmed(content, position, match.start(), at))
        position = match.end()
    cells.append(_trimmed(content, position, end, at))
    return cells


def _trimmed(content: str, start: int, end: int, at: int) -> CELL:
    text = content[start:end]
    left = len(text) - len(text.lstrip())
    clean = text.strip()
    if not clean:
        return "", at + start, at + start
    return clean, at + start + left, at + start + left + len(clean)
