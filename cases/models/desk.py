"""Conversations, and what the running desk must remember over restarts and between processes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cases.models.base import Base, BigId, Json, UtcTime


class Conversation(Base):
    """One conversation of one person in one thread (shell, direct message, channel thread)."""

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("person", "thread"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person: Mapped[str] = mapped_column(String(320))  # e-mail
    thread: Mapped[str] = mapped_column(String(200))
    state: Mapped[dict[str, object]] = mapped_column(Json, default=dict)  # subject, last query
    summary: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class ConversationTurn(Base):
    """A question and its answer."""

    __tablename__ = "conversation_turns"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, object]] = mapped_column(Json)
    feedback: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcTime)


class SeenDelivery(Base):
    """An event, command or click that was taken; a second delivery of its id changes nothing."""

    __tablename__ = "seen_deliveries"
    __table_args__ = (Index("ix_seen_deliveries_open", "state", "lease_until"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    state: Mapped[str] = mapped_column(String(16), default="taken")  # taken, done, failed
    kind: Mapped[str] = mapped_column(String(40), default="")  # which work takes it up
    payload: Mapped[dict[str, object] | None] = mapped_column(Json)  # until it is done
    progress: Mapped[dict[str, object] | None] = mapped_column(Json)  # what was worked out before it was sent
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    attempts: Mapped[int] = mapped_column(Integer, default=0)


class SlackCard(Base):
    """A review card in Slack and what it stands for, so that it can be updated for all."""

    __tablename__ = "slack_cards"
    __table_args__ = (Index("ix_slack_cards_case", "case_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team_id: Mapped[str] = mapped_column(String(32), default="")
    channel: Mapped[str] = mapped_column(String(32))
    ts: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(24))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    message_row_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    shown: Mapped[int] = mapped_column(Integer, default=0)  # sequence of the last event that it shows
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class SlackInstallation(Base):
    """A workspace's tokens."""

    __tablename__ = "slack_installations"
    __table_args__ = (UniqueConstraint("enterprise_id", "team_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(String(32), default="")
    team_id: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, object]] = mapped_column(Json)
    installed_at: Mapped[datetime] = mapped_column(UtcTime)


class Worker(Base):
    """A running process: its slot and heartbeat (real clock)."""

    __tablename__ = "workers"

    slot: Mapped[str] = mapped_column(String(100), primary_key=True)
    heartbeat: Mapped[datetime] = mapped_column(UtcTime)
    version: Mapped[str] = mapped_column(String(32))
    pid: Mapped[int] = mapped_column(Integer)


class ModelCall(Base):
    """A cached answer of the model and what it cost."""

    __tablename__ = "model_calls"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # digest of model, prompt and content
    purpose: Mapped[str] = mapped_column(String(24))
    model: Mapped[str] = mapped_column(String(100))
    answer: Mapped[dict[str, object] | None] = mapped_column(Json)
    input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    output_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cost: Mapped[int] = mapped_column(Integer, default=0)  # millionths of the currency of the price list
    milliseconds: Mapped[int] = mapped_column(Integer, default=0)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    message_row_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)


class KeyValue(Base):
    """Small facts the running desk keeps (last poll, last schedule tick)."""

    __tablename__ = "desk_facts"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
