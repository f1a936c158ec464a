"""The SQL pieces of the statistics, the same on SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from cases.models import Case, FxRate
from cases.vocabulary import DECIDED, ENDED, CaseKind

DECIDED_STATES = tuple(sorted(DECIDED))
ENDED_STATES = tuple(sorted(ENDED))
APPROVED_STATES = ("approved", "partially_approved")
AGE_BANDS = (7, 14, 30, 60)
Money = Mapping[str, float]


def rates(session: Session) -> dict[str, float]:
    """EUR per unit of each currency, at its newest date; EUR is always 1."""
    newest = select(FxRate.currency, func.max(FxRate.date).label("date")).group_by(FxRate.currency).subquery()
    rows = session.execute(
        select(FxRate.currency, FxRate.eur_per_unit).join(
            newest, and_(newest.c.currency == FxRate.currency, newest.c.date == FxRate.date)
        )
    )
    return {"EUR": 1.0} | {currency: rate for currency, rate in rows}  # noqa: C416  rows are not typed as pairs


class Pieces:
    """Expressions over `cases` for one database dialect, one set of rates and one moment."""

    def __init__(self, session: Session, now: datetime, fx: Money, currency: str, bands: Sequence[Decimal]) -> None:
        self.sqlite = session.get_bind().dialect.name == "sqlite"
        self.now = now
        unit = fx.get(currency, 1.0)
        self.rate = _rate({code: rate / unit for code, rate in fx.items()})
        self.eur_rate = _rate(fx)
        self.bands = bands

    def money(self, column: InstrumentedAttribute[Any], *, in_eur: bool = False) -> ColumnElement[Any]:
        """An amount in whole units of the currency asked for (or in EUR)."""
        return self.cents(column, in_eur=in_eur) / literal(100.0, Float)

    def cents(self, column: InstrumentedAttribute[Any], *, in_eur: bool = False) -> ColumnElement[Any]:
        """An amount in hundredths of the currency asked for (or of a euro)."""
        return type_coerce(column, BigInteger) * (self.eur_rate if in_eur else self.rate)

    def days_between(self, start: Any, end: Any) -> ColumnElement[Any]:
        """Calendar days with fraction."""
        if self.sqlite:
            return type_coerce(func.julianday(end) - func.julianday(start), Float)
        return cast(func.extract("epoch", end - start), Float) / literal(86400.0, Float)

    def turnaround(self) -> ColumnElement[Any]:
        """Days from receipt to decision."""
        return self.days_between(Case.received_at, Case.decided_at)

    def age(self) -> ColumnElement[Any]:
        """Days from receipt to now."""
        moment = literal(self.now, Case.received_at.type)
        return self.days_between(Case.received_at, moment)

    def time_bucket(self, column: InstrumentedAttribute[Any], unit: str) -> ColumnElement[str]:
        """`2026-09`, `2026-W40`, `2026-Q3`, `2026`, `2026-09-14`."""
        if not self.sqlite:
            pattern = {"day": "YYYY-MM-DD", "week": 'IYYY-"W"IW', "month": "YYYY-MM", "quarter": 'YYYY-"Q"Q'}
            return func.to_char(func.timezone("UTC", column), pattern.get(unit, "YYYY"))
        if unit == "week":
            thursday = func.date(column, "-3 days", "weekday 4")
            number = (cast(func.strftime("%j", thursday), BigInteger) - 1) // 7 + 1
            return func.strftime("%Y", thursday).op("||")(func.printf("-W%02d", number))
        if unit == "quarter":
            number = (cast(func.strftime("%m", column), BigInteger) + 2) // 3
            return func.strftime("%Y", column).op("||")(func.printf("-Q%d", number))
        # times are stored as text, YYYY-MM-DD first: cutting is quicker than strftime
        length = {"day": 10, "month": 7}.get(unit, 4)
        return func.substr(type_coerce(column, String), 1, length)

    def amount_band(self) -> ColumnElement[str]:
        """The band of desk.yaml into which the requested amount in EUR falls, as `2: 50,000 to 250,000`."""
        amount = self.money(Case.amount, in_eur=True)
        return _banded(amount, [float(bound) for bound in self.bands])

    def age_band(self) -> ColumnElement[str]:
        """Age in days, in bands."""
        return _banded(self.age(), [float(bound) for bound in AGE_BANDS])

    def dimension(self, name: str, basis_column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
        """The expression by which a dimension groups."""
        if name in COLUMNS:
            return COLUMNS[name].expression
        if name == "amount_band":
            return self.amount_band()
        if name == "age_band":
            return self.age_band()
        return self.time_bucket(basis_column, name)


def _rate(rates: Money) -> ColumnElement[Any]:
    """The rate of a case's currency; written out, which SQLite evaluates once and parameters at every row."""
    return case(
        *(
            (Case.currency == bindparam(None, code, literal_execute=True), literal_column(repr(float(rate)), Float))
            for code, rate in rates.items()
        ),
        else_=None,
    )


def _banded(value: ColumnElement[float], bounds: list[float]) -> ColumnElement[str]:
    labels = band_labels(bounds)
    steps = [(value < bound, literal(label, String)) for bound, label in zip(bounds, labels, strict=False)]
    return case((value.is_(None), None), *steps, else_=literal(labels[-1], String))


def band_labels(bounds: Sequence[float]) -> list[str]:
    """`below 50,000`, `50,000 to 250,000`, …, `1,000,000 and more`."""
    shown = [f"{bound:,.0f}" for bound in bounds]
    middle = [f"{low} to {high}" for low, high in pairwise(shown)]
    return [f"below {shown[0]}", *middle, f"{shown[-1]} and more"]


COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "team": Case.team,
    "underwriter": Case.underwriter,
    "sales_contact": Case.sales_contact,
    "client": Case.policyholder_name,
    "broker": Case.broker,
    "buyer": Case.buyer_name,
    "country": Case.buyer_country,
    "sector": Case.sector,
    "request_type": Case.request_type,
    "channel": Case.channel,
    "currency": Case.currency,
    "status": Case.status,
    "policy": Case.policy_number,
    "payment_terms": Case.payment_terms_days,
    "risk_grade": Case.risk_grade,
}


def is_request() -> ColumnElement[bool]:
    """Credit limit requests only; merged duplicates count once."""
    return and_(Case.kind == CaseKind.REQUEST.value, Case.merged_into_id.is_(None))


def is_open() -> ColumnElement[bool]:
    """Neither decided nor withdrawn."""
    return Case.status.not_in(ENDED_STATES)


def is_decided() -> ColumnElement[bool]:
    """Approved, partially approved or declined."""
    return Case.status.in_(DECIDED_STATES)


def documents_missing(sqlite: bool) -> ColumnElement[bool]:
    """Whether the list of missing documents holds anything."""
    if sqlite:
        return func.json_array_length(Case.missing_documents) > 0
    return func.jsonb_array_length(Case.missing_documents) > 0
