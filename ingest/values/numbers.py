"""Figures without a unit: digits in every grouping, and numbers written in words."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache

import regex

from ingest.values.found import LANGUAGES, SPACE, Found, alternatives, compiled, load_words, pieces

_GROUP = "[.,'’ \u00a0\u202f\u2009]"
NUMBER = regex.compile(
    rf"(?<![\d])(?<![\d][.,'’])(?:\d{{1,3}}(?P<g>{_GROUP})\d{{3}}(?:(?P=g)\d{{3}})*(?!\d)(?:[.,]\d{{1,2}}(?![\d]))?"
    rf"|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?!\d)(?:\.\d{{1,2}}(?!\d))?|\d*[¼½¾]|\d+(?:[.,]\d+)?)(?!\d)"
)
_QUARTERS = {"¼": ".25", "½": ".5", "¾": ".75"}


@dataclass(frozen=True, slots=True)
class NumberFound(Found):
    """A bare figure; `percent` where a per cent sign or word follows."""

    value: Decimal
    percent: bool = False


@dataclass(frozen=True, slots=True)
class SpelledNumber(Found):
    """A number in words ("zweihundertfünfzigtausend")."""

    value: Decimal
    language: str


def parse_number(text: str, scale: int = 1, decimal: str | None = None, million: bool = False) -> Decimal | None:
    """The value of a figure, times `scale`; None where it is none.

    `decimal` ("," or ".") is the document's habit where it is known. A single separator before exactly
    three digits groups thousands unless the habit, a leading zero or a `million` beside it says otherwise.
    """
    plain = compiled(r"[\s'’\u00a0\u202f\u2009]").sub("", text.strip())
    if plain[-1:] in _QUARTERS:
        plain = (plain[:-1] or "0") + _QUARTERS[plain[-1]]  # "1½"
        decimal = "."
    if not compiled(r"[+-]?\d[\d.,]*").fullmatch(plain):
        return None
    kinds = [mark for mark in ".," if mark in plain]
    if len(kinds) == 2:
        point = max(kinds, key=plain.rfind)
        plain = plain.replace("," if point == "." else ".", "").replace(point, ".")
    elif kinds:
        plain = _one_separator(plain, kinds[0], decimal, million, grouped=plain != text.strip())
    try:
        return Decimal(plain) * scale
    except InvalidOperation:
        return None


def _one_separator(plain: str, mark: str, decimal: str | None, million: bool, grouped: bool) -> str:
    head, _, tail = plain.partition(mark)
    if plain.count(mark) > 1:
        return plain.replace(mark, "")
    groups = len(tail) == 3 and 1 <= len(head) <= 3 and not head.startswith("0") and not grouped
    if groups and decimal != mark and not million:
        return head + tail
    return f"{head}.{tail}"


def decimal_habit(text: str) -> str | None:
    """Which mark the text uses before decimals, judged from its unambiguous figures; None where they do not tell."""
    commas = len(compiled(r"\d,\d{1,2}(?!\d)|\d\.\d{3}\.\d{3}").findall(text))
    points = len(compiled(r"(?<![\d.])\d+\.\d{2}(?![\d.])|\d,\d{3},\d{3}").findall(text))
    if commas == points:
        return None
    return "," if commas > points else "."


def find_numbers(text: str) -> list[NumberFound]:
    """Bare figures that stand alone: no part of a word, an identifier, a date or a phone number."""
    found: list[NumberFound] = []
    for match in NUMBER.finditer(text):
        before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 2]
        if compiled(r"[\p{L}\d/_#@+-]").match(before) or compiled(r"[-/:.]?\d|\p{L}|[-/_@]").match(after):
            continue
        value = parse_number(match[0])
        if value is not None:
            percent = compiled(rf"{SPACE}?(?:{pieces('money', 'percent')})").match(
                text[match.end() : match.end() + 12],
            )
            found.append(NumberFound(match.start(), match.end(), match[0], value, percent is not None))
    return found


@cache
def _trigger() -> regex.Pattern[str]:
    words = {word for listed in load_words("money")["triggers"].values() for word in listed}
    return compiled(alternatives(words), regex.IGNORECASE)


@cache
def _fractions() -> tuple[regex.Pattern[str], dict[str, tuple[int, str]]]:
    table = {
        words.casefold(): (value, language)
        for language, listed in load_words("money")["fractions"].items()
        for words, value in listed.items()
    }
    return compiled(rf"(?<!\p{{L}}){alternatives(table)}(?!\p{{L}})", regex.IGNORECASE), table


def find_spelled_numbers(text: str, languages: tuple[str, ...] = LANGUAGES) -> list[SpelledNumber]:
    """Numbers of at least a hundred in words, in any of the eight languages."""
    if _trigger().search(text) is None:
        return []
    pattern, table = _fractions()
    found = []
    for match in pattern.finditer(text):
        if compiled(r"\d\s?/\s?\d\s+(?:of|de|di|van|von)?\s*$").search(text[max(0, match.start() - 9) : match.start()]):
            continue  # "3/4 of a million"
        value, language = table[" ".join(match[0].casefold().split())]
        found.append(SpelledNumber(match.start(), match.end(), match[0], Decimal(value), language))
    for match in compiled(r"[\p{L}'’-]+(?:\s+[\p{L}'’-]+)*").finditer(text):
        for one in _spelled_in(match[0], match.start(), languages):
            if not any(one.overlaps(other.start, other.end) for other in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def _spelled_in(words: str, offset: int, languages: tuple[str, ...]) -> list[SpelledNumber]:
    triggers = load_words("money")["triggers"]
    folded = words.casefold()
    found: list[SpelledNumber] = []
    for language in languages:
        if not any(trigger in folded for trigger in triggers[language]):
            continue
        reader = _additive if language in ("pl", "cs") else _by_library
        for one in reader(words, offset, language):
            if not any(one.overlaps(other.start, other.end) for other in found):
                found.append(one)
    return found


def _by_library(words: str, offset: int, language: str) -> list[SpelledNumber]:
    import text_to_num

    tokens = list(compiled(r"[\p{L}'’]+(?:-[\p{L}'’]+)*").finditer(words))
    found = []
    for one in text_to_num.find_numbers([_Word(token[0].casefold()) for token in tokens], language, 100.0):
        start, end = offset + tokens[one.start].start(), offset + tokens[one.end - 1].end()
        bare_unit = one.end - one.start == 1 and one.value in (100, 1_000, 1_000_000, 1_000_000_000)
        if one.value >= 100 and not one.is_ordinal and not bare_unit:
            quote = words[start - offset : end - offset]
            found.append(SpelledNumber(start, end, quote, Decimal(str(one.value)).normalize() + 0, language))
    return found


class _Word:
    """A token as the number library wants it."""

    def __init__(self, written: str) -> None:
        self._written = written

    def text(self) -> str:
        return self._written

    def nt_separated(self, previous: "_Word") -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return False


def _additive(words: str, offset: int, language: str) -> list[SpelledNumber]:
    """Slavic numerals stand as separate words: add up, multiply at hundreds, thousands and millions."""
    table: dict[str, int] = load_words("money")["additive"][language]
    found: list[SpelledNumber] = []
    run: list[regex.Match[str]] = []
    for token in [*compiled(r"\p{L}+").finditer(words), None]:
        if token is not None and token[0].casefold() in table:
            run.append(token)
            continue
        if run:
            value = _add_up([table[one[0].casefold()] for one in run])
            start, end = run[0].start(), run[-1].end()
            if value >= 100 and (len(run) > 1 or value not in (100, 1000, 1000000)):
                found.append(SpelledNumber(offset + start, offset + end, words[start:end], Decimal(value), language))
        run = []
    return found


def _add_up(values: list[int]) -> int:
    total = group = 0
    for value in values:
        if value >= 1000:
            total += (group or 1) * value
            group = 0
        elif value == 100 and 0 < group < 10:
            group *= 100
        else:
            group += value
    return total + group
