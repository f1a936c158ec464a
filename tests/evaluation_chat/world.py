"""An invented register with its people, policies and rates, other than any that ships: seeded, as data frames."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

NOW = datetime(2026, 10, 30, 12, tzinfo=UTC)
RATES = {"EUR": 1.0, "USD": 0.91, "GBP": 1.17, "CHF": 1.06, "NOK": 0.085}
TEAMS = ["Home Market", "Nordic Desk", "Overseas", "Key Accounts"]
UNDERWRITERS = {
    "Home Market": ["Greta Lindholm", "Ralf Obermann"],
    "Nordic Desk": ["Mikkel Thorsen"],
    "Overseas": ["Priya Raman", "Tomás Herrera"],
    "Key Accounts": ["Eleanor Finch"],
}
SALES = ["Jonas Reuter", "Camille Aubry", "Bea Kowalska"]
CLIENTS = [
    "Falkenried Pumpen GmbH", "Ostermoor Mühlen AG", "Brennerei Kaltwasser KG", "Vallon Électrique SAS", "Moulin Clair SARL",
    "Thornbury Castings Ltd", "Pennine Looms plc", "Orsini Ceramiche S.p.A.", "Fjellheim Trelast AS", "Havsund Fisk AB",
    "Castellar Corcho S.L.", "Zelená Hora s.r.o.",
]  # fmt: skip
BUYERS = [
    ("Aurelia Handels GmbH", "DE"), ("Aurelia Logistik GmbH", "DE"), ("Aurelia Trading Ltd", "GB"),
    ("Kestrel Marine Ltd", "GB"), ("Kestrel Foods plc", "GB"), ("Bergquist Möbler AB", "SE"), ("Sorano Vini S.r.l.", "IT"),
    ("Dreiländer Bau AG", "CH"), ("Piscator Conserves SA", "FR"), ("Lumière du Nord SAS", "FR"), ("Tarvos Steel Inc.", "US"),
    ("Quintana Textil S.A.", "ES"), ("Hollander Bloemen B.V.", "NL"), ("Wiesengrund Papier GmbH & Co. KG", "DE"),
    ("Marlstone Quarries Ltd", "GB"), ("Vistula Okna Sp. z o.o.", "PL"), ("Omnibus Retail LLC", "US"), ("Gletscher Optik AG", "CH"),
    ("Nyborg Kemi A/S", "DK"), ("Pinhal Madeiras Lda.", "PT"),
]  # fmt: skip
SECTORS = ["Construction", "Textiles", "Food & Beverages", "Metals", "Chemicals", "Machinery"]
TYPES = ["new"] * 6 + ["increase"] * 2 + ["renewal", "temporary_increase", "decrease", "cancellation"]
OPEN = ["received", "in_review", "awaiting_documents", "ready", "allocated", "in_underwriting"]
DOCUMENTS = ["financial_statements", "interim_accounts", "trade_references", "bank_reference", "credit_report"]


def email(name: str) -> str:
    """`Jonas Reuter` → `j.reuter@desk.example`."""
    first, last = name.split()
    plain = last.lower().replace("á", "a").replace("é", "e")
    return f"{first[0].lower()}.{plain}@desk.example"


def people() -> pd.DataFrame:
    """Everybody, one manager, officer and admin among them."""
    rows = [
        [name, email(name), "sales", "Sales", f"UW{i:04d}", ";".join(CLIENTS[i::3])] for i, name in enumerate(SALES)
    ]
    rows += [[name, email(name), "underwriter", team, "", ""] for team, names in UNDERWRITERS.items() for name in names]
    rows += [
        ["Ida Maurer", "i.maurer@desk.example", "officer", "Back Office", "", ""],
        ["Paul Sand", "p.sand@desk.example", "manager", "Management", "", ""],
        ["Root Admin", "r.admin@desk.example", "admin", "IT", "", ""],
    ]
    return pd.DataFrame(rows, columns=["name", "email", "role", "team", "slack_user_id", "accounts"])


def policies() -> pd.DataFrame:
    """One policy a client."""
    rows = [
        [f"KP/{7100 + 13 * i}", client, "" if i % 3 else "Brockhurst Brokers", "active", "EUR", 5_000_000,
         "DE;GB;FR;IT;US;CH;SE;ES;NL;PL;DK;PT", 20_000, 120, 60, "2026-01-01", "2026-12-31"]
        for i, client in enumerate(CLIENTS)
    ]  # fmt: skip
    columns = [
        "policy_number", "policyholder", "broker", "status", "currency", "maximum_liability", "covered_countries",
        "discretionary_limit", "max_terms_days", "overdue_reporting_days", "valid_from", "valid_until",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def register(seed: int = 11, size: int = 500) -> pd.DataFrame:
    """Cases from January 2025 to now; about one in eight is open."""
    rng = random.Random(seed)
    start = datetime(2025, 1, 3, 8, tzinfo=UTC)
    moments = sorted(start + (NOW - start) * rng.random() for _ in range(size))
    return pd.DataFrame([_case(rng, number, moment.replace(microsecond=0)) for number, moment in enumerate(moments, 1)])


def _case(rng: random.Random, number: int, received: datetime) -> dict[str, Any]:
    client = rng.randrange(len(CLIENTS))
    buyer = rng.randrange(len(BUYERS))
    kind, currency = rng.choice(TYPES), rng.choices(list(RATES), [6, 2, 2, 1, 1])[0]
    amount = 0 if kind == "cancellation" else rng.choice([15, 40, 75, 120, 260, 480, 900, 2100]) * 1000
    days = rng.expovariate(1 / 7) + 0.2
    decided = received + timedelta(days=days)
    old = received < NOW - timedelta(days=50)
    status = rng.choices(["approved", "partially_approved", "declined", "withdrawn"], [55, 18, 17, 10])[0]
    if decided > NOW or (not old and rng.random() < 0.5) or rng.random() < 0.03:
        status = rng.choice(OPEN)
    done = status in ("approved", "partially_approved", "declined")
    team = rng.choice(TEAMS)
    late = status in ("allocated", "in_underwriting") or done
    part = {"approved": amount, "partially_approved": amount // 2, "declined": 0}
    return {
        "reference": f"CR-{received.year}-{number:06d}",
        "received_at": received.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "channel": rng.choices(["email", "portal", "slack"], [7, 2, 1])[0],
        "request_type": kind,
        "status": status,
        "policy_number": f"KP/{7100 + 13 * client}",
        "policyholder": CLIENTS[client],
        "broker": "" if client % 3 else "Brockhurst Brokers",
        "buyer": BUYERS[buyer][0],
        "buyer_country": BUYERS[buyer][1],
        "buyer_vat_id": f"{BUYERS[buyer][1]}{830000000 + 7919 * buyer}" if buyer % 2 else "",
        "sector": SECTORS[buyer % len(SECTORS)],
        "currency": currency,
        "amount_requested": amount,
        "amount_approved": part[status] if done else "",
        "decided_at": decided.replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ") if done else "",
        "team": "" if status in ("received", "in_review") else team,
        "underwriter": rng.choice(UNDERWRITERS[team]) if late else "",
        "sales_contact": email(SALES[client % 3]),
        "missing_documents": ";".join(rng.sample(DOCUMENTS, rng.randint(1, 3)))
        if status == "awaiting_documents"
        else "",
        "next_action_due": (NOW + timedelta(days=rng.randint(-12, 15))).date().isoformat() if status in OPEN else "",
        "payment_terms_days": rng.choice([30, 45, 60, 90, 120]),
        "risk_grade": rng.randint(1, 10),
        "underwriter_note": rng.choice(["", "Leverage is high; watch the covenant.", "Family owned, slow to publish."]),
    }


def write(folder: Path) -> pd.DataFrame:
    """The four CSV files into the folder; the register as a frame with times and EUR amounts beside it."""
    frame = register()
    frame.to_csv(folder / "register.csv", index=False)
    people().to_csv(folder / "people.csv", index=False)
    policies().to_csv(folder / "policies.csv", index=False)
    rates = pd.DataFrame(
        [[code, rate, "2026-09-30"] for code, rate in RATES.items()], columns=["currency", "eur_per_unit", "date"]
    )
    rates.to_csv(folder / "fx.csv", index=False)
    return prepared(frame)


def prepared(frame: pd.DataFrame) -> pd.DataFrame:
    """With parsed times, EUR amounts and days, as an analyst would have it."""
    ready = frame.copy()
    ready["received"] = pd.to_datetime(ready.received_at, utc=True)
    ready["decided"] = pd.to_datetime(ready.decided_at.replace("", None), utc=True)
    ready["approved_amount"] = pd.to_numeric(ready.amount_approved.replace("", None))
    rate = ready.currency.map(RATES)
    ready["eur"] = ready.amount_requested * rate
    ready["eur_approved"] = ready.approved_amount * rate
    ready["days"] = (ready.decided - ready.received).dt.total_seconds() / 86400
    ready["age"] = (pd.Timestamp(NOW) - ready.received).dt.total_seconds() / 86400
    ready["is_open"] = ready.status.isin(OPEN)
    ready["is_decided"] = ready.status.isin(["approved", "partially_approved", "declined"])
    ready["ok"] = ready.status.isin(["approved", "partially_approved"])
    return ready
