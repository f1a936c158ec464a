"""HTML to the text that a reader sees: tables as lines of tab-separated cells, quotes as "> " lines."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.charsets import hides_text, visible
from ingest.htmltables import HtmlTable, OpenTable, holds_data, span_of
from ingest.styles import Look, hidden, hiding_rules, inherit, is_quotation, style_of, unreadable

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
        "option",
        "optgroup",
        "select",
    ]
)
SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "pre", "table"])
SILENT = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "meta",
        "link",
        "template",
        "noscript",
        "object",
        "embed",
        "iframe",
        "svg",
        "math",
        "audio",
        "video",
    ]
)
SPACE = re.compile(r"[ \t\r\n\f]+")
LAST_MARKS = re.compile(r"(?:\n>{1,50})+$")
OPEN_TAG = re.compile(r"<[^<>]{0,2000}>")
MAX_NODES = 150_000
MAX_OPEN = 20_000  # elements that are opened and not closed


@dataclass(slots=True)
class HtmlText:
    """What an HTML document says."""

    text: str = ""
    tables: list[HtmlTable] = field(default_factory=list)
    hidden: bool = False
    content_ids: set[str] = field(default_factory=set)
    title: str = ""


def read_html(source: str, limit: int) -> HtmlText:
    """Text, tables and pictures of an HTML document; at most `limit` characters of text."""
    from selectolax.lexbor import LexborHTMLParser

    if source.count("<") - 2 * source.count("</") > MAX_OPEN:
        source = OPEN_TAG.sub(" ", source)  # nested without end: the parser would take time in the square
    tree = LexborHTMLParser(source)
    result = HtmlText()
    result.hidden = hides_text(source)
    sheets = "\n".join(node.text(deep=True) or "" for node in tree.css("style"))
    if title := tree.css_first("title"):
        result.title = SPACE.sub(" ", visible(title.text(deep=True) or "")).strip()
    writer = _Writer(result, hiding_rules(sheets), limit)
    if tree.body is not None:
        writer.walk(tree.body)
    result.text = writer.finish()
    return result


class _Writer:
    """Walks the tree with a stack of its own (deep nesting is no danger) and writes text with known offsets."""

    def __init__(self, result: HtmlText, rules: dict[str, dict[str, str]], limit: int) -> None:
        self.result = result
        self.rules = rules
        self.limit = limit
        self.out: list[str] = []
        self.length = 0
        self.breaks = 2  # line feeds at the end of what is written
        self.space = False
        self.quotes = 0
        self.marked = 0  # quote depth of a line whose mark is written
        self.cells: list[OpenTable] = []
        self.pre = 0

    def walk(self, root: "LexborNode") -> None:
        """Write all that is visible below a node."""
        stack: list[tuple[LexborNode | None, Look, list[tuple[str, object]]]] = [(root, Look(), [])]
        count = 0
        while stack:
            node, look, closing = stack.pop()
            if node is None:
                for action, value in closing:
                    self._close(action, value)
                continue
            count += 1
            if count > MAX_NODES or self.length > self.limit:
                break
            if node.is_text_node:
                self._text(node, look)
                continue
            inner = self._open(node, look)
            if inner is None:
                continue
            look_inside, actions = inner
            if actions:
                stack.append((None, look, actions))
            child = node.last_child
            while child is not None:
                stack.append((child, look_inside, []))
                child = child.prev

    def _text(self, node: "LexborNode", look: Look) -> None:
        raw = node.text_content or ""
        if not raw.strip(" \t\r\n\f"):
            self.space = self.space or bool(raw)
            return
        if unreadable(look):
            self.result.hidden = True
            return
        text = visible(raw)
        if self.pre and not self.cells:
            for position, line in enumerate(text.split("\n")):
                if position:
                    self.newline(1, force=True)
                self.write(line)
            return
        text = SPACE.sub(" ", text)
        if text.startswith(" "):
            self.space = True
        if body := text.strip(" "):
            self.write(body)
        self.space = text.endswith(" ")

    def _open(self, node: "LexborNode", look: Look) -> tuple[Look, list[tuple[str, object]]] | None:
        tag = (node.tag or "").casefold()
        if not tag or tag.startswith(("-", "!", "_")) or tag in SILENT:
            return None
        attributes: dict[str, str | None] = node.attributes
        style = style_of(attributes, self.rules)
        if "hidden" in attributes or (style and hidden(style)):
            self.result.hidden = self.result.hidden or bool((node.text(deep=True) or "").strip())
            return None
        if style or "bgcolor" in attributes or "color" in attributes or "background" in attributes:
            look = inherit(look, style, attributes)
        if tag == "br":
            self._line_break()
            return None
        if tag == "img":
            self._picture(attributes)
            return None
        if tag == "input":
            self._field(attributes)
            return None
        return look, self._begin(tag, node, attributes, style)

    def _begin(
        self, tag: str, node: "LexborNode", attributes: dict[str, str | None], style: dict[str, str]
    ) -> list[tuple[str, object]]:
        """Start an element; what must be done at its end is returned."""
        if tag in ("td", "th") and self.cells and self.cells[-1].data:
            return self._begin_cell(attributes)
        if tag == "tr" and self.cells and self.cells[-1].data:
            self.newline(1)
            self.cells[-1].table.rows.append([])
            self.cells[-1].start_row()
            return [("line", 1)]
        if tag == "table":
            self.newline(1)
            mark = OpenTable(HtmlTable(), holds_data(node))
            self.cells.append(mark)
            return [("table", mark)]
        if tag == "blockquote" and is_quotation(attributes, style):
            self.newline(2)
            self.quotes += 1
            return [("quote", None)]
        if tag not in BLOCKS:
            return []
        self.newline(2 if tag in SPACED else 1)
        if tag == "li" and not (self.cells and self.cells[-1].inside):
            self.write("- ")
            self.space = False
        if tag == "pre":
            self.pre += 1
            return [("pre", None), ("line", 1)]
        if tag == "hr":
            self.write("________________________________")
        return [("line", 2 if tag in SPACED else 1)]

    def _begin_cell(self, attributes: dict[str, str | None]) -> list[tuple[str, object]]:
        mark = self.cells[-1]
        for _ in range(mark.fill()):
            mark.table.rows[-1].append(mark.spanned())
        if mark.table.rows and mark.table.rows[-1]:
            self._tab()
        else:
            self.newline(1)
            self._mark_line()
        if not mark.table.rows:
            mark.table.rows.append([])
        self.space = False
        mark.inside += 1
        mark.begin, mark.written = self.length, len(self.out)
        return [("cell", (mark, span_of(attributes.get("colspan")), span_of(attributes.get("rowspan"))))]

    def _close(self, action: str, value: object) -> None:
        if action == "line":
            assert isinstance(value, int)
            self.newline(value)
        elif action == "quote":
            self.newline(1)
            self.quotes -= 1
            self.newline(2)
        elif action == "pre":
            self.pre -= 1
        elif action == "table":
            mark = self.cells.pop()
            if mark.data and any(mark.table.rows):
                self.result.tables.append(mark.table)
            self.newline(1)
        elif action == "cell":
            assert isinstance(value, tuple)
            mark, columns, rows = value
            self._close_cell(mark, columns, rows)

    def _close_cell(self, mark: "OpenTable", columns: int, rows: int) -> None:
        self.space = False
        mark.inside -= 1
        text = "".join(self.out[mark.written :])
        stripped = text.strip()
        start = mark.begin + (len(text) - len(text.lstrip()) if stripped else 0)
        cell = (stripped, start, start + len(stripped))
        if not mark.table.rows:
            mark.table.rows.append([])
        mark.put(cell, columns, rows)

    def _line_break(self) -> None:
        if self.cells and self.cells[-1].inside and self.cells[-1].data:
            self.space = True
        else:
            self.newline(self.breaks + 1 if self.breaks < 3 else 3, force=True)

    def _picture(self, attributes: dict[str, str | None]) -> None:
        source = attributes.get("src") or ""
        if source.casefold().startswith("cid:"):
            self.result.content_ids.add(source[4:].strip().strip("<>"))

    def _field(self, attributes: dict[str, str | None]) -> None:
        shown = (attributes.get("type") or "text").casefold() in ("text", "email", "number", "date", "tel", "")
        if shown and (value := visible(attributes.get("value") or "").strip()):
            self.write(value)

    def write(self, text: str) -> None:
        """Write text on the current line."""
        self._mark_line()
        if self.space and self.breaks == 0 and self.out and not self.out[-1].endswith((" ", "\t")):
            text = " " + text
        self.space = False
        self.breaks = 0
        self.out.append(text)
        self.length += len(text)

    def _mark_line(self) -> None:
        if self.breaks and self.quotes and not self.marked:
            mark = ">" * self.quotes + " "
            self.out.append(mark)
            self.length += len(mark)
            self.marked = self.quotes

    def _tab(self) -> None:
        self.out.append("\t")
        self.length += 1
        self.breaks = 0

    def newline(self, count: int, force: bool = False) -> None:
        """End the line; at least `count` line feeds stand at the end afterwards."""
        if self.cells and self.cells[-1].inside and self.cells[-1].data:
            self.space = True
            return
        self.space = False
        if not self.length:
            return
        while self.breaks < min(count, 3):
            mark = ""
            if self.breaks and self.quotes and not self.marked:
                mark = ">" * self.quotes
            self.out.append(mark + "\n")
            self.length += len(mark) + 1
            self.breaks += 1
            self.marked = 0

    def finish(self) -> str:
        """All that was written."""
        return LAST_MARKS.sub("", "".join(self.out).rstrip())
