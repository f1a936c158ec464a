"""Plain text, CSV of any dialect, HTML files and simple RTF."""

import csv
import io
import re

from ingest.bodies import html_piece
from ingest.charsets import decode, hides_text, visible
from ingest.gather import Reading, TextTable, write_table
from ingest.limits import Limits
from ingest.texttables import find_tables

DELIMITERS = ";\t|,"
RTF_TOKEN = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6})\s?\??|\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\([^a-z])|([{}])|([^\\{}]+)", re.S
)
RTF_SKIPPED = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "themedata",
        "colorschememapping",
        "latentstyles",
        "datastore",
        "generator",
        "xmlnstbl",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "header",
        "footer",
    ]
)


def read_text(data: bytes, limits: Limits, charset: str) -> Reading:
    """A text file, with the tables that are drawn in it."""
    raw = decode(data[: limits.text_chars * 6], charset)
    text = visible(raw).rstrip()
    return Reading(text, find_tables(text), hidden=hides_text(raw))


def read_html_file(data: bytes, limits: Limits, charset: str) -> Reading:
    """An HTML file, as a browser shows it."""
    piece = html_piece(data, charset, limits)
    return Reading(piece.text, piece.tables, hidden=piece.hidden)


def read_csv(data: bytes, limits: Limits, charset: str) -> Reading:
    """A table of delimited values; the delimiter is the one that splits the lines most evenly."""
    raw = decode(data[: limits.text_chars * 6], charset)
    text = visible(raw)
    if text[:6].casefold() == "sep=;\n" or re.match(r"sep=.\n", text[:8], re.I):
        delimiter, text = text[4], text[6:]
    else:
        delimiter = _delimiter(text)
    notes: list[str] = []
    rows: list[list[str]] = []
    csv.field_size_limit(1_000_000)
    cells = 0
    for row in csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter, skipinitialspace=True):
        rows.append([cell.strip() for cell in row])
        cells += len(row)
        if len(rows) >= limits.rows or cells >= limits.cells:
            notes.append(f"only the first {len(rows):,} rows were read")
            break
    while rows and not any(rows[-1]):
        rows.pop()
    written, places = write_table(rows, 0)
    table = TextTable([row for row in places if row])
    return Reading(written, [table] if table.rows else [], notes=tuple(notes), hidden=hides_text(raw))


def _delimiter(text: str) -> str:
    lines = [line for line in text.split("\n")[:60] if line.strip()][:40]
    best, best_score = ",", 0.0
    for candidate in DELIMITERS:
        counts = [_outside_quotes(line, candidate) for line in lines]
        common = max(set(counts), key=lambda n: (counts.count(n) * (n > 0), n), default=0)
        if common:
            score = counts.count(common) / len(counts) * min(common, 4) + (0.2 if candidate != "," else 0)
            if score > best_score:
                best, best_score = candidate, score
    return best


def _outside_quotes(line: str, delimiter: str) -> int:
    return sum(piece.count(delimiter) for piece in line.split('"')[::2])


def read_rtf(data: bytes, limits: Limits) -> Reading:
    """The text of a simple RTF file."""
    source = data[: limits.text_chars * 8].decode("latin-1")
    codepage = re.search(r"\\ansicpg(\d{3,5})", source[:2000])
    charset = f"cp{codepage.group(1)}" if codepage else "cp1252"
    out: list[str] = []
    stack: list[bool] = []
    skip, pending = False, bytearray()
    for match in RTF_TOKEN.finditer(source):
        byte, code, word, _, symbol, brace, text = match.groups()
        if byte:
            pending.append(int(byte, 16))
            continue
        if pending:
            out += [] if skip else [decode(bytes(pending), charset)]
            pending.clear()
        if brace == "{":
            stack.append(skip)
        elif brace == "}":
            skip = stack.pop() if stack else False
        elif word in RTF_SKIPPED or symbol == "*":
            skip = True
        elif skip:
            continue
        else:
            out.append(_rtf_text(code, word, symbol, text))
    lines = visible("".join(out)).rstrip()
    return Reading(lines, find_tables(lines))


def _rtf_text(code: str | None, word: str | None, symbol: str | None, text: str | None) -> str:
    if code:
        return chr(int(code) % 65536)
    if word:
        return {"par": "\n", "line": "\n", "tab": "\t", "row": "\n", "cell": "\t", "emdash": "—", "endash": "–"}.get(
            word, ""
        )
    if symbol:
        return {"~": " ", "{": "{", "}": "}", "\\": "\\", "_": "-"}.get(symbol, "")
    return (text or "").replace("\r", "").replace("\n", "")
