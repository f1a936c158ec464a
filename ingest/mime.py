"""The MIME tree of a message, read so that nothing in the bytes can stop it.

A parser of our own: the standard one raises on some malformed mails, recurses without bound and is
slow on large bodies. Bytes go in, `MimePart`s come out; what was odd is kept as notes.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from ingest.headers import HeaderField, parameters, unfold, words
from ingest.limits import Limits

FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,80})\s*/\s*([\w!#$&^.+-]{1,100})")
BLANK = re.compile(rb"\r\n\r\n|\n\n|\n\r\n|\r\r(?!\n)")
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]{0,100}(?:\r\n|\n|\r|\Z)")
BOUNDARY_LINE = re.compile(rb"^--([^\s-][^\r\n]{2,70}|-{2,20}[^\s-][^\r\n]{4,60})[ \t]{0,100}\r?$", re.M)
UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,300})\r?\n", re.M)


@dataclass(slots=True)
class MimePart:
    """One node: a leaf with bytes, a multipart with children, or an attached mail with one child."""

    fields: list[HeaderField]
    media_type: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    filename: str = ""
    content_id: str = ""
    body: bytes = b""  # still encoded
    children: list["MimePart"] = field(default_factory=list)
    depth: int = 0

    def get(self, name: str) -> str:
        """First header value of that lower-case name, unfolded and decoded; "" where absent."""
        return next((words(f.value) for f in self.fields if f.name == name), "")

    def all(self, name: str) -> list[str]:
        """All decoded values of a header."""
        return [words(f.value) for f in self.fields if f.name == name]

    def raw(self, name: str) -> str:
        """First value as written, encoded words still in place."""
        return next((f.value for f in self.fields if f.name == name), "")

    def payload(self) -> bytes:
        """The decoded bytes of a leaf."""
        return decode_transfer(self.body, self.raw("content-transfer-encoding"))

    def walk(self) -> Iterator["MimePart"]:
        """This node and all below, in reading order."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """Undo the transfer encoding; broken base64 gives what can be saved of it."""
    kind = encoding.split(";")[0].split("(")[0].strip().casefold().strip("\"'")
    if kind in ("base64", "b", "base-64", "64"):
        return loose_base64(body)
    if kind in ("quoted-printable", "quotedprintable", "qp", "quoted"):
        return quopri.decodestring(body)
    if kind in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return uudecode(body)
    return body


def loose_base64(body: bytes) -> bytes:
    """Base64 with foreign characters, wrong padding or text after its end."""
    ended = re.search(rb"=+", body)
    if not ended or ended.end() >= len(body.rstrip()):
        try:
            return binascii.a2b_base64(body)
        except binascii.Error:
            pass  # mended below
    clean = NOT_BASE64.sub(b"", body[: ended.start()] if ended and len(body) - ended.end() < 400 else body)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return b""


def uudecode(body: bytes) -> bytes:
    """The bytes of the first uuencoded file in the text; the text itself where there is none."""
    begin = UU_BEGIN.search(body)
    if not begin:
        return body
    out = bytearray()
    for line in body[begin.end() :].splitlines():
        if line.strip() in (b"end", b"`"):
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            count = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                out += binascii.a2b_uu(line[:count])
            except binascii.Error:
                continue
    return bytes(out)


class Parser:
    """Parses one message within limits; `notes` says what was cut or mended."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.notes: list[str] = []
        self.count = 0

    def message(self, data: bytes, depth: int = 0) -> MimePart:
        """The tree of a whole message."""
        if depth == 0 and len(data) > self.limits.message_bytes:
            self.note(f"only the first {self.limits.message_bytes:,} bytes were read")
            data = data[: self.limits.message_bytes]
        fields, body = self.split(data, top=True)
        return self.build(fields, body, depth, "text/plain")

    def note(self, text: str) -> None:
        """Keep a remark once."""
        if text not in self.notes and len(self.notes) < 50:
            self.notes.append(text)

    def split(self, data: bytes, top: bool = False) -> tuple[list[HeaderField], bytes]:
        """Header fields and body; where there is no header all is body."""
        if top:
            data = data.lstrip(b"\r\n \t\xef\xbb\xbf") if not data[:1].isalnum() else data
            if data.startswith((b"From ", b">From ")):  # mbox
                data = data[data.find(b"\n") + 1 :] if b"\n" in data else data
        elif data[:1] in (b"\r", b"\n"):
            return [], data[2:] if data.startswith(b"\r\n") else data[1:]
        blank = BLANK.search(data, 0, self.limits.header_bytes)
        end, start = (blank.start(), blank.end()) if blank else (min(len(data), self.limits.header_bytes),) * 2
        fields: list[HeaderField] = []
        used = 0
        for line in data[:end].splitlines(keepends=True):
            match = FIELD.match(line)
            if match:
                fields.append(HeaderField(match.group(1).decode("ascii").casefold(), line[match.end() :], ""))
            elif line[:1] in b" \t" and fields:
                fields[-1].raw += line
            elif fields and used < 3 * len(fields) + 3 and not line.startswith(b"--"):
                used += 1  # a stray line among fields
                self.note("a header line without a field name was skipped")
            else:
                return ([], data) if not fields else (_unfolded(fields), data[data.find(line) :])
        return _unfolded(fields), data[start:]

    def build(self, fields: list[HeaderField], body: bytes, depth: int, default: str) -> MimePart:
        """A part from its fields and body, children included."""
        self.count += 1
        part = MimePart(fields, depth=depth)
        written = part.raw("content-type")
        match = TYPE.match(written)
        part.media_type = f"{match.group(1)}/{match.group(2)}".casefold() if match else default
        part.params = parameters(written[match.end() :]) if match else parameters(written)
        if not match and written.strip():
            self._typeless(part, written)
        disposition = part.raw("content-disposition")
        part.disposition = disposition.split(";")[0].strip().casefold()
        named = parameters(disposition[disposition.find(";") :]) if ";" in disposition else {}
        part.filename = named.get("filename") or part.params.get("name") or named.get("name") or ""
        part.content_id = part.raw("content-id").strip().strip("<>")
        if self.count > self.limits.mime_parts or depth >= self.limits.mime_depth:
            if part.media_type.startswith(("multipart/", "message/")):
                self.note(
                    f"parts beyond {self.limits.mime_parts} or nested deeper than {self.limits.mime_depth} were not read"
                )
                part.media_type = "application/octet-stream"
            part.body = body
            return part
        self._children(part, body)
        return part

    def _typeless(self, part: MimePart, written: str) -> None:
        word = written.split(";")[0].strip().casefold()
        part.media_type = {"text": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}.get(
            word.split("/")[0], part.media_type
        )
        self.note(f"the content type {word[:60]!r} is not a type; read as {part.media_type}")

    def _children(self, part: MimePart, body: bytes) -> None:
        kind = part.media_type
        if kind.startswith("multipart/"):
            boundary = part.params.get("boundary") or _found_boundary(body)
            pieces = self._pieces(body, boundary.encode("utf-8", "surrogateescape")) if boundary else []
            if not pieces:
                self.note("a multipart without its boundary was read as text")
                part.media_type, part.body = "text/plain", body
                return
            default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
            for piece in pieces:
                if self.count > self.limits.mime_parts:
                    self.note(f"more than {self.limits.mime_parts} parts: the rest was not read")
                    break
                fields, inner = self.split(piece)
                part.children.append(self.build(fields, inner, part.depth + 1, default))
        elif kind in ("message/rfc822", "message/global", "message/news"):
            part.body = body
            inner = part.payload()
            if inner.strip():
                part.children.append(self.message(inner, part.depth + 1))
        else:
            part.body = body

    def _pieces(self, body: bytes, boundary: bytes) -> list[bytes]:
        pieces: list[bytes] = []
        start, at = -1, 0
        mark = b"--" + boundary
        while (found := body.find(mark, at)) >= 0:
            at = found + len(mark)
            match = AFTER_BOUNDARY.match(body, at)
            if not match or (found and body[found - 1 : found] not in (b"\n", b"\r")):
                continue
            if start >= 0:
                pieces.append(_without_last_break(body[start:found]))
            start = at = match.end()
            if match.group(1):
                start = -1
            if len(pieces) > self.limits.mime_parts:
                self.note(f"more than {self.limits.mime_parts} parts: the rest was not read")
                return pieces
        if start >= 0:
            self.note("the last boundary is missing")
            pieces.append(body[start:])
        return pieces


def _unfolded(fields: list[HeaderField]) -> list[HeaderField]:
    for item in fields:
        item.value = unfold(item.raw)
    return fields


def _without_last_break(piece: bytes) -> bytes:
    if piece.endswith(b"\r\n"):
        return piece[:-2]
    return piece[:-1] if piece.endswith((b"\n", b"\r")) else piece


def _found_boundary(body: bytes) -> str:
    """A boundary that the header does not name: the first line like one that comes twice."""
    for match in islice(BOUNDARY_LINE.finditer(body[:200_000]), 20):
        found = match.group(1)
        if body.count(b"--" + found) > 1:
            return found.decode("utf-8", "surrogateescape")
    return ""
