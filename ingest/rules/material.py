"""What the engine reads: whose letter counts, where its text ends and its signature begins, what is older.

A colleague's forward is the client's mail: the letter that asks is looked for behind the covering
notes. Older letters of a thread are context; the newest statement wins.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Literal

from ingest.engine import ReadingContext
from ingest.message import Address, Letter, Message, Span
from ingest.rules.boxes import without_unticked
from ingest.rules.lexicon import fold, table, unwrap
from ingest.rules.warnings import without_planted
from ingest.values.found import alternatives, load_words
from ingest.values.legal_forms import CompanyFound, find_companies

_MOST = 30_000  # characters of one passage that are read; a request is told long before
Role = Literal["subject", "body", "foot", "older", "note", "file"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a part. `text` has soft line breaks as blanks, `folded` is for comparing; all as long as the original."""

    part: int
    start: int
    text: str
    folded: str
    role: Role
    written: date
    letter: int = 0
    attachment: int | None = None

    @property
    def end(self) -> int:
        """Where it ends in its part."""
        return self.start + len(self.text)

    def cut(self, start: int, end: int) -> "Passage":
        """The passage between two offsets of its text."""
        return Passage(
            self.part, self.start + start, self.text[start:end], self.folded[start:end],
            self.role, self.written, self.letter, self.attachment,
        )  # fmt: skip


@dataclass(slots=True)
class Material:
    """A message laid out for understanding."""

    message: Message
    staff_domains: frozenset[str]
    asker: int  # index of the letter that asks
    sender: Address | None  # its author
    written: date
    subject: list[Passage] = field(default_factory=list)
    body: list[Passage] = field(default_factory=list)
    foot: list[Passage] = field(default_factory=list)
    older: list[Passage] = field(default_factory=list)  # newest first; their feet are in older_foot
    older_foot: list[Passage] = field(default_factory=list)
    notes: list[Passage] = field(default_factory=list)  # covering notes of those who forwarded
    files: list[Passage] = field(default_factory=list)

    def is_staff(self, address: Address | None) -> bool:
        """Whether an address belongs to the desk's own house."""
        return address is not None and domain_of(address.address) in self.staff_domains


@lru_cache(maxsize=512)
def companies_in(text: str) -> tuple[CompanyFound, ...]:
    """The companies of a text; several steps ask for the same."""
    return tuple(find_companies(text))


@cache
def _day_before_month() -> re.Pattern[str]:
    months = [name for listed in load_words("dates")["months"].values() for names in listed for name in names]
    return re.compile(rf"(?<![\d.,])(\d{{1,2}})\.(?=\s?{fold(alternatives(months))}(?!\w))")


def one_sentence_names(passage: Passage) -> str:
    """The folded text in which the dots of company names and of days ("1. April") end no sentence."""
    text = _day_before_month().sub(r"\1_", passage.folded) if "." in passage.folded else passage.folded
    for one in companies_in(passage.text):
        text = text[: one.start] + text[one.start : one.end].replace(".", "_") + text[one.end :]
    return text


def without_names(passage: Passage) -> Passage:
    """The passage with company names blotted out of its folded text: their words say nothing of limits and amounts."""
    folded = passage.folded
    for one in companies_in(passage.text):
        folded = folded[: one.start] + re.sub(r"\S", "_", folded[one.start : one.end]) + folded[one.end :]
    return passage if folded is passage.folded else replace(passage, folded=folded)


def domain_of(address: str) -> str:
    """The part behind the @, lower case."""
    return address.rpartition("@")[2].lower()


def lay_out(message: Message, context: ReadingContext) -> Material:
    """Decide whose letter counts and cut all text into passages by role."""
    staff = context.staff_domains or frozenset(
        domain_of(a.address) for a in message.to[:1] if a.address and a != message.sender
    )
    day = _day_of(message.letters[0].date if message.letters else message.date, context)
    material = Material(message, staff, 0, _author(message), day)
    material.asker = _asker(material)
    letter = message.letters[material.asker] if message.letters else None
    if letter is not None:
        material.sender = _author(message) if material.asker == 0 else letter.sender
        material.written = _day_of(letter.date, context, day)
    _add_subject(material, letter)
    for index, one in enumerate(message.letters):
        _add_letter(material, index, one, _day_of(one.date, context, material.written))
    for number, file in enumerate(message.attachments):
        if file.part is not None and not file.is_message and not file.inline:
            text = message.parts[file.part].text
            material.files.append(_passage(file.part, 0, text, "file", material.written, file.letter, number))
    return material


def _author(message: Message) -> Address | None:
    """The sender: the address in angle brackets at the end of the From line, whatever the display name holds."""
    sender = message.sender
    written = " ".join(message.headers.get("from", ()))
    last = re.search(r"<([^\s@<>|]+@[^\s@<>|]+)>\s*$", written)
    if sender is None or last is None or last[1].lower() == sender.address:
        return sender
    return Address(sender.name, last[1].lower())


def _day_of(moment: datetime | None, context: ReadingContext, otherwise: date | None = None) -> date:
    if moment is not None:
        return moment.date()
    if otherwise is not None:
        return otherwise
    return context.received_at.date() if context.received_at else date(1970, 1, 1)


def _passage(
    part: int, start: int, text: str, role: Role, written: date, letter: int = 0, attachment: int | None = None
) -> Passage:
    plain = without_planted(text[:_MOST])
    flowing = plain if role in ("file", "foot") else unwrap(plain)
    return Passage(part, start, flowing, without_unticked(fold(flowing)), role, written, letter, attachment)


def _letter_text(message: Message, letter: Letter) -> str:
    return "\n".join(block.text for block in _blocks(message, letter.body))


def _asker(material: Material) -> int:
    """The letter whose author asks: the first that is neither staff's forward nor a bare covering note."""
    letters = material.message.letters
    index = 0
    while index < len(letters):
        letter = letters[index]
        behind = next((k for k in range(index + 1, len(letters)) if letters[k].kind == "forwarded"), None)
        if behind is None:
            return index
        if not material.is_staff(letter.sender) and not _covering_note(_letter_text(material.message, letter)):
            return index
        index = behind
    return 0


def _covering_note(text: str) -> bool:
    """Whether a text only passes on what follows: short, without a company of its own or an amount."""
    body, _ = split_foot(text, None)
    words = body[:2000]
    if len(words) > 500:
        return False
    return not re.search(r"\d[\d.,' ]{3,}|\d+ ?k\b", words) and len(words.split()) < 60


def _add_subject(material: Material, letter: Letter | None) -> None:
    message = material.message
    subject = letter.subject if letter is not None and letter.subject is not None else message.subject
    for index, part in enumerate(message.parts):
        if part.kind == "subject":
            material.subject.append(_passage(index, 0, part.text, "subject", material.written))
    if letter is not None and material.asker > 0 and subject:
        for span in letter.header:
            at = message.text_of(span).find(subject)
            if at >= 0:
                start = span.start + at
                material.subject.insert(0, _passage(span.part, start, subject, "subject", material.written))


def _add_letter(material: Material, index: int, letter: Letter, written: date) -> None:
    own = index == material.asker
    same = letter.sender is not None and material.sender is not None and _same_person(letter.sender, material.sender)
    name = letter.sender.name if letter.sender else None
    body, foot = letter_blocks(material.message, letter, name)
    for blocks, role in ((body, "body"), (foot, "foot")):
        if own:
            target = material.body if role == "body" else material.foot
        elif index < material.asker:
            target, role = material.notes, "note"
        elif role == "body":
            target, role = material.older, "older"
        elif same:
            target = material.older_foot
        else:
            continue
        for block in blocks:
            target.append(_passage(block.part, block.start, block.text, role, written, index))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Block:
    """Text of one letter; quote marks between its lines are blanks, so that places hold."""

    part: int
    start: int
    text: str


def _blocks(message: Message, spans: tuple[Span, ...]) -> list[_Block]:
    """Neighbouring spans as one text."""
    out: list[_Block] = []
    for span in sorted(spans, key=lambda s: (s.part, s.start)):
        text = message.text_of(span)
        if out and out[-1].part == span.part:
            last = out[-1]
            gap = message.parts[span.part].text[last.start + len(last.text) : span.start]
            if re.fullmatch(r"[\s>|]*", gap):
                blank = re.sub(r"[>|]", " ", gap)
                out[-1] = _Block(last.part, last.start, last.text + blank + text)
                continue
        out.append(_Block(span.part, span.start, text))
    return out


def _same_person(one: Address, other: Address) -> bool:
    if one.address and other.address:
        return one.address == other.address
    return bool(one.name) and fold(one.name) == fold(other.name)


def letter_blocks(message: Message, letter: Letter, name: str | None) -> tuple[list[_Block], list[_Block]]:
    """The body and the foot (closing, names, signature, disclaimer) of a letter."""
    body: list[_Block] = []
    foot: list[_Block] = []
    blocks = _blocks(message, letter.body)
    for number, block in enumerate(blocks):
        upper, _ = split_foot(block.text, name)
        cut = len(upper) if number == len(blocks) - 1 or not letter.signature else len(block.text)
        if cut:
            body.append(_Block(block.part, block.start, block.text[:cut]))
        if cut < len(block.text):
            foot.append(_Block(block.part, block.start + cut, block.text[cut:]))
    foot.extend(_blocks(message, (*letter.signature, *letter.disclaimer)))
    foot.sort(key=lambda block: (block.part, block.start))
    return body, foot


@cache
def _closing_line() -> re.Pattern[str]:
    options = "|".join(fold(str(item)) for item in table("phrases")["closing_lines"])
    return re.compile(rf"(?:{options})")


def split_foot(text: str, name: str | None) -> tuple[str, str]:
    """A letter's text up to its closing, and the rest: closing phrase, name, company, numbers."""
    lines = [(m.start(), m.group()) for m in re.finditer(r"[^\n]+", text)]
    first = _first_name(name)
    for position, (start, line) in enumerate(lines):
        if position == 0 and len(lines) > 1:
            continue
        bare = fold(line).strip(" ,.!;-–—\t*_:)")
        closing = len(bare) <= 60 and len(lines) - position <= 30 and _closing_line().fullmatch(bare)
        if closing and _rest_is_foot(text[start + len(line) :]):
            return text[:start], text[start:]
        if (
            len(bare) <= 80
            and first
            and _starts_with_name(bare, first, fold(name or ""))
            and len(lines) - position <= 14
        ) and position > 0:
            return text[:start], text[start:]
        if re.fullmatch(r"--\s*", line):
            return text[:start], text[start:]
    return _trailing_names(text, lines)


def is_closing(line: str) -> bool:
    """Whether a line only says good-bye."""
    return _closing_line().fullmatch(fold(line).strip(" ,.!;-–—\t*_:)")) is not None


def _rest_is_foot(rest: str) -> bool:
    """Whether what follows a closing is a signature and no further paragraphs of a letter."""
    blocks = [block for block in rest.split("\n\n") if block.strip()]
    long = [b for b in blocks if len(b) > 160 and re.search(r"[a-zß-ÿ]{2,} [a-zß-ÿ]{2,} [a-zß-ÿ]{2,} [a-zß-ÿ]{2,}", b)]
    return len(long) <= 3


def _first_name(name: str | None) -> str:
    if not name:
        return ""
    clean = fold(name)
    if "," in clean:
        clean = clean.partition(",")[2].strip() or clean
    words = [w for w in re.findall(r"\w[\w'.-]*", clean) if len(w) > 1]
    return words[0] if words else ""


def _starts_with_name(bare: str, first: str, full: str) -> bool:
    if bare == first:
        return True
    tokens = {w for w in re.findall(r"\w+", full) if len(w) > 2}
    found = re.findall(r"\w+", bare)[:3]
    initial = bool(found) and len(found[0]) == 1 and found[0] == first[:1]
    return bool(found) and (found[0] == first or initial) and len(tokens & set(found)) >= (1 if initial else 2)


def _trailing_names(text: str, lines: list[tuple[int, str]]) -> tuple[str, str]:
    """Without a closing: the last block of short lines that names a company or a person is the foot."""
    cut = len(text)
    for start, line in reversed(lines[-8:]):
        bare = line.strip()
        previous = text[:start].rstrip(" ")
        if not bare or len(bare) > 70 or re.search(r"[.?!:;]$", bare.removesuffix(".")) is not None:
            break
        if bare.endswith(".") and not any(len(c.text) > 0.6 * len(bare) for c in companies_in(bare)):
            break
        if len(re.findall(r"(?<!\w)[a-zß-ÿ]{3,}", bare)) > 3:
            break
        if not previous:
            break
        cut = start
        if previous.endswith("\n\n"):
            break
    block = text[cut:]
    if block.strip() and (companies_in(block) or _person_line(block)) and text[:cut].endswith("\n"):
        return text[:cut], block
    return text, ""


def _person_line(block: str) -> bool:
    first = block.strip().split("\n")[0]
    words = first.split()
    return 1 <= len(words) <= 4 and all(w[:1].isupper() for w in words) and not any(c.isdigit() for c in first)
