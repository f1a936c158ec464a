"""Patterns of grammar around values: their shape stands in the code, their words in data/cues.yaml."""

import re
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, cast

from ingest.rules.lexicon import table

_PLACE = re.compile(r"<(\d+)>")


class Cue:
    """A regular expression over folded text, compiled at its first use.

    `name` is "MODULE.PATTERN" in the data; `<1>`, `<2>`, … in `shape` stand for its word lists there, as alternatives.
    """

    def __init__(self, name: str, shape: str, flags: int = 0) -> None:
        self._name, self._shape, self._flags = name, shape, flags

    @cached_property
    def pattern(self) -> str:
        """The expression with its words, as part of another one."""
        module, _, name = self._name.partition(".")
        lists = cast("dict[str, dict[str, list[list[str]]]]", table("cues"))[module][name]
        return _PLACE.sub(lambda place: "|".join(lists[int(place[1]) - 1]), self._shape)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self._flags)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first match in `text[start:end]`."""
        return self._compiled.search(text, start, end)

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """A match that begins at `start`."""
        return self._compiled.match(text, start, end)

    def fullmatch(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """A match of all of `text[start:end]`."""
        return self._compiled.fullmatch(text, start, end)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches."""
        return self._compiled.finditer(text)

    def findall(self, text: str) -> list[Any]:
        """What all matches, or their groups, hold."""
        return self._compiled.findall(text)

    def split(self, text: str) -> list[Any]:
        """What stands between all matches."""
        return self._compiled.split(text)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with each match replaced."""
        return self._compiled.sub(replacement, text)
