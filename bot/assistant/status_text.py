"""Facts of cases as an answer: plain words, and the same as data."""

from collections.abc import Sequence
from typing import Any

from bot.assistant.wording import Say, amount, day
from cases.statistics import CaseLine
from cases.status import CaseFacts
from cases.vocabulary import Status

LINES = 15  # cases told one by one; all stand in the data

COLUMNS = [
    "reference", "status", "since", "buyer", "country", "client", "request_type", "currency", "amount_requested",
    "amount_approved", "received_at", "decided_at", "team", "underwriter", "sales_contact", "missing_documents",
    "next_action_due", "payment_terms_days", "policy_number",
    "broker",
]  # fmt: skip


def fact_row(one: CaseFacts) -> list[Any]:
    """A case as a row of the data; nothing confidential."""
    return [
        one.reference, one.status, day(one.since), one.buyer, one.country, one.client, one.request_type, one.currency,
        one.amount, one.amount_approved, day(one.received_at), day(one.decided_at) if one.decided_at else None, one.team,
        one.underwriter, one.sales_contact, list(one.missing_documents), one.next_action_due, one.payment_terms_days,
        one.policy_number, one.broker,
    ]  # fmt: skip


def outcome(one: CaseFacts, say: Say) -> str:
    """State with its date: "declined on 2026-07-13", "waiting for documents since 2026-08-10"."""
    state = say.state(one.status)
    if one.is_decided:
        text = say("decided_on", state=state, date=day(one.decided_at))
        if one.status != "declined" and one.amount_approved is not None:
            asked = amount(one.amount, one.currency)
            return f"{text}, " + say("approved_amount", amount=amount(one.amount_approved, one.currency), asked=asked)
        return f"{text}, " + say("asked", amount=amount(one.amount, one.currency))
    return f"{state} {say('since')} {day(one.since)}"


def about(one: CaseFacts, say: Say) -> str:
    """What the case is: "new limit of EUR 450,000 on Tiberina (Italy) for Rhône Plastiques SAS"."""
    buyer = one.buyer or "–"
    where = f" ({say.country(one.country)})" if one.country else ""
    kind = say.request_type(one.request_type) if one.request_type else one.kind
    client = f" {say('for')} {one.client}" if one.client else ""
    return f"{kind}, {amount(one.amount, one.currency)}, {say('on')} {buyer}{where}{client}"


def documents(kinds: Sequence[str], say: Say) -> str:
    """Missing documents in words."""
    return ", ".join(say.document(kind) for kind in kinds)


def who(one: CaseFacts, say: Say) -> str:
    """Who has the case, with team, underwriter and sales contact."""
    parts = [say.holder(one.holder)] if one.holder else []
    parts.append(one.underwriter or say("no_underwriter"))
    if one.assignee and one.assignee != one.underwriter:
        parts.append(one.assignee)
    parts.append(f"{say('team')} {one.team}" if one.team else say("no_team"))
    contact = one.sales_name or one.sales_contact
    text = f"{say('with_')}: " + ", ".join(parts)
    return f"{text}; {say('sales_contact')}: {contact}" if contact else text


def next_step(one: CaseFacts, say: Say) -> str:
    """What happens next and when."""
    if not one.is_open:
        return f"{say('next')}: {say('ended')}"
    parts = [one.next_action] if one.next_action else []
    if one.next_action_due:
        parts.append(say("due", date=day(one.next_action_due)) + (f" ({say('overdue')})" if one.overdue else ""))
    return f"{say('next')}: " + (", ".join(parts) or say("nothing_due"))


def whole_case(one: CaseFacts, say: Say, confidential: Sequence[str] = ()) -> str:
    """One case in full; `confidential` names the fields that were asked for and may be shown."""
    lines = [f"{one.reference}: {outcome(one, say)}.", _sentence(about(one, say))]
    if one.is_open:
        missing = documents(one.missing_documents, say) if one.missing_documents else say("nothing_missing")
        lines.append(f"{say('missing')}: {missing}.")
    lines += [who(one, say) + ".", next_step(one, say) + "."]
    if one.told:
        lines.append(f"{say('told')}: {one.told}")
    details = [say("received_on", date=day(one.received_at))]
    if one.payment_terms_days is not None:
        details.append(say("terms", days=one.payment_terms_days))
    if one.policy_number:
        details.append(say("policy", number=one.policy_number))
    if one.broker:
        details.append(say("broker", name=one.broker))
    if one.limit_in_force:
        limit = say("limit", amount=amount(one.limit_in_force, one.limit_currency))
        details.append(limit + (f" {say('until', date=day(one.limit_until))}" if one.limit_until else ""))
    lines.append(_sentence("; ".join(details)))
    if one.held_days:
        held = ", ".join(f"{say.holder(name)} {days} {say('days')}" for name, days in one.held_days.items())
        lines.append(f"{say('held')}: {held}.")
    elif one.status != Status.RECEIVED:
        lines.append(say("held_unknown"))
    return "\n".join(lines + secrets(one, say, confidential))


def secrets(one: CaseFacts, say: Say, fields: Sequence[str]) -> list[str]:
    """Grade and note, for who may see them and asked for them."""
    lines = []
    if "risk_grade" in fields:
        lines.append(say("grade", grade=one.risk_grade) if one.risk_grade is not None else say("no_grade"))
    if "underwriter_note" in fields:
        lines.append(f"{say('note')}: {one.underwriter_note or say('no_note')}")
    return lines


def short_case(one: CaseFacts | CaseLine, say: Say) -> str:
    """One case in a line of a list."""
    where = f" ({one.country})" if one.country else ""
    text = f"{one.reference}: {one.buyer or '–'}{where}, {amount(one.amount, one.currency)}, {say.state(one.status)}"
    if isinstance(one, CaseFacts):
        text = f"{one.reference}: {one.buyer or '–'}{where}, {one.client or '–'}: {outcome(one, say)}"
    elif one.decided_at and one.amount_approved is not None:
        text += f" {day(one.decided_at)} ({amount(one.amount_approved, one.currency)}), {say('after', days=one.days)}"
    if one.missing_documents:
        text += f"; {say('missing').lower()}: {documents(one.missing_documents, say)}"
    if one.next_action_due:
        text += f"; {say('due', date=day(one.next_action_due))}"
    return text


def line_row(one: CaseLine) -> list[Any]:
    """A listed case as a row, in the columns of `LINE_HEADS`."""
    return [
        one.reference, one.status, one.buyer, one.country, one.client, one.request_type, one.currency, one.amount,
        one.amount_approved, day(one.received_at), day(one.decided_at) if one.decided_at else None, one.team,
        one.underwriter, one.sales_contact, list(one.missing_documents), one.next_action_due, one.days,
    ]  # fmt: skip


LINE_HEADS = [
    "reference", "status", "buyer", "country", "client", "request_type", "currency", "amount_requested", "amount_approved",
    "received_at", "decided_at", "team", "underwriter", "sales_contact", "missing_documents", "next_action_due",
    "turnaround_days",
]  # fmt: skip


def _sentence(text: str) -> str:
    """Begins with a capital and ends with one full stop; names inside stay as they are."""
    return text[:1].upper() + text[1:].removesuffix(".") + "."
