"""What a model's text claims, held against what the tools returned: figures, dates, references, links.

A number, date or reference that stands neither in a result nor in the question makes its sentence unsayable.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from bot.assistant import lexicon
from cases.folding import fold
from ingest.values.dates import DateFound, find_dates

REFERENCE = re.compile(r"\b(?:CR|EN)-\d{4}-\d{1,9}\b", re.IGNORECASE)
MARK = re.compile(r"\[(\d{1,3})\]")
_NUMBER = re.compile(
    r"(?<![\w])(?P<digits>\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?)"
    r"(?P<tail>\s?%|\s?(?:pp\b|per ?cent\b|percent\b|prozent\b|pour ?cent\b)|\s?(?:k|tsd|thousand|mille)\b"
    r"|\s?(?:m|mn|mio|million|millions|millionen)\b|\s?(?:bn|mrd|billion)\b)?",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b(\d{1,2}):(\d{2})(?::\d{2})?\b")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.[\w.-]+", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w/])(?=[\w/]*[A-Za-z])(?=[\w/]*\d)[A-Za-z0-9]+(?:/[A-Za-z0-9]+)*(?![\w/])")
_LIST_MARK = re.compile(r"^\s*(?:[-•*]\s+|\d{1,2}[.)]\s+|#+\s*)")
_PER_CENT = re.compile(r"\s?(?:%|pp|per ?cent|percent|prozent|pour ?cent)", re.IGNORECASE)
LONGEST_TEXT = 20_000  # characters of one value that are searched


@dataclass
class Facts:
    """What may be said: values of results and of the question. Numbers are kept without sign."""

    now: datetime
    references: set[str] = field(default_factory=set)
    dates: set[date] = field(default_factory=set)
    numbers: set[Decimal] = field(default_factory=set)
    times: set[tuple[int, int]] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)  # each text with its folded form

    def __post_init__(self) -> None:
        self.add(self.now)

    def and_also(self, *values: Any) -> "Facts":
        """A copy with these values too."""
        copy = replace(
            self,
            references=set(self.references),
            dates=set(self.dates),
            numbers=set(self.numbers),
            times=set(self.times),
            texts=dict(self.texts),
        )
        for value in values:
            copy.add(value)
        return copy

    def add(self, value: Any) -> None:
        """Takes up a value with all that is in it; a list also counts its entries."""
        if value is None or isinstance(value, bool):
            return
        if isinstance(value, datetime):
            self.times.add((value.hour, value.minute))
            self._add_day(value.date())
        elif isinstance(value, date):
            self._add_day(value)
        elif isinstance(value, int | float | Decimal):
            self._add_number(Decimal(str(value)))
        elif isinstance(value, str):
            self._add_text(value[:LONGEST_TEXT])
        elif isinstance(value, Mapping):
            for name, one in value.items():
                self.add(str(name))
                self.add(one)
        elif isinstance(value, Iterable):
            entries = list(value)
            self._add_number(Decimal(len(entries)))
            for one in entries:
                self.add(one)

    def _add_day(self, day: date) -> None:
        self.dates.add(day)
        self.numbers.add(Decimal(day.year))

    def _add_number(self, number: Decimal) -> None:
        if number.is_finite():
            self.numbers.add(abs(number))
            if number != number.to_integral_value() or number in (0, 1):
                self.numbers.add(abs(number) * 100)  # a rate may be said in per cent

    @property
    def words(self) -> str:
        """All text, folded."""
        return " ".join(self.texts.values())

    def _add_text(self, text: str) -> None:
        if text in self.texts:  # names of fields, states and countries come in every row
            return
        self.texts[text] = fold(text)
        if not any(character.isdigit() for character in text):
            self.numbers.update(_spelled_in(text))
            return
        self.references |= {match[0].upper() for match in REFERENCE.finditer(text)}
        for found in find_dates(text, self.now.date()):
            if not found.relative:
                self._add_day(found.value)
                self.dates.add(found.first)
        for hour, minute in _TIME.findall(text):
            self.times.add((int(hour), int(minute)))
        for match in _NUMBER.finditer(text):
            self.numbers.update(number for number, _ in _readings(match))
        self.numbers.update(Decimal(run) for run in re.findall(r"\d+", text) if len(run) < 20)
        self.numbers.update(_spelled_in(text))

    def holds(self, text: str) -> bool:
        """Whether every figure, date, reference, code and link of the text is among the facts."""
        rest = _LIST_MARK.sub("", MARK.sub(" ", text))
        for link in _LINK.findall(rest):
            if fold(link).rstrip(".,;:)>") not in self.words:
                return False
        rest = _LINK.sub(" ", rest)
        if any(match[0].upper() not in self.references for match in REFERENCE.finditer(rest)):
            return False
        rest = REFERENCE.sub(" ", rest)
        if any((int(hour), int(minute)) not in self.times for hour, minute in _TIME.findall(rest)):
            return False
        left = self._without_dates(_TIME.sub(" ", rest))
        return left is not None and self._codes_and_numbers(left)

    def _without_dates(self, text: str) -> str | None:
        """The text with its dates blanked; None where one is not among the facts."""
        for found in sorted(find_dates(text, self.now.date()), key=lambda one: -one.start):
            if found.relative:
                continue
            if not self._has_day(found):
                return None
            text = text[: found.start] + " " * (found.end - found.start) + text[found.end :]
        return text

    def _has_day(self, found: DateFound) -> bool:
        day = found.value
        if found.precision == "day":
            swapped = {(day.month, day.day)} | (
                {(day.day, day.month)} if re.match(r"\d+[/.]\d+", found.text) else set()
            )
            return any(
                (one.month, one.day) in swapped and (one.year == day.year or not found.year_given) for one in self.dates
            )
        return any(
            found.first.month <= one.month <= day.month and (one.year == day.year or not found.year_given)
            for one in self.dates
        )

    def _codes_and_numbers(self, text: str) -> bool:
        for match in _CODE.finditer(text):
            code = match[0]
            if _NUMBER.fullmatch(code) or re.fullmatch(r"\d+(?:st|nd|rd|th|er|ere|eme|e)", code, re.IGNORECASE):
                continue
            digits = [Decimal(run) for run in re.findall(r"\d+", code) if len(run) < 20]
            if fold(code) not in self.words and not all(run in self.numbers for run in digits):
                return False
        for match in _NUMBER.finditer(text):
            if not any(self._has_number(number, half) for number, half in _readings(match)):
                return False
        return _spelled_in(text) <= self.numbers

    def _has_number(self, number: Decimal, half: Decimal) -> bool:
        return number in self.numbers or any(abs(one - number) <= half for one in self.numbers)


def _readings(match: re.Match[str]) -> list[tuple[Decimal, Decimal]]:
    """The values that a written number may have, each with half of its last digit's worth."""
    digits, tail = match["digits"], fold(match["tail"] or "").strip()
    texts = set()
    if re.fullmatch(r"\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?:[.,]\d{1,2})?", digits):
        last = re.search(r"[.,](\d{1,2})$", digits)
        whole = digits[: last.start()] if last else digits
        texts.add(re.sub(r"\D", "", whole) + (f".{last[1]}" if last else ""))
    if re.fullmatch(r"\d+(?:[.,]\d+)?", digits):
        texts.add(digits.replace(",", "."))
    times = Decimal(1)
    if tail and not _PER_CENT.fullmatch(tail):
        times = {"k": Decimal(1000), "t": Decimal(1000), "b": Decimal(10**9)}.get(tail[0], Decimal(10**6))
        times = Decimal(1000) if tail == "mille" else Decimal(10**9) if tail == "mrd" else times
    found = []
    for text in texts:
        try:
            value = Decimal(text)
        except InvalidOperation:
            continue
        exponent = value.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        found.append((value * times, Decimal(1).scaleb(-places) * times / 2))
    return found


def _spelled_in(text: str) -> set[Decimal]:
    spelled = _spelled()
    return {Decimal(spelled[word]) for word in re.findall(r"[^\W\d_]+", fold(text)) if word in spelled}


@cache
def _spelled() -> dict[str, int]:
    """Numbers in words of three languages; "one" is left out, it is mostly an article."""
    table: dict[str, int] = lexicon.tree("spelled_numbers")
    return table


def sentences(line: str) -> list[str]:
    """A line in its sentences, white space kept.

    A stop behind an abbreviation or legal form ends one only where a small word ("The", "Es", "Il") begins the next.
    """
    parts, start = [], 0
    for match in re.finditer(r"[.!?][)\]\"”»]*(?:\s*\[\d{1,3}\])*\s+(?=[\w«\"„“(\[])", line):
        word = (line[start : match.start()].split() or [""])[-1]
        following = re.match(r"\w*", line[match.end() :])
        begins = following[0] if following else ""
        if begins[:1].islower():
            continue
        short = line[match.start()] == "." and ("." in word or (len(word) <= 3 and word[:1].isupper()))
        if short and fold(begins) not in lexicon.all_stopwords():
            continue
        parts.append(line[start : match.end()])
        start = match.end()
    return [*parts, line[start:]]
