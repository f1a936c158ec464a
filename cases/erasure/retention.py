"""Mails are kept for as long as desk.yaml says; then their bytes, texts, addresses and quotes go."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from cases import audit
from cases.erasure import traces
from cases.erasure.traces import ERASED, Erasure, chunks
from cases.models import Case, CaseMessage, FieldEvidence, StoredMessage
from cases.vocabulary import ENDED, MessageState

_DONE = (MessageState.FILED.value, MessageState.IGNORED.value)


def forget_messages(session: Session, before: datetime, now: datetime) -> Erasure:
    """Empties the mails stored before that time whose cases have all ended; what was decided stays.

    Mails that wait for a person (quarantine) and those of open cases are kept. The caller's transaction.
    """
    done = Erasure()
    open_case = (
        exists()
        .where(CaseMessage.message_row_id == StoredMessage.id, Case.id == CaseMessage.case_id)
        .where(Case.status.not_in([status.value for status in ENDED]))
    )
    old = select(StoredMessage.id).where(
        StoredMessage.stored_at < before, StoredMessage.state.in_(_DONE), StoredMessage.size > 0, ~open_case
    )
    ids = list(session.scalars(old))
    if not ids:
        return done
    traces.begin(session)
    audit.lock(session)
    traces.drop_payloads(session, traces.events_of(session, (), ids), done)
    for part in chunks(ids):
        session.execute(
            update(FieldEvidence)
            .where(FieldEvidence.message_row_id.in_(part))
            .values(quote="", part="", start=0, end=0, derived=ERASED)
        )
    traces.empty_messages(session, ids, done)
    audit.record(session, kind="MessagesForgotten", actor="desk", at=now, after=done.counts)
    session.expire_all()
    return done
