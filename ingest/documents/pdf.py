"""PDF: text in reading order, tables from the place of the words, form fields, scanned pages."""

import ctypes
import io
import itertools
from typing import TYPE_CHECKING

from ingest.charsets import visible
from ingest.documents.grids import Box, text_and_tables
from ingest.documents.layout import Piece
from ingest.gather import Reading, TextTable, write_table
from ingest.limits import Limits

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

PIECES_A_PAGE = 6_000
UNREADABLE_HEIGHT = 1.5  # points
MOST_OBJECTS = 3000  # drawn things that are looked at for each run of white text
SCANS = 10  # pages that are recognised at most


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
    text, hidden = "", False
    tables: list[TextTable] = []
    scanned: list[int] = []
    for number in range(min(count, limits.pages)):
        page = document[number]
        pieces, faint = _pieces(page)
        hidden = hidden or faint
        page_words, page_tables = text_and_tables(pieces, _boxes(page))
        if not page_words.strip() and _is_scan(page):
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
    return Reading(
        text, tables, reason=None if text.strip() else "the PDF holds no text", notes=tuple(notes), hidden=hidden
    )


def _moved(table: TextTable, by: int) -> TextTable:
    return TextTable([[(t, s + by, e + by) for t, s, e in row] for row in table.rows], table.title)


def _pieces(page: "PdfPage") -> tuple[list[Piece], bool]:
    """Runs of text with their boxes, as the PDF draws them; and whether some cannot be seen and were left out."""
    from pypdfium2 import raw

    textpage = page.get_textpage()
    doubtful = _may_hold_white(page)
    pieces: list[Piece] = []
    faint: list[Piece] = []
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
            if not clean.strip():
                continue
            piece = Piece(clean.replace("\n", " "), left.value, right.value, top.value, bottom.value)
            pieces.append(piece)
            if piece.height < UNREADABLE_HEIGHT or (doubtful and _is_white(textpage, piece)):
                faint.append(piece)
    finally:
        textpage.close()
    unseen = [piece for piece in faint if piece.height < UNREADABLE_HEIGHT or not _on_colour(page, piece)]
    return [piece for piece in pieces if piece not in unseen], bool(unseen)


def _boxes(page: "PdfPage") -> list[Box]:
    """Where lines and boxes are drawn."""
    from pypdfium2 import raw

    paths = page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=2)
    return [item.get_bounds() for item in itertools.islice(paths, MOST_OBJECTS)]


def _on_colour(page: "PdfPage", piece: Piece) -> bool:
    """Whether something coloured lies under a run of white text (the head of a table)."""
    from pypdfium2 import raw

    x, y = (piece.left + piece.right) / 2, (piece.top + piece.bottom) / 2
    kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING]
    for number, item in enumerate(page.get_objects(filter=kinds, max_depth=3)):
        left, bottom, right, top = item.get_bounds()
        if left <= x <= right and bottom <= y <= top and not (item.type == kinds[0] and _white_fill(item.raw)):
            return True
        if number > MOST_OBJECTS:
            return True
    return False


def _white_fill(item: object) -> bool:
    from pypdfium2 import raw

    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    known = raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return not known or alpha.value < 8 or min(red.value, green.value, blue.value) > 245


def _may_hold_white(page: "PdfPage") -> bool:
    """Whether some text of the page is drawn in white, or lies in a form object where that is not looked up."""
    from pypdfium2 import raw

    for number in range(min(raw.FPDFPage_CountObjects(page.raw), PIECES_A_PAGE)):
        item = raw.FPDFPage_GetObject(page.raw, number)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_FORM or (kind == raw.FPDF_PAGEOBJ_TEXT and _white_fill(item)):
            return True
    return False


def _is_white(textpage: "PdfTextPage", piece: Piece) -> bool:
    """Whether a run of text is drawn in white (or transparent)."""
    from pypdfium2 import raw

    at = raw.FPDFText_GetCharIndexAtPos(
        textpage.raw, piece.left + 1.0, (piece.top + piece.bottom) / 2, 4.0, piece.height / 2 + 1.0
    )
    if at < 0:
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFText_GetFillColor(textpage.raw, at, red, green, blue, alpha):
        return False
    return alpha.value < 8 or min(red.value, green.value, blue.value) > 245


def _is_scan(page: "PdfPage") -> bool:
    """Whether a page without text shows a picture."""
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
