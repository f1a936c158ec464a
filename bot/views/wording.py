"""The words in which cards, modals and the home tab name what the register holds."""

from datetime import date, datetime
from decimal import Decimal

from cases.calendar import zone_of
from cases.vocabulary import DocumentType, RequestType, Status
from config.desk import BusinessCalendar

LABELS = {
    "policyholder_name": "Client",
    "policy_number": "Policy",
    "broker": "Broker",
    "contact_name": "Contact",
    "contact_email": "Contact's e-mail",
    "contact_phone": "Contact's phone",
    "sales_contact": "Sales contact",
    "request_type": "Type of request",
    "buyer_name": "Buyer",
    "buyer_country": "Country",
    "buyer_registration_number": "Registration no.",
    "buyer_vat_id": "VAT no.",
    "buyer_lei": "LEI",
    "buyer_duns": "D-U-N-S",
    "amount": "Amount",
    "currency": "Currency",
    "current_limit": "Current limit",
    "payment_terms_days": "Payment terms (days)",
    "valid_from": "Valid from",
    "valid_until": "Valid until",
    "expected_turnover": "Yearly turnover",
    "overdue_amount": "Overdue",
    "goods": "Goods",
    "sector": "Sector",
    "needed_by": "Needed by",
    "urgency": "Urgency",
    "language": "Language",
    "amount_approved": "Approved",
    "risk_grade": "Risk grade",
    "underwriter_note": "Underwriter's note",
}
TYPES = {
    RequestType.NEW: "New credit limit",
    RequestType.INCREASE: "Increase",
    RequestType.DECREASE: "Decrease",
    RequestType.RENEWAL: "Renewal",
    RequestType.TEMPORARY_INCREASE: "Temporary increase",
    RequestType.CANCELLATION: "Cancellation",
}
_STATUSES = {
    Status.AWAITING_DOCUMENTS: "waiting for documents",
    Status.READY: "ready for underwriting",
    Status.PARTIALLY_APPROVED: "approved in part",
}
OPEN_STATES = tuple(s for s in Status if s.value not in ("approved", "partially_approved", "declined", "withdrawn"))


def label(name: str) -> str:
    """A field's name for people."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def status(value: str) -> str:
    """A state for people: "in review"."""
    return _STATUSES.get(Status(value), value.replace("_", " "))


def request_type(value: str | None) -> str:
    """A type of request for people."""
    return TYPES[RequestType(value)] if value else "Request"


def document(kind: str) -> str:
    """A kind of document for people."""
    return kind.replace("_", " ") if kind in set(DocumentType) else kind


def money(amount: Decimal | None, currency: str | None) -> str:
    """EUR 250,000; empty where no amount is known."""
    if amount is None:
        return ""
    number = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"{currency} {number}" if currency else number


def plain_number(amount: Decimal) -> str:
    """An amount as an input field holds it: 250000, 1234.5."""
    return format(amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize(), "f")


def day(value: date) -> str:
    """5 Nov 2026."""
    return f"{value.day} {value:%b %Y}"


def moment(value: datetime, calendar: BusinessCalendar) -> str:
    """A moment in the desk's time zone: 5 Nov 2026, 09:30."""
    local = value.astimezone(zone_of(calendar))
    return f"{day(local.date())}, {local:%H:%M}"


def value(name: str, given: object, currency: str | None = None) -> str:
    """A field's value for people."""
    if isinstance(given, Decimal):
        return money(given, currency)
    if isinstance(given, datetime | date):
        return day(given)
    if name == "request_type" and given:
        return request_type(str(given))
    return "" if given is None else str(given)
