"""The cases behind a figure, and lists of cases in an order (oldest, largest, overdue)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from cases.models import Case
from cases.statistics.catalogue import metrics
from cases.statistics.expressions import Pieces, is_request, rates
from cases.statistics.filters import conditions
from cases.statistics.measures import measure
from cases.statistics.query import StatisticsQuery
from cases.statistics.run import basis_column
from config.desk import DeskRules

Order = Literal[
    "received", "oldest", "newest", "largest", "smallest", "due", "slowest", "fastest", "decided", "decided_first"
]


class CaseLine(BaseModel):
    """A case as a list shows it; nothing confidential is in it."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    reference: str
    buyer: str | None
    country: str | None
    client: str | None
    request_type: str | None
    status: str
    amount: Decimal | None
    currency: str | None
    amount_approved: Decimal | None
    received_at: datetime
    decided_at: datetime | None
    team: str | None
    underwriter: str | None
    sales_contact: str | None
    missing_documents: list[str]
    next_action_due: date | None

    @property
    def days(self) -> float | None:
        """From receipt to decision."""
        return round((self.decided_at - self.received_at).total_seconds() / 86400, 2) if self.decided_at else None


LINE_COLUMNS: dict[str, Any] = {
    "reference": Case.reference,
    "buyer": Case.buyer_name,
    "country": Case.buyer_country,
    "client": Case.policyholder_name,
    "request_type": Case.request_type,
    "status": Case.status,
    "amount": Case.amount,
    "currency": Case.currency,
    "amount_approved": Case.amount_approved,
    "received_at": Case.received_at,
    "decided_at": Case.decided_at,
    "team": Case.team,
    "underwriter": Case.underwriter,
    "sales_contact": Case.sales_contact,
    "missing_documents": Case.missing_documents,
    "next_action_due": Case.next_action_due,
}


def case_lines(
    session: Session,
    query: StatisticsQuery,
    now: datetime,
    rules: DeskRules,
    *,
    order: Order = "received",
    limit: int | None = 200,
    restrict: Sequence[ColumnElement[bool]] = (),
) -> tuple[list[CaseLine], int]:
    """The cases behind the query's first metric, in an order, at most `limit`; and how many there are in all."""
    one = metrics()[query.metrics[0]]
    pieces = Pieces(session, now, rates(session), rules.reporting_currency, rules.amount_bands)
    part = measure(one, pieces, now, 0.0)
    clauses = [
        is_request(),
        part.condition,
        *restrict,
        *conditions(query, pieces, basis_column(one, query), query.period),
    ]
    columns = [column.label(name) for name, column in LINE_COLUMNS.items()]
    statement = select(*columns).where(*clauses).order_by(*_order(order, pieces, one.name)).limit(limit)
    lines = [
        CaseLine.model_validate(dict(row._mapping) | {"missing_documents": row.missing_documents or []})
        for row in session.execute(statement)
    ]
    if limit is None or len(lines) < limit:
        return lines, len(lines)
    return lines, session.scalar(select(func.count()).select_from(Case).where(*clauses)) or 0


def _order(order: Order, pieces: Pieces, metric: str) -> list[Any]:
    column = Case.amount_approved if "approved" in metric else Case.amount
    amount = func.coalesce(pieces.money(column, in_eur=True), 0.0)
    by: dict[str, Any] = {
        "received": Case.received_at.desc(),
        "newest": Case.received_at.desc(),
        "oldest": Case.received_at.asc(),
        "decided": Case.decided_at.desc(),
        "decided_first": Case.decided_at.asc(),
        "largest": amount.desc(),
        "smallest": amount.asc(),
        "due": Case.next_action_due.asc(),
        "slowest": pieces.turnaround().desc(),
        "fastest": pieces.turnaround().asc(),
    }
    return [by[order], Case.reference]
