"""PDF: text in reading order, tables from the place of the words, form fields, scanned pages."""

import ctypes
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.charsets import visible
from ingest.documents.layout import Piece, page_text
from ingest.gather import Reading, TextTable, write_table
from ingest.limits import Limits

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

PIECES_A_PAGE = 6_000
SCANS = 10  # pages that are recognised at most


@dataclass(slots=True)
class _Pages:
    text: str = ""
    tables: list[TextTable] | None = None
    scanned: int = 0
    read: int = 0


def read_pdf(data: bytes, limits: Limits) -> Reading:
    """All pages within the limits; form fields follow as a table of names and values."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return Reading(
            reason="protected by a password"
            if "password" in str(error).casefold()
            else f"a damaged PDF ({error})"[:160]
        )
    try:
        return _read(document, data, limits)
    finally:
        document.close()


def _read(document: "PdfDocument", data: bytes, limits: Limits) -> Reading:
    count = len(document)
    notes: list[str] = []
    text, tables, scanned = "", [], []
    for number in range(min(count, limits.pages)):
        page = document[number]
        page_words, page_tables = page_text(_pieces(page))
        if not page_words.strip() and _has_picture(page):
            scanned.append(number)
            page_words, page_tables = _recognised(page) if len(scanned) <= SCANS else "", []
        page.close()
        lead = "\n\n" if text and page_words else ""
        tables += [_moved(table, len(text) + len(lead)) for table in page_tables]
        text += lead + page_words
        if len(text) > limits.text_chars:
            notes.append(f"only the first {number + 1} of {count} pages were read")
            break
    if count > limits.pages:
        notes.append(f"only the first {limits.pages} of {count} pages were read")
    if document.get_formtype():
        text, tables = _with_form(data, text, tables)
    if scanned and not text.strip():
        return Reading(reason="scanned pages without a text layer; they are read only where Tesseract is installed")
    if scanned:
        notes.append(f"pages without a text layer: {', '.join(str(n + 1) for n in scanned[:20])}")
    return Reading(text, tables, reason=None if text.strip() else "the PDF holds no text", notes=tuple(notes))


def _moved(table: TextTable, by: int) -> TextTable:
    return TextTable([[(t, s + by, e + by) for t, s, e in row] for row in table.rows], table.title)


def _pieces(page: "PdfPage") -> list[Piece]:
    """Runs of text with their boxes, as the PDF draws them."""
    from pypdfium2 import raw

    textpage = page.get_textpage()
    pieces: list[Piece] = []
    try:
        left, top, right, bottom = (ctypes.c_double() for _ in range(4))
        buffer = ctypes.create_string_buffer(8192)
        view = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
        for index in range(min(textpage.count_rects(), PIECES_A_PAGE)):
            raw.FPDFText_GetRect(textpage.raw, index, left, top, right, bottom)
            length = raw.FPDFText_GetBoundedText(
                textpage.raw, left.value, top.value, right.value, bottom.value, view, 4095
            )
            text = buffer.raw[: length * 2].decode("utf-16-le", "ignore").strip("\x00")
            clean = visible(text.replace("\ufffe", "-").replace("\x02", "-"))
            if clean.strip():
                pieces.append(Piece(clean.replace("\n", " "), left.value, right.value, top.value, bottom.value))
    finally:
        textpage.close()
    return pieces


def _has_picture(page: "PdfPage") -> bool:
    from pypdfium2 import raw

    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _recognised(page: "PdfPage") -> str:
    from ingest.documents.ocr import recognise, tesseract

    if tesseract() is None:
        return ""
    width, height = page.get_size()
    scale = min(300 / 72, 3000 / max(width, height, 1))
    picture = page.render(scale=scale).to_pil()
    out = io.BytesIO()
    picture.save(out, "PNG")
    return recognise(out.getvalue()) or ""


def _with_form(data: bytes, text: str, tables: list[TextTable]) -> tuple[str, list[TextTable]]:
    """Add the filled fields as lines "name<TAB>value"."""
    import logging

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    from pypdf import PdfReader

    rows: list[list[str]] = []
    for name, field in list((PdfReader(io.BytesIO(data)).get_fields() or {}).items())[:2000]:
        value = field.get("/V")
        shown = "" if value is None else str(value)
        label = str(field.get("/TU") or field.get("/T") or name)
        if shown and shown not in ("/Off", "Off"):
            rows.append([label, shown.removeprefix("/")])
    if not rows:
        return text, tables
    lead = "\n\n" if text else ""
    written, places = write_table(rows, len(text) + len(lead))
    return text + lead + written, [*tables, TextTable(places, "form fields")]
