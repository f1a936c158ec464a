"""Kind, limit asked for and limit today, chosen together: each reading of the figures is weighed as a whole.

A mention's role and the kind of request are uncertain alone; together they leave few readings ("new" has no limit today,
an increase ends above it, a renewal keeps it).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.rules.amounts import Sum

_LEAST = 0.02  # chance of what a model thinks impossible
_MOST = 12  # amounts that are weighed: a request has few
_UP = ("increase", "temporary_increase")
_SAID = 0.45  # how much the phrases that say a kind count beside the model
_PERHAPS = 0.25  # the chance from which on an amount may be a difference
_RECKONED = 2.0  # three figures of which one is the sum of the others are hardly chance
_KIND = 1.0  # how much the words of the kind count beside one amount


@dataclass(frozen=True, slots=True)
class Figures:
    """A reading: the kind, and the amounts that stand for its figures."""

    kind: str
    amount: Sum | None = None
    current: Sum | None = None
    delta: Sum | None = None

    @property
    def fits_a_share(self) -> bool:
        """Whether the limit asked for may be reckoned from that of today ("double it")."""
        return (self.amount is None and self.delta is None) or (self.amount is not None and self.current is not None)


def blended(likely: Mapping[str, float], said: str | None) -> Mapping[str, float]:
    """The chances of the kinds, where the phrases say one: these are right in four of five cases."""
    if said is None:
        return likely
    return {kind: (1 - _SAID) * chance + _SAID * (kind == said) for kind, chance in likely.items()}


def best_reading(
    found: Sequence[Sum], kinds: Mapping[str, float], *, share: bool = False, reached: Sum | None = None
) -> tuple[Figures, float] | None:
    """The likeliest reading and its chance; None where no amount could be a limit.

    `share`: the change is told as a part of today's; `reached`: what such a part comes to, where that is told.
    """
    limits = sorted((one for one in found if one.could_be_a_limit), key=_as_a_limit, reverse=True)[:_MOST]
    if not limits:
        return None
    readings = [one for one in _readings(limits) if not share or one.fits_a_share]
    readings = [one for one in readings if one.amount is reached] if reached in limits else readings
    weights = [_weight(reading, limits, kinds) for reading in readings]
    best = max(weights)
    at = weights.index(best)
    return readings[at], 1 / sum(math.exp(weight - best) for weight in weights)


def _as_a_limit(one: Sum) -> float:
    return one.likely["amount"] + one.likely["current"]


def _readings(limits: Sequence[Sum]) -> Iterator[Figures]:
    for one in limits:
        for kind in ("new", "increase", "temporary_increase", "decrease"):
            yield Figures(kind, amount=one)
        for kind in ("renewal", "cancellation", *_UP, "decrease"):
            yield Figures(kind, current=one)
        for other in limits:
            if other.amount != one.amount:
                yield from _of_two(one, other, limits)


def _of_two(one: Sum, other: Sum, limits: Sequence[Sum]) -> Iterator[Figures]:
    """Readings with a limit of today, and one asked for or a difference; a difference that reaches a third figure too."""
    for kind in _UP if one.amount > other.amount else ("decrease",):
        yield Figures(kind, amount=one, current=other)
    for kind, total in (*((kind, other.amount + one.amount) for kind in _UP), ("decrease", other.amount - one.amount)):
        if total > 0:
            told = next((third for third in limits if third.amount == total), None)
            if told is not None:
                yield Figures(kind, amount=told, current=other, delta=one)
            elif one.likely["delta"] >= _PERHAPS:
                yield Figures(kind, current=other, delta=one)


def _weight(reading: Figures, limits: Sequence[Sum], kinds: Mapping[str, float]) -> float:
    total = _KIND * math.log(max(kinds[reading.kind], _LEAST))
    if reading.amount is not None and reading.delta is not None:
        total += _RECKONED
    for one in limits:
        total += math.log(max(_chance(one, reading), _LEAST))
    return total


def _chance(one: Sum, reading: Figures) -> float:
    """The chance of what an amount is in a reading."""
    if reading.current is not None and one.amount == reading.current.amount:
        kept = reading.kind == "renewal"
        return one.likely["current"] + (one.likely["amount"] if kept else 0.0)
    if reading.amount is not None and one.amount == reading.amount.amount:
        return one.likely["amount"]
    if reading.delta is not None and one.amount == reading.delta.amount:
        return one.likely["delta"]
    return max(one.likely["turnover"], one.likely["other"])
