"""Mail of machines is known, and so is a bounce of ours."""

import pytest

from ingest.automatic import bounced_message_id, is_automatic, signs
from ingest.reading import read_message
from tests.ingest.reading.mails import mail, read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated; x=y"),
        ("Precedence", "bulk"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Autoreply", "yes"),
        ("List-Unsubscribe", "<https://news.example/u>"),
        ("List-Id", "News <news.paper.example>"),
        ("Return-Path", "<>"),
        ("X-Loop", "creditdesk"),
    ],
)
def test_headers_of_machines(name: str, value: str) -> None:
    """Each header by which machines mark their mail is enough."""
    assert is_automatic(read("hello", headers=((name, value),)))


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Limit", "Automatische Antwort: Limit", "Réponse automatique : Limite", "Respuesta automática: x",
        "Risposta automatica: x", "Automatyczna odpowiedź: x", "Automatisch antwoord: x", "Automatická odpověď: x",
        "Undelivered Mail Returned to Sender", "Unzustellbar: Limit", "Lu : Votre demande", "Gelesen: Limit",
    ],
)  # fmt: skip
def test_subjects_of_machines(subject: str) -> None:
    """Automatic subjects are known in eight languages, also without a header."""
    assert is_automatic(read("hello", subject))


def test_senders_of_machines() -> None:
    """Addresses that nobody reads are automatic."""
    for local in ("no-reply", "MAILER-DAEMON", "noreply+x", "postmaster", "donotreply"):
        assert is_automatic(read("hello", sender=f"X <{local}@x.example>"))


def test_ordinary_mail_is_answered() -> None:
    """People's mail, "Auto-Submitted: no" and the desk's own group address are not automatic."""
    assert not is_automatic(read("please raise the limit"))
    assert not is_automatic(read("x", headers=(("Auto-Submitted", "no"),)))
    assert not is_automatic(read("x", headers=(("List-Id", "desk <desk.insurer.example>"),)))
    assert not is_automatic(read("x", "Automatic pump systems: limit"))


BOUNCE = (
    b"From: MAILER-DAEMON@mx.example\r\nTo: desk@insurer.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nsorry\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: failed\r\n--b\r\n"
)


def test_a_bounce_names_the_mail_that_came_back() -> None:
    """The Message-ID of the returned mail or of its header is found; the mail is no forward."""
    for part in (
        b"Content-Type: message/rfc822\r\n\r\nMessage-ID: <out.1@insurer.example>\r\nFrom: desk@insurer.example\r\n\r\ntext\r\n--b--",
        b"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <out.1@insurer.example>\r\n--b--",
    ):
        message = read_message(BOUNCE + part)
        assert bounced_message_id(message) == "out.1@insurer.example"
        assert "report" in signs(message)
        assert not [letter for letter in message.letters if letter.kind == "forwarded"]


def test_other_mail_is_no_bounce() -> None:
    """A reply and a receipt are no bounces."""
    assert bounced_message_id(read_message(mail("x", headers=(("In-Reply-To", "<1@insurer.example>"),)))) is None
