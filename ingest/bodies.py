"""Which parts of the MIME tree are the text that a reader sees, and which are files."""

import re
from dataclasses import dataclass, field

from ingest.charsets import decode, hides_text, visible
from ingest.gather import TextTable
from ingest.html import read_html
from ingest.limits import Limits
from ingest.mime import UU_BEGIN, MimePart, uudecode

SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
TAG = re.compile(r"<[^<>]{0,200}>")
CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.I)
WORD = re.compile(r"\w{3,}")
LINK = re.compile(r"(?:https?://|www\.|mailto:)\S{1,2000}", re.I)


@dataclass(slots=True)
class Body:
    """The text of one mail and the parts that are files."""

    text: str = ""
    tables: list[TextTable] = field(default_factory=list)
    files: list[MimePart] = field(default_factory=list)
    embedded: list[tuple[str, bytes]] = field(default_factory=list)  # uuencoded files in the text
    content_ids: set[str] = field(default_factory=set)
    hidden: bool = False
    html: bool = False

    def add(self, piece: "Body") -> None:
        """Append another piece of text."""
        if piece.text.strip():
            lead = "\n\n" if self.text else ""
            at = len(self.text) + len(lead)
            self.text += lead + piece.text
            self.tables += [
                TextTable([[(t, s + at, e + at) for t, s, e in row] for row in table.rows], table.title)
                for table in piece.tables
            ]
        self.hidden = self.hidden or piece.hidden
        self.html = self.html or piece.html
        self.files += piece.files
        self.embedded += piece.embedded
        self.content_ids |= piece.content_ids


def body_of(root: MimePart, limits: Limits) -> Body:
    """Text and files of a mail, in reading order."""
    body = Body()
    _collect(root, body, limits, in_related=False)
    return body


def _collect(part: MimePart, body: Body, limits: Limits, in_related: bool) -> None:
    kind = part.media_type
    if kind == "multipart/alternative":
        body.add(_alternative(part, limits))
    elif kind == "multipart/signed" and part.children:
        _collect(part.children[0], body, limits, in_related)
        body.files += part.children[1:]
    elif kind == "multipart/related" and part.children:
        start = part.params.get("start", "").strip("<>")
        root = next((c for c in part.children if start and c.content_id == start), part.children[0])
        _collect(root, body, limits, in_related=True)
        for child in part.children:
            if child is not root:
                _collect(child, body, limits, in_related=True)
    elif kind.startswith("multipart/"):
        for child in part.children:
            _collect(child, body, limits, in_related)
    elif is_text(part) and not (in_related and body.text and part.filename):
        piece = text_piece(part, limits)
        if kind == "text/html" and body.text and _covers(body.text, piece.text) > 0.9:
            body.content_ids |= piece.content_ids  # a second version of what stands there already
            return
        body.add(piece)
    else:
        body.files.append(part)


def is_text(part: MimePart) -> bool:
    """Whether a leaf is shown as text in the mail (no attachment, no file name of a document)."""
    if part.media_type not in ("text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html", "text"):
        return False
    return part.disposition != "attachment" and not part.filename


def _alternative(part: MimePart, limits: Limits) -> Body:
    """The best version; files that hang on another version are kept."""
    plain, rich, rest = Body(), Body(), Body()
    for child in part.children:
        if child.media_type in ("text/plain", "text/enriched") and is_text(child):
            plain.add(text_piece(child, limits))
        elif child.media_type == "text/x-amp-html":
            continue
        elif child.media_type == "text/html" or child.media_type.startswith("multipart/"):
            inner = Body()
            _collect(child, inner, limits, in_related=False)
            if inner.html or not plain.text:
                rich.add(inner)
            else:
                rest.files += inner.files
        else:
            rest.files.append(child)
    best = rich if prefers_html(plain, rich) else plain
    best.files = plain.files + rich.files + rest.files
    best.embedded = plain.embedded + rich.embedded
    best.content_ids = plain.content_ids | rich.content_ids
    best.hidden = rich.hidden or plain.hidden
    return best


def prefers_html(plain: Body, rich: Body) -> bool:
    """Plain text reads best, unless it lacks something: tables, words, or it says what the reader does not see."""
    if not rich.text.strip() or not plain.text.strip():
        return bool(rich.text.strip())
    if rich.hidden or any(len(table.rows) > 1 for table in rich.tables):
        return True
    if _covers(rich.text, plain.text) < 0.9:
        return True
    return _covers(plain.text, rich.text) < 0.8


def _covers(text: str, other: str) -> float:
    """Share of the words of `other` that stand in `text` too."""
    wanted = WORD.findall(LINK.sub(" ", other[:60_000]).casefold())
    have = set(WORD.findall(text[:120_000].casefold()))
    return sum(word in have for word in wanted) / len(wanted) if wanted else 1.0


def text_piece(part: MimePart, limits: Limits) -> Body:
    """The text of one leaf."""
    data = part.payload()
    if part.media_type in ("text/html", "text/x-amp-html") or _looks_html(data, part.media_type):
        return html_piece(data, part.params.get("charset", ""), limits)
    raw = decode(data[: limits.text_chars * 8], part.params.get("charset", ""))
    piece = Body(hidden=hides_text(raw))
    text = visible(raw)
    if part.media_type in ("text/enriched", "text/richtext"):
        text = TAG.sub("", text.replace("<<", "\u2039"))
    if part.params.get("format", "").casefold() == "flowed":
        text = unflow(text, part.params.get("delsp", "").casefold() == "yes")
    if "\nbegin " in text or text.startswith("begin "):
        text = _take_uuencoded(text, data, piece)
    piece.text = text.strip("\n").rstrip()
    return piece


def html_piece(data: bytes, charset: str, limits: Limits) -> Body:
    """The text of an HTML document."""
    source = decode(data[: limits.text_chars * 12], charset or declared_charset(data))
    found = read_html(source, limits.text_chars)
    tables = [TextTable(table.rows, table.title) for table in found.tables]
    return Body(found.text, tables, content_ids=found.content_ids, hidden=found.hidden, html=True)


def declared_charset(data: bytes) -> str:
    """The charset that a meta element names."""
    match = CHARSET.search(data[:4000])
    return match.group(1).decode("ascii") if match else ""


def _looks_html(data: bytes, media_type: str) -> bool:
    start = data[:300].lstrip().lower()
    return media_type == "text/plain" and start.startswith((b"<!doctype html", b"<html")) and b"</" in data


def unflow(text: str, delete_space: bool) -> str:
    """Undo format=flowed: a line that ends in a space goes on in the next line of the same quote depth."""
    out: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:]
        content = content[1:] if content.startswith(" ") else content
        flows = content.endswith(" ") and content != "-- "
        shown = content[:-1] if flows and delete_space else content
        if depth == open_depth and content != "-- ":
            out[-1].append(shown)
        else:
            out.append([">" * depth + " " if depth else "", shown])
        open_depth = depth if flows else -1
    lines = ("".join(pieces) for pieces in out)
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines)


def _take_uuencoded(text: str, data: bytes, piece: Body) -> str:
    """Take uuencoded files out of the text."""
    for begin in list(UU_BEGIN.finditer(data))[:50]:
        end = data.find(b"\nend", begin.end())
        encoded = data[begin.start() : end + 4 if end > 0 else begin.start() + 1_000_000]
        content = uudecode(encoded)
        if content and content != encoded:
            piece.embedded.append((begin.group(1).decode("utf-8", "replace").strip(), content))
    if not piece.embedded:
        return text
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        if not inside and re.match(r"begin [0-7]{3,4} \S", line):
            inside = True
        elif inside and line.strip() == "end":
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)
