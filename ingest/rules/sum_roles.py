"""The role of an amount: the words that stand nearest propose it, a linear model over all words around decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.rules.lexicon import phrases
from ingest.rules.linear import FACT, PROPOSED, around, chances, order
from ingest.rules.material import Passage, one_sentence_names
from ingest.values.money import MoneyFound

MODEL = "sum_roles"
ROLES = ("amount", "current", "turnover", "overdue", "delta", "own", "other")
SURE = 9.0  # the score of what signs tell ("150 000 → 220 000"): nothing is weighed there
_NOT_LIMITS = ("own", "overdue")  # which the model does not tell from other amounts
_WHOLE = 6.0  # the score of a role that is certain
_KINDS = ("new", "increase", "decrease", "renewal", "temporary_increase", "cancellation")


@dataclass(frozen=True, slots=True)
class Story:
    """What all that is said of a buyer holds: its different amounts, and the kinds of request whose words stand there."""

    first: Decimal
    last: Decimal
    amounts: tuple[Decimal, ...]  # the different ones, from the smallest to the largest
    kinds: frozenset[str]

    @classmethod
    def of(cls, amounts: Sequence[Decimal], pieces: Sequence[Passage]) -> "Story":
        """The story of the pieces, which hold an amount."""
        book = phrases("request_types")
        kinds = {hit.key for piece in pieces for hit in book.find(one_sentence_names(piece))} & set(_KINDS)
        return cls(amounts[0], amounts[-1], tuple(sorted(set(amounts))), frozenset(kinds))

    def rank(self, amount: Decimal) -> str:
        """Where an amount stands among the others."""
        if len(self.amounts) == 1:
            return "only"
        return "largest" if amount == self.amounts[-1] else "smallest" if amount == self.amounts[0] else "middle"


@dataclass(frozen=True, slots=True)
class Place:
    """An amount in its sentence, with the sentence before; both folded."""

    sentence: str
    before: str
    amounts: Sequence[MoneyFound]
    index: int


def features(place: Place, story: Story, role: str, score: float) -> dict[str, float]:
    """What speaks for the role of an amount; `role` and `score` are what its nearest words propose."""
    one = place.amounts[place.index]
    found = around(place.sentence, one.start, one.end, place.before)
    found[PROPOSED + role] = min(score, SURE) / 4
    rank, at = story.rank(one.amount), order(place.index, len(place.amounts))
    facts = {
        "currency": one.currency is not None,
        "round": one.amount % 1000 == 0,
        "proposed by nothing": score < 1,
        "first of all": one.amount == story.first,
        "last of all": one.amount == story.last,
        rank: True,
        at: True,
        f"{rank} {at}": True,
        f"{len(story.amounts)} amounts": len(story.amounts) < 5,
    }
    for kind in story.kinds or ("no kind",):
        facts |= {kind: True, f"{kind} {rank}": True, f"{kind} {at}": True}
    return found | {FACT + name: 1.0 for name, holds in facts.items() if holds}


def weighed(found: Mapping[str, float], role: str, score: float) -> tuple[str, float, Mapping[str, float]]:
    """The likeliest role, how sure it is, and the chance of each."""
    if score >= SURE - 1:
        return role, score, certain(role)
    likely = chances(MODEL, found)
    best = max(likely, key=lambda one: likely[one])
    if best == role or (best == "other" and role in _NOT_LIMITS):
        return role, max(score, _WHOLE * likely[best]), likely
    return best, _WHOLE * likely[best], likely


def certain(role: str) -> dict[str, float]:
    """The chances where a role is beyond doubt."""
    return {one: 0.98 if one == role else 0.004 for one in (*ROLES, role)}
