"""Whether the conditions of a desk rule hold for a case: yes, no, or not known."""

from dataclasses import dataclass
from decimal import Decimal

from cases.names import name_key
from config.desk import When


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What rules ask about; None: not known. `amount` is in the reporting currency."""

    request_type: str | None
    country: str | None
    policyholder: str | None
    sector: str | None
    amount: Decimal | None


def holds(when: When, facts: RequestFacts) -> bool | None:
    """True where every condition holds, False where one does not, None where one cannot be told."""
    answers = [
        _is_one_of(when.request_types, facts.request_type),
        _is_one_of(when.countries, facts.country),
        _is_none_of(when.not_countries, facts.country),
        _is_one_of(tuple(map(name_key, when.policyholders)), facts.policyholder and name_key(facts.policyholder)),
        _is_one_of(tuple(s.casefold() for s in when.sectors), facts.sector and facts.sector.casefold()),
        _within(when, facts.amount),
    ]
    if False in answers:
        return False
    return None if None in answers else True


def _is_one_of(wanted: tuple[str, ...], value: str | None) -> bool | None:
    if not wanted:
        return True
    return None if not value else value in wanted


def _is_none_of(unwanted: tuple[str, ...], value: str | None) -> bool | None:
    if not unwanted:
        return True
    return None if not value else value not in unwanted


def _within(when: When, amount: Decimal | None) -> bool | None:
    if when.amount_from is None and when.amount_below is None:
        return True
    if amount is None:
        return None
    return (when.amount_from is None or amount >= when.amount_from) and (
        when.amount_below is None or amount < when.amount_below
    )
