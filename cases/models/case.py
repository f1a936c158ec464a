"""Cases and all that hangs on them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cases.models.base import Base, BigId, Json, Money, UtcTime
from cases.models.register import Buyer, Policy, Policyholder


class Case(Base):
    """One credit limit request on one buyer, or one enquiry to a department.

    Names are kept as written beside the links to known parties, which stay empty while a match is doubtful.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_status_due", "status", "next_action_due"),
        Index("ix_cases_policy_buyer", "policy_id", "buyer_id"),
        Index("ix_cases_policyholder_received", "policyholder_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)  # CR-2026-000123, EN-2026-000123
    kind: Mapped[str] = mapped_column(String(8), index=True)  # CaseKind
    intent: Mapped[str | None] = mapped_column(String(40))  # of the message that opened it
    status: Mapped[str] = mapped_column(String(24), index=True)  # Status
    status_since: Mapped[datetime] = mapped_column(UtcTime)
    channel: Mapped[str] = mapped_column(String(8))  # Channel
    version: Mapped[int] = mapped_column(Integer)

    received_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)

    policyholder_id: Mapped[int | None] = mapped_column(ForeignKey("policyholders.id"))
    policyholder_name: Mapped[str | None] = mapped_column(String(300), index=True)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id"))
    policy_number: Mapped[str | None] = mapped_column(String(64), index=True)
    broker: Mapped[str | None] = mapped_column(String(300), index=True)
    contact_name: Mapped[str | None] = mapped_column(String(200))
    contact_email: Mapped[str | None] = mapped_column(String(320), index=True)
    contact_phone: Mapped[str | None] = mapped_column(String(40))
    asker_address: Mapped[str | None] = mapped_column(String(320), index=True)  # header address of who asks
    asker_domain: Mapped[str | None] = mapped_column(String(255), index=True)  # None for public mail services
    reply_address: Mapped[str | None] = mapped_column(String(320))  # unattended mail goes here; None: nowhere
    sales_contact: Mapped[str | None] = mapped_column(String(320), index=True)
    language: Mapped[str | None] = mapped_column(String(2))

    request_type: Mapped[str | None] = mapped_column(String(24), index=True)  # RequestType
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("buyers.id"), index=True)
    buyer_name: Mapped[str | None] = mapped_column(String(300))
    buyer_name_key: Mapped[str | None] = mapped_column(String(300), index=True)
    buyer_country: Mapped[str | None] = mapped_column(String(2), index=True)
    buyer_registration_number: Mapped[str | None] = mapped_column(String(64), index=True)
    buyer_vat_id: Mapped[str | None] = mapped_column(String(32), index=True)
    buyer_lei: Mapped[str | None] = mapped_column(String(20))
    buyer_duns: Mapped[str | None] = mapped_column(String(9))
    sector: Mapped[str | None] = mapped_column(String(100), index=True)
    amount: Mapped[Decimal | None] = mapped_column(Money)  # requested total, in `currency`
    currency: Mapped[str | None] = mapped_column(String(3), index=True)
    current_limit: Mapped[Decimal | None] = mapped_column(Money)
    payment_terms_days: Mapped[int | None] = mapped_column(Integer)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    expected_turnover: Mapped[Decimal | None] = mapped_column(Money)
    overdue_amount: Mapped[Decimal | None] = mapped_column(Money)
    goods: Mapped[str | None] = mapped_column(Text)
    needed_by: Mapped[date | None] = mapped_column(Date)
    urgency: Mapped[str | None] = mapped_column(String(16))  # None, high
    urgency_reason: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)

    team: Mapped[str | None] = mapped_column(String(100), index=True)
    underwriter: Mapped[str | None] = mapped_column(String(200), index=True)  # name
    assignee: Mapped[str | None] = mapped_column(String(320), index=True)  # e-mail of the person who has it
    allocation_reason: Mapped[str | None] = mapped_column(Text)
    missing_documents: Mapped[list[str]] = mapped_column(
        Json, default=list
    )  # DocumentType; kept in step with case_documents
    next_action: Mapped[str | None] = mapped_column(Text)
    next_action_due: Mapped[date | None] = mapped_column(Date)

    amount_approved: Mapped[Decimal | None] = mapped_column(Money)
    risk_grade: Mapped[int | None] = mapped_column(Integer)  # confidential
    underwriter_note: Mapped[str | None] = mapped_column(Text)  # confidential

    checks: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)  # name, outcome, rule, detail
    conflicts: Mapped[list[dict[str, object]]] = mapped_column(Json, default=list)  # path, readings, sources
    candidates: Mapped[list[dict[str, object]]] = mapped_column(Json, default=list)  # possible buyers or duplicates
    needs_review: Mapped[bool] = mapped_column(Boolean, default=True)
    appeal_of_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))

    policyholder: Mapped[Policyholder | None] = relationship()
    policy: Mapped[Policy | None] = relationship()
    buyer: Mapped[Buyer | None] = relationship()
    documents: Mapped[list["CaseDocument"]] = relationship(back_populates="case", order_by="CaseDocument.id")
    messages: Mapped[list["CaseMessage"]] = relationship(back_populates="case", order_by="CaseMessage.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CaseReference(Base):
    """The counter behind references; a number is never given twice."""

    __tablename__ = "case_references"
    __table_args__ = (UniqueConstraint("prefix", "year"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    prefix: Mapped[str] = mapped_column(String(2))
    year: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer)


class CaseMessage(Base):
    """A message that opened or touched a case; (message, position) opens at most one case."""

    __tablename__ = "case_messages"
    __table_args__ = (UniqueConstraint("message_row_id", "position", "case_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    message_row_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)  # index of the request in the message
    relation: Mapped[str] = mapped_column(String(16))  # opened, joined, reply, documents

    case: Mapped[Case] = relationship(back_populates="messages")


class CaseLink(Base):
    """Two cases that belong together: duplicate, split, appeal, related."""

    __tablename__ = "case_links"
    __table_args__ = (UniqueConstraint("case_id", "other_id", "relation"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    relation: Mapped[str] = mapped_column(String(16))


class FieldEvidence(Base):
    """A value of a case with the quote that proves it."""

    __tablename__ = "field_evidence"
    __table_args__ = (Index("ix_field_evidence_case_field", "case_id", "field"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    message_row_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    field: Mapped[str] = mapped_column(String(60))
    value: Mapped[str | None] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(Text, default="")
    part: Mapped[str] = mapped_column(Text, default="")
    start: Mapped[int] = mapped_column(Integer, default=0)
    end: Mapped[int] = mapped_column(Integer, default=0)
    how: Mapped[str] = mapped_column(String(8), default="exact")
    derived: Mapped[str | None] = mapped_column(Text)
    engine: Mapped[str] = mapped_column(String(8))  # rules, llm, person
    trust: Mapped[float | None] = mapped_column(Float)
    state: Mapped[str] = mapped_column(String(12))  # EvidenceState
    set_by: Mapped[str | None] = mapped_column(String(320))
    set_at: Mapped[datetime] = mapped_column(UtcTime)
    current: Mapped[bool] = mapped_column(Boolean, default=True)


class CaseDocument(Base):
    """A document that a case needs, and where it stands."""

    __tablename__ = "case_documents"
    __table_args__ = (UniqueConstraint("case_id", "type"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    type: Mapped[str] = mapped_column(String(32))  # DocumentType
    state: Mapped[str] = mapped_column(String(12))  # DocumentState
    reason: Mapped[str] = mapped_column(Text, default="")  # the rule that asks for it
    filename: Mapped[str | None] = mapped_column(Text)
    message_row_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    due: Mapped[date | None] = mapped_column(Date)
    reminders: Mapped[int] = mapped_column(Integer, default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)

    case: Mapped[Case] = relationship(back_populates="documents")


class Decision(Base):
    """An underwriter's decision; what may be told and what may not are two columns."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(24))
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str | None] = mapped_column(String(3))
    valid_until: Mapped[date | None] = mapped_column(Date)
    reason_code: Mapped[str | None] = mapped_column(String(8))  # UN/EDIFACT 4509
    rationale: Mapped[str | None] = mapped_column(Text)  # internal
    sentence: Mapped[str | None] = mapped_column(Text)  # may be told
    decided_by: Mapped[str] = mapped_column(String(320))
    decided_at: Mapped[datetime] = mapped_column(UtcTime)


class Task(Base):
    """A follow-up on a case."""

    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Text)
    due: Mapped[date | None] = mapped_column(Date, index=True)
    assignee: Mapped[str | None] = mapped_column(String(320), index=True)
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class Note(Base):
    """What a colleague wrote on a case; internal notes are never shown to sales."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    author: Mapped[str] = mapped_column(String(320))
    text: Mapped[str] = mapped_column(Text)
    internal: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
