"""A message as read: parts with text, the letters written in it, its tables and files.

All spans are offsets into a part's text: `start` inclusive, `end` exclusive, in characters.
A part's text never changes after reading, so `part.text[start:end]` is the quote for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

PartKind = Literal["subject", "body", "attachment", "header"]


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address with its display name; either may be empty."""

    name: str
    address: str  # lower case


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one part's text."""

    part: int  # index into Message.parts
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A named text. Names are unique in a message: "subject", "body", "attachment: FY2025.pdf"."""

    name: str
    kind: PartKind
    text: str
    attachment: int | None = None  # index into Message.attachments


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; `text == parts[part].text[start:end]` (empty cells: start == end)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table inside a part: rows of cells, all of equal length."""

    part: int
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""  # sheet name or caption
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail in the thread: the outer one, a forwarded one, or a quoted earlier one.

    `body` are the spans its author wrote (without signature, disclaimer, quoted or forwarded text).
    """

    kind: Literal["outer", "forwarded", "quoted"]
    depth: int  # 0 outer; forwarded mail inside it 1, and so on
    sender: Address | None
    to: tuple[Address, ...]
    subject: str | None
    date: datetime | None  # aware where the zone was given; else naive
    body: tuple[Span, ...]
    signature: tuple[Span, ...] = ()
    disclaimer: tuple[Span, ...] = ()
    header: tuple[Span, ...] = ()  # the forward or quote header block
    cc: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file in the message (a ZIP's members count, the ZIP itself does not)."""

    filename: str
    media_type: str
    size: int  # bytes, decoded
    digest: str  # hex SHA-256 of the decoded bytes
    inline: bool  # shown inside the text (logo), by disposition, Content-ID use or size
    part: int | None  # index of the part with its text; None: nothing could be read
    unread_reason: str | None = None
    container: str | None = None  # name of the ZIP or mail it came in
    letter: int = 0  # index of the letter that carried it
    is_message: bool = False  # an attached mail
    members: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """Everything that reading found."""

    digest: str  # hex SHA-256 of the bytes that came in
    message_id: str | None  # without angle brackets
    in_reply_to: tuple[str, ...]  # In-Reply-To, then References from the last to the first; no brackets
    subject: str
    sender: Address | None
    reply_to: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    date: datetime | None
    headers: Mapping[str, tuple[str, ...]]  # lower-case names of the outer header, decoded values
    parts: tuple[Part, ...]
    letters: tuple[Letter, ...]  # letters[0] is the outer mail
    tables: tuple[Table, ...] = ()
    attachments: tuple[FileInfo, ...] = ()
    notes: tuple[str, ...] = field(default=())  # what was odd or could not be read, for people
    hidden_text: bool = False  # text invisible to a reader was left out

    def text_of(self, span: Span) -> str:
        """The text under a span."""
        return self.parts[span.part].text[span.start : span.end]
