"""Amounts in another currency, by the rates that the desk has imported. An unknown rate gives None, never a guess."""

from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cases.models import FxRate

# Made once: putting a statement together costs as much as running it.
_OF_CURRENCY = select(FxRate.eur_per_unit).where(FxRate.currency == bindparam("currency")).limit(1)
_NEWEST = _OF_CURRENCY.where(FxRate.date <= bindparam("day")).order_by(FxRate.date.desc())
_OLDEST = _OF_CURRENCY.order_by(FxRate.date)


def rate(session: Session, currency: str, reporting_currency: str, on: date) -> Decimal | None:
    """Reporting-currency units per unit of `currency`: the newest rate up to `on`, else the oldest; None: no rate."""
    if currency == reporting_currency:
        return Decimal(1)
    found = session.scalar(_NEWEST, {"currency": currency, "day": on})
    if found is None:
        found = session.scalar(_OLDEST, {"currency": currency})
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
