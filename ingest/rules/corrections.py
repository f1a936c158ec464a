"""A figure that a later letter corrects in few words: "make that 80", "doch lieber 120", "plutôt 65 finalement"."""

import re
from decimal import Decimal

from ingest.rules.drafts import Fact, place
from ingest.rules.material import Passage
from ingest.rules.periods import sentences
from ingest.values.dates import find_dates
from ingest.values.numbers import find_numbers
from ingest.values.terms import find_terms

_CUE = re.compile(
    r"\b(?:mak(?:e|ing) (?:that|it|this)|should (?:be|read|have been)|i meant|we meant|rather|instead|better|actually|sorry|correction|not enough|change (?:that|it|the (?:amount|figure|limit)) to|go for|call it|put down"
    r"|lieber|doch|statt|stattdessen|mussten|musste|sollten?|sollen|korrektur|besser|gemeint|mach\w* (?:bitte )?(?:daraus|draus)|andern sie"
    r"|plutot|finalement|en fait|mettez|mettons|mettre|erreur|au lieu|il faudrait|correction"
    r"|mejor|en realidad|finalmente|al final|que sean?|ponga\w*|pongamos|perdon|correccion|en vez"
    r"|meglio|anzi|facciamo|facciate|in realta|alla fine|scusate|errore|invece|mettete|correzione"
    r"|jednak|raczej|zamiast|mialo byc|powinno byc|pomylka|korekta|prosze zmienic|niech bedzie"
    r"|toch|liever|maak er|maken we er|van maken|moet(?:en)? zijn|eigenlijk|correctie|bij nader inzien|uiteindelijk"
    r"|nakonec|radeji|ma byt|melo byt|oprava|omlouvam|misto)\b"
)
_GOES_ON = re.compile(
    r"\s*(?:$|[.,;:!?)](?!\d)|-\s|(?:please|bitte|s'il|svp|por favor|per favore|prosz\w+|graag|alstublieft|prosim|instead|rather|in total|now|then|because|since|as|if|the|we|they|he|sind|sein|waren|werden|wird|would|will|is|are|statt|anstatt|au lieu|en vez|en lugar|invece|anziche|zamiast|in plaats|misto|not|nicht|et non|y no|e non|a nie|niet|ne|,)\b)"
)
_NEVER_BEFORE = re.compile(r"(?:[\w/#+°º.,-]|\b(?:page|nr|no|week|kw|room|zip|line|item|punkt|point|number|nummer) )$")


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


def _meant(figure: Decimal, before: Decimal) -> Decimal | None:
    """The figure in the unit of the earlier amount, where it comes near it in size."""
    for factor in (1, 1000, 1_000_000):
        value = figure * factor
        if before / 5 <= value <= before * 5 and (factor == 1 or before % (factor // 10) == 0):
            return value
    return None
