"""Whose request it is, and who has authority."""

from datetime import UTC, datetime

import pytest

from cases.understanding import Contact, Triage
from cases.vocabulary import Department, Intent
from ingest.message import Letter
from ingest.senders import asker, authenticated, from_staff, message_facts
from tests.ingest.reading.mails import read

FORWARD = "fyi\n\n---------- Forwarded message ---------\nFrom: {}\nDate: 3 March 2026 10:00\nSubject: Limit\n\nhello 50,000\n"
NOW = datetime(2026, 3, 4, tzinfo=UTC)
SERVER = "mx.insurer.example"


def sender_of(found: object) -> str:
    assert isinstance(found, Letter)
    assert found.sender is not None
    return found.sender.address


def test_staff_are_known_by_domain() -> None:
    """The configured domains decide; without any, the domain of the addressee."""
    message = read("x", sender="a@sub.insurer.example")
    assert from_staff(message, ())
    assert from_staff(message, {"insurer.example"})
    assert not from_staff(message, {"other.example"})
    assert not from_staff(read("x", sender="a@evilinsurer.example"), ())


def test_the_client_asks_in_a_colleagues_forward() -> None:
    """A forward by staff is the client's request; an outsider asks for himself."""
    forward = FORWARD.format("Max <max@client.example>")
    assert sender_of(asker(read(forward, "Fwd: Limit"), ())) == "max@client.example"
    assert sender_of(asker(read(forward, "Fwd: Limit", sender="b@broker.example"), ())) == "b@broker.example"
    assert (
        sender_of(asker(read(FORWARD.format("Ann <ann@insurer.example>"), "Fwd: Limit"), ())) == "piet@insurer.example"
    )


def test_a_broker_who_only_passes_on_is_not_the_asker() -> None:
    """In a chain of forwards the letter that says something counts."""
    inner = FORWARD.format("Max <max@client.example>").removeprefix("fyi\n\n")
    chain = FORWARD.format("Broker <b@broker.example>").replace("hello 50,000\n", f"passing this on\n\n{inner}")
    assert sender_of(asker(read(chain, "FW: FW: Limit"), ())) == "max@client.example"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ((f"{SERVER}; dmarc=pass header.from=insurer.example",), True),
        ((f"{SERVER} 1; dkim=pass header.d=insurer.example",), True),
        ((f"{SERVER}; spf=pass smtp.mailfrom=piet@insurer.example",), True),
        ((f"{SERVER}; dkim=pass header.d=evil.example",), False),
        ((f"{SERVER}; spf=pass smtp.mailfrom=evil.example",), False),
        ((f"{SERVER}; dmarc=fail header.from=insurer.example; spf=pass smtp.mailfrom=insurer.example",), False),
        ((f"{SERVER}; none",), False),
        (("mx.evil.example; dmarc=pass header.from=insurer.example",), False),
        ((f"{SERVER}; dmarc=fail", f"{SERVER}; dmarc=pass header.from=insurer.example"), False),
        ((f"{SERVER}; spf=fail (dmarc=pass) smtp.mailfrom=insurer.example",), False),
        ((), False),
    ],
)
def test_only_our_server_vouches(results: tuple[str, ...], expected: bool) -> None:
    """Authority needs the topmost result of the configured server, passed and aligned with the sender."""
    headers = "".join(f"Authentication-Results: {value}\r\n" for value in results)
    from ingest.reading import read_message

    raw = f"{headers}From: Piet <piet@insurer.example>\r\nTo: desk@insurer.example\r\n\r\nx".encode()
    assert authenticated(read_message(raw), SERVER) is expected
    assert not authenticated(read_message(raw), "")


def test_facts_for_filing() -> None:
    """The facts name sender, asker and time in UTC."""
    triage = Triage(intent=Intent.UNRELATED, department=Department.NONE, contact=Contact())
    message = read(FORWARD.format("Max <max@client.example>"), "Fwd: Limit")
    facts = message_facts(message, triage, staff_domains=(), authserv_id="", stored_at=NOW)
    assert (facts.sender_address, facts.asker_address) == ("piet@insurer.example", "max@client.example")
    assert facts.from_staff
    assert not facts.authenticated
    assert facts.received_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_a_mail_without_a_date_came_when_it_was_stored() -> None:
    """No date, or an impossible one, gives the time of storing."""
    from ingest.reading import read_message
    from ingest.senders import received_at

    for header in (b"", b"Date: nonsense\r\n", b"Date: Mon, 01 Jan 1900 00:00:00 +0000\r\n"):
        assert received_at(read_message(header + b"From: a@b.example\r\n\r\nx"), NOW) == NOW
