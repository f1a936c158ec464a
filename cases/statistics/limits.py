"""Figures over limits in force: what expires, and exposure."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, Select, and_, case, func, literal, or_, select, type_coerce
from sqlalchemy.orm import Session

from cases.models import Buyer, Case, CreditLimit, Policy, Policyholder
from cases.periods import Period
from cases.statistics.catalogue import Metric
from cases.statistics.expressions import Pieces, rates
from cases.statistics.filters import NOTHING
from cases.statistics.query import StatisticsQuery
from config.errors import WrongUse

LIMIT_COLUMNS: dict[str, Any] = {
    "buyer": Buyer.name,
    "country": Buyer.country,
    "sector": Buyer.sector,
    "client": Policyholder.name,
    "policy": Policy.number,
    "broker": Policy.broker,
    "currency": CreditLimit.currency,
    "sales_contact": Policyholder.sales_contact,
    "team": Case.team,
    "underwriter": Case.underwriter,
}


def in_force(now: datetime) -> ColumnElement[bool]:
    """Limits that give cover today; a later limit of the same policy and buyer replaces an earlier one."""
    today = now.date()
    later = CreditLimit.__table__.alias("later")
    replaced = (
        select(literal(1))
        .where(
            later.c.policy_id == CreditLimit.policy_id,
            later.c.buyer_id == CreditLimit.buyer_id,
            later.c.temporary.is_(False),
            CreditLimit.temporary.is_(False),
            later.c.valid_from <= today,
            or_(
                later.c.valid_from > CreditLimit.valid_from,
                and_(later.c.valid_from == CreditLimit.valid_from, later.c.id > CreditLimit.id),
            ),
        )
        .exists()
    )
    return and_(
        CreditLimit.valid_from <= today,
        or_(CreditLimit.valid_until.is_(None), CreditLimit.valid_until >= today),
        CreditLimit.amount > 0,
        ~replaced,
    )


def limit_statement(*columns: Any) -> Select[Any]:
    """Limits with their policy, client, buyer and source case."""
    return (
        select(*columns)
        .select_from(CreditLimit)
        .join(Policy, Policy.id == CreditLimit.policy_id)
        .join(Policyholder, Policyholder.id == Policy.policyholder_id)
        .join(Buyer, Buyer.id == CreditLimit.buyer_id)
        .join(Case, Case.id == CreditLimit.case_id, isouter=True)
    )


def limit_conditions(
    one: Metric, query: StatisticsQuery, period: Period | None, now: datetime
) -> list[ColumnElement[bool]]:
    """In force, within the filters and, for what expires, ending in the period. Raises WrongUse for other filters."""
    found = [in_force(now)]
    for name, values in [*query.where.items(), *query.exclude.items()]:
        if name == "state":
            continue
        column = limit_column(name)
        kept = [value for value in values if value != NOTHING]
        condition = column.in_(kept)
        found.append(~condition if name in query.exclude else condition)
    if one.name == "expiring_limits":
        found.append(CreditLimit.valid_until.is_not(None))
        if period is not None:
            found += [CreditLimit.valid_until >= period.first_day, CreditLimit.valid_until <= period.last_day]
    return found


def limit_column(name: str) -> Any:
    """The column of a dimension over limits; raises WrongUse where limits have none."""
    if name not in LIMIT_COLUMNS:
        raise WrongUse(f"limits cannot be cut by {name}: use {', '.join(LIMIT_COLUMNS)}")
    return LIMIT_COLUMNS[name]


def limit_figures(
    session: Session,
    one: Metric,
    query: StatisticsQuery,
    period: Period | None,
    by: tuple[str, ...],
    now: datetime,
    pieces: Pieces,
) -> dict[tuple[Any, ...], Any]:
    """Count or sum of limits by group."""
    groups = [
        pieces.time_bucket(CreditLimit.valid_until, name)
        if name in ("day", "month", "quarter", "year", "week")
        else limit_column(name)
        for name in by
    ]
    labelled = [group.label(f"g{index}") for index, group in enumerate(groups)]
    figure = func.count() if one.unit == "count" else func.sum(_eur(session))
    statement = limit_statement(*labelled, figure.label("figure")).where(*limit_conditions(one, query, period, now))
    if labelled:
        statement = statement.group_by(*labelled)
    found: dict[tuple[Any, ...], Any] = {}
    for row in session.execute(statement):
        value = row.figure or 0
        found[tuple(row[:-1])] = int(value) if one.unit == "count" else round(float(value), 2)
    return found


def _eur(session: Session) -> ColumnElement[Any]:
    fx = rates(session)
    rate = case(*((CreditLimit.currency == code, literal(value, Float)) for code, value in fx.items()), else_=None)
    return type_coerce(CreditLimit.amount, BigInteger) * rate / literal(100.0, Float)
