"""A client or person is erased everywhere; figures and the audit chain stay."""

import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cases import audit, commands
from cases.erasure import erase_person, erase_policyholder
from cases.models import (
    Attachment,
    Base,
    Case,
    CaseMessage,
    Conversation,
    ConversationTurn,
    Event,
    FieldEvidence,
    LearnedRule,
    ModelCall,
    OutboxItem,
    StoredMessage,
)
from cases.queries import find_case
from cases.vocabulary import Status
from config.errors import NotFound, Refused
from tests.cases.support import ADMIN, MANAGER, NOW, OFFICER, SALES, UNDERWRITER, furnish, request, rules

CLIENT, CONTACT = "Alder Tools Ltd", "petra.kunde@alder.example"


def everything(session: Session) -> str:
    """All that the database holds, as text."""
    session.flush()
    parts = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            parts.append(
                json.dumps(
                    [bytes(v).decode("latin-1") if isinstance(v, bytes) else v for v in row],
                    default=str,
                    ensure_ascii=False,
                )
            )
    return "\n".join(parts).casefold()


@pytest.fixture
def case(session: Session) -> Case:
    """A case with traces of its client everywhere."""
    furnish(session)
    case = request(session)
    case.contact_name, case.contact_email, case.summary = "Petra Kunde", CONTACT, f"{CLIENT} asks for more."
    message = StoredMessage(
        digest="d" * 64, raw=f"From: {CONTACT} {CLIENT}".encode(), size=9, subject=f"Limit for {CLIENT}", sender=CONTACT,
        received_at=NOW, stored_at=NOW, state="filed", triage={"policyholder_name": CLIENT}, message_id="x@alder.example",
    )  # fmt: skip
    session.add(message)
    session.flush()
    session.add_all(
        [
            CaseMessage(case_id=case.id, message_row_id=message.id, relation="opened"),
            Attachment(message_id=message.id, filename=f"{CLIENT}.pdf", media_type="x/y", size=1, digest="e" * 64),
            FieldEvidence(case_id=case.id, message_row_id=message.id, field="contact_email", value=CONTACT, quote=CONTACT, part="body", engine="rules", state="proposed", set_at=NOW),
            OutboxItem(key="a", kind="acknowledgement", channel="email", to=CONTACT, case_id=case.id, message_row_id=message.id, state="draft", subject=CLIENT, text=f"Dear Petra Kunde of {CLIENT}", created_at=NOW, due_at=NOW),
            LearnedRule(kind="default_currency", payload={}, sentence=f"{CLIENT} means EUR", created_by=OFFICER.email, created_at=NOW, message_id=message.id),
            ModelCall(key="k", purpose="triage", model="m", answer={"policyholder_name": CLIENT}, at=NOW, message_row_id=message.id),
        ]
    )  # fmt: skip
    talk = Conversation(
        person=SALES.email, thread="t", state={"subject": case.reference}, summary=CLIENT, updated_at=NOW
    )
    session.add(talk)
    session.flush()
    session.add(
        ConversationTurn(conversation_id=talk.id, question=f"where is {CLIENT}?", answer={"answer": CONTACT}, at=NOW)
    )
    commands.note(session, case, OFFICER, NOW, rules(), f"Petra Kunde of {CLIENT} rang")
    commands.correct(session, case, OFFICER, NOW, rules(), "policyholder_name", CLIENT.upper())
    commands.confirm(session, case, OFFICER, NOW, rules())
    return case


def test_client(session: Session, case: Case) -> None:
    """Nothing of the client is left anywhere; amounts, states and the chain are."""
    reference, events = case.reference, session.scalars(select(Event.sequence)).all()
    done = erase_policyholder(session, CLIENT, MANAGER, NOW)
    session.commit()
    left = everything(session)
    for word in (CLIENT, "Petra", CONTACT, "TC-900100", "Birke", "alder.example"):
        assert word.casefold() not in left, word
    assert {"messages", "attachments", "cases", "event payloads", "learned rules", "model calls"} <= done.counts.keys()
    emptied = find_case(session, reference)
    assert (emptied.amount, emptied.currency, emptied.status) == (100_000, "EUR", Status.WITHDRAWN)
    assert session.scalar(select(OutboxItem.state)) == "rejected"
    assert session.scalar(select(StoredMessage.digest)) == "d" * 64
    assert set(events) <= set(session.scalars(select(Event.sequence)))
    assert audit.verify(session) == []


def test_contact(session: Session, case: Case) -> None:
    """A contact's words and address go; the client's case stays with its values."""
    erase_person(session, CONTACT.upper(), ADMIN, NOW)
    session.commit()
    left = everything(session)
    assert CONTACT not in left
    assert "petra" not in left
    kept = find_case(session, case.reference)
    assert (kept.policyholder_name, kept.amount) == (CLIENT.upper(), 100_000)
    assert audit.verify(session) == []


def test_colleague(session: Session, case: Case) -> None:
    """A colleague's name goes from people, cases and history; the chain verifies and forgeries are still found."""
    decided = request(session, Status.READY)
    commands.decide(session, decided, UNDERWRITER, NOW, rules(), outcome="declined")
    erase_person(session, UNDERWRITER.email, MANAGER, NOW)
    session.commit()
    left = everything(session)
    assert UNDERWRITER.email not in left
    assert UNDERWRITER.name.casefold() not in left
    assert decided.status == Status.DECLINED
    assert audit.verify(session) == []
    session.execute(text("update events set actor = 'somebody@else.example' where actor = 'erased'"))
    assert audit.verify(session) != []


def test_only_managers_and_admins(session: Session, case: Case) -> None:
    """Others may not erase, and who is not stored cannot be erased."""
    for asker in (OFFICER, UNDERWRITER, SALES):
        with pytest.raises(Refused):
            erase_policyholder(session, CLIENT, asker, NOW)
    with pytest.raises(NotFound):
        erase_policyholder(session, "Nobody Ltd", MANAGER, NOW)
    with pytest.raises(NotFound):
        erase_person(session, "nobody@nowhere.example", MANAGER, NOW)
