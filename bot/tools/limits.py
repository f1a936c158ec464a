"""Tools over limits in force and over what the desk sent."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, Field
from sqlalchemy import func, or_, select

from bot.tools.context import ToolContext
from bot.tools.registry import Tool, register
from bot.tools.status import Arguments
from cases.models import Buyer, Case, CreditLimit, OutboxItem, Policy, Policyholder
from cases.periods import Period, parse_period
from cases.statistics import StatisticsQuery, metric
from cases.statistics.limits import limit_conditions, limit_statement
from cases.vocabulary import Role


class LimitLine(BaseModel):
    """A limit in force."""

    buyer: str
    country: str | None
    client: str
    policy_number: str
    amount: Decimal
    currency: str
    valid_until: date | None
    reference: str | None


class LimitArguments(Arguments):
    """Limits of a client or on a buyer, ending in a period."""

    client: str | None = None
    buyer: str | None = None
    country: str | None = Field(default=None, max_length=2)
    period: str | None = None
    limit: int = Field(default=100, ge=1, le=500)


class LimitList(BaseModel):
    """Limits, soonest end first."""

    limits: list[LimitLine]


def expiring(
    context: ToolContext, where: dict[str, tuple[str, ...]], period: Period | None, most: int = 100
) -> list[LimitLine]:
    """Limits in force that end in the period, soonest first, within what the asker may see."""
    query = StatisticsQuery(("expiring_limits",), where=where)
    conditions = limit_conditions(metric("expiring_limits"), query, period, context.now)
    asker = context.known
    if asker.role is Role.SALES and context.rules.rights.sales_limited_to_accounts:
        conditions.append(or_(Policyholder.name.in_(asker.accounts), Policyholder.sales_contact == asker.email))
    statement = limit_statement(
        Buyer.name.label("buyer"),
        Buyer.country.label("country"),
        Policyholder.name.label("client"),
        Policy.number.label("policy_number"),
        CreditLimit.amount.label("amount"),
        CreditLimit.currency.label("currency"),
        CreditLimit.valid_until.label("valid_until"),
        Case.reference.label("reference"),
    )
    rows = context.session.execute(statement.where(*conditions).order_by(CreditLimit.valid_until).limit(most))
    return [LimitLine.model_validate(dict(row._mapping)) for row in rows]


def _expiring_tool(context: ToolContext, arguments: LimitArguments) -> LimitList:
    wanted = {"client": arguments.client, "buyer": arguments.buyer, "country": arguments.country}
    where: dict[str, tuple[str, ...]] = {name: (value,) for name, value in wanted.items() if value}
    fiscal = context.rules.fiscal_year_starts
    period = parse_period(arguments.period, context.now, fiscal_year_starts=fiscal) if arguments.period else None
    return LimitList(limits=expiring(context, where, period, arguments.limit))


register(Tool("expiring_limits", "see_status", "Limits in force that end in a period.", LimitArguments, _expiring_tool))


class SentLine(BaseModel):
    """Something that left the desk."""

    kind: str
    channel: str
    to: str
    reference: str | None
    state: str
    sent_at: datetime | None


class SentArguments(Arguments):
    """What was sent in a period."""

    period: str = "yesterday"


class SentList(BaseModel):
    """Mails and messages, newest first."""

    items: list[SentLine]


def sent_items(context: ToolContext, period: Period, most: int = 200) -> list[SentLine]:
    """What was sent in the period, newest first."""
    moment = func.coalesce(OutboxItem.sent_at, OutboxItem.created_at)
    statement = (
        select(OutboxItem, Case.reference)
        .join(Case, Case.id == OutboxItem.case_id, isouter=True)
        .where(OutboxItem.state == "sent", moment >= period.start, moment < period.end)
        .order_by(OutboxItem.id.desc())
        .limit(most)
    )
    return [
        SentLine(
            kind=item.kind,
            channel=item.channel,
            to=item.to,
            reference=reference,
            state=item.state,
            sent_at=item.sent_at,
        )
        for item, reference in context.session.execute(statement)
    ]


def _sent_tool(context: ToolContext, arguments: SentArguments) -> SentList:
    fiscal = context.rules.fiscal_year_starts
    return SentList(items=sent_items(context, parse_period(arguments.period, context.now, fiscal_year_starts=fiscal)))


register(
    Tool("what_was_sent", "see_outbox", "Mails and messages that the desk sent in a period.", SentArguments, _sent_tool)
)
