"""From bytes to understanding: reading, triage and the facts that filing needs. Pure; touches no database."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cases.understanding import MessageFacts, Triage
from ingest.engine import Engine, Hint, ReadingContext
from ingest.message import FileInfo, Message

LONGEST_TEXT = 20_000  # characters of a mail's own text that filing looks at
_INVENTED = b"""From: A. Writer <a.writer@example.com>
To: desk@example.org
Date: Mon, 02 Mar 2026 10:00:00 +0000
Message-ID: <1@example.com>
Subject: limit for Nordwind GmbH

Good day, please increase the credit limit for Nordwind GmbH, Berlin, HRB 12345, to EUR 100,000 at 30 days net.
We sell steel pipes to them. Policy 123456. We need your answer by 15 March 2026.

Kind regards
A. Writer, Example Ltd
"""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a message beside its bytes."""

    stored_at: datetime
    staff_domains: frozenset[str] = frozenset()
    authserv_id: str = ""
    hints: tuple[Hint, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Understood:
    """All that goes on from here; plain enough to cross a process border and to be stored."""

    triage: dict[str, Any]  # cases.understanding.Triage without parts, as JSON
    facts: dict[str, Any]  # cases.understanding.MessageFacts, as JSON
    text_digest: str
    files: tuple[FileInfo, ...]
    unreadable: str | None  # why nothing of it can be read


def understand_by_rules(raw: bytes, circumstances: Circumstances) -> Understood:
    """Reading and rules triage in one go: what a reading process runs."""
    from ingest.reading import read_message

    return interpret(read_message(raw), _rules_engine(), circumstances)


def warm() -> None:
    """Reads an invented mail, so that all that is loaded on first use is there."""
    understand_by_rules(_INVENTED, Circumstances(datetime(2026, 3, 2, 12, tzinfo=UTC)))


def triage_by_rules(raw: bytes, circumstances: Circumstances) -> Triage:
    """Reading and rules triage, with the texts of the parts."""
    from ingest.reading import read_message

    return triage_of(read_message(raw), _rules_engine(), circumstances)


@lru_cache(maxsize=1)
def _rules_engine() -> Engine:
    from ingest.rules.engine import RulesEngine

    return RulesEngine()


def interpret(message: Message, engine: Engine, circumstances: Circumstances) -> Understood:
    """Triage and facts of a message that was read."""
    triage = triage_of(message, engine, circumstances)
    from ingest.labelled import labelled

    seen = {"text": written_text(message), "labels": labelled(message)}
    facts = facts_of(message, triage, circumstances).model_copy(update=seen)
    return Understood(
        triage=triage.model_dump(mode="json", exclude={"parts"}),
        facts=facts.model_dump(mode="json"),
        text_digest=text_digest(message),
        files=message.attachments,
        unreadable=_unreadable(message),
    )


def triage_of(message: Message, engine: Engine, circumstances: Circumstances) -> Triage:
    """What the message says."""
    plain = ReadingContext(staff_domains=circumstances.staff_domains, received_at=circumstances.stored_at)
    if not circumstances.hints:
        return engine.triage(message, plain)
    from ingest.hints import applying

    hints = applying(
        circumstances.hints, message, circumstances.staff_domains, lambda: _rules_engine().triage(message, plain)
    )
    return engine.triage(message, replace(plain, hints=hints))


def facts_of(message: Message, triage: Triage, circumstances: Circumstances) -> MessageFacts:
    """Who sent it, when, whether it may be answered."""
    from ingest.senders import message_facts

    return message_facts(
        message,
        triage,
        staff_domains=circumstances.staff_domains,
        authserv_id=circumstances.authserv_id,
        stored_at=circumstances.stored_at,
    )


def written_text(message: Message) -> str:
    """What the authors of the mail and of the mails forwarded in it wrote, without quotes, at most 20,000 characters."""
    written = [message.text_of(span) for letter in message.letters if letter.kind != "quoted" for span in letter.body]
    return "\n".join(written)[:LONGEST_TEXT].replace("\0", "")


def text_digest(message: Message) -> str:
    """Digest of what a reader sees: equal for copies that went other ways, whatever their transport headers."""
    seen = [" ".join(part.text.split()) for part in message.parts]
    seen += [f"{file.filename} {file.digest}" for file in message.attachments]
    if not any(seen):
        return message.digest
    return hashlib.sha256("\0".join([message.subject, *seen]).encode("utf-8", "surrogatepass")).hexdigest()


HEADER = frozenset({"from", "sender", "to", "subject", "date", "message-id", "received", "return-path", "cc"})


def _unreadable(message: Message) -> str | None:
    """The reason, where the bytes are no e-mail, or hold neither a sender nor anything to read."""
    if message.headers.keys().isdisjoint(HEADER):
        return "; ".join(["no e-mail: it has no header", *message.notes])
    if message.sender or message.attachments or any(part.text.strip() for part in message.parts):
        return None
    return "; ".join(["no readable e-mail", *message.notes])
