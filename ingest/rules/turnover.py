"""Planned sales of a part of the year made into yearly ones: "12,000 worth every month" is 144,000 a year."""

from dataclasses import replace
from decimal import Decimal

from ingest.rules.drafts import Fact, place
from ingest.rules.lexicon import Hit, phrases
from ingest.rules.material import Passage

_TIMES = {"month": 12, "quarter": 4, "week": 52, "half_year": 2}
_AFTER, _BEFORE = 48, 32  # characters within which the words of a period belong to a figure


def period_near(piece: Passage, start: int, end: int) -> Hit | None:
    """The words that say how often a figure falls due: behind it first, else right before it."""
    book = phrases("periods")
    after = piece.folded[end : end + _AFTER]
    stop = next((k for k, char in enumerate(after) if char.isdigit() or char in ";\n"), len(after))
    behind = book.find(after[:stop], *_TIMES)
    if behind:
        hit = behind[0]
        return Hit(hit.start + end, hit.end + end, hit.key, hit.weight, hit.phrase)
    left = max(0, start - _BEFORE)
    before = piece.folded[left:start]
    cut = max((before.rfind(char) for char in ",;:.\n"), default=-1) + 1
    ahead = [hit for hit in book.find(before, *_TIMES) if hit.start >= cut or ":" in before[hit.end :]]
    if not ahead or any(char.isdigit() for char in before[ahead[-1].end :]):
        return None
    hit = ahead[-1]
    return Hit(hit.start + left, hit.end + left, hit.key, hit.weight, hit.phrase)


def sold_by_period(piece: Passage, start: int, end: int) -> bool:
    """Whether a figure of a sentence is what is bought or sold by the month, quarter or week."""
    return period_near(piece, start, end) is not None and phrases("periods").has(piece.folded, "trade")


def yearly(sales: Fact, piece: Passage, start: int, end: int, label: str = "") -> Fact:
    """The planned sales of a year from a figure of a piece and the period that stands with it or in its label."""
    hit = period_near(piece, start, end)
    found = hit or phrases("periods").first(label, *_TIMES)
    if found is None or not isinstance(sales.value, Decimal):
        return sales
    times = _TIMES[found.key]
    said = (place(piece, hit.start, hit.end),) if hit else ()
    rule = f"{times} times a {found.key.replace('_', '-')}"
    return replace(sales, value=sales.value * times, places=(*sales.places, *said), derived=rule)
