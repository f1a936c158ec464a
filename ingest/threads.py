"""Unfolds the text of a mail into letters: the newest text, what was forwarded, what was quoted."""

from dataclasses import dataclass
from datetime import datetime

from ingest.message import Address, Letter, Span


@dataclass(frozen=True, slots=True)
class Head:
    """Who wrote a mail to whom, when and about what."""

    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str | None = None
    date: datetime | None = None


def unfold_letters(text: str, start: int, part: int, head: Head, depth: int, max_lines: int) -> list[Letter]:
    """Letters in the text from `start` on; the first is the mail itself."""
    kind = "outer" if depth == 0 else "forwarded"
    return [
        Letter(kind, depth, head.sender, head.to, head.subject, head.date, (Span(part, start, len(text)),), cc=head.cc)
    ]
