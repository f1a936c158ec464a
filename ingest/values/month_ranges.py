"""Ranges told in months: "June to the end of August", "de juin à août", "od czerwca do końca sierpnia"."""

from dataclasses import dataclass
from datetime import date
from functools import cache

import regex

from ingest.values.calendar_words import grammar, last_of_month, month_number, month_pattern
from ingest.values.found import Found, alternatives, compiled, load_words


@dataclass(frozen=True, slots=True)
class MonthRange(Found):
    """The first day of the first month and the last day of the last one; `middle` is where the second half begins."""

    first: date
    last: date
    middle: int


@cache
def _pattern() -> regex.Pattern[str]:
    words = load_words("dates")
    edges = {edge: kind for kind, listed in words["edges"].items() for edge in listed}
    starts = alternatives(edge for edge, kind in edges.items() if kind == "start")
    ends = alternatives(edge for edge, kind in edges.items() if kind == "end")
    year, month = r"(?P<{}>\d{{4}})", month_pattern()
    of = r"(?:(?:of|de|di|van|du|des)\s+)?"
    between = alternatives(words["range_words"])
    return compiled(
        rf"(?<![\p{{L}}\d])(?:{starts}\s+{of})?(?<!\d[.]?\s)(?P<one>{month})(?!\p{{L}})(?:\s+{year.format('year1')})?(?:,\s*{month}(?!\p{{L}}))*,?"
        rf"\s*(?P<sep>{between}|[-–—/])\s*(?:(?:the|dem)\s+)?(?:{ends}(?:\s+|(?<=')){of})?(?<!\p{{L}})(?P<two>{month})(?![\p{{L}}])(?!\s+\d{{1,2}}(?!\d))"
        rf"(?:,?\s+{year.format('year2')}(?!\d))?",
        regex.IGNORECASE,
    )


def find_month_ranges(text: str, written: date) -> list[MonthRange]:
    """All ranges from one named month to another. Without a year the next such months that do not lie behind `written` are meant."""
    if grammar().words_of(text).isdisjoint(grammar().triggers["month"]):
        return []
    out = []
    for match in _pattern().finditer(text):
        one, two = month_number(match["one"]), month_number(match["two"])
        if match["sep"] == "/" and not match["year2"]:
            continue
        last_year = int(match["year2"]) if match["year2"] else None
        first_year = int(match["year1"]) if match["year1"] else None
        if first_year is None:
            first_year = last_year - (one > two) if last_year else written.year + (one < written.month)
        if last_year is None:
            last_year = first_year + (one > two)
        first, last = date(first_year, one, 1), last_of_month(date(last_year, two, 1))
        if first <= last and not compiled(r"\d[.]?\s*$").search(text[max(0, match.start() - 4) : match.start()]):
            out.append(MonthRange(match.start(), match.end(), match[0], first, last, match.start("two")))
    return out
