"""What a message was understood to say: the output of triage and the input of filing.

The shape is the desk's contract for a triaged message; every value that reaches a case has
at least one `Evidence` pointing into a part of the message.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cases.vocabulary import Department, DocumentType, EngineName, Intent, RequestType


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Contact(_Value):
    """The person at the client or broker who asks (never the colleague who forwarded)."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None  # digits, with a leading + if given so


class SubmittedDocument(_Value):
    """A file that came with the message; inline logos and signatures are none."""

    type: DocumentType
    filename: str


class LimitRequest(_Value):
    """One request on one buyer. Amounts are totals that should stand afterwards, in `currency`."""

    request_type: RequestType | None = None
    buyer_name: str | None = None
    buyer_country: str | None = None  # ISO 3166-1 alpha-2
    buyer_registration_number: str | None = None
    buyer_vat_id: str | None = None  # with country prefix, no spaces or dots
    buyer_lei: str | None = None
    buyer_duns: str | None = None
    amount: Decimal | None = None
    currency: str | None = None  # ISO 4217
    current_limit: Decimal | None = None
    payment_terms_days: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    expected_turnover: Decimal | None = None  # per year
    overdue_amount: Decimal | None = None
    goods: str | None = None


REQUEST_FIELDS = tuple(LimitRequest.model_fields)


class Evidence(_Value):
    """Where a value stands: `text_of(part)[start:end] == quote` (start inclusive, end exclusive)."""

    path: str  # "requests[0].amount", "policy_number", "contact.email", "documents[1].type"
    value: str | int | None = None  # the normalised value as text
    quote: str
    part: str  # name of the part
    start: int
    end: int
    how: Literal["exact", "aligned", "derived"] = "exact"
    derived: str | None = None  # the rule, for derived values
    engine: EngineName = EngineName.RULES
    trust: float | None = None  # 0..1 from checkable signals; None: not rated
    chance: float | None = None  # 0..1 of this reading beside the others of the same figures; None: nothing was weighed


class ForwardedMail(_Value):
    """A mail that was forwarded inside this one."""

    sender_name: str | None = None
    sender_address: str | None = None
    subject: str | None = None
    date: datetime | None = None


class Dropped(_Value):
    """A value that an engine gave and that was not kept, with the reason."""

    path: str
    value: str
    reason: str


class Disagreement(_Value):
    """Two readings of one field (rules against model, body against attachment): for a person."""

    path: str
    readings: list[str]
    sources: list[str]


class TextPart(_Value):
    """A named text of the message into which evidence points."""

    name: str
    text: str


class Triage(_Value):
    """All that a message was understood to say."""

    intent: Intent
    department: Department
    language: str | None = None  # ISO 639-1
    case_references: list[str] = Field(default_factory=list)
    policy_number: str | None = None
    policyholder_name: str | None = None
    contact: Contact = Field(default_factory=Contact)
    needed_by: date | None = None
    documents: list[SubmittedDocument] = Field(default_factory=list)
    requests: list[LimitRequest] = Field(default_factory=list)

    evidence: list[Evidence] = Field(default_factory=list)
    parts: list[TextPart] = Field(default_factory=list)
    forwarded: list[ForwardedMail] = Field(default_factory=list)  # outermost first
    engine: EngineName = EngineName.RULES
    intent_reason: str = ""  # words or headers that decided the intent
    dropped: list[Dropped] = Field(default_factory=list)
    disagreements: list[Disagreement] = Field(default_factory=list)
    unread: list[str] = Field(default_factory=list)  # "scan.pdf: no text layer"
    warnings: list[str] = Field(default_factory=list)  # e.g. planted instructions
    summary: str = ""  # two sentences for the officer


class Labelled(_Value):
    """A text beside its label: a table cell under its header, or what follows "Label:" in a line."""

    label: str
    text: str
    meaning: str | None = None  # the field that the label was taken for


LABELS = (
    "intent",
    "department",
    "language",
    "case_references",
    "policy_number",
    "policyholder_name",
    "contact",
    "needed_by",
    "documents",
    "requests",
)  # what a triaged message says, in the order of the contract


class MessageFacts(_Value):
    """What filing must know of the message beside what it says."""

    digest: str
    message_id: str | None = None
    in_reply_to: list[str] = Field(default_factory=list)  # In-Reply-To and References, nearest first
    subject: str = ""
    sender_name: str | None = None
    sender_address: str | None = None
    reply_to: str | None = None
    received_at: datetime  # UTC; the Date of the mail or, without one, when it was stored
    from_staff: bool = False  # by domain: decides whose request it is
    authenticated: bool = False  # by the receiving server: gives authority
    automatic: bool = False  # must never be answered
    bounce_of: str | None = None  # Message-ID of ours that could not be delivered
    asker_address: str | None = None  # client or broker who asks (original sender of a forward)
    text: str = ""  # what its authors wrote (no quotes, no attachments), to find known buyers and haste in
    labels: list[Labelled] = Field(default_factory=list)  # what corrections are compared with, to learn labels
