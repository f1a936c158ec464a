"""Mails are kept as long as desk.yaml says, and no longer."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import audit
from cases.erasure import forget_messages
from cases.models import Case, CaseMessage, FieldEvidence, StoredMessage
from tests.cases.support import NOW, furnish, request


def add_message(session: Session, number: int, case: Case | None, state: str = "filed") -> StoredMessage:
    message = StoredMessage(
        digest=str(number) * 64, raw=b"From: petra@alder.example", size=25, subject="Limit", sender="petra@alder.example",
        received_at=NOW, stored_at=NOW, state=state, triage={"text": "x"}, facts={"text": "secret words"},
        message_id=f"m{number}@alder.example",
    )  # fmt: skip
    session.add(message)
    session.flush()
    if case is not None:
        session.add(CaseMessage(case_id=case.id, message_row_id=message.id, position=0, relation="opened"))
        session.add(
            FieldEvidence(
                case_id=case.id, message_row_id=message.id, field="amount", value="5", quote="five of Petra's words",
                part="body", start=0, end=5, state="confirmed", engine="rules", set_at=NOW,
            )
        )  # fmt: skip
    session.flush()
    return message


def test_old_mail_of_ended_cases_is_emptied(session: Session) -> None:
    """Bytes, texts, addresses and quotes go; open cases, quarantine and younger mail keep theirs; the chain verifies."""
    furnish(session)
    ended, open_ = request(session), request(session)
    ended.status = "approved"
    rows = [
        add_message(session, 1, ended),
        add_message(session, 2, open_),
        add_message(session, 3, None, "ignored"),
        add_message(session, 4, None, "quarantined"),
    ]
    audit.record(session, kind="Test", actor="client", at=NOW, message_row_id=rows[0].id, after={"text": "Petra"})
    session.flush()
    assert forget_messages(session, NOW - timedelta(days=1), NOW).total == 0
    done = forget_messages(session, NOW + timedelta(days=1), NOW)
    assert (done.counts["messages"], done.counts["event payloads"]) == (2, 1)
    kept = [(len(row.raw), row.facts is None, row.digest[:1]) for row in rows]
    assert kept == [(0, True, "1"), (25, False, "2"), (0, True, "3"), (25, False, "4")]
    quotes = list(session.scalars(select(FieldEvidence.quote).where(FieldEvidence.case_id == ended.id)))
    assert "five of Petra's words" not in quotes
    assert audit.verify(session) == []
    assert forget_messages(session, NOW + timedelta(days=1), NOW).total == 0
