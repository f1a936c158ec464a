"""PDF: lines with their font size and page; headings by size, weight and number; running heads dropped; ruled tables whole."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from knowledge.readers.blocks import Collected, Document, UnreadableFile, clean
from knowledge.readers.plain import LONGEST_HEADING, numbered_heading

BULLET = re.compile(r"^\s*(?:[•▪◦·‣●○–]|[-*](?=\s)|\(?[a-z\d]{1,2}[.)](?=\s))\s*(.*)$")
SIGN = re.compile(r"^[•▪◦·‣●○–*-]")
LARGER = 1.08  # a heading's size against the body's
NEW_PARAGRAPH = 1.45  # a gap between lines against the usual one
RULED_PAGE = 6  # drawn lines on a page that may be a table


@dataclass(slots=True)
class Line:
    """One line of a page; sizes and places in points, `top` measured from the foot of the page."""

    text: str
    size: float
    bold: bool
    left: float
    top: float
    bottom: float
    page: int


def read_pdf(raw: bytes) -> Document:
    """Blocks of a PDF; raises UnreadableFile for an encrypted or broken one, or one without text."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableFile("it is encrypted: save it without a password") from error
        raise UnreadableFile("it is no readable PDF: export it anew") from error
    try:
        author = str(pdf.get_metadata_dict().get("Author", "") or "")
        pages = [_page_lines(pdf[number], number + 1) for number in range(len(pdf))]
        ruled = [number for number in range(len(pdf)) if _is_ruled(pdf[number])]
    finally:
        pdf.close()
    if not any(pages):
        raise UnreadableFile("it holds no text (a scan?): run text recognition on it first")
    tables = _tables(raw, ruled)
    return Document(tuple(_blocks(_without_running_heads(pages), tables)), author)


def _page_lines(page: Any, number: int) -> list[Line]:
    """The lines of a page in reading order."""
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    text = text_page.get_text_range()
    count = text_page.count_chars()
    lines: list[Line] = []
    start = 0
    for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n|$)", text):
        if not match[0]:
            break
        bare = match[0].rstrip("\r\n")
        first = start + len(bare) - len(bare.lstrip())
        last = start + len(bare.rstrip()) - 1
        start += len(match[0])
        if not bare.strip() or first >= count:
            continue
        size = pdfium.FPDFText_GetFontSize(text_page.raw, first)
        weight = pdfium.FPDFText_GetFontWeight(text_page.raw, first)
        boxes = [text_page.get_charbox(i, loose=True) for i in {first, min(max(first, last), count - 1)}]
        name = _font_name(pdfium, text_page, first)
        bold = weight >= 600 or "bold" in name or "black" in name or "heavy" in name
        lines.append(
            Line(
                bare.replace("\ufffe", "\u00ad").replace("\x02", "\u00ad"),
                round(float(size), 1), bold, min(b[0] for b in boxes),
                max(b[3] for b in boxes), min(b[1] for b in boxes), number,
            )
        )  # fmt: skip
    text_page.close()
    return lines


def _font_name(pdfium: Any, text_page: Any, index: int) -> str:
    import ctypes

    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    written = pdfium.FPDFText_GetFontInfo(text_page.raw, index, buffer, 128, ctypes.byref(flags))
    return buffer.raw[: max(0, min(written, 128) - 1)].decode("utf-8", "ignore").lower() if written else ""


def _is_ruled(page: Any) -> bool:
    import pypdfium2.raw as pdfium

    drawn = 0
    for drawn, _ in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3), start=1):
        if drawn >= RULED_PAGE:
            return True
    return drawn >= RULED_PAGE


@dataclass(slots=True)
class PlacedTable:
    """A ruled table and where it stands (from the foot of the page)."""

    rows: list[list[str]]
    top: float
    bottom: float
    done: bool = False


def _tables(raw: bytes, pages: list[int]) -> dict[int, list[PlacedTable]]:
    """The ruled tables of the pages that have drawn lines, by page number from 1."""
    if not pages:
        return {}
    import io

    import pdfplumber

    found: dict[int, list[PlacedTable]] = {}
    with pdfplumber.open(io.BytesIO(raw)) as pdf:
        for number in pages:
            page = pdf.pages[number]
            for table in page.find_tables():
                rows = [[(cell or "").replace("\n", " ") for cell in row] for row in table.extract()]
                if len(rows) > 1 and len(rows[0]) > 1:
                    _, top, _, bottom = table.bbox
                    height = float(page.height)
                    found.setdefault(number + 1, []).append(PlacedTable(rows, height - top, height - bottom))
            page.close()
    return found


def _without_running_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """Pages without the lines that stand at the head or foot of most pages (page numbers apart)."""
    if len(pages) < 2:
        return [[line for line in lines if not re.fullmatch(r"\W*\d+\W*", line.text)] for lines in pages]

    def key(line: Line) -> str:
        return re.sub(r"\d+", "#", clean(line.text).casefold())

    edges = Counter(k for lines in pages for k in {key(line) for line in [*lines[:2], *lines[-2:]]})
    running = {k for k, times in edges.items() if times > max(1, len(pages) * 0.5)}
    return [
        [line for i, line in enumerate(lines) if not (key(line) in running and (i < 2 or i >= len(lines) - 2))]
        for lines in pages
    ]


def _blocks(pages: list[list[Line]], tables: dict[int, list[PlacedTable]]) -> list[Any]:
    lines = [line for page in pages for line in page]
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted({line.size for line in lines if line.size > body * LARGER}, reverse=True)
    gaps = Counter(round(a.top - b.top) for a, b in pairwise(lines) if a.page == b.page and 0 < a.top - b.top < 60)
    usual = gaps.most_common(1)[0][0] if gaps else 14
    return _assemble(lines, tables, body, larger, float(usual))


def _assemble(
    lines: list[Line], tables: dict[int, list[PlacedTable]], body: float, larger: list[float], usual: float
) -> list[Any]:
    """Lines joined to headings and paragraphs, tables in their place."""
    collected = Collected()
    waiting: list[Line] = []
    kind = ""  # what waits: heading level as a digit, "item" or "text"

    def flush() -> None:
        if waiting:
            text = _joined(waiting)
            if kind.isdigit():
                collected.heading(int(kind), text, waiting[0].page)
            else:
                collected.paragraph(text, waiting[0].page, item=kind == "item")
        waiting.clear()

    for line in lines:
        inside = next(
            (t for t in tables.get(line.page, ()) if t.bottom - 2 <= (line.top + line.bottom) / 2 <= t.top + 2), None
        )
        if inside is not None:
            flush()
            if not inside.done:
                collected.table(inside.rows, line.page)
                inside.done = True
            continue
        level = _heading_level(line, body, larger)
        bullet = BULLET.match(line.text) if not level else None
        if _continues(waiting, line, kind, level, bool(bullet), usual):
            waiting.append(line)
            continue
        flush()
        kind = str(level) if level else "item" if bullet else "text"
        if bullet:
            line.text = bullet[1]
        waiting.append(line)
    flush()
    return collected.blocks


def _continues(waiting: list[Line], line: Line, kind: str, level: int, bullet: bool, usual: float) -> bool:
    """Whether a line goes on with what stands before it."""
    if not waiting or bullet:
        return False
    last = waiting[-1]
    if kind.isdigit():
        numbered = numbered_heading(clean(line.text)) is not None
        return level == int(kind) and last.size == line.size and last.page == line.page and not numbered
    if level:
        return False
    if last.page != line.page:
        return not re.search(r"[.:!?]\s*$", last.text)
    return last.top - line.top <= usual * NEW_PARAGRAPH + 1


def _heading_level(line: Line, body: float, larger: list[float]) -> int:
    """1… for a heading, 0 for text: a number decides the level, otherwise the rank of the size."""
    text = clean(line.text)
    if not text or len(text) > LONGEST_HEADING or SIGN.match(text):
        return 0
    big = line.size > body * LARGER
    numbered = numbered_heading(text)
    if numbered and (big or line.bold):
        return numbered[0]
    if numbered and "." in text.split()[0].rstrip(".") and line.left < 200 and len(text) < 70:
        return numbered[0]
    if big and any(c.isalpha() for c in text):
        return min(larger.index(line.size) + 1, 6)
    return 2 if line.bold and not re.search(r"[.:;,]$", text) and len(text) < 70 else 0


def _joined(lines: list[Line]) -> str:
    text = ""
    for line in lines:
        part = line.text.strip()
        if text.endswith("\u00ad"):
            text = text[:-1] + part
        elif text.endswith("-") and part[:1].islower():
            text += part
        else:
            text += (" " if text else "") + part
    return text
