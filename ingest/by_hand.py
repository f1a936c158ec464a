"""A colleague puts a message where it belongs, whatever the machine made of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from cases.filing import file_by_hand as file_stored
from cases.models import StoredMessage
from cases.queries.lists import find_case
from cases.rights import Asker, require
from cases.understanding import MessageFacts, Triage
from cases.vocabulary import DEPARTMENT_OF, Intent, MessageState
from config.desk import DeskRules
from config.errors import Conflict
from ingest import ledger


def file_by_hand(
    session: Session, number: int, to: str | None, asker: Asker, rules: DeskRules, now: datetime
) -> list[str]:
    """Files message `number` into the case `to`, or into a new one; gives the references of its cases.

    Raises Refused, NotFound, and Conflict while the intake still carries the message.
    """
    require(asker, "file_message", rules.rights)
    ledger.lock_filing(session)
    row = ledger.find(session, number)
    if row.state == MessageState.IN_PROGRESS:
        raise Conflict(f"message {number} is still being taken in: wait, or run creditdesk intake to finish it")
    result = file_stored(
        session,
        row,
        _triage(row),
        _facts(row),
        rules,
        now,
        actor=asker.email,
        to=find_case(session, to) if to else None,
    )
    row.state, row.reason, row.parked, row.filed_at = MessageState.FILED, None, False, now
    session.flush()
    return result.cases


def _triage(row: StoredMessage) -> Triage:
    """What was understood; nothing at all where the message could not be read."""
    if row.triage:
        return Triage.model_validate(row.triage)
    return Triage(intent=Intent.STATUS_QUERY, department=DEPARTMENT_OF[Intent.STATUS_QUERY])


def _facts(row: StoredMessage) -> MessageFacts:
    if row.facts:
        return MessageFacts.model_validate(row.facts)
    return MessageFacts(digest=row.digest, subject=row.subject or "", received_at=row.received_at)
