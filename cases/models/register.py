"""Who and what the desk knows: policyholders, policies, buyers, limits, people, rates."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cases.models.base import Base, BigId, Json, Money, UtcTime


class Policyholder(Base):
    """An insured company (client)."""

    __tablename__ = "policyholders"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    name_key: Mapped[str] = mapped_column(String(300), index=True)  # cases.names.name_key(name)
    country: Mapped[str | None] = mapped_column(String(2))
    language: Mapped[str | None] = mapped_column(String(2))
    email_domains: Mapped[list[str]] = mapped_column(Json, default=list)
    contacts: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)  # name, email, phone
    sales_contact: Mapped[str | None] = mapped_column(String(320))  # e-mail of a person
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    policies: Mapped[list["Policy"]] = relationship(back_populates="policyholder")


class Policy(Base):
    """A credit insurance policy; its rules bound what may be asked."""

    __tablename__ = "policies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    number_key: Mapped[str] = mapped_column(String(64), index=True)  # letters and digits only, upper case
    policyholder_id: Mapped[int] = mapped_column(ForeignKey("policyholders.id"), index=True)
    broker: Mapped[str | None] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(16))  # PolicyStatus
    currency: Mapped[str] = mapped_column(String(3))
    maximum_liability: Mapped[Decimal | None] = mapped_column(Money)
    covered_countries: Mapped[list[str]] = mapped_column(Json, default=list)
    discretionary_limit: Mapped[Decimal | None] = mapped_column(Money)
    max_terms_days: Mapped[int | None] = mapped_column(Integer)
    overdue_reporting_days: Mapped[int | None] = mapped_column(Integer)
    maximum_extension_days: Mapped[int | None] = mapped_column(Integer)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)

    policyholder: Mapped[Policyholder] = relationship(back_populates="policies")


class Buyer(Base):
    """A customer of a client, the debtor whose risk is insured."""

    __tablename__ = "buyers"
    __table_args__ = (Index("ix_buyers_country_key", "country", "name_key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300), index=True)
    country: Mapped[str | None] = mapped_column(String(2), index=True)
    registration_number: Mapped[str | None] = mapped_column(String(64), index=True)
    vat_id: Mapped[str | None] = mapped_column(String(32), index=True)
    lei: Mapped[str | None] = mapped_column(String(20), index=True)
    duns: Mapped[str | None] = mapped_column(String(9), index=True)
    sector: Mapped[str | None] = mapped_column(String(100))
    risk_grade: Mapped[int | None] = mapped_column(Integer)  # 1 best to 10 worst; confidential
    watch: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    aliases: Mapped[list["BuyerAlias"]] = relationship(back_populates="buyer")


class BuyerAlias(Base):
    """Another name under which a buyer was seen and confirmed."""

    __tablename__ = "buyer_aliases"
    __table_args__ = (UniqueConstraint("buyer_id", "name_key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("buyers.id"), index=True)
    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300), index=True)

    buyer: Mapped[Buyer] = relationship(back_populates="aliases")


class CreditLimit(Base):
    """A limit in force from a day; history is kept, never overwritten."""

    __tablename__ = "credit_limits"
    __table_args__ = (Index("ix_credit_limits_policy_buyer", "policy_id", "buyer_id", "valid_from"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("buyers.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)  # source case
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date, index=True)  # last day of cover
    temporary: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class Person(Base):
    """A colleague: who may ask and act."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320), unique=True)  # lower case
    role: Mapped[str] = mapped_column(String(16))  # Role
    team: Mapped[str | None] = mapped_column(String(100))
    slack_user_id: Mapped[str | None] = mapped_column(String(32), index=True)
    accounts: Mapped[list[str]] = mapped_column(Json, default=list)  # policyholder names, for sales
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    absences: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)  # from, until (dates, inclusive)


class FxRate(Base):
    """Reporting-currency units per unit of a currency, on a date."""

    __tablename__ = "fx_rates"
    __table_args__ = (UniqueConstraint("currency", "date"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), index=True)
    date: Mapped[date] = mapped_column(Date)
    eur_per_unit: Mapped[float] = mapped_column(Float)


class LearnedRule(Base):
    """What a confirmed correction taught: visible, removable."""

    __tablename__ = "learned_rules"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))  # default_currency, column_meaning, alias, example, sender_domain
    key: Mapped[str] = mapped_column(String(300), default="", index=True)  # column, name or domain that it is about
    policyholder_id: Mapped[int | None] = mapped_column(ForeignKey("policyholders.id"), index=True)
    policy_number: Mapped[str | None] = mapped_column(String(64), index=True)
    sender_domain: Mapped[str | None] = mapped_column(String(255), index=True)
    payload: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    sentence: Mapped[str] = mapped_column(Text)  # what it says, for people
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    removed_by: Mapped[str | None] = mapped_column(String(320))
