"""A message as the model sees it: numbered parts between marks that its text cannot forge, cut by relevance where long."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import regex

from ingest.engine import ReadingContext
from ingest.message import Letter, Message, Part
from ingest.values.legal_forms import find_companies

BUDGET = 28_000  # characters of message text in one question
_HEAD_LINES = 4  # of a table or document: always kept
_LEAST_ROOM = 200  # characters below which a stretch is left out whole


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of the question and the names of its parts: part number 1 is `part_names[0]`."""

    text: str
    part_names: tuple[str, ...]
    left_out: int  # characters that did not fit


@dataclass(frozen=True, slots=True)
class _Stretch:
    part: int
    start: int
    end: int
    rank: int  # the lower, the sooner it is kept


def render(message: Message, context: ReadingContext, budget: int = BUDGET) -> Rendered:
    """The message for the model, with at most about `budget` characters of its text."""
    mark = message.digest[:12]
    kept = list(_kept_stretches(message, budget))
    lines = [*_facts(message, context), ""]
    names: list[str] = []
    for index, part in enumerate(message.parts):
        names.append(part.name)
        if not part.text.strip():
            continue
        lines.append(f"<<<{mark} PART {index + 1} {json.dumps(part.name, ensure_ascii=False)}>>>")
        lines.append(_with_gaps(part, [one for one in kept if one.part == index]))
        lines.append(f"<<<{mark} END OF PART {index + 1}>>>")
    shown = sum(one.end - one.start for one in kept)
    return Rendered("\n".join(lines), tuple(names), sum(len(part.text) for part in message.parts) - shown)


def _facts(message: Message, context: ReadingContext) -> Iterator[str]:
    received = message.date or context.received_at
    yield f"Received: {_day(received)}"
    staff = sorted(context.staff_domains) or sorted({one.address.rpartition("@")[2] for one in message.to})
    yield f"Colleagues of the desk write from: {', '.join(staff) or 'unknown'}"
    yield "Letters in this mail, from the outermost inwards:"
    for letter in message.letters:
        yield f"- {_letter(letter)}"
    yield "Attached files:" if message.attachments else "Attached files: none"
    for file in message.attachments:
        shown = "inline picture" if file.inline else "attached mail" if file.is_message else file.media_type
        text = (
            f"text in part {file.part + 1}"
            if file.part is not None
            else f"not readable: {file.unread_reason or 'no text'}"
        )
        yield f"- {json.dumps(file.filename, ensure_ascii=False)} ({shown}, {file.size} bytes, {text})"
    for hint in (one for one in context.hints if one.kind != "example"):
        yield f"Known of this client, from an earlier correction by the desk: {hint.sentence}"


def _letter(letter: Letter) -> str:
    name = f"{letter.sender.name} <{letter.sender.address}>" if letter.sender else "unknown"
    part = f", text in part {letter.body[0].part + 1}" if letter.body else ""
    return f"{letter.kind}, depth {letter.depth}, from {json.dumps(name, ensure_ascii=False)}, written {_day(letter.date)}{part}"


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d (%A)") if moment else "on an unknown day"


def _kept_stretches(message: Message, budget: int) -> Iterator[_Stretch]:
    """Everything where it fits; else by rank, the last stretches cut line by line by what the lines hold."""
    stretches = sorted(_stretches(message), key=lambda one: (one.rank, one.part, one.start))
    room = budget
    for one in stretches:
        size = one.end - one.start
        if size <= room:
            room -= size
            yield one
        elif room >= _LEAST_ROOM:
            for line in _best_lines(message.parts[one.part].text, one, room):
                room -= line.end - line.start
                yield line


def _stretches(message: Message) -> Iterator[_Stretch]:
    covered: dict[int, list[tuple[int, int]]] = {}
    for letter in message.letters:
        outer = letter.kind != "quoted"
        ranks = ((letter.body, 1 if outer else 4), (letter.header, 2), (letter.signature, 3), (letter.disclaimer, 9))
        for spans, rank in ranks:
            for span in spans:
                covered.setdefault(span.part, []).append((span.start, span.end))
                yield _Stretch(span.part, span.start, span.end, rank + (letter.depth > 3))
    for index, part in enumerate(message.parts):
        rest = {"subject": 0, "header": 2, "body": 6, "attachment": 3}[part.kind]
        at = 0
        for start, end in sorted(covered.get(index, [])):
            if start > at:
                yield _Stretch(index, at, start, rest)
            at = max(at, end)
        if at < len(part.text):
            yield _Stretch(index, at, len(part.text), rest)


def _best_lines(text: str, stretch: _Stretch, room: int) -> Iterator[_Stretch]:
    lines = [
        _Stretch(stretch.part, m.start(), m.end(), index)
        for index, m in enumerate(regex.compile(r"[^\n]*\n?").finditer(text, stretch.start, stretch.end))
        if m.end() > m.start()
    ]
    for line in sorted(lines, key=lambda one: (-_worth(text[one.start : one.end], one.rank), one.rank)):
        if line.end - line.start <= room:
            room -= line.end - line.start
            yield line


def _worth(line: str, index: int) -> int:
    """How likely a line holds values: the head, figures, companies, label and value."""
    return (
        4 * (index < _HEAD_LINES)
        + 2 * bool(regex.search(r"\d{2}", line))
        + 3 * bool(find_companies(line))
        + bool(regex.match(r"[^:\n]{2,40}:\s*\S", line))
    )


def _with_gaps(part: Part, kept: list[_Stretch]) -> str:
    """The kept stretches of a part in order; each gap says how much was left out."""
    pieces: list[str] = []
    at = 0
    for one in sorted(kept, key=lambda stretch: stretch.start):
        if one.start > at and part.text[at : one.start].strip():
            pieces.append(f"\n[… {one.start - at} characters left out …]\n")
        elif one.start > at:
            pieces.append(part.text[at : one.start])
        pieces.append(part.text[one.start : one.end])
        at = max(at, one.end)
    if at < len(part.text) and part.text[at:].strip():
        pieces.append(f"\n[… {len(part.text) - at} characters left out …]")
    return "".join(pieces)
