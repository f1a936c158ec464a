"""The invented mails that the intent's model learns from, as bytes and labels."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).with_name("corpus")


def labelled() -> Iterator[dict[str, Any]]:
    """The records of all files, in the order of their names: fields as in a triage, and what the mail is made of."""
    for file in sorted(CORPUS.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def as_mail(record: dict[str, Any]) -> bytes:
    """The e-mail of a record; its attachments have names only."""
    mail = EmailMessage()
    mail["From"], mail["To"] = record["from"], "credit-desk@halden-credit.example"
    mail["Subject"] = " ".join(record["subject"].split())
    day = datetime.fromisoformat(record["date"][:10]).replace(hour=10, tzinfo=UTC)
    mail["Date"], mail["Message-ID"] = format_datetime(day), f"<{record['id']}@corpus.example>"
    mail.set_content(record["text"])
    for name in record["attachments"]:
        mail.add_attachment(b"-", maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()
