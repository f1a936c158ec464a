"""Fills a register with invented cases: a base of some thousands, multiplied inside the database."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, insert, text

from cases.models import Buyer, Case, CreditLimit, FxRate, Person, Policy, Policyholder
from cases.names import name_key

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BASE = 10_000  # cases made one by one
CLIENTS, BUYERS, PEOPLE, LIMITS = 300, 2_000, 30, 20_000
RATES = {"EUR": 1.0, "USD": 0.9, "GBP": 1.15, "CHF": 1.05, "PLN": 0.23}
TEAMS = ["Mid-Market", "Large Risks", "Overseas", "Small Business"]
ENDED = ["approved"] * 6 + ["partially_approved"] * 2 + ["declined"] * 2 + ["withdrawn"]
OPEN = ["in_review", "awaiting_documents", "ready", "allocated", "in_underwriting"]
TYPES = ["new"] * 5 + ["increase"] * 3 + ["renewal", "decrease", "cancellation", "temporary_increase"]
_FIRST = ["Nord", "Sol", "Alta", "Kron", "Vel", "Mira", "Tor", "Bel", "Quin", "Ost", "Fal", "Ger", "Lum", "Zan", "Pri"]
_SECOND = ["wind", "mar", "stein", "dorf", "lux", "tek", "via", "form", "berg", "plan", "field", "nova", "ris", "gard"]
_THIRD = ["Antriebe", "Textiles", "Foods", "Logistics", "Optik", "Steel", "Papier", "Chemie", "Solar", "Marine"]
_FORMS = {"DE": "GmbH", "FR": "SAS", "GB": "Ltd", "IT": "S.r.l.", "PL": "Sp. z o.o.", "NL": "B.V."}


def fill(engine: Engine, size: int) -> None:
    """So many cases (in whole bases above one), with limits, people, policies and rates. References stand densely."""
    rng = random.Random(3)
    indexes = sorted(Case.metadata.tables["cases"].indexes, key=lambda index: str(index.name))
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection)  # made anew at the end: a hundred times quicker at a million rows
        _parties(connection, rng)
        first = min(size, BASE)
        connection.execute(insert(Case), [_case(rng, number) for number in range(1, first + 1)])
        names = [
            column.name for column in Case.__table__.columns if column.name not in ("id", "reference", "buyer_name")
        ]
        listed = ", ".join(f'"{name}"' for name in names)
    for copy in range(1, size // BASE):
        with engine.begin() as connection:
            # the year carries the number of the copy; a buyer's name is shared by a twentieth of the copies
            connection.execute(
                text(
                    f"insert into cases (reference, buyer_name, {listed}) select 'CR-' || :year || substr(reference, 8), "
                    f"buyer_name || ' ' || :chain, {listed} from cases where id <= :last"
                ),
                {"year": str(2000 + copy), "chain": str(copy % 20), "last": first},
            )
    with engine.begin() as connection:
        for index in indexes:
            index.create(connection)


def _parties(connection: Any, rng: random.Random) -> None:
    connection.execute(
        insert(FxRate), [{"currency": c, "date": date(2026, 1, 1), "eur_per_unit": r} for c, r in RATES.items()]
    )
    holders = [f"{_name(rng)} {n} plc" for n in range(1, CLIENTS + 1)]
    connection.execute(
        insert(Policyholder),
        [
            {
                "name": n,
                "name_key": name_key(n),
                "email_domains": [f"client{i}.example"],
                "contacts": [],
                "created_at": NOW,
            }
            for i, n in enumerate(holders, 1)
        ],
    )
    connection.execute(
        insert(Policy),
        [
            {
                "policyholder_id": i,
                "number": f"TC-{i:06d}",
                "number_key": f"TC{i:06d}",
                "status": "active",
                "currency": "EUR",
            }
            for i in range(1, CLIENTS + 1)
        ],
    )
    buyers = [(f"{_name(rng)} {n} {form}", country) for n in range(BUYERS) for country, form in [_country(n)]]
    connection.execute(
        insert(Buyer),
        [{"name": n, "name_key": name_key(n), "country": c, "watch": False, "created_at": NOW} for n, c in buyers],
    )
    connection.execute(
        insert(Person),
        [
            {"name": f"Person Number{n}", "email": f"p{n}@desk.example", "role": "underwriter", "team": TEAMS[n % 4],
             "accounts": [], "absences": [], "active": True}
            for n in range(1, PEOPLE)
        ] + [{"name": "Mona Manager", "email": "manager@desk.example", "role": "manager", "team": None, "accounts": [],
              "absences": [], "active": True}],
    )  # fmt: skip
    connection.execute(insert(CreditLimit), [_limit(rng) for _ in range(LIMITS)])


def _country(number: int) -> tuple[str, str]:
    return list(_FORMS.items())[number % len(_FORMS)]


def _name(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST)}{rng.choice(_SECOND)} {rng.choice(_THIRD)}"


def _limit(rng: random.Random) -> dict[str, Any]:
    start = date(2024, 6, 1) + timedelta(days=rng.randrange(700))
    return {
        "policy_id": rng.randint(1, CLIENTS), "buyer_id": rng.randint(1, BUYERS), "amount": Decimal(rng.randint(1, 900)) * 1000,
        "currency": rng.choice(list(RATES)), "valid_from": start, "valid_until": start + timedelta(days=rng.choice([180, 365, 730])),
        "temporary": rng.random() < 0.1, "created_at": NOW,
    }  # fmt: skip


def _case(rng: random.Random, number: int) -> dict[str, Any]:
    received = NOW - timedelta(minutes=rng.randrange(1, 60 * 24 * 900))
    is_open = rng.random() < 0.12
    status = rng.choice(OPEN if is_open else ENDED)
    decided = received + timedelta(hours=rng.randrange(2, 900)) if status in ENDED and status != "withdrawn" else None
    client, buyer, person = rng.randint(1, CLIENTS), rng.randint(1, BUYERS), rng.randrange(1, PEOPLE)
    country, form = _country(buyer - 1)
    name = f"{_name(random.Random(buyer))} {buyer} {form}"
    amount = Decimal(rng.randint(5, 4000)) * 1000
    return {
        "reference": f"CR-2000-{number:06d}", "kind": "request", "intent": "credit_limit_request", "status": status,
        "status_since": decided or received, "channel": rng.choice(["email", "slack", "portal"]), "version": 3,
        "received_at": received, "created_at": received, "decided_at": decided, "policyholder_id": client,
        "policyholder_name": f"{_name(random.Random(client * 7))} {client} plc", "policy_id": client,
        "policy_number": f"TC-{client:06d}", "broker": rng.choice([None, None, "Brockhurst Brokers"]),
        "sales_contact": f"s{client % 12}@desk.example", "language": "en", "request_type": rng.choice(TYPES),
        "buyer_id": buyer, "buyer_name": name, "buyer_name_key": name_key(name), "buyer_country": country,
        "sector": rng.choice(["Metals", "Textiles", "Food", "Chemicals", "Machinery"]), "amount": amount,
        "currency": rng.choice(list(RATES)), "payment_terms_days": rng.choice([30, 45, 60, 90]), "team": TEAMS[person % 4],
        "underwriter": f"Person Number{person}", "assignee": f"p{person}@desk.example",
        "missing_documents": ["financial_statements"] if status == "awaiting_documents" else [],
        "next_action": "decide" if is_open else None,
        "next_action_due": (NOW + timedelta(days=rng.randrange(-20, 20))).date() if is_open else None,
        "amount_approved": amount if status == "approved" else amount / 2 if status == "partially_approved" else None,
        "risk_grade": rng.randint(1, 10), "summary": "An invented case.", "checks": [], "conflicts": [], "candidates": [],
        "needs_review": False,
    }  # fmt: skip
