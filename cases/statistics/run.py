"""Answers a statistics query: one SQL statement a metric and period, merged by group.

Percentiles interpolate between the two nearest ranks, on SQLite and PostgreSQL alike.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from cases.models import Case
from cases.periods import Period
from cases.statistics.catalogue import Metric, dimensions, metrics
from cases.statistics.expressions import AGE_BANDS, Pieces, band_labels, is_request, rates
from cases.statistics.filters import NOTHING, conditions, described, exploded_documents
from cases.statistics.limits import limit_figures
from cases.statistics.measures import Measure, measure
from cases.statistics.query import StatisticsQuery, StatisticsResult
from config.desk import DeskRules

Key = tuple[Any, ...]
Figures = dict[Key, Any]
FETCHED = 10_000  # rows read at a time


@dataclass(frozen=True, slots=True)
class Frame:
    """What every query of one question shares."""

    session: Session
    now: datetime
    rules: DeskRules
    restrict: tuple[ColumnElement[bool], ...]  # what the asker may count at all
    pieces: Pieces


def run(
    session: Session,
    query: StatisticsQuery,
    now: datetime,
    rules: DeskRules,
    restrict: Sequence[ColumnElement[bool]] = (),
) -> StatisticsResult:
    """The figures; `restrict` bounds what the asker may count at all."""
    fx = rates(session)
    currency = query.currency or rules.reporting_currency
    frame = Frame(session, now, rules, tuple(restrict), Pieces(session, now, fx, currency, rules.amount_bands))
    wanted = [metrics()[name] for name in query.metrics]
    found = {one.name: _both(frame, query, one, query.period) for one in wanted}
    then = {one.name: _both(frame, query, one, query.compare) for one in wanted} if query.compare else {}
    figures, totals = {name: pair[0] for name, pair in found.items()}, {name: pair[1] for name, pair in found.items()}
    compared, compare_totals = {n: pair[0] for n, pair in then.items()}, {n: pair[1] for n, pair in then.items()}
    whole = _whole(frame, query, wanted[0]) if query.share else None
    columns, rows = _table(query, wanted, figures, compared, totals, whole, rules)
    if not query.by:
        rows = [_single(query, wanted, totals, compare_totals, whole)]
    if query.top:  # among the first of the brokers, "no broker" is none
        rows = [row for row in rows if NOTHING not in row[: len(query.by)]]
    shown = rows[: query.top] if query.top else rows
    return StatisticsResult(
        query=query,
        columns=columns,
        rows=tuple(tuple(row) for row in shown),
        total=totals | ({"whole": whole} if whole is not None else {}),
        compare_total=compare_totals,
        definitions=tuple(f"{one.title}: {one.definition}" for one in wanted),
        filters=described(query),
        as_of=now,
        currency=currency,
        groups=len(rows),
        notes=_notes(session, fx, wanted),
    )


def basis_column(one: Metric, query: StatisticsQuery) -> Any:
    """The time by which a metric counts."""
    if one.basis == "received" and query.by_decision:
        return Case.decided_at
    return {"decided": Case.decided_at, "due": Case.next_action_due}.get(one.basis, Case.received_at)


def _measure(frame: Frame, one: Metric) -> Measure:
    hours = sum(frame.rules.sla.hours.values())
    return measure(one, frame.pieces, frame.now, hours / 8 * 7 / 5)


def _both(frame: Frame, query: StatisticsQuery, one: Metric, period: Period | None) -> tuple[Figures, Any]:
    """The figures by group and their total, which is put together from the groups where that is exact."""
    if not query.by:
        return {}, _total(frame, query, one, period)
    weighted = _select(frame, query, one, period, query.by)
    figures = {key: value for key, (value, _) in weighted.items()}
    how = "again" if one.basis == "limits" or "missing_document" in query.by else _measure(frame, one).combine
    known = [(value, weight) for value, weight in weighted.values() if value is not None]
    if how == "again" or not known:
        return figures, _total(frame, query, one, period)
    if how == "sum":
        total: Any = sum(value for value, _ in known)
    elif how == "mean":
        total = sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
    else:
        total = (max if how == "max" else min)(value for value, _ in known)
    return figures, _clean(total, one)


def _total(frame: Frame, query: StatisticsQuery, one: Metric, period: Period | None) -> Any:
    empty = (0 if one.additive else None, 0)
    return _select(frame, query, one, period, ()).get((), empty)[0]


def _whole(frame: Frame, query: StatisticsQuery, one: Metric) -> Any:
    """The whole of a share: the same without the filters that make the part."""
    kept = {name: values for name, values in query.where.items() if name not in query.share_of}
    bounds = () if "amount" in query.share_of else query.bounds
    return _total(frame, query.with_(where=kept, bounds=bounds), one, query.period)


def _select(
    frame: Frame, query: StatisticsQuery, one: Metric, period: Period | None, by: tuple[str, ...]
) -> dict[Key, tuple[Any, int]]:
    """Figure and weight of each group."""
    if one.basis == "limits":
        found = limit_figures(frame.session, one, query, period, by, frame.now, frame.pieces)
        return {key: (value, 1) for key, value in found.items()}
    part, column = _measure(frame, one), basis_column(one, query)
    clauses = [is_request(), part.condition, *frame.restrict, *conditions(query, frame.pieces, column, period)]
    statement = select()
    groups: list[ColumnElement[Any]] = []
    for name in by:
        if name == "missing_document":
            statement, expression = exploded_documents(statement, frame.pieces.sqlite)
            groups.append(expression)
        else:
            groups.append(frame.pieces.dimension(name, column))
    labelled = [group.label(f"g{index}") for index, group in enumerate(groups)]
    statement = statement.where(*clauses)
    rows: Iterable[Any]
    if part.value is not None:
        rows = _percentiles(frame, statement, labelled, part)
    else:
        statement = statement.add_columns(*labelled, *part.columns(grouped=bool(labelled)))
        rows = frame.session.execute(statement.group_by(*labelled) if labelled else statement)
    return {tuple(row[:-2]): (_clean(row[-2], one), int(row[-1])) for row in rows if row[-1] or one.additive}


def _percentiles(frame: Frame, statement: Any, labelled: list[Any], part: Measure) -> Iterator[tuple[Any, ...]]:
    """Each group, its percentile (between the two nearest ranks) and on how many values it rests.

    PostgreSQL has it as an aggregate. SQLite has none, and sorting there takes longer than to read the values and choose.
    """
    assert part.value is not None
    if not frame.pieces.sqlite:
        figure = func.percentile_cont(part.fraction).within_group(part.value)
        statement = statement.add_columns(*labelled, figure, func.count(part.value))
        for row in frame.session.execute(statement.group_by(*labelled) if labelled else statement):
            yield tuple(row)
        return
    import numpy as np

    values: dict[Key, array[float]] = defaultdict(lambda: array("d"))
    # the driver's own rows: a million of them take twice as long through the layers above
    cursor = frame.session.connection().execute(statement.add_columns(part.value, *labelled)).cursor
    assert cursor is not None
    while found := cursor.fetchmany(FETCHED):
        if labelled:
            for value, *key in found:
                if value is not None:
                    values[tuple(key)].append(value)
        else:
            values[()].extend(value for (value,) in found if value is not None)
    for key, held in values.items():
        if held:
            yield (*key, float(np.percentile(np.frombuffer(held), 100 * part.fraction)), len(held))


def _clean(value: Any, one: Metric) -> Any:
    """Counts whole, money in cents, rates and days with enough digits."""
    if value is None:
        return 0 if one.additive else None
    if one.unit == "count":
        return int(value)
    return round(float(value), 2 if one.unit == "money" else 6)


def _table(
    query: StatisticsQuery,
    wanted: list[Metric],
    figures: dict[str, Figures],
    compared: dict[str, Figures],
    totals: dict[str, Any],
    whole: Any,
    rules: DeskRules,
) -> tuple[tuple[str, ...], list[list[Any]]]:
    columns = [*query.by]
    for one in wanted:
        columns.append(one.name)
        if query.compare:
            columns += [f"{one.name}_compared", f"{one.name}_change", f"{one.name}_change_rate"]
    if query.share:
        columns.append("share")
    keys = {key for found in (*figures.values(), *compared.values()) for key in found}
    rows = []
    for key in _ordered(keys, query, figures, rules):
        row: list[Any] = [NOTHING if part is None else part for part in key]
        for one in wanted:
            now_value = figures[one.name].get(key, 0 if one.additive else None)
            row.append(now_value)
            if query.compare:
                row += changes(now_value, compared[one.name].get(key, 0 if one.additive else None))
        if query.share:
            base = whole if query.share_of else totals[wanted[0].name]
            row.append(ratio(figures[wanted[0].name].get(key), base))
        rows.append(row)
    return tuple(columns), rows


def _single(
    query: StatisticsQuery, wanted: list[Metric], totals: dict[str, Any], compared: dict[str, Any], whole: Any
) -> list[Any]:
    row: list[Any] = []
    for one in wanted:
        row.append(totals[one.name])
        if query.compare:
            row += changes(totals[one.name], compared[one.name])
    if query.share:
        row.append(ratio(totals[wanted[0].name], whole))
    return row


def changes(now_value: Any, then: Any) -> list[Any]:
    """The other period's figure, the absolute and the relative change."""
    if now_value is None or then is None:
        return [then, None, None]
    difference = now_value - then
    return [then, round(difference, 6), round(difference / then, 6) if then else None]


def ratio(part: Any, whole: Any) -> float | None:
    """A share between 0 and 1; None where there is no whole."""
    return round(part / whole, 6) if part is not None and whole else None


def _ordered(keys: set[Key], query: StatisticsQuery, figures: dict[str, Figures], rules: DeskRules) -> list[Key]:
    """Times and bands in their own order, the rest by the first figure (largest first, or smallest)."""
    first = figures[query.metrics[0]]
    kinds = [dimensions()[name] for name in query.by]
    bands = band_labels([float(bound) for bound in rules.amount_bands]) + band_labels([float(b) for b in AGE_BANDS])

    def place(key: Key) -> tuple[Any, ...]:
        return tuple(
            (bands.index(part) if part in bands else part if isinstance(part, int) else 0, str(part or "~"))
            for part in key
        )

    def size(key: Key) -> tuple[Any, ...]:
        value = first.get(key)
        return (value is None, (value or 0) if query.ascending else -(value or 0), place(key))

    if query.top is None and kinds and (kinds[0].time or kinds[0].ordered):
        return sorted(keys, key=place)
    return sorted(keys, key=size)


def _notes(session: Session, fx: dict[str, float], wanted: list[Metric]) -> tuple[str, ...]:
    if not any(one.unit == "money" or one.name == "share_of_amount_approved" for one in wanted):
        return ()
    used = session.scalars(select(Case.currency).where(Case.currency.is_not(None)).distinct())
    lacking = sorted(code for code in used if code and code not in fx)
    return (f"no exchange rate for {', '.join(lacking)}: these amounts are left out",) if lacking else ()
