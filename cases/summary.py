"""What a colleague reads first: two sentences for a case, and a short note for the one who sent or forwarded a mail."""

from collections.abc import Sequence

from cases.models import Case
from cases.texts import amount, day, document_names, one_line
from cases.vocabulary import CaseKind, CheckOutcome, RequestType

_LOOK = {CheckOutcome.FAIL.value, CheckOutcome.WARN.value}
_TYPES = {
    RequestType.NEW.value: "a new credit limit of",
    RequestType.INCREASE.value: "an increase to",
    RequestType.DECREASE.value: "a reduction to",
    RequestType.RENEWAL.value: "a renewal of",
    RequestType.TEMPORARY_INCREASE.value: "a temporary increase to",
    RequestType.CANCELLATION.value: "the cancellation of the limit",
}


def two_sentences(case: Case) -> str:
    """Who asks for what, and what stands in the way; from the case's own fields, no free text."""
    return f"{_who_asks(case)} {_what_is_left(case)}"


def _who_asks(case: Case) -> str:
    who = one_line(case.policyholder_name) or one_line(case.contact_name) or case.asker_address or "Somebody unknown"
    if case.policy_number:
        who += f" (policy {one_line(case.policy_number, 64)})"
    if case.kind == CaseKind.ENQUIRY:
        return f"{who} wrote to {case.team or 'the desk'}: {(case.intent or 'an enquiry').replace('_', ' ')}."
    what = _TYPES.get(case.request_type or "", "a credit limit of")
    if case.request_type != RequestType.CANCELLATION:
        what += f" {amount(case.amount, case.currency, 'en') or 'an amount not stated'}"
    buyer = one_line(case.buyer_name) or "a buyer not recognised"
    country = f" ({case.buyer_country})" if case.buyer_country else ""
    terms = f", {case.payment_terms_days} days" if case.payment_terms_days is not None else ""
    until = f", until {day(case.valid_until, 'en')}" if case.valid_until else ""
    return f"{who} asks for {what} on {buyer}{country}{terms}{until}."


def _what_is_left(case: Case) -> str:
    if case.kind == CaseKind.ENQUIRY:
        return f"It waits for an answer{_by(case)}."
    left = []
    if case.missing_documents:
        left.append("missing: " + ", ".join(document_names(list(case.missing_documents), "en")))
    failed = [c["name"].replace("_", " ") for c in case.checks or [] if c["outcome"] == CheckOutcome.FAIL]
    if failed:
        left.append("failed: " + ", ".join(failed))
    if case.candidates:
        left.append("possible matches to look at")
    text = "; ".join(left) or "Nothing is missing and no check failed"
    return f"{text[0].upper()}{text[1:]}{_by(case)}."


def _by(case: Case) -> str:
    return f"; needed by {day(case.needed_by, 'en')}" if case.needed_by else ""


def to_colleague(cases: Sequence[Case], unread: Sequence[str], with_register: bool) -> tuple[str, str]:
    """Subject and text for the colleague who forwarded a mail: short lines, readable on a phone.

    What the register knows (results of checks) is told only where the colleague is beyond doubt one.
    """
    lines = []
    for case in cases:
        lines += [case.reference, _who_asks(case)]
        if case.missing_documents:
            lines.append("Missing: " + ", ".join(document_names(list(case.missing_documents), "en")))
        open_checks = [c for c in case.checks or [] if c["outcome"] in _LOOK and c["name"] != "values_trusted"]
        if with_register:
            lines += [f"Look at: {c['detail']}" for c in open_checks[:5]]
        elif open_checks:
            lines.append("Look at: " + ", ".join(c["name"].replace("_", " ") for c in open_checks[:5]))
        lines.append(_where(case))
        lines.append("")
    lines += [f"Not read: {one_line(text)}" for text in unread]
    first = cases[0].reference + (f" and {len(cases) - 1} more" if len(cases) > 1 else "")
    text = "What was understood of your mail:\n\n" + "\n".join(lines).strip() + "\n"
    return f"Understood: {first}", text


def _where(case: Case) -> str:
    if case.kind == CaseKind.ENQUIRY:
        return f"With: {case.team or 'the desk'}"
    if not case.needs_review:
        return f"Checked; it is with {case.underwriter or case.team or 'the desk'}."
    return f"Confirm or correct: on its card in Slack, or `creditdesk cases confirm {case.reference}`"
