"""Dates as mail clients write them into forwards and replies, in any language."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from ingest.phrases import load

HALF = r"(?:\s*([ap])\.?\s?m\b\.?)?"
COLON_CLOCK = re.compile(rf"(?<![\d:])(\d{{1,2}})\s?:\s?(\d{{2}})(?::(\d{{2}}))?(?!\d){HALF}", re.I)
OTHER_CLOCK = re.compile(
    rf"(?<![\d.,/-])(\d{{1,2}})[.h](\d{{2}})(?:[.](\d{{2}}))?(?!\d|[.]\d){HALF}|(?<![\d.,/-])(\d{{1,2}})\s?([ap])m\b",
    re.I,
)
OFFSET = re.compile(r"(?:\b(?:GMT|UTC)\s?)?([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)(?!\s?[./-]\d)")
NUMERIC = re.compile(
    r"(?<!\d)(\d{4})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{1,2})(?!\d)|(?<!\d)(\d{1,2})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{4}|\d{2})(?!\d)"
)
CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
DAY = re.compile(r"(?<![\d:])(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.|,|-)?(?![\d:])", re.I)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.U)
LATE = re.compile(r"下午|오후|午後|晚上")
EARLY = re.compile(r"上午|오전|午前")


@lru_cache(maxsize=1)
def _months() -> dict[str, dict[str, int]]:
    """Month names to language to number."""
    languages = load("dates")["languages"]
    assert isinstance(languages, dict)
    found: dict[str, dict[str, int]] = {}
    for language, names in languages.items():
        assert isinstance(names, dict)
        months = names["months"]
        assert isinstance(months, dict)
        for name, number in months.items():
            assert isinstance(number, int)
            found.setdefault(name, {})[language] = number
    return found


@lru_cache(maxsize=1)
def _zones() -> dict[str, int]:
    zones = load("dates")["zones"]
    assert isinstance(zones, dict)
    return {name: minutes for name, minutes in zones.items() if isinstance(minutes, int)}


def parse_date(text: str, languages: Iterable[str] = ()) -> datetime | None:
    """The date and time in a short text; aware where a zone is named; None where there is no full date.

    `languages` decides where a month's name means different months. Day comes before month unless that
    is impossible or the clock is written with AM and PM.
    """
    text = text[:200]
    clock, rest = _clock(text)
    day = _numeric(rest, bool(clock and clock[3])) or _named(rest, frozenset(languages))
    if day is None:
        return None
    hour, minute, second, _ = clock or (0, 0, 0, False)
    try:
        return datetime(*day, hour, minute, second, tzinfo=_zone(rest))
    except ValueError:
        return None


def has_date(text: str) -> bool:
    """Whether a full date stands in the text."""
    return parse_date(text) is not None


def has_clock(text: str) -> bool:
    """Whether a time of day stands in the text."""
    return COLON_CLOCK.search(text) is not None or OTHER_CLOCK.search(text) is not None


def _clock(text: str) -> tuple[tuple[int, int, int, bool] | None, str]:
    """Hour, minute, second, whether AM or PM was written; and the text without it."""
    best = COLON_CLOCK.search(text) or OTHER_CLOCK.search(text)
    if best is None:
        return None, text
    short = best.re is OTHER_CLOCK and best.group(5) is not None
    hour = int(best.group(5) if short else best.group(1))
    minute, second = int(best.group(2) or 0), int(best.group(3) or 0)
    half = ((best.group(6) if short else best.group(4)) or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif LATE.search(text) and hour < 12:
        hour += 12
    if hour > 23 or minute > 59 or second > 59:
        return None, text
    return (hour, minute, second, bool(half)), text[: best.start()] + " \0 " + text[best.end() :]


def _numeric(text: str, american: bool) -> tuple[int, int, int] | None:
    if match := CJK.search(text):
        return int(match.group(1)), int(match.group(2)), int(match.group(3))
    match = NUMERIC.search(text)
    if not match:
        return None
    if match.group(1):
        return int(match.group(1)), int(match.group(2)), int(match.group(3))
    first, second, year = int(match.group(4)), int(match.group(5)), int(match.group(6))
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    slashes = "/" in match.group()
    if second > 12 or (american and slashes and first <= 12):
        first, second = second, first
    return (year, second, first) if 1 <= second <= 12 and 1 <= first <= 31 else None


def _named(text: str, languages: frozenset[str]) -> tuple[int, int, int] | None:
    year = YEAR.search(text)
    if not year:
        return None
    for match in WORD.finditer(text):
        numbers = _months().get(match.group().lower())
        if not numbers:
            continue
        near = _day(text, match.start(), match.end(), year.start())
        if near is None:
            continue
        return int(year.group(1)), _meant(numbers, languages, text, int(year.group(1)), near), near
    return None


def _meant(numbers: dict[str, int], languages: frozenset[str], text: str, year: int, day: int) -> int:
    """Which month a name means: by the languages given, else by the weekday, else the commonest."""
    fitting = [number for language, number in numbers.items() if language in languages]
    choices = fitting or list(numbers.values())
    if len(set(choices)) > 1:
        weekdays = _weekdays(text)
        for number in dict.fromkeys(choices):
            try:
                if date(year, number, day).weekday() in weekdays:
                    return number
            except ValueError:
                continue
    return max(set(choices), key=choices.count)


def _weekdays(text: str) -> set[int]:
    languages = load("dates")["languages"]
    assert isinstance(languages, dict)
    seen = {match.group().lower() for match in WORD.finditer(text)}
    found: set[int] = set()
    for names in languages.values():
        assert isinstance(names, dict)
        days = names["weekdays"]
        assert isinstance(days, dict)
        found |= {number for name, number in days.items() if name in seen and isinstance(number, int)}
    return found


def _day(text: str, start: int, end: int, year_at: int) -> int | None:
    """The day's number beside a month's name."""
    before = [m for m in DAY.finditer(text, max(0, start - 12), start) if 1 <= int(m.group(1)) <= 31]
    if before:
        return int(before[-1].group(1))
    after = [m for m in DAY.finditer(text, end, end + 8) if 1 <= int(m.group(1)) <= 31 and m.start() != year_at]
    return int(after[0].group(1)) if after else None


def _zone(text: str) -> timezone | None:
    if "\0" not in text:
        return None
    tail = text[text.index("\0") + 1 :][:60]
    if match := OFFSET.search(tail):
        minutes = int(match.group(2)) * 60 + int(match.group(3) or 0) if len(match.group(2)) <= 2 else 0
        return timezone(timedelta(minutes=minutes if match.group(1) == "+" else -minutes)) if minutes <= 840 else None
    for word in re.findall(r"[^\W\d_]{1,5}", tail):
        if word.isupper() and word.lower() in _zones():
            return timezone(timedelta(minutes=_zones()[word.lower()]))
    return None
