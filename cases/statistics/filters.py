"""From the filters of a query to SQL conditions and to the sentence that says them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Text, cast, false, func, literal, or_

from cases.models import Case
from cases.periods import Period
from cases.statistics.expressions import COLUMNS, Pieces, is_decided, is_open
from cases.statistics.query import Bound, StatisticsQuery

NOTHING = "(none)"


def conditions(query: StatisticsQuery, pieces: Pieces, column: Any, period: Period | None) -> list[ColumnElement[bool]]:
    """All conditions but the metric's own; `column` is the time that the period bounds."""
    found = [_where(name, values, pieces, column) for name, values in query.where.items()]
    found += [~_where(name, values, pieces, column) for name, values in query.exclude.items()]
    found += [_bound(bound, pieces) for bound in query.bounds]
    if period is not None:
        found += within(column, period)
    return found


def within(column: Any, period: Period) -> list[ColumnElement[bool]]:
    """Start inclusive, end exclusive; a day counts as a whole."""
    if isinstance(column.type, Date):
        return [column >= period.start.date(), column <= period.last_day]
    return [column >= period.start, column < period.end]


def _where(name: str, values: tuple[str, ...], pieces: Pieces, column: Any) -> ColumnElement[bool]:
    if name == "state":
        return or_(false(), *(_state(value) for value in values))
    if name == "missing_document":
        # the types are a closed list of plain words, so the quoted word in the JSON text is exact
        text = cast(Case.missing_documents, Text)
        return or_(false(), *(text.contains(f'"{value}"', autoescape=True) for value in values))
    expression = COLUMNS[name] if name in COLUMNS else pieces.dimension(name, column)
    empty = expression.is_(None) if NOTHING in values else false()
    kept: list[Any] = [value for value in values if value != NOTHING]
    if name in ("payment_terms", "risk_grade"):
        kept = [int(value) for value in kept if value.isdigit()]
    return func.coalesce(or_(expression.in_(kept), empty), false())


def _state(value: str) -> ColumnElement[bool]:
    if value == "open":
        return is_open()
    if value == "decided":
        return is_decided()
    if value == "any_approved":
        return Case.status.in_(("approved", "partially_approved"))
    return Case.status == value


def _bound(bound: Bound, pieces: Pieces) -> ColumnElement[bool]:
    if bound.field == "amount":
        expression: Any = pieces.money(Case.amount, in_eur=True)
    elif bound.field in ("age", "turnaround"):
        expression = pieces.age() if bound.field == "age" else pieces.turnaround()
    else:
        expression = COLUMNS[bound.field]
    value = literal(float(bound.value))
    compared: ColumnElement[bool] = {
        ">": expression > value,
        ">=": expression >= value,
        "<": expression < value,
        "<=": expression <= value,
    }[bound.comparison]
    return compared


def described(query: StatisticsQuery) -> tuple[str, ...]:
    """The filters as sentences' parts, in a stable order."""
    parts = [f"{name.replace('_', ' ')}: {_listed(values)}" for name, values in query.where.items()]
    parts += [f"without {name.replace('_', ' ')}: {_listed(values)}" for name, values in query.exclude.items()]
    parts += [bound.describe() for bound in query.bounds]
    return tuple(parts)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(value.replace("_", " ") if value.islower() and "@" not in value else value for value in values)


def exploded_documents(statement: Select[Any], sqlite: bool) -> tuple[Select[Any], ColumnElement[str]]:
    """One row for each missing document, and the column that names it."""
    function = func.json_each if sqlite else func.jsonb_array_elements_text
    table = function(Case.missing_documents).table_valued("value", name="document")
    return statement.select_from(Case).join(table, literal(True)), table.c.value
