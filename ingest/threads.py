"""Unfolds the text of a mail into letters: the newest text, what was forwarded, what was quoted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ingest.forwards import DASHES, RULE, Block, bare_subject, find_block, inline_block, label_of, mark_of, subject_kind
from ingest.lines import TextLine, spans, split_lines
from ingest.message import Address, Letter, Message, Span
from ingest.quotes import Intro, find_intro
from ingest.signatures import Sorted, sort_lines

Kind = Literal["outer", "forwarded", "quoted"]
MAX_LETTERS = 60
MAX_DEPTH = 25


@dataclass(frozen=True, slots=True)
class Head:
    """Who wrote a mail to whom, when and about what."""

    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str | None = None
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Inside:
    """A mail found inside another: lines [start, stop) at a quote level; its header takes [top, start)."""

    kind: Kind
    head: Head
    top: int
    start: int
    stop: int
    level: int


def unfold_letters(
    text: str, start: int, part: int, head: Head, kind: Kind, depth: int, max_lines: int
) -> list[Letter]:
    """Letters in the text from `start` on; the first is the mail itself, inner ones follow in reading order."""
    lines = split_lines(text, start, max_lines)
    unfolder = _Unfolder(lines, part)
    header = (Span(part, 0, len(text[:start].rstrip())),) if start else ()
    unfolder.letter(kind, head, depth, 0, len(lines), 0, header)
    return [letter for letter in unfolder.letters if letter is not None]


def flowing_text(message: Message, part_spans: tuple[Span, ...]) -> tuple[str, list[int]]:
    """The text of spans of one part joined by line feeds, and for each character its offset in the part."""
    pieces: list[str] = []
    offsets: list[int] = []
    for span in part_spans:
        if pieces:
            pieces.append("\n")
            offsets.append(span.start)
        pieces.append(message.text_of(span))
        offsets.extend(range(span.start, span.end))
    return "".join(pieces), offsets


class _Unfolder:
    """Walks the lines; every letter is entered before the letters inside it."""

    def __init__(self, lines: list[TextLine], part: int) -> None:
        self.lines = lines
        self.part = part
        self.letters: list[Letter | None] = []
        self.one_line_tries = 20  # looking for a header on one line is dear

    def letter(
        self, kind: Kind, head: Head, depth: int, start: int, stop: int, level: int, header: tuple[Span, ...]
    ) -> None:
        """Enter the letter written on the lines [start, stop) at a quote level, and those inside it."""
        place = len(self.letters)
        self.letters.append(None)
        if kind != "outer":
            level = min((line.level for line in self.lines[start:stop] if not line.blank), default=level)
        sorts, inside = self._walk(head, depth, start, stop, level)
        self.letters[place] = Letter(
            kind,
            depth,
            head.sender,
            head.to,
            head.subject,
            head.date,
            tuple(span for item in sorts for span in spans(item.body, self.part)),
            tuple(span for item in sorts for span in spans(item.signature, self.part)),
            tuple(span for item in sorts for span in spans(item.disclaimer, self.part)),
            header,
            head.cc,
        )
        for one in inside:
            top = spans(self.lines[one.top : one.start], self.part)
            self.letter(one.kind, one.head, depth + 1, one.start, one.stop, one.level, top)

    def _walk(self, head: Head, depth: int, start: int, stop: int, level: int) -> tuple[list[Sorted], list[_Inside]]:
        """The letter's own lines, sorted stretch by stretch, and the letters between them."""
        own: list[TextLine] = []
        sorts: list[Sorted] = []
        written = False
        inside: list[_Inside] = []
        at = start
        while at < stop:
            found = (
                self._found(at, stop, level, head, written)
                if len(self.letters) < MAX_LETTERS and depth < MAX_DEPTH
                else None
            )
            if found is None:
                own.append(self.lines[at])
                written = written or not (own[-1].blank or RULE.match(own[-1].text))
                at += 1
                continue
            self._drop_rule(own)
            sorts.append(sort_lines(own))
            own = []
            inside.append(found)
            at = found.stop
        sorts.append(sort_lines(own))
        return sorts, inside

    @staticmethod
    def _drop_rule(own: list[TextLine]) -> None:
        """A drawn line right above a mail inside belongs to that mail."""
        while own and own[-1].blank:
            own.pop()
        if own and len(own[-1].text) < 160 and (RULE.match(own[-1].text) or DASHES.match(own[-1].text)):
            own.pop()

    def _found(self, at: int, stop: int, level: int, head: Head, written: bool) -> _Inside | None:
        line = self.lines[at]
        if line.blank:
            return None
        if line.level > level:
            return self._quoted(at, stop, level, head, written)
        if line.level < level:
            return None
        mark = mark_of(line.text)
        if mark:
            return self._marked(mark, at, stop, head, written)
        if inline := self._one_line(line.text):
            kind = self._kind(_inline_mark(line.text), inline, head, written)
            return _Inside(kind, self._head(inline, head), at, at + 1, stop, level)
        if label_of(line.text) and (block := find_block(self.lines, at, stop, marked=self._ruled(at))):
            return _Inside(self._kind(None, block, head, written), self._head(block, head), at, block.end, stop, level)
        if intro := find_intro(self.lines, at, stop):
            return self._introduced(intro, at, stop, level, head, written)
        return None

    def _one_line(self, text: str) -> Block | None:
        """A header on one line, looked for only where a line is like one, and not too often."""
        if len(text) < 60 or text.count(":") < 3 or "@" not in text or self.one_line_tries <= 0:
            return None
        self.one_line_tries -= 1
        return inline_block(text)

    def _ruled(self, at: int) -> bool:
        """Whether a drawn line stands above, as Outlook draws one over a header."""
        above = next((line for line in reversed(self.lines[max(0, at - 3) : at]) if not line.blank), None)
        return above is not None and RULE.match(above.text) is not None and len(above.text.strip()) >= 10

    def _marked(self, mark: str, at: int, stop: int, head: Head, written: bool) -> _Inside | None:
        """A mark, the header block below it, and the mail."""
        below = at + 1
        while below < stop and self.lines[below].blank and below < at + 4:
            below += 1
        level = self.lines[at].level
        if below >= stop:
            return _Inside("quoted", Head(), at, below, stop, level) if mark == "original" else None
        inner = self.lines[below].level
        if inner > level:
            stop = self._quote_end(below, stop, level)
        one_line = inline_block(self.lines[below].text)
        block = find_block(self.lines, below, stop, marked=True) or one_line
        if block is None:
            kind: Kind = "forwarded" if mark == "forward" else "quoted"
            return _Inside(kind, Head(), at, at + 1, stop, max(level, inner))
        end = block.end or below + 1
        return _Inside(self._kind(mark, block, head, written), self._head(block, head), at, end, stop, inner)

    def _quoted(self, at: int, stop: int, level: int, head: Head, written: bool) -> _Inside:
        """Quoted lines without a line above that says whose they are; it may stand inside the quotation."""
        end = self._quote_end(at, stop, level)
        inner = min(line.level for line in self.lines[at:end] if line.level > level)
        first = next((i for i in range(at, end) if not self.lines[i].blank), at)
        if self.lines[first].level == inner:
            found = self._found(first, end, inner, head, written)
            if found is not None and found.level >= inner and found.stop >= end:
                return _Inside(found.kind, found.head, at, found.start, found.stop, found.level)
        return _Inside("quoted", Head(), at, at, end, inner)

    def _quote_end(self, at: int, stop: int, level: int) -> int:
        """The first line after a run of quoted lines; blank lines between them belong to the run."""
        end = at
        index = at
        while index < stop:
            line = self.lines[index]
            if line.level > level:
                end = index + 1
            elif not line.blank or index - end > 3:
                break
            index += 1
        return end

    def _introduced(self, intro: Intro, at: int, stop: int, level: int, head: Head, written: bool) -> _Inside:
        """What "… wrote:" introduces: the quoted lines below it, or all that follows."""
        kind: Kind = "forwarded" if subject_kind(head.subject) == "forward" else "quoted"
        subject = bare_subject(head.subject) if head.subject and kind == "forwarded" else None
        inner_head = Head(intro.sender, subject=subject, date=intro.date)
        below = intro.end
        while below < stop and self.lines[below].blank:
            below += 1
        if below < stop and self.lines[below].level > level:
            end = self._quote_end(below, stop, level)
            return _Inside(
                kind, inner_head, at, intro.end, end, min(x.level for x in self.lines[below:end] if x.level > level)
            )
        return _Inside(kind, inner_head, at, intro.end, stop, level)

    def _kind(self, mark: str | None, block: Block, head: Head, written: bool) -> Kind:
        """Forwarded or quoted: by the mark, the outer subject, and whether the outer mail goes back to its writer."""
        if mark == "forward":
            return "forwarded"
        by_subject = subject_kind(head.subject)
        if by_subject:
            return "forwarded" if by_subject == "forward" else "quoted"
        if not written:
            return "forwarded"
        sender = block.sender
        recipients = {person.address for person in (*head.to, *head.cc) if person.address}
        if mark == "original" or not sender or not sender.address or not recipients:
            return "quoted"
        return "quoted" if sender.address in recipients else "forwarded"

    @staticmethod
    def _head(block: Block, outer: Head) -> Head:
        subject = block.values.get("subject")
        if subject is None and outer.subject:
            subject = bare_subject(outer.subject)
        return Head(block.sender, block.people("to"), block.people("cc"), subject, block.date)


def _inline_mark(text: str) -> str | None:
    """The mark at the beginning of a line that goes on with the header."""
    stripped = text.strip()
    end = stripped.find("---", stripped.find("---") + 3 + 3) if stripped.startswith("---") else -1
    while 0 <= end < len(stripped) and stripped[end] == "-":
        end += 1
    return mark_of(stripped[:end]) if end > 0 else None
