"""DOCX: headings by style or outline level (or bold numbered lines where there are none), lists, tables."""

import io
import re
import zipfile
from typing import Any

from knowledge.readers.blocks import Collected, Document, UnreadableFile
from knowledge.readers.plain import LONGEST_HEADING, numbered_heading

HEADING_STYLE = re.compile(r"^(?:heading|überschrift|titre|titolo|título|kop|rubrik|nagłówek)\s*(\d)", re.IGNORECASE)
TITLE_STYLE = re.compile(r"^(?:title|titel)$", re.IGNORECASE)
OLD_WORD = b"\xd0\xcf\x11\xe0"


def read_word(raw: bytes) -> Document:
    """Blocks of a Word document; raises UnreadableFile for an encrypted, old or broken one."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    if raw.startswith(OLD_WORD):
        raise UnreadableFile("it is encrypted or in the old Word format: save it as an unprotected DOCX")
    try:
        document = docx.Document(io.BytesIO(raw))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise UnreadableFile("it is no readable DOCX file: open it in a word processor and save it anew") from error
    collected = Collected()
    elements = list(document.iter_inner_content())
    styled = any(_level(element) for element in elements if hasattr(element, "runs"))
    for element in elements:
        if hasattr(element, "rows"):
            collected.table(_rows(element))
        else:
            _paragraph(element, styled, collected)
    return Document(tuple(collected.blocks), document.core_properties.author or "")


def _paragraph(paragraph: Any, styled: bool, collected: Collected) -> None:
    text = paragraph.text
    level = _level(paragraph) or (0 if styled else _looks_like_heading(paragraph))
    if level:
        collected.heading(level, text)
    else:
        name = (paragraph.style.name or "") if paragraph.style is not None else ""
        numbered = paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None
        collected.paragraph(text, item=numbered or name.lower().startswith(("list", "liste")))


def _level(paragraph: Any) -> int:
    """The heading level by style or outline level; 0 for text."""
    style = paragraph.style
    while style is not None:
        if match := HEADING_STYLE.match(style.name or "") or re.match(r"^Heading(\d)$", style.style_id or ""):
            return int(match[1])
        if TITLE_STYLE.match(style.name or ""):
            return 1
        outline = style.element.find(".//{*}outlineLvl")
        if outline is not None:
            value = next(iter(outline.attrib.values()), "9")
            return int(value) + 1 if value.isdigit() and int(value) < 9 else 0
        style = style.base_style
    return 0


def _looks_like_heading(paragraph: Any) -> int:
    text = paragraph.text.strip()
    runs = [run for run in paragraph.runs if run.text.strip()]
    if not text or len(text) > LONGEST_HEADING or not runs:
        return 0
    bold = all(run.bold for run in runs)
    numbered = numbered_heading(text)
    if numbered and (bold or numbered[0] > 1):
        return numbered[0]
    return 2 if bold and not re.search(r"[.:;,]$", text) else 0


def _rows(table: Any) -> list[list[str]]:
    rows = []
    for row in table.rows:
        rows.append([cell.text.replace("\n", " ") for cell in row.cells])
    return rows
