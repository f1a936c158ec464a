"""Mail out over real SMTP: what the server says decides, and a repeat is the same mail."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import fixed_clock
from cases.models import OutboxItem
from config.settings import SmtpSettings
from runtime import smtp as sending
from runtime.letters import LOOP_HEADER, compose
from runtime.outbox import Failed, Outbox, Retry, Sent
from runtime.smtp import SmtpTransport
from tests.doubles.imap_servers import free_port
from tests.doubles.smtp_sink import DROP, SmtpSink, smtp_sink

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def row(**values: object) -> OutboxItem:
    fields: dict[str, object] = {
        "key": "k",
        "kind": "acknowledgement",
        "channel": "email",
        "to": "ann@client.example",
        "state": "waiting",
        "subject": "Re: Limit für Bäcker GmbH [CR-2026-000001]",
        "text": "Guten Tag,\n\nwir haben Ihre Anfrage erhalten.\n",
        "message_id": "<desk.1@insurer.example>",
        "in_reply_to": "<a@client.example>",
        "references": ["<z@client.example>", "<a@client.example>"],
        "language": "de",
        "created_at": NOW,
        "due_at": NOW,
        "attempts": 0,
        "payload": {},
    }
    return OutboxItem(**(fields | values))


def transport(port: int, **values: Any) -> SmtpTransport:
    fields = {"host": "127.0.0.1", "port": port, "tls": "none", "from": "desk@insurer.example"} | values
    return SmtpTransport(SmtpSettings.model_validate(fields), sender_name="Credit desk", token=lambda: "token-7")


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as running:
        yield running


def test_a_mail_says_what_it_is(sink: SmtpSink) -> None:
    """Thread, loop marks and Message-ID of the row stand in the header; umlauts arrive."""
    assert isinstance(transport(sink.port).send(row()), Sent)
    [(to, mail)] = sink.mails
    assert (to, mail["To"], mail["From"]) == (
        "ann@client.example",
        "ann@client.example",
        "Credit desk <desk@insurer.example>",
    )
    assert mail["Message-ID"] == "<desk.1@insurer.example>"
    assert (mail["In-Reply-To"], mail["References"]) == (
        "<a@client.example>",
        "<z@client.example> <a@client.example>",
    )
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"], mail[LOOP_HEADER]) == (
        "auto-replied",
        "All",
        "1",
    )
    assert mail["Subject"] == "Re: Limit für Bäcker GmbH [CR-2026-000001]"
    assert "wir haben Ihre Anfrage erhalten" in mail.get_content()


def test_no_header_can_be_smuggled_in() -> None:
    """Line breaks in what came from outside never begin a header of ours."""
    mail = compose(row(subject="a\r\nBcc: evil@example.com", in_reply_to="<a\r\nX: y>"), "desk@insurer.example", "Desk")
    assert (mail["Bcc"], mail["X"]) == (None, None)
    for address in ("nobody", "a@b@c", ""):
        with pytest.raises(ValueError, match="no e-mail address"):
            compose(row(to=address), "desk@insurer.example", "Desk")


def test_refusals(sink: SmtpSink) -> None:
    """4xx and a cut connection: again; 5xx: never; a bad address: never."""
    sink.answers = ["451 4.3.0 later", "550 5.1.1 no such user", DROP, "250 OK"]
    sender = transport(sink.port)
    outcomes = [sender.send(row()) for _ in range(4)]
    assert [type(outcome) for outcome in outcomes] == [Retry, Failed, Retry, Sent]
    assert "451" in getattr(outcomes[0], "reason", "")
    assert isinstance(sender.send(row(to="nobody")), Failed)
    ids = {mail["Message-ID"] for _, mail in sink.mails}
    assert (len(sink.mails), ids) == (2, {"<desk.1@insurer.example>"})  # the mail of the cut connection came twice


def test_a_row_is_one_mail_over_all_tries(sink: SmtpSink, sessions: "sessionmaker[Session]") -> None:
    """A temporary refusal leaves the row waiting with its reason; the next try carries the same Message-ID."""
    sink.answers = ["451 4.3.0 later"]
    with sessions.begin() as session:
        session.add(row())
    worker = Outbox(sessions, {"email": transport(sink.port)}, "slot-0", fixed_clock(NOW))
    worker.once()
    with sessions.begin() as session:
        item = session.query(OutboxItem).one()
        assert (item.state, item.attempts) == ("waiting", 1)
        assert "451" in (item.error or "")
        assert 0 < (item.due_at - datetime.now(UTC)).total_seconds() <= 60
        item.due_at = NOW
    worker.once()
    worker.once()
    with sessions() as session:
        item = session.query(OutboxItem).one()
        assert (item.state, item.sent_at, item.error) == ("sent", NOW, None)
    assert [mail["Message-ID"] for _, mail in sink.mails] == ["<desk.1@insurer.example>"]


def test_a_server_that_is_away_is_not_hammered(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed connection the next rows wait without a try of their own; then the server is tried again."""
    port = free_port()
    sender = transport(port)
    assert isinstance(sender.send(row()), Retry)
    with smtp_sink() as sink:
        sender.settings.port = sink.port
        assert isinstance(sender.send(row()), Retry)
        assert sink.mails == []
        monkeypatch.setattr(sending, "AWAY", 0.0)
        sender._away_until = 0.0
        assert isinstance(sender.send(row()), Sent)


def test_a_refused_account_is_no_fault_of_the_mail() -> None:
    """A wrong password leaves the row waiting; the right one sends it."""

    def check(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    with smtp_sink(authenticator=check, auth_require_tls=False, auth_required=True) as sink:
        outcome = transport(sink.port, user="desk", password="wrong").send(row())
        assert isinstance(outcome, Retry)
        assert "wrong" not in outcome.reason
        assert isinstance(transport(sink.port, user="desk", password="right").send(row()), Sent)
        assert len(sink.mails) == 1


def test_a_token_instead_of_a_password() -> None:
    """XOAUTH2 on the wire: user and bearer token."""
    import base64

    with smtp_sink(auth_require_tls=False, auth_required=True) as sink:
        sender = transport(sink.port, auth="oauth2", user="desk@insurer.example")
        assert isinstance(sender.send(row()), Sent)
        assert base64.b64decode(sink.tokens[0]) == b"user=desk@insurer.example\x01auth=Bearer token-7\x01\x01"


def test_a_connection_that_went_stale_is_replaced(sink: SmtpSink) -> None:
    """A connection that the server closed meanwhile costs no mail and no retry."""
    sender = transport(sink.port)
    assert isinstance(sender.send(row()), Sent)
    assert sender._client is not None
    assert sender._client.sock is not None
    sender._client.sock.shutdown(2)
    assert isinstance(sender.send(row(message_id="<desk.2@insurer.example>")), Sent)
    assert len(sink.mails) == 2


def test_plain_text_is_never_a_fallback(sink: SmtpSink) -> None:
    """Where TLS is asked for and the server has none, nothing is sent."""
    assert isinstance(transport(sink.port, tls="starttls").send(row()), Retry)
    assert sink.mails == []
