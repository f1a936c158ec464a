"""Which stretch of a letter speaks of which buyer."""

import itertools
import re
from dataclasses import dataclass, field
from functools import cache

import regex

from ingest.rules.buyers import Buyer, short_names
from ingest.rules.cues import Cue
from ingest.rules.lexicon import phrases
from ingest.rules.material import Passage

_SENTENCE_END = Cue(
    "segments.sentence_end",
    r"(?<=[.!?;])(?<!\b[A-Za-z]\.)(?<!\b\d{1,2}\.)(?<!\b(?:<1>)\.)"
    r"[ \t]+(?!(?:<2>)\b)(?=[A-ZÀ-ÖØ-ÞĆČĎŁŃŇŘŚŠŤŮŹŻŽ¿¡\"„(0-9])|\n",
)
_ITEM = re.compile(r"\s*(?:[-*•–]|\(?(?:\d{1,2}|[a-z])[.)])\s")
_ORDINALS = (
    Cue("segments.first", r"\b(?:<1>)\b"),
    Cue("segments.second", r"\b(?:<1>)\b"),
    Cue("segments.third", r"\b(?:<1>)\b"),
)
_CLAUSE_BORDER = Cue("segments.clause_border", r"[,;]\s|\s(?:<1>)\s")
_AMOUNT_BEFORE = Cue("segments.amount_before", r"\d[\d.,']*\s?(?:<1>)?[^.\d]{0,25}$")


@dataclass(slots=True)
class Portion:
    """The passages that belong to each buyer, and those that hold for all."""

    own: list[list[Passage]]
    common: list[Passage] = field(default_factory=list)


@cache
def _sentence_end() -> "regex.Pattern[str]":
    return regex.compile(_SENTENCE_END.pattern)  # its look-behind needs more than the standard library


def units(passage: Passage) -> list[tuple[int, int, bool]]:
    """Sentences and lines of a passage: start, end, and whether a paragraph begins."""
    out: list[tuple[int, int, bool]] = []
    at, fresh = 0, True
    for match in [*_sentence_end().finditer(passage.text), None]:
        end = match.start() if match else len(passage.text)
        if passage.text[at:end].strip():
            out.append((at, end, fresh))
            fresh = False
        elif match and match.group() == "\n":
            fresh = True
        at = match.end() if match else end
    return out


def portion(passages: list[Passage], buyers: list[Buyer]) -> Portion:
    """Share the passages out among the buyers."""
    result = Portion([[] for _ in buyers])
    if len(buyers) == 1:
        result.own[0] = list(passages)
        return result
    short = short_names(buyers)
    for passage in passages:
        _share(passage, buyers, short, result)
    return result


def _share(passage: Passage, buyers: list[Buyer], short: dict[int, re.Pattern[str]], result: Portion) -> None:
    current: int | None = None
    listed = False  # whether the last buyer was named in a list's item
    seen: set[int] = set()
    for start, end, fresh in units(passage):
        piece = passage.cut(start, end)
        named = _named(passage, start, end, buyers)
        if not named:
            alias = [k for k, pattern in short.items() if pattern.search(piece.folded)]
            ordinal = [k for k, o in enumerate(_ORDINALS[: len(buyers)]) if o.search(piece.folded)]
            several = phrases("phrases").has(piece.folded, "all_buyers")
            if len(alias) == 1:
                current = alias[0]
            elif len(ordinal) == 1 and not several and len(seen) == len(buyers):
                current = ordinal[0]
            elif several:
                result.common.append(piece)
                current = None
                continue
            elif (fresh or (listed and passage.text[:start].endswith("\n") and not _indented(passage, start))) and (
                len(seen) == len(buyers) or not seen
            ):
                current = None
            (result.common if current is None else result.own[current]).append(piece)
            continue
        listed = _ITEM.match(passage.text, start) is not None
        if len(named) == 1:
            current = named[0][0]
            result.own[current].append(piece)
        else:
            current = _split(passage, start, end, named, result)
        seen.update(k for k, _ in named)


def _indented(passage: Passage, start: int) -> bool:
    """Whether a line is set in under the item of a list that it belongs to."""
    return passage.text[start : start + 2].isspace()


def _named(passage: Passage, start: int, end: int, buyers: list[Buyer]) -> list[tuple[int, int]]:
    """Buyers named in a unit with their places, in order, each once."""
    found = [
        (k, s) for k, buyer in enumerate(buyers) for p, s, _ in buyer.mentions if p is passage and start <= s < end
    ]
    found.sort(key=lambda item: item[1])
    out: list[tuple[int, int]] = []
    for k, s in found:
        if not out or out[-1][0] != k:
            out.append((k, s))
    return out


def _split(passage: Passage, start: int, end: int, named: list[tuple[int, int]], result: Portion) -> int:
    """A unit that names several buyers: cut between them, where a clause ends or before the words that lead to the next."""
    borders = [start]
    lead = _leads(passage, named)
    for (_, before), (_, after) in itertools.pairwise(named):
        gap = passage.folded[before:after]
        cuts = [m.end() for m in _CLAUSE_BORDER.finditer(gap)]
        if breaks := [m.end() for m in re.finditer(r";\s", gap)]:
            borders.append(before + breaks[-1])  # a semicolon parts one request from the next
        elif lead or (cuts and _asks(gap[cuts[-1] :])):
            borders.append(before + (cuts[-1] if cuts else len(gap)))
        else:
            borders.append(after)
    borders.append(end)
    if not lead and re.search(r":\s*$", passage.text[start : named[0][1]]):
        result.common.append(passage.cut(start, named[0][1]))  # "take these off from 1 September: A, B and C"
    for (k, _), left, right in zip(named, borders, borders[1:], strict=False):
        result.own[k].append(passage.cut(left, right))
    return named[-1][0]


def _asks(words: str) -> bool:
    """Whether the words before a name already say what is asked for it ("… and to drop the limit on B")."""
    return phrases("request_types").has(words)


def _leads(passage: Passage, named: list[tuple[int, int]]) -> bool:
    """Whether amounts stand before the names ("50k on A and 30k on B") and not behind them."""
    first = named[0][1]
    before = passage.folded[max(0, first - 40) : first]
    if before.rstrip().endswith(":"):
        return False
    return _AMOUNT_BEFORE.search(before) is not None
