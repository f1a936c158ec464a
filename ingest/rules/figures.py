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
_KIND = 1.0  # how much the words of the kind count beside one amount


@dataclass(frozen=True, slots=True)
class Figures:
    """A reading: the kind, and the amounts that stand for its figures."""

    kind: str
    amount: Sum | None = None
    current: Sum | None = None
    delta: Sum | None = None


def best_reading(found: Sequence[Sum], kinds: Mapping[str, float]) -> Figures | None:
    """The likeliest reading; None where no amount could be a limit."""
    limits = sorted((one for one in found if one.could_be_a_limit), key=_as_a_limit, reverse=True)[:_MOST]
    if not limits:
        return None
    return max(_readings(limits), key=lambda reading: _weight(reading, limits, kinds))


def _as_a_limit(one: Sum) -> float:
    return one.likely["amount"] + one.likely["current"]


def _readings(limits: Sequence[Sum]) -> Iterator[Figures]:
    for one in limits:
        yield Figures("new", amount=one)
        for kind in ("increase", "temporary_increase", "decrease"):
            yield Figures(kind, amount=one)
        yield Figures("renewal", current=one)
        yield Figures("cancellation", current=one)
        for other in limits:
            if other.amount == one.amount:
                continue
            for kind in ("increase", "temporary_increase") if one.amount > other.amount else ("decrease",):
                yield Figures(kind, amount=one, current=other)
            for kind in ("increase", "temporary_increase", *(("decrease",) if one.amount < other.amount else ())):
                yield Figures(kind, current=other, delta=one)


def _weight(reading: Figures, limits: Sequence[Sum], kinds: Mapping[str, float]) -> float:
    total = _KIND * math.log(max(kinds[reading.kind], _LEAST))
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
