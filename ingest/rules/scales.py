"""Small figures meant in thousands: "310 thousand last year, this year 400", "350 rather than 300 (thousand)"."""

import re
from dataclasses import replace
from decimal import Decimal

from ingest.rules.cues import Cue
from ingest.rules.lexicon import phrases
from ingest.rules.material import Passage
from ingest.values.dates import find_dates
from ingest.values.found import Taken
from ingest.values.money import MoneyFound
from ingest.values.numbers import find_numbers
from ingest.values.terms import find_terms

_GOES_ON = Cue("scales.goes_on", r"\s*(?:$|[.,;:)!?](?!\d)|\((?:<1>)?(?:in )?(?:<2>)|\s(?:<3>)\b)")
_ALL_THOUSANDS = Cue("scales.all_thousands", r"[(\[]\s*(?:<1>)?(?:<2>)?(?:<3>)\s*[)\]]")


def all_in_thousands(piece: Passage) -> bool:
    """Whether a letter says in brackets that its small figures are meant in thousands ("we are at 200 (k€)")."""
    return _ALL_THOUSANDS.search(piece.folded) is not None


_SAID_APART = Cue("scales.said_apart", r"[(\[]\s*(?:<1>)?(?:<2>)?\Z")


def in_thousands(piece: Passage, money: list[MoneyFound], apart: bool = False) -> list[MoneyFound]:
    """The bare figures from 10 to 999 of a sentence whose other figures, or a word in brackets, say "thousand"."""
    first = next(
        (m.start for m in money if m.multiplied and m.amount < 1_000_000 and m.number_end - m.number_start <= 3), None
    )
    apart = apart or any(
        _SAID_APART.search(piece.folded[: hit.start]) for hit in phrases("periods").find(piece.folded, "thousands")
    )
    if first is None and not apart:
        return _shared(piece, money)
    pairs = _shared(piece, money)
    taken = Taken([*money, *find_dates(piece.text, piece.written), *find_terms(piece.text)])
    out = []
    for number in find_numbers(piece.text):
        if number.percent or not number.text.isdigit() or not 10 <= number.value <= 999:
            continue
        if (not apart and number.start < (first or 0)) or taken.overlaps(number.start, number.end):
            continue
        if re.search(r"[\w/#+°º.-]$", piece.text[max(0, number.start - 4) : number.start]) or not _GOES_ON.match(
            piece.folded, number.end
        ):
            continue
        value = Decimal(number.value) * 1000
        out.append(MoneyFound(number.start, number.end, number.text, value, None, None, None, number.start, number.end, True))  # fmt: skip
    known = {one.start for one in out}
    return out + [one for one in pairs if one.start not in known]


_NEAR = 40  # characters before an amount in which the first figure of a pair stands
_TOGETHER = Cue("scales.together", r"\s*(?:<1>)?\s*(?:[-=]{1,3}>\s*|→\s*|⇒\s*|(?:<2>)\s+)(?:<3>)?(?:<4>)?\s?")
_LEADS = Cue("scales.leads", r"(?:<1>)\s+(?:<2>)?\s?$")


def _shared(piece: Passage, money: list[MoneyFound]) -> list[MoneyFound]:
    """ "From 80 to 120k", "80 → 120 TEUR": the multiplier behind the second figure holds for the first."""
    out = []
    for one in money:
        if not one.multiplied or one.number_end - one.number_start > 4:
            continue
        left = max(0, one.start - _NEAR)
        for near in find_numbers(piece.text[left : one.start]):
            number = replace(near, start=near.start + left, end=near.end + left)
            between = piece.folded[number.end : one.start]
            small = number.text.isdigit() and 10 <= number.value <= 999 and not number.percent
            if not small or not _TOGETHER.fullmatch(between):
                continue
            figure = Decimal(piece.text[one.number_start : one.number_end].replace(",", "."))
            value = number.value * (one.amount / figure) if figure else Decimal(0)
            arrow = re.match(r"\s*(?:[-=]{1,3}>|→|⇒)", between)
            if one.amount / 10 <= value <= one.amount * 10 and (
                arrow or _LEADS.search(piece.folded[max(0, number.start - _NEAR) : number.start])
            ):
                out.append(
                    MoneyFound(number.start, number.end, number.text, value, one.currency, one.currency_start, one.currency_end, number.start, number.end, True)
                )  # fmt: skip
    return out
