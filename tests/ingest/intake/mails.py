"""Small invented mails for the tests of the intake."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP


def request(number: int, *, text: str = "", message_id: str | None = None, **headers: str) -> bytes:
    """A client's request for a limit on a buyer of its own, as raw bytes. `headers`: further ones, first in the mail."""
    mail = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail["From"] = f"Ann Client <ann@client{number}-works.example>"
    mail["To"] = "desk@insurer.example"
    mail["Subject"] = f"Limit request Nordbach {number} GmbH"
    mail["Date"] = f"Mon, 02 Mar 2026 10:{number % 60:02}:00 +0000"
    mail["Message-ID"] = message_id or f"<request-{number}@client{number}-works.example>"
    mail.set_content(
        text
        or f"Dear team,\n\nplease approve a new credit limit of EUR {number + 1}0,000 for Nordbach {number} GmbH,"
        f" Hamburg, Germany. Terms: 60 days. Our policy number is TC-20451{number % 10}.\n\nKind regards\nAnn Client\n"
    )
    return mail.as_bytes()


def with_file(number: int) -> bytes:
    """The same request with a table attached."""
    mail = message_from_bytes(request(number), EmailMessage, policy=SMTP)
    mail.add_attachment(
        f"Nordbach {number} GmbH;Balance sheet 2025\nTotal assets;4200000\nEquity;1300000\n",
        subtype="csv",
        filename="Balance sheet 2025.csv",
    )
    mail.set_boundary("=_files")
    return mail.as_bytes()


OUT_OF_OFFICE = (
    b"From: Bo Away <bo@client1-works.example>\r\nTo: desk@insurer.example\r\nSubject: Automatic reply: limit\r\n"
    b"Date: Mon, 02 Mar 2026 11:00:00 +0000\r\nMessage-ID: <away@client1-works.example>\r\n"
    b"Auto-Submitted: auto-replied\r\n\r\nI am out of the office until Monday.\r\n"
)
