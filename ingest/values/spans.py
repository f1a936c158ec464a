"""Lengths of time: "six months", "acht Wochen", "12 miesięcy"."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import regex

from ingest.values.calendar_words import grammar, number_pattern, plus_months, small_number
from ingest.values.found import Found, alternatives, compiled, load_words


@dataclass(frozen=True, slots=True)
class SpanFound(Found):
    """A number of months or weeks."""

    count: int
    unit: str

    def end_from(self, first: date) -> date:
        """The day on which the span is over that begins on `first`."""
        return plus_months(first, self.count) if self.unit == "month" else first + timedelta(weeks=self.count)


@cache
def _pattern() -> regex.Pattern[str]:
    units = load_words("dates")["units"]
    words = alternatives([*units["month"], *units["week"]])
    return compiled(
        rf"(?<![\p{{L}}\d.,])(?P<count>{number_pattern()})[\s-]+(?P<unit>{words})(?!\p{{L}})", regex.IGNORECASE
    )


def find_spans(text: str) -> list[SpanFound]:
    """All lengths of one week to three years, in text order."""
    if grammar().words_of(text).isdisjoint(grammar().triggers["unit"]):
        return []
    out = []
    for match in _pattern().finditer(text):
        count, unit = small_number(match["count"]), grammar().unit_of(match["unit"])
        if count is not None and 1 <= count <= (36 if unit == "month" else 52):
            out.append(SpanFound(match.start(), match.end(), match[0], count, unit))
    return out
