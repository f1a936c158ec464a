"""Messages as they came in, and what goes out."""

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from cases.models.base import Base, BigId, Json, UtcTime


class StoredMessage(Base):
    """The ledger: one row for each distinct byte sequence; its state is the truth of a message."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_state_id", "state", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # hex SHA-256 of the bytes
    raw: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    size: Mapped[int] = mapped_column(Integer)
    truncated: Mapped[bool] = mapped_column(Boolean, default=False)  # over the size limit: headers only
    message_id: Mapped[str | None] = mapped_column(String(998), index=True)  # without angle brackets
    text_digest: Mapped[str | None] = mapped_column(String(64), index=True)  # of what a reader sees
    subject: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[str | None] = mapped_column(String(500), index=True)  # address
    received_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    stored_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(16))  # MessageState
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    parked: Mapped[bool] = mapped_column(Boolean, default=False)
    intent: Mapped[str | None] = mapped_column(String(40), index=True)
    language: Mapped[str | None] = mapped_column(String(8))
    engine: Mapped[str | None] = mapped_column(String(8))
    triage: Mapped[dict[str, object] | None] = deferred(mapped_column(Json))  # cases.understanding.Triage without parts
    facts: Mapped[dict[str, object] | None] = deferred(mapped_column(Json))  # cases.understanding.MessageFacts
    claim_slot: Mapped[str | None] = mapped_column(String(100))  # executor slot that carries it just now
    claim_key: Mapped[str | None] = mapped_column(String(100))  # key of its durable work
    policyholder_id: Mapped[int | None] = mapped_column(ForeignKey("policyholders.id"), index=True)
    source: Mapped[str] = mapped_column(String(16), default="file")  # file, imap, slack
    model_tokens: Mapped[int | None] = mapped_column(Integer)
    model_cost: Mapped[float | None] = mapped_column(Float)
    model_seconds: Mapped[float | None] = mapped_column(Float)
    filed_at: Mapped[datetime | None] = mapped_column(UtcTime)

    attachments: Mapped[list["Attachment"]] = relationship(back_populates="message")


class MailboxCopy(Base):
    """Where on a mail server a message lies: UIDVALIDITY and UID are its key there."""

    __tablename__ = "mailbox_copies"
    __table_args__ = (UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    mailbox: Mapped[str] = mapped_column(String(200))
    folder: Mapped[str] = mapped_column(String(500))
    uidvalidity: Mapped[int] = mapped_column(BigId)
    uid: Mapped[int] = mapped_column(BigId)
    marked: Mapped[bool] = mapped_column(Boolean, default=False)  # keyword set or moved on the server


class Attachment(Base):
    """A file that came with a message."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    filename: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    type: Mapped[str | None] = mapped_column(String(32))  # DocumentType; None: no document (logo)
    unread_reason: Mapped[str | None] = mapped_column(Text)

    message: Mapped[StoredMessage] = relationship(back_populates="attachments")


class OutboxItem(Base):
    """What will be or was sent; written in the business transaction, sent by a worker."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_due", "state", "due_at"),
        Index("ix_outbox_to_created", "to", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)  # what makes it one: written once however often filed
    kind: Mapped[str] = mapped_column(
        String(40)
    )  # acknowledgement, document_request, reminder, summary, review_card, ...
    channel: Mapped[str] = mapped_column(String(8))  # email, slack
    to: Mapped[str] = mapped_column(String(500))  # address, Slack channel or user
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    message_row_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))  # OutboxState
    subject: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, object]] = mapped_column(Json, default=dict)  # blocks, template, attachments
    message_id: Mapped[str | None] = mapped_column(String(200), unique=True)  # with angle brackets, from the id
    in_reply_to: Mapped[str | None] = mapped_column(String(998))
    references: Mapped[list[str]] = mapped_column(Json, default=list)
    language: Mapped[str | None] = mapped_column(String(2))
    automatic: Mapped[bool] = mapped_column(Boolean, default=True)  # sent without a person
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)  # real clock: not before
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)  # real clock
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    error: Mapped[str | None] = mapped_column(Text)
    approved_by: Mapped[str | None] = mapped_column(String(320))
