"""What a question says, piece by piece: references, names, periods, filters, groups, figures. No decision yet."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from bot.assistant import lexicon
from bot.assistant.question import Question
from cases.folding import fold
from cases.name_index import NameIndex, NameMatch, Word
from cases.periods import FoundPeriod, Period, find_periods
from cases.statistics import Bound

BY_THE_WAY = 0.4  # a single small word that is less of a name than this, and not its beginning, is just a word
_REFERENCE = re.compile(r"(?<![\w])(cr|en)[\s-]?(20\d\d)[\s-]?(\d{1,6})(?!\w)")
_SHORT_REFERENCE = re.compile(
    r"(?<![\w-])(?:cr|case|fall|dossier|request|ref)[\s#-]*(?:no\.?\s*|nr\.?\s*)?#?0{0,3}(\d{2,6})(?![\w.,%-])"
)
_IDENTIFIER = re.compile(r"(?<![\w-])(?=[a-z0-9]*\d[a-z0-9]*\d[a-z0-9]*\d)(?:[a-z]{2,3}[a-z0-9]{6,13}|\d{7,20})(?!\w)")
_SPACED = re.compile(r"(?<![\w-])([a-z]{2})[ .]?(?=(?:[ .]?\d){7,12}(?!\w))\d[\d .]*\d(?![\w])")
_POLICY = re.compile(r"(?<![\w-])[a-z]{1,6}[-/]?\d{3,}(?:[-/]\d+)*(?!\w)|(?<=police )\d{4,}|(?<=policy )\d{4,}")


@dataclass
class Reading:
    """The pieces of one question."""

    question: Question
    now: datetime
    references: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)  # VAT, registration, policy numbers as written
    names: list[NameMatch] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)  # words that look like a name and fit none
    periods: list[FoundPeriod] = field(default_factory=list)
    where: dict[str, list[str]] = field(default_factory=dict)
    exclude: dict[str, list[str]] = field(default_factory=dict)
    spots: dict[str, int] = field(default_factory=dict)  # where in the text a filter stands
    by: list[str] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    exact: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    top: int | None = None
    ranked: bool = False
    ascending: bool = False
    order: str | None = None
    count: bool = False
    amount: bool = False
    average: bool = False
    shapes: list[str] = field(default_factory=list)  # mean, median, p90, max, min
    objects: bool = False
    currency: str | None = None

    def says(self, *path: str) -> bool:
        """Whether the question holds a word of a list of intents.json."""
        return self.question.has(lexicon.pattern("intents", *path))

    @property
    def people(self) -> list[NameMatch]:
        """Matches that name colleagues."""
        return [match for match in self.names if match.candidates[0].kind == "person"]

    @property
    def companies(self) -> list[NameMatch]:
        """Matches that name buyers, clients or brokers."""
        return [match for match in self.names if match.candidates[0].kind != "person"]

    def still_says(self, *path: str) -> bool:
        """The same of the words that nothing else has taken: a team may be called Export."""
        return lexicon.pattern("intents", *path).search(self.question.left) is not None

    def add(self, dimension: str, value: str, position: int) -> None:
        """A filter, or an exclusion where "except" stands in front."""
        lead = self.question.plain[max(0, position - 22) : position]
        pattern = lexicon.pattern("intents", "except")
        last = [match.end() for match in pattern.finditer(lead)]
        target = self.exclude if last and len(lead[last[-1] :].split()) <= 1 else self.where
        values = target.setdefault(dimension, [])
        if value not in values:
            values.append(value)
        self.spots.setdefault(dimension, position)


def read(question: Question, index: NameIndex, now: datetime, fiscal: int, previous: Period | None) -> Reading:
    """Everything the question says, in the order in which words are surest."""
    from bot.assistant.figures import read_figures
    from bot.assistant.filters import (
        read_bounds,
        read_closed,
        read_groups,
        read_sectors,
        read_teams,
        read_unassigned,
    )

    reading = Reading(question, now)
    _read_references(reading, now)
    read_unassigned(reading)
    read_bounds(reading)
    _read_periods(reading, now, fiscal, previous)
    read_teams(reading, index)
    _read_names(reading, index)
    read_sectors(reading, index)
    read_groups(reading)
    read_closed(reading, index)
    read_figures(reading)
    _read_unmatched(reading)
    return reading


def _read_references(reading: Reading, now: datetime) -> None:
    question = reading.question
    for match in list(_REFERENCE.finditer(question.plain)):
        reading.references.append(f"{match[1].upper()}-{match[2]}-{int(match[3]):06d}")
        question.take(match.start(), match.end())
    for match in list(_SHORT_REFERENCE.finditer(question.left)):  # "CR 523", "case #523": of this year
        reading.references.append(f"CR-{now.year}-{int(match[1]):06d}")
        question.take(match.start(), match.end())
    for match in list(_SPACED.finditer(question.left)):  # "LT 485 968 563"
        if match[1].upper() in lexicon.tree("countries"):
            reading.identifiers.append(re.sub(r"\W", "", match[0]).upper())
            question.take(match.start(), match.end())
    for pattern in (_IDENTIFIER, _POLICY):
        for match in list(pattern.finditer(question.plain)):
            if "\x00" in question.left[match.start() : match.end()] or _is_quantity(match[0]):
                continue
            reading.identifiers.append(match[0].upper())
            question.take(match.start(), match.end())
    reading.references = list(dict.fromkeys(reading.references))


def _is_quantity(text: str) -> bool:
    """eur100000, kw40, q3, 2026: a number with a unit, no identifier."""
    return bool(re.fullmatch(r"(?:eur|usd|gbp|chf|pln|sek|kw|cw|w|wk|q|t|h|s|p|fy)-?\d+", text)) or (
        text.isdigit() and len(text) < 6
    )


def _read_periods(reading: Reading, now: datetime, fiscal: int, previous: Period | None) -> None:
    question = reading.question
    future = any(
        question.has(lexicon.pattern("metrics", "exact", name)) for name in ("expiring_limits", "next_actions_due")
    )
    text = question.left
    found = find_periods(text, now, fiscal_year_starts=fiscal, previous=previous, future=future)
    if len(found) > 1:  # "september against the month before": the second refers to the first
        found = find_periods(text, now, fiscal_year_starts=fiscal, previous=found[0].period, future=future)
    reading.periods = found
    for one in found:
        question.take(one.start, one.end)


def _read_names(reading: Reading, index: NameIndex) -> None:
    question = reading.question
    words: list[Word] = []
    for word, start in zip(question.words, question.starts, strict=True):
        taken = start < len(question.left) and question.left[start] == "\x00"
        words.append(Word(word.text, word.plain, "taken") if taken else word)
    for match in index.match(words):
        if _shaky(match, words):
            continue
        reading.names.append(match)
        last = match.last
        while last + 1 < len(words) and words[last + 1].role == "form":
            last += 1
        end = question.starts[last + 1] - 1 if last + 1 < len(words) else len(question.plain)
        question.take(question.starts[match.first], end)


def _shaky(match: NameMatch, words: list[Word]) -> bool:
    """A part of a name beside a word that looks like a name and fits none is another company."""
    if match.likeness > 0.9 and match.first != match.last:
        return False
    first = words[match.first]
    if match.first == match.last and match.likeness < BY_THE_WAY and first.text.islower():
        return not any(fold(one.name).startswith(first.plain) for one in match.candidates)
    beside = [words[place] for place in (match.first - 1, match.last + 1) if 0 <= place < len(words)]
    followed_by_form = match.last + 1 < len(words) and words[match.last + 1].role == "form"
    strange = [
        word
        for word in beside
        if word.role == "name" and word.plain.isalpha() and len(word.plain) > 3 and word.text[:1].isupper()
    ]
    if strange:
        return True
    small = match.first > 0 and words[match.first - 1].role == "name" and len(words[match.first - 1].plain) > 3
    return small and followed_by_form


def _read_unmatched(reading: Reading) -> None:
    question = reading.question
    for place, (word, start) in enumerate(zip(question.words, question.starts, strict=True)):
        free = start < len(question.left) and question.left[start] != "\x00"
        if (word.role == "form" and free and place and reading.unmatched) or (
            free and word.role == "name" and len(word.plain) > 2 and any(c.isalpha() for c in word.plain)
        ):
            reading.unmatched.append(word.text)


def names_company(reading: Reading) -> bool:
    """Whether the unmatched words end in a legal form or are written as a name amid small letters."""
    words = reading.question.words
    if any(word.role == "form" for word in words) and reading.unmatched:
        return True
    inner = [word for word in words[1:] if word.text in reading.unmatched]
    return reading.question.language != "de" and any(
        word.text[:1].isupper() and not word.text.isupper() for word in inner
    )


def folded_name(text: str) -> str:
    """For comparing an answer to an offered name."""
    return fold(text).strip(" .")
