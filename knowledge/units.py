"""A passage taken apart into what can be quoted: sentences, list items and table rows, each with what it is about."""

import re
from dataclasses import dataclass

from knowledge.chunks import Chunk
from knowledge.quantities import bands, fits, quantities
from knowledge.question import Question
from knowledge.ranking import covered, group_named, held_keys
from knowledge.sections import sentences
from knowledge.words import countries, fold, terms

CELL = " | "
KIND_BONUS = 0.3
TIMES = frozenset({"day", "week", "month", "year", "hour"})
CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b|\bsame (?:working )?day\b|\bat once\b|\bimmediately\b")
COUNTED = re.compile(r"\b(?:once|twice|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|none)\b")
COUNTED_TIME = re.compile(r"\b(?:once|twice|every|each) (?:a |an |per )?(?:\w+ )?(?:day|week|month|quarter|year)")


@dataclass(frozen=True, slots=True)
class Unit:
    """Something to quote: `quote` verbatim from the passage, `text` as shown; rows belong to a `table` (number from 0)."""

    quote: str
    text: str
    paragraph: int
    table: int | None = None
    context: str = ""  # a list's opening words, a table's column names


def units(chunk: Chunk) -> list[Unit]:
    """The units of a chunk in order."""
    found: list[Unit] = []
    header: list[str] | None = None
    opening, table = "", -1
    for number, line in enumerate(chunk.text.split("\n")):
        if CELL in line:
            cells = line.split(CELL)
            if header is None or len(header) != len(cells):
                header, table = cells, table + 1
            elif cells != header:
                found.append(Unit(line, _row(header, cells), number, table, " ".join(header)))
            continue
        header = None
        if line.startswith("- "):
            found.append(Unit(line[2:], line[2:], number, context=opening))
            continue
        parts = sentences(line)
        opening = parts[-1] if parts and parts[-1].endswith(":") else ""
        found += [Unit(part, part, number) for part in parts]
    return found


def _row(header: list[str], cells: list[str]) -> str:
    """A row as people read it: each value with its column's name."""
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=True) if cell)


def unit_score(unit: Unit, asked: Question, heading_keys: frozenset[str]) -> float:
    """How well a unit fits, about 0..1.6: words covered, then bands that hold the quantity and countries that are named."""
    own = held_keys(unit.quote)
    inside = covered(asked, own)
    context = own | held_keys(unit.context)
    around = covered(asked, context) if unit.context else inside
    score = inside + 0.35 * (around - inside)
    score += 0.25 * (covered(asked, context | heading_keys) - around)
    if asked.wanted and score > 0.15 and unit.table is None:
        score += KIND_BONUS * bool(asked.wanted & kinds_of(unit.quote))
    return score + 0.4 * band_verdict(unit, asked) + 0.4 * country_verdict(unit, asked)


def kinds_of(text: str) -> frozenset[str]:
    """Which kinds of answer a text holds: `time`, `money`, `share`, `number`."""
    held = set()
    for quantity in quantities(text):
        held |= {"number"} | ({"money"} & quantity.unit) | ({"share"} if "%" in quantity.unit else set())
        held |= {"time"} if quantity.unit & TIMES else set()
    if CLOCK.search(text):
        held.add("time")
    if COUNTED.search(fold(text)):
        held |= {"number", "time"} if COUNTED_TIME.search(fold(text)) else {"number"}
    return frozenset(held)


def band_verdict(unit: Unit, asked: Question) -> float:
    """1 where a band of the unit holds a quantity of the question, or names it exactly; -1 where another band is meant."""
    if not asked.quantities:
        return 0.0
    ranges = bands(unit.quote if unit.table is None else _bands_text(unit))
    verdicts = [v for quantity in asked.quantities for band in ranges if (v := fits(quantity, band)) is not None]
    if verdicts:
        return 1.0 if any(verdicts) else -1.0
    held = quantities(unit.quote)
    return 0.5 if any(a.value == b.value and a.unit & b.unit for a in asked.quantities for b in held) else 0.0


def _bands_text(unit: Unit) -> str:
    """The cells of a row that set its conditions: the first two."""
    return CELL.join(unit.quote.split(CELL)[:2])


def country_verdict(unit: Unit, asked: Question) -> float:
    """1 where the unit names a country of the question, 0.5 its group; -1 where a row is about another country."""
    if not asked.countries:
        return 0.0
    named = countries(terms(unit.quote))
    if named & asked.countries:
        return 1.0
    if group_named(asked.countries, unit.quote):
        return 0.5
    return -1.0 if named and unit.table is not None else -0.3 if named else 0.0
