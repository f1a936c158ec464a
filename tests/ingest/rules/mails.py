"""Mails for the tests of the rules engine, made in place."""

from email.message import EmailMessage

from cases.understanding import Triage
from ingest.engine import Hint, ReadingContext
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine

ENGINE = RulesEngine()
FOOT = "\n\nKind regards\nMary Poole\nPoole Castings Ltd\nPolicy TC-100200\nTel. +44 1202 555 018\n"


def understood(
    body: str,
    *,
    subject: str = "Credit limits",
    sender: str = "Mary Poole <mary@poole-castings.example>",
    files: dict[str, bytes] | None = None,
    headers: dict[str, str] | None = None,
    hints: tuple[Hint, ...] = (),
    html: bool = False,
) -> Triage:
    """What the engine says of a mail written on Wednesday, 4 March 2026."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "desk@insurer.example", subject
    mail["Date"] = "Wed, 04 Mar 2026 09:00:00 +0000"
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content(body, subtype="html" if html else "plain")
    for filename, data in (files or {}).items():
        mail.add_attachment(
            data, maintype="text", subtype="csv" if filename.endswith("csv") else "plain", filename=filename
        )
    return ENGINE.triage(read_message(mail.as_bytes()), ReadingContext(hints=hints))
