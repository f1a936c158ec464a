"""A confirmed case as a worked example for the model: the message's text and the right values with their quotes."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.learning.rules import Scope, keep
from cases.models import Case, CaseMessage, FieldEvidence, StoredMessage
from cases.understanding import REQUEST_FIELDS, MessageFacts
from cases.values import parse_field
from config.errors import InvalidValue

LONGEST = 6_000  # characters of a message that may serve as an example
MESSAGE_FIELDS = ("policy_number", "policyholder_name", "contact_name", "contact_email", "contact_phone", "needed_by")
_NUMBER = re.compile(r"\d[\d.,'’  ]*\d|\d")


def learn_example(
    session: Session,
    case: Case,
    scope: Scope,
    stored: StoredMessage,
    facts: MessageFacts,
    corrected: Sequence[str],
    actor: str,
    now: datetime,
) -> None:
    """Keeps the message as an example where it holds this one request and shows what was corrected."""
    others = select(func.count()).where(CaseMessage.message_row_id == stored.id, CaseMessage.relation == "opened")
    if session.scalar(others) != 1 or not 0 < len(facts.text) <= LONGEST or case.request_type is None:
        return
    text = f"{facts.subject}\n\n{facts.text}"
    values = _values(session, case, text)
    if not any(field in values for field in corrected):
        return
    payload: dict[str, object] = {
        "subject": facts.subject,
        "text": facts.text,
        "date": facts.received_at.isoformat(),
        "intent": case.intent or "",
        "language": case.language or "",
        "values": values,
    }
    sentence = f"example: {case.reference}, as it was corrected ({', '.join(corrected)})"
    keep(session, case, scope, kind="example", key=stored.digest, payload=payload, sentence=sentence,
         message_id=stored.id, actor=actor, now=now)  # fmt: skip


def _values(session: Session, case: Case, text: str) -> dict[str, object]:
    """Field → value and quotes, for every field whose quotes stand in the text."""
    found: dict[str, object] = {}
    for field in (*MESSAGE_FIELDS, *REQUEST_FIELDS):
        value = getattr(case, field)
        if value is None:
            continue
        quotes = [one for one in _quotes(session, case, field, value, text) if one in text]
        if quotes:
            found[field] = {"value": _plain(value), "quotes": quotes[:3]}
    return found


def _quotes(session: Session, case: Case, field: str, value: object, text: str) -> Iterable[str]:
    rows = session.scalars(
        select(FieldEvidence).where(
            FieldEvidence.case_id == case.id, FieldEvidence.field == field, FieldEvidence.current
        )
    ).all()
    quoted = [row.quote for row in rows if row.quote and row.engine != "person"]
    if quoted:
        return quoted
    if isinstance(value, str) and value in text:
        return [value]
    if isinstance(value, Decimal | int):
        return [one for one in dict.fromkeys(_NUMBER.findall(text)) if _reads(field, one) == value][:1]
    return []


def _reads(field: str, text: str) -> object:
    try:
        return parse_field(field, text)
    except InvalidValue:
        return None


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
