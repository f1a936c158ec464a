"""Tools that count: the catalogue's metrics and the cases behind them, within the asker's rights.

Sales see figures as totals; figures by colleague, and exposure beyond their own accounts, only where
desk.yaml lets sales see statistics. Nobody without the right to risk grades gets a figure that rests on them.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import BaseModel, Field

from bot.tools.context import ToolContext
from bot.tools.registry import Tool, register
from bot.tools.status import Arguments
from cases.periods import parse_period
from cases.rights import may
from cases.statistics import (
    Bound,
    CaseLine,
    Order,
    StatisticsQuery,
    StatisticsResult,
    case_lines,
    dimension,
    dimensions,
    metric,
    metrics,
    run,
)
from cases.vocabulary import Role
from config.errors import Refused, WrongUse


class BoundArgument(Arguments):
    """`amount > 100000` and the like; amounts in EUR, times in days."""

    field: Literal["amount", "age", "turnaround", "payment_terms", "risk_grade"]
    comparison: Literal[">", ">=", "<", "<="]
    value: Decimal


class StatisticsArguments(Arguments):
    """A question to the catalogue; periods in words ("last month", "Q3 2026")."""

    metrics: list[str] = Field(min_length=1, max_length=6)
    by: list[str] = Field(default_factory=list, max_length=3)
    where: dict[str, list[str]] = Field(default_factory=dict)
    exclude: dict[str, list[str]] = Field(default_factory=dict)
    bounds: list[BoundArgument] = Field(default_factory=list, max_length=6)
    period: str | None = None
    compare: str | None = None
    top: int | None = Field(default=None, ge=1, le=1000)
    ascending: bool = False
    share: bool = False
    share_of: list[str] = Field(default_factory=list)
    currency: str | None = Field(default=None, max_length=3)


def to_query(context: ToolContext, arguments: StatisticsArguments) -> StatisticsQuery:
    """The typed query; raises WrongUse naming the nearest for unknown names."""
    fiscal = context.rules.fiscal_year_starts
    period = parse_period(arguments.period, context.now, fiscal_year_starts=fiscal) if arguments.period else None
    compare = (
        parse_period(arguments.compare, context.now, fiscal_year_starts=fiscal, previous=period)
        if arguments.compare
        else None
    )
    return StatisticsQuery(
        metrics=tuple(metric(name).name for name in arguments.metrics),
        by=tuple(dimension(name).name for name in arguments.by),
        where={checked_filter(name): tuple(values) for name, values in arguments.where.items()},
        exclude={checked_filter(name): tuple(values) for name, values in arguments.exclude.items()},
        bounds=tuple(Bound(bound.field, bound.comparison, bound.value) for bound in arguments.bounds),
        period=period,
        compare=compare,
        top=arguments.top,
        ascending=arguments.ascending,
        share=arguments.share,
        share_of=tuple(checked_filter(name) for name in arguments.share_of),
        currency=arguments.currency,
    )


def checked_filter(name: str) -> str:
    """A dimension, or `state` (open, decided, approved, …)."""
    return "state" if name == "state" else dimension(name).name


def parse_bound(text: str) -> BoundArgument:
    """`amount>=100000` from the command line; raises WrongUse."""
    match = re.fullmatch(r"\s*(amount|age|turnaround|payment_terms|risk_grade)\s*(>=|<=|>|<)\s*([\d.]+)\s*", text)
    if match is None:
        raise WrongUse(f"{text!r} is no bound: write it like amount>=100000 or age>30")
    try:
        return BoundArgument(field=match[1], comparison=match[2], value=Decimal(match[3]))
    except InvalidOperation as error:
        raise WrongUse(f"{match[3]!r} is no number") from error


def guard(context: ToolContext, query: StatisticsQuery) -> None:
    """Raises Refused for what the asker may not count."""
    asker = context.known
    used = [dimensions()[name] for name in (*query.by, *query.where, *query.exclude) if name in dimensions()]
    wanted = [metrics()[name] for name in query.metrics]
    marks = [one.confidential for one in used] + [one.confidential for one in wanted]
    secret = any(marks) or any(bound.field == "risk_grade" for bound in query.bounds)
    if secret and not context.confidential:
        raise Refused("risk grades, and figures that rest on them, are for underwriters, officers and managers only")
    if asker.role is not Role.SALES or may(asker, "see_statistics", context.rules.rights):
        return
    own = set(query.where.get("sales_contact", ())) == {asker.email}
    named = any(one.person and not (one.name == "sales_contact" and own) for one in used)
    if not own and named:
        raise Refused("figures by colleague are not for sales: ask for totals, or for your own cases")
    if any(one.exposure for one in wanted) and not own:
        raise Refused("the exposure of other policyholders is not for sales")


def statistics(context: ToolContext, query: StatisticsQuery) -> StatisticsResult:
    """The figures of a query, after the rights were checked."""
    guard(context, query)
    return run(context.session, query, context.now, context.rules, context.visible())


def lines(
    context: ToolContext, query: StatisticsQuery, order: Order = "received", limit: int | None = 200
) -> tuple[list[CaseLine], int]:
    """The cases behind a query's first metric, after the rights were checked."""
    guard(context, query)
    return case_lines(
        context.session, query, context.now, context.rules, order=order, limit=limit, restrict=context.visible()
    )


class Figures(BaseModel):
    """What the catalogue answers."""

    columns: list[str]
    rows: list[list[Any]]
    total: dict[str, Any]
    definitions: list[str]
    filters: list[str]
    period: str | None
    compared_with: str | None
    as_of: str
    currency: str
    notes: list[str]


def as_figures(result: StatisticsResult) -> Figures:
    """A result in plain types."""
    query = result.query
    return Figures(
        columns=list(result.columns),
        rows=[list(row) for row in result.rows],
        total=result.total,
        definitions=list(result.definitions),
        filters=list(result.filters),
        period=query.period.describe() if query.period else None,
        compared_with=query.compare.describe() if query.compare else None,
        as_of=result.as_of.isoformat(),
        currency=result.currency,
        notes=list(result.notes),
    )


def _statistics_tool(context: ToolContext, arguments: StatisticsArguments) -> Figures:
    return as_figures(statistics(context, to_query(context, arguments)))


class ListArguments(StatisticsArguments):
    """The cases behind a metric, in an order."""

    order: Order = "received"
    limit: int = Field(default=50, ge=1, le=500)


class Lines(BaseModel):
    """Cases as a list shows them."""

    cases: list[CaseLine]
    count: int


def _list_tool(context: ToolContext, arguments: ListArguments) -> Lines:
    plain = StatisticsArguments.model_validate(arguments.model_dump(exclude={"order", "limit"}))
    found, count = lines(context, to_query(context, plain), arguments.order, arguments.limit)
    return Lines(cases=found, count=count)


register(
    Tool(
        "statistics",
        "see_status",
        "Figures of the catalogue (counts, amounts, rates, times) by dimensions, filters, period, comparison.",
        StatisticsArguments,
        _statistics_tool,
    )
)
register(
    Tool(
        "list_cases",
        "see_status",
        "The cases behind a metric, in an order (oldest, largest, …).",
        ListArguments,
        _list_tool,
    )
)
