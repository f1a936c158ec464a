"""Amounts and other quantities in questions, bands of them in rules ("above 500,000", "from 31 to 60 days"), and what fits."""

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.words import fold, stem

NUMBER = r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?"
SCALE = r"k|tsd|tausend|mille|thousand|m|mn|mm|mio|million|millions|millionen|mrd|bn|billion|milliard\w*"
CURRENCY = (
    r"eur|euros?|usd|gbp|chf|pln|sek|nok|dkk|czk|huf|ron|try|jpy|cny|cad|aud|dollars?|pounds?|francs?|franken|[€$£]"
)
QUANTITY = re.compile(
    rf"(?P<before>(?:{CURRENCY})\s?)?(?<![\w.,])?(?P<number>{NUMBER})\s?(?P<scale>(?:{SCALE})(?![a-z]))?\s?(?P<after>(?:{CURRENCY})(?![a-z])|%|percent|prozent|pour cent)?"
)
SCALES = {"k": 1e3, "tsd": 1e3, "tausend": 1e3, "thousand": 1e3, "mille": 1e3, "mrd": 1e9, "bn": 1e9, "billion": 1e9}
SMALLEST_AMOUNT = 1000  # a bare number from here on is read as money
BELOW = r"(?:up to(?: and including)?|not (?:more|above|exceed\w*) (?:than )?|no more than|at most|max(?:imum|\.)?(?: of)?|below|under|less than|within|bis(?: zu)?|hochstens|maximal|unter|weniger als|jusqu'?\s?a|au plus|moins de|inferieur\w* a|<=?|≤)"
ABOVE = r"(?:above|over|more than|exceed\w*|beyond|from|starting at|at least|greater than|larger than|uber|mehr als|ab|mindestens|plus de|superieur\w* a|au-dela de|a partir de|>=?|≥)"
BEFORE_BELOW = re.compile(rf"(?<![a-z]){BELOW}\s*$")
BEFORE_ABOVE = re.compile(rf"(?<![a-z]){ABOVE}\s*$")
BETWEEN = re.compile(r"^\s*(?:to|-|and|bis|und|a|et|through)\s*$")
FILLER = frozenset(
    {"working", "calendar", "more", "full", "further", "business", "of", "on", "old", "late", "in", "a", "per"}
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts: `money`, `%`, or stems of the words that follow; `start`, `end` in the folded text."""

    value: float
    unit: frozenset[str]
    start: int
    end: int
    exclusive: bool = False  # the question says "above" it


@dataclass(frozen=True, slots=True)
class Band:
    """A range that a rule names; the lower bound is outside where `open_low`."""

    low: float
    high: float
    unit: frozenset[str]
    open_low: bool = False


def _value(digits: str) -> float:
    digits = re.sub(r"[' ]", "", digits)
    marks = re.findall(r"[.,]", digits)
    if not marks:
        return float(digits)
    tail = re.split(r"[.,]", digits)[-1]
    whole = re.sub(r"[.,]", "", digits)
    if len(tail) == 3 and (len(marks) > 1 or not digits.startswith("0")) and len(set(marks)) == 1:
        return float(whole)
    return float(whole[: -len(tail)] + "." + tail)


@lru_cache(maxsize=16_384)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text, in order; section numbers such as 5.2 after `section` are none."""
    folded = fold(text)
    found = []
    for match in QUANTITY.finditer(folded):
        ahead = folded[: match.start()]
        if (
            re.search(r"(?:section|sections|chapter|kapitel|abschnitt|chapitre|§|no\.|nr\.)\s*$", ahead)
            or ahead[-1:].isalpha()
            or (ahead[-1:] in ".,-:/" and ahead[-2:-1].isdigit())
        ):
            continue
        scale = match["scale"] or ""
        value = _value(match["number"]) * (SCALES.get(scale, 1e6) if scale else 1.0)
        unit = _unit(match, folded, value)
        exclusive = bool(
            re.search(r"(?:above|over|more than|uber|mehr als|plus de|exceeding|beyond)\s*(?:an? )?(?:eur |€)?$", ahead)
        )
        found.append(
            Quantity(
                value, unit, match.start("before") if match["before"] else match.start("number"), match.end(), exclusive
            )
        )
    return tuple(found)


def _unit(match: re.Match[str], folded: str, value: float) -> frozenset[str]:
    after = match["after"] or ""
    if after in ("%", "percent", "prozent", "pour cent"):
        return frozenset({"%"})
    if match["before"] or after or match["scale"]:
        return frozenset({"money"})
    words = [w for w in re.findall(r"[a-z]+|[.;,|\n]", folded[match.end() : match.end() + 40]) if w not in FILLER][:2]
    stems = frozenset(_named(w) for w in words[: next((i for i, w in enumerate(words) if not w.isalpha()), 2)])
    counted = stems & {"day", "month", "year", "hour", "week"}
    if counted:
        return counted
    if value >= SMALLEST_AMOUNT and not 1990 <= value <= 2100:
        return frozenset({"money"})
    return stems


def _named(word: str) -> str:
    for names, unit in (
        ("day days tag tage tagen jour jours", "day"), ("month months monat monate monaten mois", "month"),
        ("year years jahr jahre jahren an ans annee annees", "year"), ("hour hours stunde stunden heure heures h", "hour"),
        ("week weeks woche wochen semaine semaines", "week"),
    ):  # fmt: skip
        if word in names.split():
            return unit
    return stem(word)


@lru_cache(maxsize=16_384)
def bands(text: str) -> tuple[Band, ...]:
    """The ranges that a text names."""
    folded = fold(text)
    found = quantities(text)
    result, index = [], 0
    while index < len(found):
        first = found[index]
        ahead = folded[max(0, first.start - 40) : first.start]
        second = found[index + 1] if index + 1 < len(found) else None
        if second and BETWEEN.match(folded[first.end : second.start]) and second.value > first.value:
            result.append(Band(first.value, second.value, second.unit | (first.unit & {"money"})))
            index += 2
            continue
        if BEFORE_BELOW.search(ahead):
            result.append(Band(0, first.value, first.unit))
        elif BEFORE_ABOVE.search(ahead):
            open_low = not re.search(r"(?:from|ab|mindestens|at least|a partir de|starting at)\s*$", ahead)
            result.append(Band(first.value, float("inf"), first.unit, open_low))
        index += 1
    return tuple(result)


def fits(asked: Quantity, band: Band) -> bool | None:
    """Whether a quantity (or anything above it, where the question says so) lies in a band; None where units differ."""
    if not asked.unit & band.unit:
        return None
    if asked.exclusive:
        return asked.value < band.high
    above = asked.value > band.low if band.open_low else asked.value >= band.low
    return above and asked.value <= band.high
