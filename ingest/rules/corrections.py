"""A figure that a later letter corrects in few words: "make that 80", "doch lieber 120", "plutôt 65 finalement"."""

from collections.abc import Sequence
from decimal import Decimal

from ingest.rules.buyers import Buyer, short_names
from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, Fact, place
from ingest.rules.material import Passage
from ingest.rules.periods import sentences
from ingest.values.dates import find_dates
from ingest.values.numbers import find_numbers
from ingest.values.terms import find_terms

_CUE = Cue("corrections.cue", r"\b(?:<1>)\b")
_GOES_ON = Cue("corrections.goes_on", r"\s*(?:$|[.,;:!?)](?!\d)|-\s|(?:<1>)\b)")
_OLD = Cue(
    "corrections.old", r"(?<!\w)(?:<1>) (?:the |die |les |los |i |de )?(?:[€£$]|eur )?$"
)  # "make it 175, not 150"
_LINE = Cue("corrections.line", r"\b(?:<1>)\s*(\d{1,2})\b")
_NEVER_BEFORE = Cue("corrections.never_before", r"(?:[\w/#+°º.,-]|\b(?:<1>) )$")


def corrected(body: list[Passage], earlier: Fact) -> Fact | None:
    """The amount that a newer letter puts in place of an earlier one; small figures are meant in its thousands."""
    before = earlier.value
    if not isinstance(before, Decimal) or before <= 0:
        return None
    for sentence in sentences(body):
        if len(sentence.text) > 160 or _CUE.search(sentence.folded) is None:
            continue
        taken = [*find_dates(sentence.text, sentence.written), *find_terms(sentence.text)]
        found = [
            (n, value)
            for n in find_numbers(sentence.text)
            if not n.percent
            and not any(n.overlaps(one.start, one.end) for one in taken)
            and not _OLD.search(sentence.folded[: n.start])
            and not _NEVER_BEFORE.search(sentence.folded[: n.start])
            and _GOES_ON.match(sentence.folded, n.end)
            and (value := _meant(n.value, before)) is not None
            and value != before
        ]
        if len(found) == 1:
            number, value = found[0]
            spots = (place(sentence, number.start, number.end), *earlier.places)
            return Fact(value, spots, "the corrected figure, in the unit of the earlier one")
    return None


def overrule(drafts: Sequence[Draft], letters: list[Passage]) -> None:
    """Puts right the amounts of a file that the letter beside it corrects: "for Ullapool it should be 70,000, not what the file says"."""
    short = short_names([Buyer(str(draft.value("buyer_name") or "")) for draft in drafts])
    for sentence in sentences(letters):
        line = _LINE.search(sentence.folded)
        for number, draft in enumerate(drafts):
            named = number in short and short[number].search(sentence.folded)
            earlier = draft.facts.get("amount")
            if earlier is None or not (named or (line and int(line[1]) == number + 1)):
                continue
            if (better := corrected([sentence], earlier)) is not None:
                draft.replace("amount", better)


def _meant(figure: Decimal, before: Decimal) -> Decimal | None:
    """The figure in the unit of the earlier amount, where it comes near it in size."""
    for factor in (1, 1000, 1_000_000):
        value = figure * factor
        if before / 5 <= value <= before * 5 and (factor == 1 or before % (factor // 10) == 0):
            return value
    return None
