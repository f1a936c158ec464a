"""Word (DOCX), OpenDocument text and PowerPoint: paragraphs, tables and form fields in reading order."""

import io
import zipfile
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]

from ingest.charsets import visible
from ingest.gather import Reading, TextTable, flatten, write_table
from ingest.limits import Limits

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
MAX_XML = 60_000_000


def read_office(data: bytes, kind: str, limits: Limits) -> Reading:
    """The document's text; tables keep their cells."""
    writer = _Writer(limits.text_chars)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in _xml_names(archive, kind):
            root = _xml(archive, name)
            if root is None:
                writer.notes.append(f"{name} is too large to be read")
                continue
            writer.blocks(root, kind)
    return Reading(writer.text.rstrip(), writer.tables, hidden=writer.hidden, notes=tuple(writer.notes))


def _xml_names(archive: zipfile.ZipFile, kind: str) -> list[str]:
    names = archive.namelist()
    if kind == "odt":
        return ["content.xml"]
    if kind == "pptx":
        slides = [n for n in names if n.startswith("ppt/slides/slide") and n.endswith(".xml")]
        return sorted(slides, key=lambda n: int("".join(c for c in n.rsplit("/", 1)[-1] if c.isdigit()) or 0))[:200]
    headers = sorted(n for n in names if n.startswith("word/header") and n.endswith(".xml"))
    footers = sorted(n for n in names if n.startswith("word/footer") and n.endswith(".xml"))
    return [*headers[:3], "word/document.xml", *footers[:3]]


def _xml(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    if archive.getinfo(name).file_size > MAX_XML:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True, load_dtd=False)
    return etree.fromstring(archive.read(name), parser)


class _Writer:
    def __init__(self, limit: int) -> None:
        self.text = ""
        self.pieces = 0
        self.tables: list[TextTable] = []
        self.notes: list[str] = []
        self.hidden = False
        self.limit = limit

    def line(self, text: str) -> None:
        """Write a paragraph."""
        clean = visible(text).rstrip()
        if clean.strip() or not self.text.endswith("\n\n"):
            self.text += clean + "\n"

    def blocks(self, root: etree._Element, kind: str) -> None:
        """Paragraphs and tables below a node, in order; nested ones are found without recursion."""
        paragraph, table = {
            "docx": (f"{W}p", f"{W}tbl"), "odt": (f"{T}p", f"{TABLE}table"), "pptx": (f"{A}p", f"{A}tbl"),
        }[kind]  # fmt: skip
        stack = [root]
        while stack and len(self.text) < self.limit:
            node = stack.pop()
            if node.tag == paragraph or node.tag == f"{T}h":
                self.line(self.paragraph(node))
            elif node.tag == table:
                self.table(node)
            elif node.tag not in (f"{W}del", f"{W}moveFrom"):
                stack.extend(reversed(node))

    def paragraph(self, node: etree._Element) -> str:
        """The visible text of a paragraph: no deleted and no hidden runs, text boxes included."""
        if isinstance(node.tag, str) and node.tag.startswith(T):
            return "".join(str(piece) for piece in node.itertext())
        out: list[str] = []
        stack: list[etree._Element] = [node]
        while stack:
            item = stack.pop()
            tag = item.tag
            if tag in (f"{W}t", f"{A}t"):
                out.append(item.text or "")
            elif tag == f"{W}tab":
                out.append("\t")
            elif tag in (f"{W}br", f"{W}cr", f"{A}br"):
                out.append("\n")
            elif tag in (f"{W}del", f"{W}moveFrom", f"{W}delText", f"{W}instrText"):
                continue
            elif tag == f"{W}r" and self.vanished(item):
                self.hidden = True
                continue
            else:
                if tag == f"{W}p" and item is not node:
                    out.append("\n")
                children = [c for c in item if isinstance(c.tag, str) and not c.tag.endswith("}Fallback")]
                stack.extend(reversed(children))
        return "".join(out)

    def vanished(self, run: etree._Element) -> bool:
        """Whether a run is hidden text or white on white."""
        marks = run.find(f"{W}rPr")
        if marks is None:
            return False
        vanish = marks.find(f"{W}vanish")
        if vanish is not None and vanish.get(f"{W}val") not in ("0", "false"):
            return True
        size = marks.find(f"{W}sz")
        if size is not None and (size.get(f"{W}val") or "9").isdigit() and int(size.get(f"{W}val") or 9) <= 2:
            return True
        fill = marks.find(f"{W}color")
        shaded = marks.find(f"{W}shd") is not None or marks.find(f"{W}highlight") is not None
        in_cell = next(run.iterancestors(f"{W}tc"), None)
        return fill is not None and (fill.get(f"{W}val") or "").upper() == "FFFFFF" and not shaded and in_cell is None

    def table(self, node: etree._Element) -> None:
        """A table as lines of tab-separated cells."""
        rows: list[list[str]] = []
        above: dict[int, str] = {}
        for row in _rows(node):
            cells: list[str] = []
            for cell in _cells(row):
                text = flatten(" ".join(self.paragraph(p) for p in cell.iter(f"{W}p", f"{T}p", f"{T}h", f"{A}p")))
                span, merge = _span(cell)
                column = len(cells)
                if merge == "continue":
                    text = text or above.get(column, "")
                elif merge == "restart":
                    above[column] = text
                cells.append(text)
                cells.extend("" for _ in range(span - 1))
            rows.append(cells)
        if not rows:
            return
        written, places = write_table(rows, len(self.text))
        self.text += written + "\n"
        self.tables.append(TextTable([row for row in places if any(cell[0] for cell in row)]))


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for number, row in enumerate(table.iter(f"{W}tr", f"{TABLE}table-row", f"{A}tr")):
        if number >= 5000:
            return
        if next(row.iterancestors(f"{W}tbl", f"{TABLE}table", f"{A}tbl"), None) is table:
            yield row


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for cell in row.iter(f"{W}tc", f"{TABLE}table-cell", f"{A}tc"):
        if next(cell.iterancestors(f"{W}tr", f"{TABLE}table-row", f"{A}tr"), None) is row:
            yield cell


def _span(cell: etree._Element) -> tuple[int, str]:
    """Columns that a cell takes, and whether it goes on from the row above."""
    marks = cell.find(f"{W}tcPr")
    if marks is None:
        return 1, ""
    grid, down = marks.find(f"{W}gridSpan"), marks.find(f"{W}vMerge")
    written = (grid.get(f"{W}val") or "1") if grid is not None else "1"
    span = min(int(written), 60) if written.isdigit() else 1
    return max(span, 1), "" if down is None else (down.get(f"{W}val") or "continue")
