"""A client's correspondence with the desk, over real IMAP and SMTP."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.doubles.imap_servers import ImapServer
from tests.doubles.smtp_sink import SmtpSink
from tests.serving.conftest import DESK, OFFICER, Desk, within

CLIENT = "ann@hartwell-bearings.example"


def mail(number: int, text: str, **headers: str) -> EmailMessage:
    """A mail of the client."""
    message = EmailMessage(policy=SMTP)
    fields = {
        "From": f"Ann Client <{CLIENT}>",
        "To": DESK,
        "Subject": "Credit limit for Nordbach Handels GmbH",
        "Date": f"Mon, 02 Mar 2026 10:{number:02}:00 +0000",
        "Message-ID": f"<m{number}@hartwell-bearings.example>",
    }
    for name, value in (fields | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    return message


REQUEST = (
    "Dear team,\n\nplease approve a new credit limit of EUR 400,000 for Nordbach Handels GmbH, Hauptstrasse 4, 20095"
    " Hamburg, Germany. Payment terms are 60 days. Our policy number is TC-204511.\n\n"
    "Kind regards\nAnn Client\nHartwell Bearings Ltd\n"
)


def accounts() -> bytes:
    """Financial statements as a client sends them."""
    from io import BytesIO

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Nordbach Handels GmbH", "Annual financial statements 2025"])
    for line in (["Balance sheet", "EUR"], ["Total assets", 4_200_000], ["Equity", 1_300_000], ["Revenue", 9_000_000]):
        sheet.append(line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def opened(desk: Desk, sink: SmtpSink, imap: ImapServer) -> tuple[str, EmailMessage]:
    """A case that waits for documents: its reference, and the mail that asked for them.

    The request is acknowledged unattended; the documents are asked for when an officer has confirmed the values.
    """
    imap.put(mail(1, REQUEST).as_bytes())
    [(to, acknowledgement)] = sink.wait(1)
    assert (to, acknowledgement["In-Reply-To"]) == (CLIENT, "<m1@hartwell-bearings.example>")
    assert (acknowledgement["Auto-Submitted"], acknowledgement["From"].addresses[0].addr_spec) == ("auto-replied", DESK)
    [case] = desk.run("cases", "list", "--json")
    assert case["reference"] in acknowledgement["Subject"] + acknowledgement.get_content()
    desk.run("cases", "confirm", case["reference"], "--as", OFFICER)
    (_, (to, letter)) = sink.wait(2)
    assert to == CLIENT
    assert "financial statements" in letter.get_content().lower()
    [case] = desk.run("cases", "list", "--json")
    assert (case["status"], case["missing_documents"]) == ("awaiting_documents", ["financial_statements"])
    return case["reference"], letter


def test_a_reply_with_the_document_completes_the_case(desk: Desk, imap: ImapServer, sink: SmtpSink) -> None:
    """Request → acknowledgement → documents asked for → reply in that thread with the file → nothing is missing."""
    desk.start()
    reference, letter = opened(desk, sink, imap)
    reply = mail(2, "Please find the accounts attached.\n\nAnn\n", In_Reply_To=letter["Message-ID"])
    reply.replace_header("Subject", "Accounts")
    reply.add_attachment(
        accounts(), maintype="application", subtype="vnd.ms-excel", filename="Financial statements 2025.xlsx"
    )
    imap.put(reply.as_bytes())
    within(lambda: desk.settled(2), "the reply is filed")
    [case] = desk.run("cases", "list", "--json")
    assert (case["reference"], case["missing_documents"]) == (reference, [])
    assert case["status"] not in ("awaiting_documents", "in_review")
    assert len(case["messages"]) == 2
    assert desk.stop() == 0
    assert len(sink.mails) == 2  # the client had today's automatic mail


@pytest.mark.slow
def test_a_bounce_comes_back_to_its_case(desk: Desk, imap: ImapServer, sink: SmtpSink) -> None:
    """Our mail could not be delivered: its row says so, the case knows, and no reminder goes to that address."""
    desk.start()
    reference, letter = opened(desk, sink, imap)
    imap.put(bounce(letter))
    within(lambda: desk.settled(2), "the bounce is taken in")
    assert desk.stop() == 0
    rows = desk.run("outbox", "list", "--json")
    assert [row["kind"] for row in rows] == ["acknowledgement", "document_request"]
    history = desk.run("cases", "history", reference, "--json")
    assert any("ounce" in str(event) for event in history)
    assert len(desk.run("cases", "list", "--json")) == 1
    assert len(sink.mails) == 2  # a bounce is never answered


def bounce(letter: EmailMessage) -> bytes:
    """What a mail server says when it cannot deliver."""
    return (
        "From: MAILER-DAEMON@mx.hartwell-bearings.example\r\nTo: desk@insurer.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nDate: Mon, 02 Mar 2026 10:30:00 +0000\r\n"
        "Message-ID: <bounce-1@mx.hartwell-bearings.example>\r\nAuto-Submitted: auto-replied\r\nReturn-Path: <>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry, your message could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.hartwell-bearings.example\r\n\r\n"
        f"Final-Recipient: rfc822; {CLIENT}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: {DESK}\r\nTo: {CLIENT}\r\n"
        f"Message-ID: {letter['Message-ID']}\r\nSubject: {letter['Subject']}\r\n\r\n--b--\r\n"
    ).encode()
