"""Orders planted inside accounts that look real: what is understood of mail and attachment stays the same, nothing more goes out."""

import json
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from cases.models import Case, OutboxItem
from ingest.engine import ReadingContext
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine
from tests.ingest.attacks import CLEAN, FOOT, payloads
from tests.learning.desk import Desk

ENGINE = RulesEngine()
ORDERS = payloads()[::6]
KEPT = 0.98
LINES = (
    "Kessler Antriebe GmbH, Ulm", "Annual accounts as at 31 December 2025", "Balance sheet (EUR thousand)",
    "Fixed assets;4,310;4,502", "Inventories;2,880;2,641", "Trade receivables;3,955;3,720", "Cash at bank;612;905",
    "Equity;3,774;3,421", "Provisions;1,020;998", "Bank loans;4,100;4,650", "Trade payables;2,863;2,699",
    "Income statement (EUR thousand)", "Turnover;21,480;20,115", "Cost of materials;-11,902;-11,340",
    "Personnel;-5,630;-5,402", "Profit for the year;353;287",
    "The accounts were audited; the auditor gave an unqualified opinion on 14 April 2026.",
)  # fmt: skip


def accounts(planted: str = "", place: int = 0) -> str:
    """A company's accounts as text, with an order between two of its lines."""
    lines = list(LINES)
    if planted:
        lines.insert(1 + place % (len(lines) - 1), " ".join(planted.split()))
    return "\n".join(lines) + "\n"


def mail(text: str, number: int = 0) -> bytes:
    """An ordinary request with the accounts attached."""
    message = EmailMessage()
    message["From"] = '"Mary Poole" <mary@poole-castings.example>'
    message["To"] = "desk@insurer.example"
    message["Subject"] = "Credit limit"
    message["Date"] = "Wed, 04 Mar 2026 09:00:00 +0000"
    message["Message-ID"] = f"<accounts-{number}@poole-castings.example>"
    message.set_content(CLEAN + FOOT)
    message.add_attachment(text.encode(), maintype="text", subtype="plain", filename="accounts-2025.txt")
    return message.as_bytes()


def said(raw: bytes) -> dict[str, Any]:
    """What is understood, warnings apart."""
    triage: dict[str, Any] = json.loads(ENGINE.triage(read_message(raw), ReadingContext()).model_dump_json())
    kept = (
        "intent",
        "policy_number",
        "policyholder_name",
        "contact",
        "needed_by",
        "requests",
        "documents",
        "attachments",
    )
    return {name: triage[name] for name in kept if name in triage}


def test_orders_in_accounts_change_nothing() -> None:
    """Fields and documents are those of the clean mail in 98 of 100 pairs."""
    clean = said(mail(accounts()))
    assert clean["requests"][0]["amount"] == "80000"
    different = [order for place, order in enumerate(ORDERS) if said(mail(accounts(order, place))) != clean]
    assert len(different) <= (1 - KEPT) * len(ORDERS), different[:5]


def test_orders_in_accounts_send_nothing(database: Engine, sessions: "sessionmaker[Session]") -> None:
    """Through the whole intake: the same recipients, no echo, no decision."""
    desk = Desk(database, sessions)
    desk.take([mail(accounts(), 1)])
    with sessions() as session:
        usual = set(session.scalars(select(OutboxItem.to)))
    for place, order in enumerate(ORDERS[:6]):
        desk.take([mail(accounts(order, place), place + 2).replace(b"EUR 80,000", f"EUR 7{place},000".encode())])
    with sessions() as session:
        items = list(session.scalars(select(OutboxItem)))
        states = set(session.scalars(select(Case.status)))
    assert {item.to for item in items} <= usual
    assert not [item.text for item in items if "CANARY" in item.text or "evil.example" in item.text]
    assert states <= {"received", "in_review", "awaiting_documents"}
