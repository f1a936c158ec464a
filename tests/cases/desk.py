"""A small invented desk for the tests of filing: rules, a client with a policy, a buyer, people, messages."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from cases.models import Buyer, Case, CreditLimit, FxRate, Person, Policy, Policyholder, StoredMessage
from cases.names import name_key
from cases.policies import number_key
from cases.understanding import Contact, Evidence, LimitRequest, MessageFacts, SubmittedDocument, TextPart, Triage
from cases.vocabulary import DEPARTMENT_OF, Intent, MessageState
from config.desk import DeskRules, load_desk_rules

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
STAFF = "officer@insurer.example"


def rules(**changes: Any) -> DeskRules:
    """The shipped rules, with some parts changed."""
    tree = load_desk_rules().model_dump()
    tree["desk"]["address"] = "desk@insurer.example"
    tree["staff_domains"] = ["insurer.example"]
    for path, value in changes.items():
        *way, last = path.split("__")
        node = tree
        for step in way:
            node = node[step]
        node[last] = value
    return DeskRules.model_validate(tree)


def add_client(
    session: Session,
    name: str = "Hartwell Bearings Ltd",
    number: str = "TC-204518",
    domains: tuple[str, ...] = ("hartwell-bearings.example",),
    **policy: Any,
) -> Policy:
    """A policyholder with one policy in EUR."""
    holder = Policyholder(
        name=name, name_key=name_key(name), email_domains=list(domains), contacts=[], created_at=NOW, language="en"
    )
    session.add(holder)
    session.flush()
    held: dict[str, Any] = {
        "status": "active",
        "currency": "EUR",
        "maximum_liability": Decimal(5_000_000),
        "covered_countries": ["DE", "FR", "US"],
        "discretionary_limit": Decimal(20_000),
        "max_terms_days": 90,
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
    }
    row = Policy(policyholder_id=holder.id, number=number, number_key=number_key(number), **(held | policy))
    session.add(row)
    session.flush()
    return row


def add_buyer(session: Session, name: str = "Nordwind Antriebstechnik GmbH", country: str = "DE", **more: Any) -> Buyer:
    """A buyer of the register."""
    row = Buyer(name=name, name_key=name_key(name), country=country, created_at=NOW, **more)
    session.add(row)
    session.flush()
    return row


def add_limit(session: Session, policy: Policy, buyer: Buyer, amount: int, **more: Any) -> CreditLimit:
    """A limit in force since New Year."""
    held: dict[str, Any] = {"currency": "EUR", "valid_from": date(2026, 1, 1), "created_at": NOW}
    row = CreditLimit(policy_id=policy.id, buyer_id=buyer.id, amount=Decimal(amount), **(held | more))
    session.add(row)
    session.flush()
    return row


def add_underwriter(session: Session, name: str, team: str = "Mid-Market", **more: Any) -> Person:
    """An underwriter of a team."""
    email = f"{name.lower()}@insurer.example"
    row = Person(name=name, email=email, role="underwriter", team=team, accounts=[], absences=[], **more)
    session.add(row)
    session.flush()
    return row


def add_rate(session: Session, currency: str, rate: float) -> None:
    """A rate into EUR."""
    session.add(FxRate(currency=currency, date=date(2026, 1, 1), eur_per_unit=rate))
    session.flush()


def stored(session: Session, name: str, **more: Any) -> StoredMessage:
    """A ledger row as intake stores it."""
    raw = name.encode()
    held: dict[str, Any] = {
        "digest": hashlib.sha256(raw).hexdigest(),
        "raw": raw,
        "size": len(raw),
        "message_id": f"{name}@mail.example",
        "subject": name,
        "received_at": NOW,
        "stored_at": NOW,
        "state": MessageState.IN_PROGRESS.value,
    }
    row = StoredMessage(**(held | more))
    session.add(row)
    session.flush()
    return row


def facts(row: StoredMessage, sender: str = "j.pike@hartwell-bearings.example", **more: Any) -> MessageFacts:
    """The facts of a message that its client sent directly."""
    held: dict[str, Any] = {
        "digest": row.digest,
        "message_id": row.message_id,
        "subject": row.subject or "",
        "sender_address": sender,
        "asker_address": sender,
        "received_at": row.received_at,
        "text": "",
    }
    return MessageFacts(**(held | more))


def limit_request(**more: Any) -> LimitRequest:
    """A plain request for a new limit."""
    held: dict[str, Any] = {
        "request_type": "new",
        "buyer_name": "Nordwind Antriebstechnik GmbH",
        "buyer_country": "DE",
        "amount": Decimal(100_000),
        "currency": "EUR",
        "payment_terms_days": 60,
    }
    return LimitRequest(**(held | more))


def triage(
    *requests: LimitRequest,
    intent: Intent = Intent.CREDIT_LIMIT_REQUEST,
    text: str = "",
    documents: tuple[tuple[str, str], ...] = (),
    trust: float | None = 1.0,
    **more: Any,
) -> Triage:
    """What was understood, every value of the requests quoted from the body with the given trust."""
    held: dict[str, Any] = {
        "policy_number": "TC-204518",
        "policyholder_name": "Hartwell Bearings Ltd",
        "contact": Contact(name="Joanna Pike"),
        "language": "en",
    }
    values = held | more
    quoted = [(f"requests[{i}].{f}", v) for i, r in enumerate(requests) for f, v in r if v is not None]
    quoted += [(f, values[f]) for f in ("policy_number", "policyholder_name") if values[f] is not None]
    body, found = _body(text, quoted, trust)
    return Triage(
        intent=intent,
        department=DEPARTMENT_OF[intent],
        requests=list(requests),
        documents=[SubmittedDocument(type=kind, filename=name) for kind, name in documents],  # type: ignore[arg-type]
        evidence=found,
        parts=[TextPart(name="body", text=body)],
        **values,
    )


def _body(text: str, quoted: list[tuple[str, Any]], trust: float | None) -> tuple[str, list[Evidence]]:
    found = []
    for path, value in quoted:
        text += f"\n{value}"
        start = len(text) - len(str(value))
        found.append(
            Evidence(
                path=path, value=str(value), quote=str(value), part="body", start=start, end=len(text), trust=trust
            )
        )
    return text, found


def check(case: Case, name: str) -> Mapping[str, str]:
    """A check of a case by name."""
    return next(c for c in case.checks if c["name"] == name)
