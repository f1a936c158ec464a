"""What a date is said of: the answer that is needed, the begin or end of a limit, or something else, by a linear model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.rules.lexicon import phrases
from ingest.rules.linear import FACT, PROPOSED, around, chances, order, tokens
from ingest.rules.material import Passage, without_names
from ingest.values.dates import DateFound

MODEL = "date_roles"
SURE = 0.5  # the chance from which on a date is taken for what it seems
_AHEAD = ((0, "past"), (1, "today"), (8, "a week"), (22, "three weeks"), (62, "two months"), (124, "four months"))


@dataclass(frozen=True, slots=True)
class Place:
    """A date in its sentence, with the sentence before and the day on which it was written."""

    sentence: Passage
    before: str  # folded
    dates: Sequence[DateFound]
    index: int


def features(place: Place, need: float) -> dict[str, float]:
    """What speaks for the role of a date; `need` is how much the rules take it for the day of the answer."""
    one, sentence = place.dates[place.index], without_names(place.sentence)
    found = around(sentence.folded, one.start, one.end, place.before)
    if need:
        found[PROPOSED + "need"] = need / 2
    book = phrases("phrases")
    facts = {
        _ahead(one.value, place.sentence.written): True,
        order(place.index, len(place.dates)): True,
        f"rule {one.rule}": one.relative,
        "asks": sentence.folded.rstrip().endswith("?"),
        "an answer": book.has(sentence.folded, "answer"),
        "an amount": "0" in tokens(sentence.folded[: one.start])
        or any(c.isdigit() for c in sentence.folded[one.end :]),
        "kinds": phrases("request_types").has(sentence.folded),
    }
    return found | {FACT + name: 1.0 for name, holds in facts.items() if holds}


def _ahead(day: date, written: date) -> str:
    days = (day - written).days
    return next((name for limit, name in _AHEAD if days < limit), "far")


def roles(place: Place, need: float) -> Mapping[str, float]:
    """The chance of each role."""
    return chances(MODEL, features(place, need))


def each_date(told: Sequence[tuple[Passage, Sequence[DateFound]]]) -> Iterator[Place]:
    """The dates of sentences in their order."""
    before = ""
    for sentence, dates in told:
        for index in range(len(dates)):
            yield Place(sentence, before, dates, index)
        before = sentence.folded
