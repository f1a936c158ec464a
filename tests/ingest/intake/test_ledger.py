"""The ledger keeps every byte sequence once, and knows copies from other mails."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.models import MailboxCopy, StoredMessage
from config.errors import Conflict, NotFound
from ingest import ledger
from tests.ingest.intake.conftest import NOW
from tests.ingest.intake.mails import OUT_OF_OFFICE, request

Take = Callable[..., list[int]]


@given(raw=st.binary(max_size=400))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_bytes_come_out_as_they_came_in(sessions: "sessionmaker[Session]", raw: bytes) -> None:
    """Any bytes, also none, have one row, and the row gives them back."""
    with sessions.begin() as session:
        first = ledger.store(session, raw, now=NOW).id
    with sessions.begin() as session:
        again = ledger.store(session, raw, now=NOW)
        assert (again.id, again.raw, again.digest) == (first, raw, ledger.digest_of(raw))


def test_a_place_is_noted_once(session: Session) -> None:
    """The same bytes at two places of a server are one message with two places."""
    places = [ledger.MailboxPlace("imap", "INBOX", 7, uid) for uid in (1, 2, 1)]
    rows = {ledger.store(session, b"x", now=NOW, mailbox=place).id for place in places}
    assert len(rows) == 1
    assert session.scalar(select(func.count()).select_from(MailboxCopy)) == 2


def test_a_copy_is_ignored_and_names_the_first(take: Take, session: Session) -> None:
    """To and Cc copies differ in their transport headers only: one case, the copy points at the first."""
    first, copy, third = take(
        request(1),
        request(1, Received="from other.example by mx.example; Mon, 2 Mar 2026 10:01:00 +0000"),
        request(1, Received="from third.example by mx.example; Mon, 2 Mar 2026 10:02:00 +0000"),
    )
    assert session.get_one(StoredMessage, first).state == "filed"
    for row in (session.get_one(StoredMessage, copy), session.get_one(StoredMessage, third)):
        assert (row.state, row.reason) == ("ignored", f"copy of {first}")
    assert len(ledger.references_of(session, [first])[first]) == 1
    assert ledger.references_of(session, [copy])[copy] == []


def test_a_copy_is_known_in_a_later_run_too(take: Take, session: Session) -> None:
    """A copy that comes another day is still a copy."""
    [first] = take(request(1))
    [copy] = take(request(1, Received="from late.example by mx.example; Tue, 3 Mar 2026 10:01:00 +0000"))
    assert session.get_one(StoredMessage, copy).reason == f"copy of {first}"


def test_a_reused_message_id_swallows_nothing(take: Take, session: Session) -> None:
    """Another text under a known Message-ID is a message of its own."""
    ids = take(request(1), request(2, message_id="<request-1@client1-works.example>"))
    assert [session.get_one(StoredMessage, row_id).state for row_id in ids] == ["filed", "filed"]


def test_copies_without_message_id(take: Take, session: Session) -> None:
    """Without a Message-ID, sender, time and text together tell a copy."""
    bare = b"\r\n".join(line for line in request(1).split(b"\r\n") if not line.startswith(b"Message-ID"))
    first, copy = take(bare, b"Received: from x.example by y.example\r\n" + bare)
    assert session.get_one(StoredMessage, copy).reason == f"copy of {first}"


def test_automatic_mail_opens_nothing(take: Take, session: Session) -> None:
    """An out-of-office note ends in the ledger."""
    [row_id] = take(OUT_OF_OFFICE)
    assert session.get_one(StoredMessage, row_id).state == "ignored"
    assert ledger.references_of(session, [row_id])[row_id] == []


def test_what_is_no_mail_is_quarantined(take: Take, session: Session) -> None:
    """Bytes that hold nothing to read are kept, with the reason."""
    [row_id] = take(b"")
    row = session.get_one(StoredMessage, row_id)
    assert row.state == "quarantined"
    assert row.reason is not None
    assert "no e-mail" in row.reason


def test_a_filed_message_is_not_begun_again(take: Take, session: Session) -> None:
    """Retrying is for what did not end in a case."""
    [row_id] = take(request(1))
    with pytest.raises(Conflict, match="filed already"):
        ledger.begin_again(session, [row_id])
    with pytest.raises(NotFound, match="messages list"):
        ledger.begin_again(session, [row_id + 99])
