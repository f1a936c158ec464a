"""HTML: headings, paragraphs, lists and tables of the page's main part; navigation and scripts dropped."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.readers.blocks import Collected, Document

DROPPED = "script, style, nav, footer, header nav, aside, noscript, template, form, svg, [hidden], [aria-hidden=true]"
INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "font", "-text", "br", "wbr", "img"}
)  # fmt: skip
CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)


def decode_html(raw: bytes) -> str:
    """The page's text by its own charset, UTF-8 or Windows-1252."""
    declared = CHARSET.search(raw[:4096])
    names = ([declared[1].decode("ascii", "ignore")] if declared else []) + ["utf-8-sig", "cp1252"]
    for name in names:
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


def read_html(raw: bytes) -> Document:
    """Blocks of an HTML page."""
    tree = LexborHTMLParser(decode_html(raw))
    meta = tree.css_first("meta[name=author]")
    author = (meta.attributes.get("content") or "") if meta else ""
    for node in tree.css(DROPPED):
        node.decompose()
    collected = Collected()
    body = tree.body
    if body is not None:
        _walk(body, collected)
    return Document(tuple(collected.blocks), author)


def _walk(node: LexborNode, collected: Collected) -> None:
    """Adds what a block element holds; loose inline text between blocks becomes a paragraph."""
    loose: list[str] = []

    def flush() -> None:
        collected.paragraph("".join(loose))
        loose.clear()

    child = node.child
    while child is not None:
        tag = child.tag or ""
        if tag in INLINE:
            loose.append(
                " " if tag == "br" else (child.text_content or "") if tag == "-text" else child.text(deep=True)
            )
        else:
            flush()
            _block(child, tag, collected)
        child = child.next
    flush()


def _block(node: LexborNode, tag: str, collected: Collected) -> None:
    if re.fullmatch(r"h[1-6]", tag):
        collected.heading(int(tag[1]), node.text(deep=True, separator=" "))
    elif tag == "table":
        collected.table(_rows(node))
    elif tag in ("p", "pre", "dt", "caption", "figcaption", "blockquote"):
        collected.paragraph(_text(node))
    elif tag in ("li", "dd"):
        _item(node, collected)
    elif tag not in ("head", "_comment", "-comment", "!doctype"):
        _walk(node, collected)


def _item(node: LexborNode, collected: Collected) -> None:
    """A list item: its own text first, then what lists and tables inside it hold."""
    nested = [
        child for child in node.css("ul, ol, table") if child.parent is not None and child.parent.mem_id == node.mem_id
    ]
    own = "".join(
        _text(child) if (child.tag or "") != "-text" else (child.text_content or "")
        for child in node.iter(include_text=True)
        if child.tag not in ("ul", "ol", "table")
    )
    collected.paragraph(own, item=True)
    for child in nested:
        _block(child, child.tag or "", collected)


def _text(node: LexborNode) -> str:
    for line_break in node.css("br"):
        line_break.replace_with(" ")
    return node.text(deep=True)


def _rows(table: LexborNode) -> list[list[str]]:
    """Rows with spans filled in, so that every row has every column's value."""
    rows: list[list[str]] = []
    down: dict[int, tuple[int, str]] = {}  # column → rows still to fill, text
    for tr in table.css("tr"):
        row: list[str] = []
        cells = [cell for cell in tr.iter() if cell.tag in ("td", "th")]
        for cell in cells:
            _fill(row, down)
            text = cell.text(deep=True, separator=" ")
            for _ in range(_span(cell, "colspan")):
                if (more := _span(cell, "rowspan") - 1) > 0:
                    down[len(row)] = (more, text)
                row.append(text)
        _fill(row, down)
        rows.append(row)
    return rows


def _fill(row: list[str], down: dict[int, tuple[int, str]]) -> None:
    """Adds the cells that reach down from rows above."""
    while (column := len(row)) in down:
        left, text = down.pop(column)
        row.append(text)
        if left > 1:
            down[column] = (left - 1, text)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(int(value), 50) if value.isdigit() and int(value) > 0 else 1
