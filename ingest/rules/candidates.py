"""What may be an amount in a sentence: money, bare figures that are no date or number of a document, small ones in thousands."""

import re

from ingest.rules.cues import Cue
from ingest.rules.material import Passage, without_names
from ingest.rules.scales import in_thousands
from ingest.values.found import Taken
from ingest.values.identifiers import find_identifiers
from ingest.values.money import MoneyFound, find_money
from ingest.values.numbers import find_numbers

_FIGURES = Cue("candidates.figures", r"[\d¼½¾]|(?:<1>)")


def amounts_of(piece: Passage, apart: bool) -> list[MoneyFound]:
    """The amounts of a sentence. `apart`: small figures of the text are meant in thousands."""
    if not _FIGURES.search(piece.folded):
        return []
    money = find_money(piece.text)
    piece = without_names(piece)
    figures = bare_numbers(piece, money)
    if any(one.amount >= 100_000 for one in figures):  # "USt-IdNr. DE 811 569 869" is no amount
        numbers = find_identifiers(piece.text)
        taken = Taken(numbers)
        figures = [one for one in figures if not taken.overlaps(one.start, one.end)]
    return sorted(money + figures + in_thousands(piece, money, apart), key=lambda m: m.start)


_REFERENCE = Cue("candidates.reference", r"(?:[\w/#+°º.-]|(?<!\w)(?:<1>)[.:]? ?)$", re.IGNORECASE)
_LEADS = Cue("candidates.leads", r"(?:^|\s)(?:<1>)\s$", re.IGNORECASE)
_COUNTED = Cue("candidates.counted", r" \d{2,}| ?(?:<1>)")


def bare_numbers(piece: Passage, money: list[MoneyFound]) -> list[MoneyFound]:
    """Numbers that may be amounts: four digits or more and no date, number of a document or phone."""
    out, taken = [], Taken(money)
    for number in find_numbers(piece.text):
        if number.percent or number.value < 1000 or taken.overlaps(number.start, number.end):
            continue
        before = piece.text[max(0, number.start - 40) : number.start]
        after = piece.text[number.end : number.end + 40]
        if _REFERENCE.search(before) and not _LEADS.search(before):
            continue
        if re.match(r"[\w/-]|[.:]\d", after) or _COUNTED.match(after.lower()):
            continue
        plain = number.text.isdigit()
        if plain and (
            (len(number.text) == 5 and re.match(r",? [A-ZÀ-Ž]", after))
            or (re.search(r"[A-Za-z]{2,} $", before) and len(number.text) > 6)
        ):
            continue
        if plain and (1990 <= number.value <= 2099 or len(number.text) > 7):
            continue
        out.append(
            MoneyFound(number.start, number.end, number.text, number.value, None, None, None, number.start, number.end, False)
        )  # fmt: skip
    return out
