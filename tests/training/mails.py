"""The invented mails that the linear models learn from, with their labels."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from ingest.message import Message
from ingest.reading import read_message
from tests.evaluation.mails import OWN, gold_of

CORPUS = Path(__file__).with_name("corpus")


def written() -> Iterator[tuple[Message, dict[str, Any]]]:
    """Mails written for learning, without the rules at hand: fields as in a triage."""
    for file in sorted(CORPUS.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                yield read_message(_as_mail(record)), record


def own() -> Iterator[tuple[Message, dict[str, Any]]]:
    """The project's own evaluation mails: the rules were made with them at hand."""
    for gold in gold_of(OWN):
        yield read_message((OWN / "eml" / f"{gold['id']}.eml").read_bytes()), gold


def _as_mail(record: dict[str, Any]) -> bytes:
    """The e-mail of a record; its attachments have names only."""
    mail = EmailMessage()
    mail["From"], mail["To"] = record["from"], "credit-desk@halden-credit.example"
    mail["Subject"] = " ".join(record["subject"].split())
    day = datetime.fromisoformat(record["date"][:10]).replace(hour=10, tzinfo=UTC)
    mail["Date"], mail["Message-ID"] = format_datetime(day), f"<{record['id']}@corpus.example>"
    mail.set_content(record["text"])
    for name in record.get("attachments", ()):
        mail.add_attachment(b"-", maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()
