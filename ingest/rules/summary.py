"""The two sentences an officer would write about a mail."""

from decimal import Decimal

from cases.understanding import LimitRequest, Triage
from cases.vocabulary import Intent, RequestType

_VERBS = {
    RequestType.NEW: "a new limit",
    RequestType.INCREASE: "an increase",
    RequestType.DECREASE: "a decrease",
    RequestType.RENEWAL: "a renewal",
    RequestType.TEMPORARY_INCREASE: "a temporary increase",
    RequestType.CANCELLATION: "the cancellation of the limit",
}
_CHANGES = (RequestType.INCREASE, RequestType.DECREASE, RequestType.TEMPORARY_INCREASE)
_INTENTS = {
    Intent.CREDIT_LIMIT_REQUEST: "asks for a credit limit",
    Intent.DOCUMENT_SUBMISSION: "sends documents for a pending request",
    Intent.STATUS_QUERY: "asks where a request stands or what a limit is",
    Intent.DECISION_APPEAL: "asks to review a decision",
    Intent.PROCEDURE_QUERY: "asks how something is done",
    Intent.POLICY_ADMINISTRATION: "writes about the policy itself",
    Intent.CLAIM_NOTIFICATION: "reports non-payment or a claim",
    Intent.COLLECTIONS_QUERY: "writes about the collection of overdue invoices",
    Intent.STATISTICS_REQUEST: "asks for figures or a list",
    Intent.AUTO_REPLY: "is an automatic message",
    Intent.UNRELATED: "has nothing to do with the desk",
}


def summary_of(triage: Triage) -> str:
    """Who wants what, and what to mind."""
    who = triage.policyholder_name or triage.contact.name or triage.contact.email or "The sender"
    if triage.intent in (Intent.AUTO_REPLY, Intent.UNRELATED):
        return f"The mail {_INTENTS[triage.intent]}. Nothing is to be done."
    if triage.requests:
        appeal = "the review of a decision: " if triage.intent is Intent.DECISION_APPEAL else ""
        first = f"{who} asks for {appeal}" + "; ".join(_request(one) for one in triage.requests[:4])
        if len(triage.requests) > 4:
            first += f"; and {len(triage.requests) - 4} more"
    else:
        first = f"{who} {_INTENTS[triage.intent]}"
        if triage.case_references:
            first += f" ({', '.join(triage.case_references)})"
    return f"{first.removesuffix('.')}. {_second(triage)}".strip()


def _request(one: LimitRequest) -> str:
    text = _VERBS.get(one.request_type, "a limit") if one.request_type else "a limit"
    if one.amount:
        text += f" {'to' if one.request_type in _CHANGES else 'of'} {_money(one.amount)} {one.currency or ''}".rstrip()
    if one.current_limit is not None and one.request_type != RequestType.RENEWAL:
        text += f" (today {_money(one.current_limit)})"
    return f"{text} on {one.buyer_name or 'a buyer not named yet'}"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}".removesuffix(".00")


def _second(triage: Triage) -> str:
    notes = []
    if triage.needed_by:
        notes.append(f"an answer is needed by {triage.needed_by.isoformat()}")
    if triage.documents:
        notes.append(f"{len(triage.documents)} document{'s' if len(triage.documents) > 1 else ''} attached")
    if any(one.overdue_amount for one in triage.requests):
        notes.append("overdue invoices are mentioned")
    text = ", ".join(notes)
    return text[:1].upper() + text[1:] + "." if text else ""
