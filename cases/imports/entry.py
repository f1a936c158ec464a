"""One row of a register, read and checked."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from cases import lifecycle
from cases.imports.sheet import Row
from cases.references import parse
from cases.vocabulary import DECIDED, CaseKind, Channel, DocumentType, RequestType, Status
from config.errors import InvalidValue

REQUIRED = (
    "reference",
    "received_at",
    "request_type",
    "status",
    "policyholder",
    "buyer",
    "currency",
    "amount_requested",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a register, read and checked; names are those of the columns of `cases`."""

    reference: str
    kind: CaseKind
    received_at: datetime
    channel: str
    request_type: str | None
    status: Status
    policy_number: str | None
    policyholder_name: str | None
    broker: str | None
    buyer_name: str | None
    buyer_country: str | None
    buyer_vat_id: str | None
    sector: str | None
    currency: str | None
    amount: Decimal | None
    amount_approved: Decimal | None
    decided_at: datetime | None
    team: str | None
    underwriter: str | None
    sales_contact: str | None
    missing_documents: list[str]
    next_action_due: date | None
    payment_terms_days: int | None
    risk_grade: int | None
    underwriter_note: str | None

    def values(self) -> dict[str, object]:
        """What stands in the row, by column of `cases`, without what names or moves the case."""
        apart = {"reference", "kind", "status", "decided_at"}
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in apart}


# Column of `cases` → column of the file, where they differ.
COLUMN_OF = {
    "policyholder_name": "policyholder",
    "buyer_name": "buyer",
    "amount": "amount_requested",
}


def read_entry(row: Row) -> Entry:
    """One row as an entry. Raises InvalidValue naming the column."""
    reference = row.required("reference", 20).upper()
    parsed = parse(reference)
    if parsed is None:
        raise InvalidValue(f"reference {reference!r} is not like CR-2026-000123")
    kind = CaseKind.REQUEST if parsed[0] == "CR" else CaseKind.ENQUIRY
    received = row.moment("received_at")
    if received is None:
        raise InvalidValue("received_at is empty")
    status = Status(row.choice("status", [s.value for s in lifecycle.TRANSITIONS[kind]]))
    decided, approved = _decision(row, status, received)
    documents = row.listed("missing_documents")
    if odd := next((d for d in documents if d not in list(DocumentType)), None):
        raise InvalidValue(f"missing_documents has {odd!r}, which is none of {', '.join(DocumentType)}")
    request = kind is CaseKind.REQUEST
    return Entry(
        reference=reference,
        kind=kind,
        received_at=received,
        channel=row.choice("channel", list(Channel)) if row.text("channel") else Channel.EMAIL.value,
        request_type=row.choice("request_type", list(RequestType)) if request or row.text("request_type") else None,
        status=status,
        policy_number=row.text("policy_number", 64),
        policyholder_name=row.required("policyholder") if request else row.text("policyholder"),
        broker=row.text("broker"),
        buyer_name=row.required("buyer") if request else row.text("buyer"),
        buyer_country=row.country("buyer_country"),
        buyer_vat_id=row.text("buyer_vat_id", 32),
        sector=row.text("sector", 100),
        currency=row.currency("currency") if request or row.text("currency") else None,
        amount=row.amount("amount_requested"),
        amount_approved=approved,
        decided_at=decided,
        team=row.text("team", 100),
        underwriter=row.text("underwriter", 200),
        sales_contact=(row.text("sales_contact", 320) or "").lower() or None,
        missing_documents=list(dict.fromkeys(documents)),
        next_action_due=row.day("next_action_due"),
        payment_terms_days=row.whole("payment_terms_days", 0, 3650),
        risk_grade=row.whole("risk_grade", 1, 10),
        underwriter_note=row.text("underwriter_note", 20_000),
    )


def _decision(row: Row, status: Status, received: datetime) -> tuple[datetime | None, Decimal | None]:
    """When and how much was decided; both fit the status."""
    decided, approved = row.moment("decided_at"), row.amount("amount_approved")
    if status not in DECIDED:
        if decided is not None or approved is not None:
            raise InvalidValue(
                f"status {status} has a decision (amount_approved or decided_at): empty it, or the status"
            )
        return None, None
    if decided is None:
        raise InvalidValue(f"status {status} needs decided_at")
    if decided < received:
        raise InvalidValue(f"decided_at {decided.isoformat()} lies before received_at")
    if status is Status.DECLINED:
        if approved:
            raise InvalidValue("status declined has an amount_approved: it must be 0 or empty")
        return decided, Decimal(0)
    if approved is None:
        raise InvalidValue(f"status {status} needs amount_approved")
    return decided, approved
