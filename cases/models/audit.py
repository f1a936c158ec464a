"""The audit chain: append-only, each row bound to the one before."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cases.models.base import Base, BigId, Json, UtcTime


class Event(Base):
    """Who did what, when; `digest` covers the row before, and salted digests of actor and payload.

    Payload and salt lie in `event_payloads` and can be erased without breaking the chain; so can the actor's
    name, whose salt goes with it.
    """

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer, unique=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(320))  # e-mail, "desk", "client"
    actor_salt: Mapped[str | None] = mapped_column(String(32))  # None: the name was erased
    actor_digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(48), index=True)  # CaseOpened, CaseAllocated, ...
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    message_row_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    payload_digest: Mapped[str] = mapped_column(String(64))
    previous_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class EventPayload(Base):
    """What an event holds beside its bare fact; erased with the person or client."""

    __tablename__ = "event_payloads"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, object]] = mapped_column(Json)  # before, after, cause, text


class AuditHead(Base):
    """The last row of the chain, kept apart, so that a dropped last row shows."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)  # always 1
    sequence: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
