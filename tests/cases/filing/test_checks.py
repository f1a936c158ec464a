"""Every outcome of every check; unknown is never pass."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import buyers, checks, policies
from cases.checks import Ground
from cases.models import Buyer, Case, CreditLimit, Policy, Policyholder
from cases.names import name_key
from tests.cases.desk import NOW, add_buyer, add_client, add_limit, rules

DAY = NOW.date()
ADDRESS = "j.pike@hartwell-bearings.example"


def results(session: Session, case: dict[str, Any] | None = None, **more: Any) -> dict[str, checks.Check]:
    """All checks of a request that differs from a plain one in some fields."""
    fields: dict[str, Any] = {
        "kind": "request",
        "status": "received",
        "request_type": "new",
        "policyholder_name": "Hartwell Bearings Ltd",
        "policy_number": "TC-204518",
        "buyer_name": "Nordwind Antriebstechnik GmbH",
        "buyer_country": "DE",
        "amount": Decimal(100_000),
        "currency": "EUR",
        "payment_terms_days": 60,
        "asker_address": ADDRESS,
        "received_at": NOW,
    }
    row = Case(**(fields | (case or {})))
    row.buyer_name_key = name_key(row.buyer_name or "") or None
    desk_rules = more.get("rules", rules())
    party = policies.identify_case(session, row, desk_rules.checks)
    match = buyers.identify_case(session, row, desk_rules.checks)
    ground = Ground(
        session,
        row,
        party,
        match,
        desk_rules,
        more.get("day", DAY),
        more.get("duplicates", []),
        called=row.request_type,
    )
    ground.live = checks.live_limit(session, party.policy, match, ground.day)
    return {check.name: check for check in checks.run(ground)}


def policy_of(session: Session) -> Policy:
    """The policy of the furnished desk."""
    return session.scalars(select(Policy)).one()


def buyer_of(session: Session) -> Buyer:
    """The buyer of the furnished desk."""
    return session.scalars(select(Buyer)).one()


def test_plain_request_passes(desk: Session) -> None:
    """A request without fault passes every check but that of identifiers, of which it gives none."""
    found = results(desk)
    assert {name for name, check in found.items() if check.outcome != "pass"} == {"identifiers_valid"}
    assert all(check.rule and check.detail for check in found.values())


@pytest.mark.parametrize(
    ("name", "fields", "outcome"),
    [
        ("policy_known", {"policy_number": "TC-1"}, "fail"),
        ("policy_known", {"policy_number": "tc 204518"}, "pass"),
        ("policy_known", {"policy_number": None, "policyholder_name": None, "asker_address": "a@b.example"}, "unknown"),
        ("policy_known", {"policyholder_name": "Pellworth Tools Ltd"}, "fail"),
        ("policy_in_force", {"policy_number": "TC-1", "asker_address": None}, "unknown"),
        ("sender_belongs", {"asker_address": "j.pike@mail.hartwell-bearings.example"}, "pass"),
        ("sender_belongs", {"asker_address": "j.pike@gmail.com"}, "fail"),
        ("sender_belongs", {"asker_address": None}, "unknown"),
        ("identifiers_valid", {"buyer_vat_id": "DE811907980"}, "pass"),
        ("identifiers_valid", {"buyer_vat_id": "DE811907981"}, "fail"),
        ("identifiers_valid", {"buyer_vat_id": "FR06482139177"}, "fail"),
        ("identifiers_valid", {"buyer_lei": "529900T8BM49AURSDO55"}, "pass"),
        ("identifiers_valid", {"buyer_lei": "529900T8BM49AURSDO56"}, "fail"),
        ("identifiers_valid", {"buyer_duns": "12345"}, "fail"),
        ("buyer_identified", {"buyer_name": "Somebody Else GmbH"}, "unknown"),
        ("buyer_identified", {"buyer_name": None}, "unknown"),
        ("buyer_identified", {"buyer_name": "Elbtal Stahl GmbH", "buyer_vat_id": "DE811907980"}, "fail"),
        ("country_covered", {"buyer_country": "TR"}, "fail"),
        ("country_covered", {"buyer_country": None}, "unknown"),
        ("currency_known", {"currency": None}, "unknown"),
        ("currency_known", {"currency": "XYZ"}, "fail"),
        ("amount_plausible", {"amount": None}, "unknown"),
        ("amount_plausible", {"amount": Decimal(0)}, "fail"),
        ("amount_plausible", {"amount": Decimal(100)}, "warn"),
        ("amount_plausible", {"amount": Decimal(200_000_000)}, "fail"),
        ("amount_plausible", {"currency": "JPY"}, "unknown"),
        ("amount_plausible", {"currency": "USD"}, "pass"),
        ("amount_plausible", {"request_type": "cancellation", "amount": Decimal(0)}, "pass"),
        ("amount_plausible", {"request_type": "cancellation"}, "warn"),
        ("within_policy_maximum", {"amount": Decimal(5_000_001)}, "fail"),
        ("within_policy_maximum", {"amount": Decimal(5_200_000), "currency": "USD"}, "pass"),
        ("within_policy_maximum", {"currency": "JPY"}, "unknown"),
        ("terms_within_maximum", {"payment_terms_days": 120}, "fail"),
        ("terms_within_maximum", {"payment_terms_days": None}, "unknown"),
        ("discretionary_limit", {"amount": Decimal(20_000)}, "warn"),
        ("discretionary_limit", {"currency": "JPY"}, "unknown"),
        ("discretionary_limit", {"request_type": "decrease", "amount": Decimal(20_000)}, "pass"),
        ("request_type_fits", {"request_type": "increase"}, "warn"),
        ("request_type_fits", {"buyer_name": "Somebody Else GmbH"}, "unknown"),
        ("no_duplicate", {"buyer_name": None}, "unknown"),
    ],
)  # fmt: skip
def test_outcomes(desk: Session, name: str, fields: dict[str, Any], outcome: str) -> None:
    """Each fault gives its check the outcome that belongs to it."""
    check = results(desk, fields)[name]
    assert check.outcome == outcome, check.detail


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"status": "suspended"}, "fail"),
        ({"status": "expired"}, "fail"),
        ({"valid_from": date(2026, 3, 3)}, "fail"),
        ({"valid_until": date(2026, 3, 1)}, "fail"),
        ({"valid_until": DAY}, "pass"),
        ({"valid_from": None, "valid_until": None}, "pass"),
    ],
)
def test_policy_in_force(desk: Session, change: dict[str, Any], outcome: str) -> None:
    """A policy covers a request only when active, and on the days of its period, both ends included."""
    policy = policy_of(desk)
    for field, value in change.items():
        setattr(policy, field, value)
    assert results(desk)["policy_in_force"].outcome == outcome


def test_what_the_policy_leaves_open(desk: Session) -> None:
    """Where the policy says nothing, the desk's own rule counts, or the outcome is unknown."""
    policy = policy_of(desk)
    policy.covered_countries, policy.maximum_liability, policy.max_terms_days = [], None, None
    policy.discretionary_limit = None
    found = results(desk)
    for name in ("country_covered", "within_policy_maximum", "discretionary_limit"):
        assert found[name].outcome == "unknown", name
    assert found["terms_within_maximum"].outcome == "pass"
    own = rules(covered_countries=["DE"], checks__terms_maximum_days=30, checks__currencies=["USD"])
    found = results(desk, rules=own)
    assert found["country_covered"].outcome == "pass"
    assert found["terms_within_maximum"].outcome == "fail"
    assert found["currency_known"].outcome == "fail"


@pytest.mark.parametrize(
    ("called", "amount", "outcome", "word"),
    [
        ("new", 200_000, "warn", "increase"),
        ("new", 100_000, "warn", "renewal"),
        ("increase", 50_000, "warn", "decrease"),
        ("increase", 200_000, "pass", "stands"),
        ("decrease", 50_000, "pass", "stands"),
        ("renewal", 100_000, "pass", "stands"),
        ("temporary_increase", 200_000, "pass", "stands"),
        (None, 200_000, "warn", "increase"),
    ],
)
def test_type_against_the_limit(desk: Session, called: str | None, amount: int, outcome: str, word: str) -> None:
    """With a limit of 100,000 in force, the amount says what the request is; the check names it."""
    add_limit(desk, policy_of(desk), buyer_of(desk), 100_000)
    check = results(desk, {"request_type": called, "amount": Decimal(amount)})["request_type_fits"]
    assert check.outcome == outcome
    assert word in check.detail


def test_stated_limit_differs(desk: Session) -> None:
    """A current limit that is not the one in force is pointed out."""
    add_limit(desk, policy_of(desk), buyer_of(desk), 100_000)
    found = results(desk, {"request_type": "increase", "amount": Decimal(200_000), "current_limit": Decimal(80_000)})
    assert found["request_type_fits"].outcome == "warn"


def test_which_limit_is_live(desk: Session) -> None:
    """The newest lasting limit in force on the day counts: not one to come, nor a past, nor a temporary one."""
    policy, buyer = policy_of(desk), buyer_of(desk)
    match = buyers.BuyerMatch(buyer=buyer)
    assert checks.live_limit(desk, policy, match, DAY) is None
    add_limit(desk, policy, buyer, 1, valid_from=date(2025, 1, 1), valid_until=date(2026, 3, 1))
    add_limit(desk, policy, buyer, 2, valid_from=date(2026, 3, 3))
    add_limit(desk, policy, buyer, 3, valid_from=DAY, temporary=True)
    assert checks.live_limit(desk, policy, match, DAY) is None
    add_limit(desk, policy, buyer, 4, valid_from=date(2026, 2, 1), valid_until=DAY)
    live = checks.live_limit(desk, policy, match, DAY)
    assert isinstance(live, CreditLimit)
    assert live.amount == 4


def test_duplicates_are_named(desk: Session) -> None:
    """A possible duplicate is a warning with its reference."""
    check = results(desk, duplicates=["CR-2026-000009"])["no_duplicate"]
    assert (check.outcome, "CR-2026-000009" in check.detail) == ("warn", True)


def test_sender_where_nothing_is_on_file(desk: Session) -> None:
    """Without an address on file the sender is unknown, a broker's domain a warning, never a pass."""
    add_client(desk, "Kaltenbach Präzision GmbH", "TC-2", (), broker="Ponte Broker S.r.l.")
    fields = {"policy_number": "TC-2", "policyholder_name": "Kaltenbach Präzision GmbH"}
    for address, outcome in (
        ("a@kaltenbach-praezision.example", "unknown"),
        ("a@ponte-broker.example", "warn"),
        (ADDRESS, "fail"),
    ):
        assert results(desk, fields | {"asker_address": address})["sender_belongs"].outcome == outcome


def test_contact_on_file_at_a_public_service(desk: Session) -> None:
    """A contact's own address belongs to the policyholder; its public domain does not."""
    holder = desk.scalars(select(Policyholder)).one()
    holder.contacts = [{"name": "Jo Pike", "email": "Jo.Pike@gmail.com"}]
    for address, outcome in (("jo.pike@gmail.com", "pass"), ("other@gmail.com", "fail")):
        assert results(desk, {"asker_address": address})["sender_belongs"].outcome == outcome


def test_buyer_by_each_identifier(desk: Session) -> None:
    """Registration number, VAT id, LEI and D-U-N-S number each lead to the buyer before the name does."""
    known = {
        "registration_number": "HRB 88213",
        "vat_id": "FR06482139177",
        "lei": "529900T8BM49AURSDO55",
        "duns": "123456789",
    }
    other = add_buyer(desk, "Verreries Dumont S.A.", "FR")
    for field, value in known.items():
        if field == "vat_id":
            value = "FR40303265045"
        setattr(other, field, value)
        match = buyers.identify(desk, "Verreries Dumont", "FR", **{field: value})
        assert match.buyer is other, field
        assert match.how != "name"
        setattr(other, field, None)


def test_equal_register_numbers_of_two_courts(desk: Session) -> None:
    """A registration number whose buyer has quite another name identifies nobody: courts number alike."""
    add_buyer(desk, "Elbtal Stahl GmbH", registration_number="HRB 1")
    match = buyers.identify(desk, "Wachau Getränke GmbH", "DE", registration_number="HRB 1")
    assert match.buyer is None


def test_two_of_a_name_are_offered(desk: Session) -> None:
    """Several buyers of a name are candidates; the country decides, where it can; a number in the name is no typo."""
    add_buyer(desk, "Nordwind Antriebstechnik GmbH", "AT")
    assert buyers.identify(desk, "Nordwind Antriebstechnik GmbH").buyer is None
    assert len(buyers.identify(desk, "Nordwind Antriebstechnik GmbH").candidates) == 2
    match = buyers.identify(desk, "NORDWIND Antriebstechnik", "AT")
    assert match.buyer is not None
    assert match.buyer.country == "AT"
    add_buyer(desk, "Werk 4 Rotterdam Handels- und Beteiligungsgesellschaft mbH", "NL")
    assert buyers.identify(desk, "Werk 5 Rotterdam Handels- und Beteiligungsgesellschaft mbH", "NL").buyer is None


def test_conflicting_identifiers(desk: Session) -> None:
    """Identifiers of two buyers identify neither; both are offered."""
    add_buyer(desk, "Elbtal Stahl GmbH", duns="123456789")
    match = buyers.identify(desk, "Nordwind", "DE", vat_id="DE811907980", duns="123456789")
    assert match.buyer is None
    assert match.conflict
    assert len(match.candidates) == 2
