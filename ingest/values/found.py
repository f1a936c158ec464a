"""What every finder shares: the span of a finding, the word lists, and the making of patterns from them."""

import json
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

import regex

from ingest.values import prepared

DATA = Path(__file__).with_name("data")
LANGUAGES = ("en", "de", "fr", "es", "it", "pl", "nl", "cs")
SPACE = "[ \u00a0\u202f\u2009]"  # spaces that stand inside a number or between number and unit


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of the given text: `given[start:end] == text` (characters, end exclusive)."""

    start: int
    end: int
    text: str

    def overlaps(self, start: int, end: int) -> bool:
        """Whether the stretch shares a character with [start, end)."""
        return self.start < end and start < self.end


T = TypeVar("T", bound=Found)


@cache
def compiled(written: str, flags: int = 0) -> "regex.Pattern[str]":
    """A compiled pattern, kept for the next process too; looking it up costs a tenth of the library's own look-up."""
    known = prepared.patterns().get((written, flags))
    if known is None:
        known = regex.compile(written, flags)
        prepared.keep_pattern(written, flags, known)
    return known


@cache
def load_words(name: str) -> dict[str, Any]:
    """The word list `data/name.json`, read once."""
    loaded: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def alternatives(words: Iterable[str]) -> str:
    """A pattern that matches any of the words, the longest first; a blank matches any white space."""
    escaped = (regex.escape(word, special_only=True, literal_spaces=True) for word in set(words))
    longest_first = sorted(escaped, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(word.replace(" ", r"\s+") for word in longest_first) + ")"


@cache
def pieces(name: str, key: str) -> str:
    """The entries of a list whose entries are pieces of patterns, as alternatives in the order in which they stand."""
    return "|".join(load_words(name)[key])


class Taken:
    """Stretches of a text that are taken; whether another one overlaps any is found without going through all."""

    def __init__(self, findings: Iterable[Found]) -> None:
        spans = sorted((one.start, one.end) for one in findings)
        self._starts = [start for start, _ in spans]
        self._reach = list(accumulate((end for _, end in spans), max))  # how far those up to here go

    def overlaps(self, start: int, end: int) -> bool:
        """Whether [start, end) shares a character with any of them."""
        last = bisect_left(self._starts, end) - 1
        return last >= 0 and self._reach[last] > start


def without_overlaps(findings: Iterable[T]) -> list[T]:
    """The findings in text order; of two that overlap the longer one stays."""
    kept: list[T] = []  # in text order, apart from each other
    starts: list[int] = []
    for one in sorted(findings, key=lambda f: (-(f.end - f.start), f.start)):
        at = bisect_left(starts, one.end)
        if at == 0 or not kept[at - 1].overlaps(one.start, one.end):
            kept.insert(at, one)
            starts.insert(at, one.start)
    return kept
