"""The grammar of dates: patterns made once from `data/dates.json`, and the arithmetic of the calendar."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import regex

from ingest.values.found import alternatives, compiled, load_words

_FLAGS = regex.IGNORECASE


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both inclusive."""

    first: date
    last: date


def last_of_month(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def plus_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return first.replace(day=min(day.day, last_of_month(first).day))


def plus_working_days(day: date, count: int) -> date:
    """`count` Mondays to Fridays later (public holidays are not known here)."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def quarter_of_day(day: date) -> Period:
    """The calendar quarter in which a day lies."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return Period(first, last_of_month(plus_months(first, 2)))


@cache
def _months() -> dict[str, int]:
    return {
        name: number
        for months in load_words("dates")["months"].values()
        for number, names in enumerate(months, start=1)
        for name in names
    }


@cache
def _weekdays() -> dict[str, int]:
    return {
        name: number
        for days in load_words("dates")["weekdays"].values()
        for number, names in enumerate(days)
        for name in names
    }


_COMMON = frozenset(
    (
        "the",
        "of",
        "de",
        "la",
        "le",
        "du",
        "des",
        "der",
        "die",
        "das",
        "di",
        "del",
        "della",
        "van",
        "het",
        "w",
        "the",
        "this",
        "next",
        "el",
        "il",
        "a",
        "d",
        "l",
        "en",
        "que",
        "au",
    )
)


def _word_set(phrases: Iterable[str]) -> frozenset[str]:
    """For each phrase its rarest kind of word: one that is no article or preposition."""
    chosen: set[str] = set()
    for phrase in phrases:
        words: list[str] = compiled(r"[\p{L}\d]+").findall(phrase.casefold())
        chosen.add(max((word for word in words if word not in _COMMON), key=len, default=words[-1]))
    return frozenset(chosen)


def _folded(written: str) -> str:
    return " ".join(written.casefold().replace("’", "'").split())


def month_number(written: str) -> int:
    """1 to 12 for a month's name in any of the languages."""
    return _months()[written.lower().rstrip(".")]


def month_pattern() -> str:
    """Any month's name; short ones may carry a dot."""
    long_ones, short_ones = (n for n in _months() if len(n) > 4), (n for n in _months() if len(n) <= 4)
    return rf"(?:{alternatives(long_ones)}|{alternatives(short_ones)}\.?)"


def small_number(written: str) -> int | None:
    """The value of digits or of a small number word."""
    folded = _folded(written)
    if folded.isdecimal():
        return int(folded)
    value: int | None = load_words("dates")["small_numbers"].get(folded)
    return value


def number_pattern() -> str:
    """Digits or a small number word."""
    return rf"(?:\d{{1,3}}|{alternatives(load_words('dates')['small_numbers'])})"


class Grammar:
    """All patterns; build it through `grammar()`."""

    def __init__(self) -> None:
        words = load_words("dates")
        month = month_pattern()
        year = r"(?P<year>\d{4}|['’]\d{2})"
        day = r"(?P<day>0?[1-9]|[12]\d|3[01])"
        ordinal = r"(?:\s?(?:st|nd|rd|th|er|ère|º|°|ª|\.))?"
        of = r"(?:\s*(?:of|de|di|del|d['’]))?"
        edges = [edge for listed in words["edges"].values() for edge in listed]
        edge = rf"(?<!\p{{L}})(?P<edge>{alternatives(edges)})"
        gap = r"(?:\s+|(?<=['’-]))"
        self.day_month = compiled(
            rf"(?<![\d.,/-])(?:the\s+)?{day}{ordinal}{of}[\s-]*(?<=[\s.'’-]|\dth|\dst|\dnd|\drd)(?P<month>{month})(?!\p{{L}})"
            rf"(?:[\s,-]*(?:(?:de|del|of)\s+)?{year}(?!\d))?",
            _FLAGS,
        )
        self.month_day = compiled(
            rf"(?<!\p{{L}})(?P<month>{month})\s+(?:the\s+)?{day}(?:st|nd|rd|th)?(?![\d\p{{L}}]|[.,]\d)(?:,?\s*(?P<year>\d{{4}})(?!\d))?",
            _FLAGS,
        )
        self.month_period = compiled(
            rf"(?:{edge}{gap}(?:(?:of|des|de|di|van|du)\s+)?)?(?<!\p{{L}})(?P<month>{month})(?!\p{{L}})(?:[\s,/]*(?:(?:de|del|of)\s+)?{year}(?![\d]))?",
            _FLAGS,
        )
        quarters = [name for names in words["quarter_words"].values() for name in names]
        self.quarter = compiled(
            rf"(?:{edge}{gap}(?:(?:of|des|de|di|van|du)\s+)?)?(?<![\p{{L}}\d])(?P<quarter>q[1-4]|[1-4]q|t[1-4]|{alternatives(quarters)})(?![\p{{L}}\d])"
            rf"(?:[\s,/]*(?:(?:of|de|del|di|van|roku)\s+)?{year}(?!\d))?",
            _FLAGS,
        )
        self.year_period = compiled(
            rf"{edge}\s+(?:(?:of|des\s+jahres|de|del|di|van|roku)\s+)?(?P<year>(?:19|20)\d{{2}})(?!\d)", _FLAGS
        )
        names = ("this_quarter", "this_week", "next_week", "this_month", "next_month", "this_year", "next_year")
        self._period_kind = {_folded(word): name for name in names for word in words[name]}
        self.relative_period = compiled(
            rf"(?:{edge}{gap})?(?<!\p{{L}})(?P<period>{alternatives(self._period_kind)})(?![\p{{L}}\d])", _FLAGS
        )
        self._whole_kind = {_folded(word): kind for kind, listed in words["whole"].items() for word in listed}
        self.whole = compiled(rf"(?<![\p{{L}}])(?:the\s+)?{alternatives(self._whole_kind)}(?!\p{{L}})", _FLAGS)
        self.weekday = compiled(
            rf"(?:(?<!\p{{L}})(?:(?P<after>{alternatives(words['week_after'])})|{alternatives(words['next'])})\s+)?(?<!\p{{L}})(?P<weekday>{alternatives(_weekdays())})(?!\p{{L}})"
            rf"(?:(?:,?\s+(?:of|der|in)?\s*(?P<later>{alternatives(words['next_week'])})|\s+{alternatives(words['next_after'])})(?!\p{{L}}))?",
            _FLAGS,
        )
        self._unit_kind = {_folded(word): kind for kind, listed in words["units"].items() for word in listed}
        unit = rf"(?P<unit>{alternatives(self._unit_kind)})(?!\p{{L}})"
        self.distance = compiled(
            rf"(?<!\p{{L}}){alternatives(words['in'])}\s+(?P<count>{number_pattern()})\s+{unit}"
            rf"|(?<![\p{{L}}\d])(?P<count>{number_pattern()})\s+{unit}\s+{alternatives(words['from_now'])}(?!\p{{L}})",
            _FLAGS,
        )
        self._edge_kind = {_folded(word): kind for kind, listed in words["edges"].items() for word in listed}
        self._quarter_kind = {
            _folded(name): int(number) for number, listed in words["quarter_words"].items() for name in listed
        }

        self.triggers = self._trigger_words(quarters)

    def _trigger_words(self, quarters: list[str]) -> dict[str, frozenset[str]]:
        """Words without which a pattern need not be tried."""
        return {
            "month": _word_set(_months()),
            "quarter": _word_set(quarters)
            | {f"{letter}{n}" for letter in "qt" for n in "1234"}
            | {f"{n}q" for n in "1234"},
            "edge": _word_set(self._edge_kind),
            "period": _word_set(self._period_kind),
            "whole": _word_set(self._whole_kind),
            "weekday": _word_set(_weekdays()),
            "unit": _word_set(self._unit_kind),
        }

    def words_of(self, text: str) -> frozenset[str]:
        """The words of a text, folded."""
        return frozenset(compiled(r"[\p{L}\d]+").findall(text.casefold()))

    def edge_of(self, written: str | None) -> str | None:
        """ "start", "middle" or "end" for the word before a period."""
        return self._edge_kind[_folded(written)] if written else None

    def quarter_of(self, written: str) -> int:
        """1 to 4."""
        folded = _folded(written)
        return self._quarter_kind.get(folded) or int(regex.sub(r"\D", "", folded))

    def unit_of(self, written: str) -> str:
        """day, working_day, week, month or hour."""
        return str(self._unit_kind[_folded(written)])

    def weekday_of(self, written: str) -> int:
        """0 Monday to 6 Sunday."""
        return _weekdays()[written.lower()]

    def stands_alone(self, written: str) -> bool:
        """Whether a period's name is a date without "end of" before it ("next week", but not "week")."""
        folded = _folded(written)
        return self._period_kind[folded].startswith("next") or folded.startswith(
            ("this ", "diese", "cette", "esta", "questa", "deze")
        )

    def period_of(self, written: str, day: date) -> tuple[Period, str]:
        """First and last day of "next month" and its like as seen from `day`, and its precision. Weeks end on Friday."""
        kind = self._period_kind[_folded(written)]
        later = kind.startswith("next")
        if kind.endswith("week"):
            monday = day - timedelta(days=day.weekday()) + timedelta(days=7 * later)
            friday = monday + timedelta(days=4)
            return Period(monday, friday if friday >= day else monday + timedelta(days=6)), "week"
        if kind.endswith("month"):
            first = plus_months(day.replace(day=1), int(later))
            return Period(first, last_of_month(first)), "month"
        if kind.endswith("quarter"):
            return quarter_of_day(day), "quarter"
        year = day.year + later
        return Period(date(year, 1, 1), date(year, 12, 31)), "year"

    def whole_of(self, written: str, day: date) -> tuple[date, str]:
        """The day of "tomorrow", "month-end" and their like, with the name of the rule."""
        folded = _folded(written)
        kind = self._whole_kind.get(folded) or self._whole_kind[folded.removeprefix("the ")]
        friday = day + timedelta(days=(4 - day.weekday()) % 7)
        value = {
            "month_end": last_of_month(day),
            "year_end": date(day.year, 12, 31),
            "week_end": friday,
            "quarter_end": quarter_of_day(day).last,
            "today": day,
            "tomorrow": day + timedelta(days=1),
            "after_tomorrow": day + timedelta(days=2),
        }[kind]
        return value, kind


@cache
def grammar() -> Grammar:
    """The one grammar."""
    return Grammar()
