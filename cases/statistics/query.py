"""A statistics question in typed form, and its answer. No text of anybody becomes SQL."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from cases.periods import Period

BoundField = Literal["amount", "age", "turnaround", "payment_terms", "risk_grade"]
Comparison = Literal[">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit on a number: the amount requested in EUR, days of age, of turnaround or of payment terms, the grade."""

    field: BoundField
    comparison: Comparison
    value: Decimal

    def describe(self) -> str:
        """As an answer says it."""
        unit = {"amount": " EUR", "risk_grade": ""}.get(self.field, " days")
        name = self.field.replace("_", " ")
        return f"{name} {self.comparison} {self.value:,f}{unit}"


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """Metrics, cut by dimensions, over what the filters let pass.

    `where` and `exclude`: dimension → values (names as in the register, codes for closed lists).
    `state`: only cases in these states, beside what the metric itself asks.
    `by_decision`: what counts by receipt counts by the day of the decision ("grade of what was declined in May").
    `share_of`: for a share, the dimensions whose filters the whole does not have.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bounds: tuple[Bound, ...] = ()
    period: Period | None = None
    compare: Period | None = None
    top: int | None = None
    ascending: bool = False
    share: bool = False
    share_of: tuple[str, ...] = ()
    currency: str | None = None
    by_decision: bool = False

    def with_(self, **changes: Any) -> "StatisticsQuery":
        """A copy with some parts changed."""
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """For a stored conversation."""
        return {
            "metrics": list(self.metrics),
            "by": list(self.by),
            "where": {name: list(values) for name, values in self.where.items()},
            "exclude": {name: list(values) for name, values in self.exclude.items()},
            "bounds": [[bound.field, bound.comparison, str(bound.value)] for bound in self.bounds],
            "period": self.period.as_json() if self.period else None,
            "compare": self.compare.as_json() if self.compare else None,
            "top": self.top,
            "ascending": self.ascending,
            "share": self.share,
            "share_of": list(self.share_of),
            "currency": self.currency,
            "by_decision": self.by_decision,
        }

    @staticmethod
    def from_json(value: dict[str, Any]) -> "StatisticsQuery":
        """Back from a stored conversation."""
        return StatisticsQuery(
            metrics=tuple(value["metrics"]),
            by=tuple(value["by"]),
            where={name: tuple(values) for name, values in value["where"].items()},
            exclude={name: tuple(values) for name, values in value["exclude"].items()},
            bounds=tuple(Bound(name, sign, Decimal(number)) for name, sign, number in value["bounds"]),
            period=Period.from_json(value["period"]) if value["period"] else None,
            compare=Period.from_json(value["compare"]) if value["compare"] else None,
            top=value["top"],
            ascending=value["ascending"],
            share=value["share"],
            share_of=tuple(value["share_of"]),
            currency=value["currency"],
            by_decision=value.get("by_decision", False),
        )


@dataclass(frozen=True, slots=True)
class StatisticsResult:
    """Rows of figures with what they mean; `total` is over all groups, before any top n."""

    query: StatisticsQuery
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: dict[str, Any]
    compare_total: dict[str, Any]
    definitions: tuple[str, ...]
    filters: tuple[str, ...]
    as_of: datetime
    currency: str
    groups: int  # how many there are without top n
    notes: tuple[str, ...] = ()
