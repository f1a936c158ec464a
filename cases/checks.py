"""The checks of a request. Each is a small function with a rule in words and an outcome.

Unknown is never pass: what cannot be told is said so, and a person looks.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from cases.buyers import BuyerMatch
from cases.models import Case, CreditLimit, Policy
from cases.policies import Party, number_key
from cases.rates import convert
from cases.vocabulary import CheckOutcome, PolicyStatus, RequestType
from config.desk import DeskRules

_LIVE_LIMIT = (  # made once: putting a statement together costs as much as running it
    select(CreditLimit)
    .where(
        CreditLimit.policy_id == bindparam("policy"),
        CreditLimit.buyer_id == bindparam("buyer"),
        CreditLimit.valid_from <= bindparam("day"),
        or_(CreditLimit.valid_until.is_(None), CreditLimit.valid_until >= bindparam("day")),
        CreditLimit.temporary.is_(False),
    )
    .order_by(CreditLimit.valid_from.desc(), CreditLimit.id.desc())
    .limit(1)
)
PASS, WARN, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.WARN, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
RAISING = frozenset({RequestType.NEW.value, RequestType.INCREASE.value, RequestType.TEMPORARY_INCREASE.value})


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: its rule, its outcome, and what was found."""

    name: str
    outcome: CheckOutcome
    rule: str
    detail: str

    def as_json(self) -> dict[str, str]:
        """As kept in `Case.checks`."""
        return {"name": self.name, "outcome": self.outcome.value, "rule": self.rule, "detail": self.detail}


@dataclass(slots=True)
class Ground:
    """What the checks look at; amounts are converted once."""

    session: Session
    case: Case
    party: Party
    buyer: BuyerMatch
    rules: DeskRules
    day: date  # on which the request came in
    duplicates: list[str] = field(default_factory=list)  # references of open cases that may be the same
    live: CreditLimit | None = None
    called: str | None = None  # the type of request as the message called it

    @property
    def policy(self) -> Policy | None:
        """The policy of the party, if known."""
        return self.party.policy

    def in_currency(self, amount: Decimal | None, currency: str | None, target: str | None) -> Decimal | None:
        """An amount in another currency; None where it cannot be told."""
        return convert(self.session, amount, currency, target, self.rules.reporting_currency, self.day)

    @property
    def amount_in_policy(self) -> Decimal | None:
        """The requested amount in the policy's currency."""
        return self.in_currency(self.case.amount, self.case.currency, self.policy.currency if self.policy else None)


_Result = tuple[CheckOutcome, str]
_CHECKS: dict[str, tuple[str, Callable[[Ground], _Result]]] = {}


def _check(name: str, rule: str) -> Callable[[Callable[[Ground], _Result]], Callable[[Ground], _Result]]:
    def enter(function: Callable[[Ground], _Result]) -> Callable[[Ground], _Result]:
        _CHECKS[name] = (rule, function)
        return function

    return enter


def run(ground: Ground) -> list[Check]:
    """All checks of a request, in their order."""
    return [Check(name, *_ordered(rule, function(ground))) for name, (rule, function) in _CHECKS.items()]


def _ordered(rule: str, result: _Result) -> tuple[CheckOutcome, str, str]:
    return result[0], rule, result[1]


def live_limit(session: Session, policy: Policy | None, buyer: BuyerMatch, day: date) -> CreditLimit | None:
    """The lasting limit that stands on the day for policy and buyer; temporary ones lie on top and do not count."""
    if policy is None or buyer.buyer is None:
        return None
    return session.scalar(_LIVE_LIMIT, {"policy": policy.id, "buyer": buyer.buyer.id, "day": day})


def _money(amount: Decimal | None, currency: str | None) -> str:
    return f"{currency or '?'} {amount:,.0f}" if amount is not None else "no amount"


@_check("policy_known", "The policy must be in the register and fit the policyholder.")
def policy_known(ground: Ground) -> _Result:
    """Pass for one policy without contradiction."""
    party = ground.party
    if party.contradiction:
        return FAIL, party.contradiction
    if party.policy is not None:
        return PASS, f"{party.policy.number} of {party.policy.policyholder.name}, by {party.how}"
    if party.policy_number:
        return FAIL, f"no policy {party.policy_number} in the register"
    if party.policyholder is not None:
        return UNKNOWN, f"{party.policyholder.name} has not exactly one active policy, and the message names none"
    if party.candidates:
        return UNKNOWN, f"no policy named; possible policyholders: {', '.join(party.candidates)}"
    return UNKNOWN, "the message names no policy that the desk knows"


@_check("policy_in_force", "The policy must be active on the day of the request.")
def policy_in_force(ground: Ground) -> _Result:
    """Pass for an active policy whose period covers the day."""
    policy = ground.policy
    if policy is None:
        return UNKNOWN, "policy not known"
    if policy.status != PolicyStatus.ACTIVE:
        return FAIL, f"policy {policy.number} is {policy.status}"
    if policy.valid_from and ground.day < policy.valid_from:
        return FAIL, f"policy {policy.number} begins on {policy.valid_from}"
    if policy.valid_until and ground.day > policy.valid_until:
        return FAIL, f"policy {policy.number} ended on {policy.valid_until}"
    return PASS, f"active on {ground.day}"


@_check("sender_belongs", "Who asks must belong to the policyholder.")
def sender_belongs(ground: Ground) -> _Result:
    """The sender's address against what is on file."""
    if ground.party.policyholder is None:
        return UNKNOWN, "policyholder not known"
    return ground.party.sender, ground.party.sender_detail


@_check("identifiers_valid", "VAT id, LEI and D-U-N-S number must have right check digits.")
def identifiers_valid(ground: Ground) -> _Result:
    """Fail for any that cannot be right; unknown where there is none."""
    case = ground.case
    if ground.buyer.faults:
        return FAIL, "; ".join(ground.buyer.faults)
    given = [v for v in (case.buyer_vat_id, case.buyer_lei, case.buyer_duns) if v]
    return (PASS, f"{', '.join(given)} can be right") if given else (UNKNOWN, "none given")


@_check("buyer_identified", "The buyer must be one of the register, by identifier first, else by name.")
def buyer_identified(ground: Ground) -> _Result:
    """Pass for one buyer without contradiction; candidates are left to a person."""
    match = ground.buyer
    if match.conflict:
        return FAIL, match.conflict
    if match.buyer is not None:
        return PASS, f"{match.buyer.name}, by {match.how}"
    if match.candidates:
        return UNKNOWN, "may be " + " or ".join(f"{c.buyer.name} ({c.buyer.country or '?'})" for c in match.candidates)
    return UNKNOWN, match.how


@_check("country_covered", "The buyer's country must be covered.")
def country_covered(ground: Ground) -> _Result:
    """Against the policy's countries, else the desk's."""
    country = ground.case.buyer_country
    if country is None:
        return UNKNOWN, "the buyer's country is not known"
    own = list(ground.policy.covered_countries or []) if ground.policy else []
    covered = own or list(ground.rules.covered_countries)
    if not covered:
        return UNKNOWN, "neither policy nor desk says which countries are covered"
    source = "the policy" if own else "the desk"
    return (PASS, f"{country} is covered by {source}") if country in covered else (FAIL, f"{source} excludes {country}")


@cache
def _iso_currencies() -> frozenset[str]:
    import pycountry

    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


@_check("currency_known", "The currency must be one that the desk takes.")
def currency_known(ground: Ground) -> _Result:
    """ISO 4217, and in desk.yaml's list where there is one."""
    currency = ground.case.currency
    if currency is None:
        if ground.case.amount == 0:
            return PASS, "an amount of nothing needs none"
        return UNKNOWN, "no currency given"
    if currency not in _iso_currencies():
        return FAIL, f"{currency} is no ISO 4217 currency"
    wanted = ground.rules.checks.currencies
    return (FAIL, f"the desk does not take {currency}") if wanted and currency not in wanted else (PASS, currency)


@_check("amount_plausible", "The amount must lie within the desk's bounds.")
def amount_plausible(ground: Ground) -> _Result:
    """Bounds are in the reporting currency; 0 belongs to a cancellation."""
    case, rules = ground.case, ground.rules
    if case.amount is None:
        return UNKNOWN, "no amount given"
    if case.request_type == RequestType.CANCELLATION:
        return (PASS, "0, as for a cancellation") if case.amount == 0 else (WARN, "a cancellation with an amount")
    if case.amount <= 0:
        return FAIL, "the amount is not above 0"
    amount = ground.in_currency(case.amount, case.currency, rules.reporting_currency)
    if amount is None:
        return UNKNOWN, f"no rate from {case.currency or 'an unknown currency'} to {rules.reporting_currency}"
    shown = _money(amount, rules.reporting_currency)
    if amount < rules.checks.amount_minimum:
        return WARN, f"{shown} is below {rules.checks.amount_minimum:,}"
    if amount > rules.checks.amount_maximum:
        return FAIL, f"{shown} is above {rules.checks.amount_maximum:,}"
    return PASS, shown


@_check("within_policy_maximum", "The amount must not exceed the policy's maximum liability.")
def within_policy_maximum(ground: Ground) -> _Result:
    """In the policy's currency."""
    policy = ground.policy
    if policy is None or policy.maximum_liability is None:
        return UNKNOWN, "the policy's maximum is not known"
    amount = ground.amount_in_policy
    if amount is None:
        return UNKNOWN, f"the amount in {policy.currency} is not known"
    text = f"{_money(amount, policy.currency)} against {_money(policy.maximum_liability, policy.currency)}"
    return (FAIL if amount > policy.maximum_liability else PASS), text


@_check("terms_within_maximum", "The payment terms must not exceed the policy's maximum.")
def terms_within_maximum(ground: Ground) -> _Result:
    """Days, against the policy's, else the desk's maximum."""
    days = ground.case.payment_terms_days
    if ground.case.request_type == RequestType.CANCELLATION:
        return PASS, "a cancellation needs none"
    if days is None:
        return UNKNOWN, "no payment terms given"
    own = ground.policy.max_terms_days if ground.policy else None
    maximum = own if own is not None else ground.rules.checks.terms_maximum_days
    return (
        FAIL if days > maximum else PASS
    ), f"{days} days, {'policy' if own is not None else 'desk'} allows {maximum}"


@_check("discretionary_limit", "Within the client's own discretionary limit no decision of the insurer is needed.")
def discretionary_limit(ground: Ground) -> _Result:
    """Warn where the client could set the limit himself."""
    policy = ground.policy
    if policy is None or policy.discretionary_limit is None:
        return UNKNOWN, "the policy's discretionary limit is not known"
    if ground.case.request_type not in RAISING:
        return PASS, "not asked for more cover"
    amount = ground.amount_in_policy
    if amount is None:
        return UNKNOWN, f"the amount in {policy.currency} is not known"
    own = _money(policy.discretionary_limit, policy.currency)
    if amount <= policy.discretionary_limit:
        return WARN, f"{_money(amount, policy.currency)} is within the client's own limit of {own}"
    return PASS, f"above the client's own limit of {own}"


@_check("request_type_fits", "The type of request must fit the limit that stands.")
def request_type_fits(ground: Ground) -> _Result:
    """A new limit where one stands is an increase; an increase where none stands is new."""
    called, live = ground.called, ground.live
    if ground.policy is None or ground.buyer.buyer is None:
        return UNKNOWN, "policy or buyer not known, so neither is the limit that stands"
    if live is None:
        if called == RequestType.NEW:
            return PASS, "no limit stands"
        return (
            WARN,
            f"called {called}, but no limit stands" if called else "no type is named; no limit stands: it is new",
        )
    stands = f"{_money(live.amount, live.currency)} stands since {live.valid_from}"
    fitting = fitting_type(ground)
    if fitting is not None:
        return WARN, f"called {called}, but {stands}: it is {_with_article(fitting)}" if called else (
            f"no type is named; {stands}: it is {_with_article(fitting)}"
        )
    if called is None:
        return UNKNOWN, f"no type is named; {stands}"
    stated = ground.in_currency(ground.case.current_limit, ground.case.currency, live.currency)
    if stated is not None and stated != live.amount:
        return WARN, f"{stands}, the message says {_money(stated, live.currency)}"
    return PASS, stands


def _with_article(kind: RequestType) -> str:
    return f"{'an' if kind.value[0] in 'aeiou' else 'a'} {kind.value}"


def fitting_type(ground: Ground) -> RequestType | None:
    """What the request is in truth, where its name does not fit the limit that stands; None: it fits or is not known.

    Called new, increase, decrease or nothing, the amount decides; a renewal, a cancellation and a temporary increase
    are what they are called.
    """
    live = ground.live
    plain = {RequestType.NEW.value, RequestType.INCREASE.value, RequestType.DECREASE.value, None}
    if live is None or ground.called not in plain:
        return None
    amount = ground.in_currency(ground.case.amount, ground.case.currency, live.currency)
    if amount is None:
        return None
    if amount == 0:
        fitting = RequestType.CANCELLATION
    elif amount > live.amount:
        fitting = RequestType.INCREASE
    else:
        fitting = RequestType.DECREASE if amount < live.amount else RequestType.RENEWAL
    return None if fitting.value == ground.called else fitting


def settled_type(ground: Ground) -> RequestType | None:
    """The type by the limit that stands, where the message's own does not fit or is missing; None: as called."""
    if ground.policy is None or ground.buyer.buyer is None:
        return None
    if ground.live is None:
        return RequestType.NEW if ground.called is None and ground.case.amount else None
    return fitting_type(ground)


@_check("no_duplicate", "No open case may ask the same.")
def no_duplicate(ground: Ground) -> _Result:
    """Warn where open cases of the client are about the same buyer."""
    if ground.duplicates:
        return WARN, f"may repeat {', '.join(ground.duplicates)}"
    if not (ground.case.buyer_name_key or ground.case.buyer_id):
        return UNKNOWN, "the buyer is not known"
    if not (ground.case.policyholder_id or ground.case.policyholder_name or number_key(ground.case.policy_number)):
        return UNKNOWN, "the client is not known"
    return PASS, "no open case of this client on this buyer"
