"""Amounts in another currency, by the rates that the desk has imported. An unknown rate gives None, never a guess."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import FxRate


def rate(session: Session, currency: str, reporting_currency: str, on: date) -> Decimal | None:
    """Reporting-currency units per unit of `currency`: the newest rate up to `on`, else the oldest; None: no rate."""
    if currency == reporting_currency:
        return Decimal(1)
    newest = select(FxRate.eur_per_unit).where(FxRate.currency == currency, FxRate.date <= on)
    found = session.scalar(newest.order_by(FxRate.date.desc()).limit(1))
    if found is None:
        oldest = select(FxRate.eur_per_unit).where(FxRate.currency == currency).order_by(FxRate.date).limit(1)
        found = session.scalar(oldest)
    return None if found is None else Decimal(str(found))


def convert(
    session: Session, amount: Decimal | None, source: str | None, target: str | None, reporting_currency: str, on: date
) -> Decimal | None:
    """`amount` of `source` in `target`, in hundredths; None where amount, a currency or a rate is not known."""
    if amount is None or not source or not target:
        return None
    if source == target or not amount:
        return amount
    of_source = rate(session, source, reporting_currency, on)
    of_target = rate(session, target, reporting_currency, on)
    if of_source is None or not of_target:
        return None
    return (amount * of_source / of_target).quantize(Decimal("0.01"))
