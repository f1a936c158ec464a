"""What each metric is in SQL: its own condition and its aggregate."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Float, Integer, and_, case, cast, func, literal, true

from cases.models import Case
from cases.statistics.catalogue import Metric
from cases.statistics.expressions import APPROVED_STATES, Pieces, documents_missing, is_decided, is_open

CENTS = 100.0
FRACTIONS = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True, slots=True)
class Measure:
    """`condition` narrows the cases; either `aggregate`, or a `fraction` of `value` (a percentile)."""

    condition: ColumnElement[bool]
    aggregate: ColumnElement[Any] | None = None
    value: ColumnElement[float] | None = None
    fraction: float = 0.0
    weight: ColumnElement[int] = field(default_factory=func.count)  # how many rows a group's aggregate rests on
    combine: Literal["sum", "mean", "max", "min", "again"] = "again"  # how groups make the total
    scale: float = 1.0  # by which the aggregate is divided: once, not at each row

    def columns(self, *, grouped: bool) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """The figure, and how many rows it rests on (1 for the whole, where nobody asks)."""
        assert self.aggregate is not None
        figure = self.aggregate if self.scale == 1.0 else self.aggregate / literal(self.scale, Float)
        return figure, self.weight if grouped else literal(1, Integer)


def measure(metric: Metric, pieces: Pieces, now: datetime, sla_days: float) -> Measure:
    """The SQL of a metric over `cases` (limits have their own query)."""
    name = metric.name
    if name.startswith("turnaround"):
        return _of_value(name.removeprefix("turnaround_"), pieces.turnaround(), is_decided())
    if name.startswith("age_"):
        kind = {"oldest": "max"}.get(name.removeprefix("age_"), name.removeprefix("age_"))
        return _of_value(kind, pieces.age(), is_open())
    if name.startswith("payment_terms"):
        return _of_value(name.removeprefix("payment_terms_"), cast(Case.payment_terms_days, Float), true())
    if name.startswith(("amount_requested_", "amount_approved_")):
        return _amount_shape(name, pieces)
    if metric.unit == "money":
        return _sum(name, pieces)
    if metric.unit == "rate":
        return _rate(name, pieces, now, sla_days)
    if name == "risk_grade_mean":
        return _of_value("mean", cast(Case.risk_grade, Float), Case.risk_grade.is_not(None))
    if name in ("buyers", "clients"):
        column = Case.buyer_name if name == "buyers" else Case.policyholder_name
        return Measure(true(), func.count(func.distinct(column)))
    return Measure(_count_condition(name, pieces, now), func.count(), combine="sum")


def _count_condition(name: str, pieces: Pieces, now: datetime) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "decided": is_decided(),
        "approved": Case.status.in_(APPROVED_STATES),
        "fully_approved": Case.status == "approved",
        "partially_approved": Case.status == "partially_approved",
        "declined": Case.status == "declined",
        "withdrawn": Case.status == "withdrawn",
        "open": is_open(),
        "workload": is_open(),
        "ageing": is_open(),
        "overdue_next_actions": and_(is_open(), Case.next_action_due < now.date()),
        "next_actions_due": and_(is_open(), Case.next_action_due.is_not(None)),
        "missing_documents": and_(is_open(), documents_missing(pieces.sqlite)),
    }
    return conditions.get(name, true())


def _of_value(
    kind: str, value: ColumnElement[Any], condition: ColumnElement[bool], cents: ColumnElement[Any] | None = None
) -> Measure:
    """A mean, extreme or percentile of a value; of money the aggregate is taken over hundredths."""
    if kind in FRACTIONS:
        return Measure(condition, value=value, fraction=FRACTIONS[kind])
    taken = value if cents is None else cents
    aggregates: dict[str, ColumnElement[Any]] = {
        "mean": func.avg(taken),
        "max": func.max(taken),
        "min": func.min(taken),
    }
    how: dict[str, Literal["mean", "max", "min"]] = {"mean": "mean", "max": "max", "min": "min"}
    weight = func.count(taken) if kind == "mean" else func.count()
    scale = 1.0 if cents is None else CENTS
    return Measure(condition, aggregates[kind], weight=weight, combine=how[kind], scale=scale)


def _amount_shape(name: str, pieces: Pieces) -> Measure:
    requested = name.startswith("amount_requested")
    kind = name.rpartition("_")[2]
    column = Case.amount if requested else Case.amount_approved
    condition = true() if requested else Case.status.in_(APPROVED_STATES)
    return _of_value(kind, pieces.money(column), condition, pieces.cents(column))


def _sum(name: str, pieces: Pieces) -> Measure:
    if name == "amount_approved":
        return Measure(is_decided(), func.sum(pieces.cents(Case.amount_approved)), combine="sum", scale=CENTS)
    conditions = {
        "amount_decided": is_decided(),
        "amount_open": is_open(),
        "amount_declined": Case.status == "declined",
    }
    return Measure(conditions.get(name, true()), func.sum(pieces.cents(Case.amount)), combine="sum", scale=CENTS)


def _rate(name: str, pieces: Pieces, now: datetime, sla_days: float) -> Measure:
    if name == "share_of_amount_approved":
        part, whole = func.sum(pieces.cents(Case.amount_approved)), func.sum(pieces.cents(Case.amount))
        return Measure(is_decided(), part / func.nullif(whole, 0.0))
    hits: dict[str, ColumnElement[bool]] = {
        "approval_rate": Case.status.in_(APPROVED_STATES),
        "full_approval_rate": Case.status == "approved",
        "partial_rate": Case.status == "partially_approved",
        "decline_rate": Case.status == "declined",
        "withdrawal_rate": Case.status == "withdrawn",
        "overdue_rate": Case.next_action_due < now.date(),
        "missing_documents_rate": documents_missing(pieces.sqlite),
        "sla_kept": pieces.turnaround() <= literal(sla_days, Float),
    }
    share = func.avg(cast(case((hits[name], literal(1, Integer)), else_=literal(0, Integer)), Float))
    rows = {"withdrawal_rate": true(), "overdue_rate": is_open(), "missing_documents_rate": is_open()}
    return Measure(rows.get(name, is_decided()), share, combine="mean")
