"""A text as lines with their quote depth, so that threads can be unfolded by lines."""

import re
from dataclasses import dataclass

from ingest.message import Span

MARK = re.compile(r"(?: {0,3}> ?)+|[A-Z][A-Za-z]{0,2}> ?")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line: `start` and `end` in the part's text, `begin` where the content after quote marks starts."""

    text: str  # content without quote marks
    start: int
    begin: int
    end: int
    level: int  # number of quote marks

    @property
    def blank(self) -> bool:
        """Whether nothing is written on it."""
        return not self.text.strip()


def split_lines(text: str, start: int, limit: int) -> list[TextLine]:
    """The lines from `start` on; at most `limit`, the rest hangs on the last."""
    lines: list[TextLine] = []
    at = start
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 or len(lines) + 1 >= limit else end
        raw = text[at:end]
        match = MARK.match(raw[:200]) if ">" in raw[:200] else None
        skip = match.end() if match else 0
        level = raw[:skip].count(">")
        lines.append(TextLine(raw[skip:], at, at + skip, end, level))
        at = end + 1
    return lines


def spans(lines: list[TextLine], part: int) -> tuple[Span, ...]:
    """Spans of the content of lines; lines that follow each other without quote marks become one span."""
    out: list[Span] = []
    kept = list(lines)
    while kept and kept[0].blank:
        kept.pop(0)
    while kept and kept[-1].blank:
        kept.pop()
    for line in kept:
        if out and line.begin == line.start and out[-1].end + 1 == line.start:
            out[-1] = Span(part, out[-1].start, line.end)
        elif not line.blank:
            out.append(Span(part, line.begin, line.end))
    return tuple(out)
