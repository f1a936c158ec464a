"""Mail and cards that the desk writes, as outbox rows in the business transaction.

Unattended mail comes from fixed texts only and goes to the client who wrote, never to automatic senders, and at most
`per_sender_and_day` a day to each outside address. Every row has a key, so that it is written once however often.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from cases.calendar import zone_of
from cases.clock import system_clock
from cases.models import Case, CaseMessage, OutboxItem, StoredMessage
from cases.policies import domain_of
from cases.texts import language_of
from cases.understanding import MessageFacts
from cases.vocabulary import Channel, OutboxState
from config.desk import DeskRules

ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@\\]+@[^\s<>,;:\"'()\[\]@\\]+")
ROBOT = re.compile(
    r"^(mailer-?daemon|postmaster|bounces?|(?:do[-_.]?not|no)[-_.]?(?:reply|answer)|nicht-?antworten|ne-?pas-?repondre"
    r"|noreply|listserv|majordomo|auto-?(?:reply|responder|confirm))\b",
    re.IGNORECASE,
)
DEVICE = re.compile(r"^(scan(ner)?|copier|kopierer|printer|drucker|mfp|fax)([-_.\d]|@)", re.IGNORECASE)
CAP_REASON = "one automatic mail has gone to this address today already: a person decides"
UNATTENDED = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.SENT, OutboxState.FAILED)
_BY_KEY = select(OutboxItem.id).where(OutboxItem.key == bindparam("wanted"))
_SENT_TO = (
    select(func.count())
    .select_from(OutboxItem)
    .where(
        OutboxItem.channel == Channel.EMAIL.value,
        OutboxItem.to == bindparam("address"),
        OutboxItem.automatic,
        OutboxItem.state.in_([s.value for s in UNATTENDED]),
        OutboxItem.created_at >= bindparam("start"),
        OutboxItem.created_at < bindparam("end"),
    )
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be written: what it is, and the thread in which it stands."""

    key: str
    kind: str
    to: str
    subject: str
    text: str
    language: str
    state: OutboxState = OutboxState.WAITING
    automatic: bool = True
    case: Case | None = None
    stored: StoredMessage | None = None
    in_reply_to: str | None = None  # without brackets
    references: tuple[str, ...] = ()
    payload: Mapping[str, object] | None = None
    approved_by: str | None = None
    error: str | None = None


def write(session: Session, letter: Letter, rules: DeskRules, now: datetime) -> OutboxItem:
    """The outbox row of a letter; where one with its key exists already, that one, unchanged."""
    if (known := _written(session, letter.key)) is not None:
        return known
    if letter.case in session.new:
        session.flush()
    row = OutboxItem(
        key=letter.key,
        kind=letter.kind,
        channel=Channel.EMAIL.value,
        to=letter.to,
        case_id=letter.case.id if letter.case else None,
        message_row_id=letter.stored.id if letter.stored else None,
        state=letter.state.value,
        subject=_header(letter.subject),
        text=letter.text,
        payload=dict(letter.payload or {}),
        message_id=message_id(letter.key, rules),
        in_reply_to=f"<{_header(letter.in_reply_to)}>" if letter.in_reply_to else None,
        references=[f"<{_header(r)}>" for r in letter.references],
        language=letter.language,
        automatic=letter.automatic,
        created_at=now,
        due_at=system_clock(),
        approved_by=letter.approved_by,
        error=letter.error,
    )
    session.add(row)
    return row


def _written(session: Session, key: str) -> OutboxItem | None:
    """The row with that key, where there is one."""
    row_id = session.scalar(_BY_KEY, {"wanted": key})
    return None if row_id is None else session.get(OutboxItem, row_id)


def card(
    session: Session, channel: str, stored: StoredMessage, cases: Sequence[Case], text: str, now: datetime
) -> OutboxItem:
    """The review card of a message for the desk's Slack channel; `text` is plain and to be escaped by who sends it."""
    key = f"review_card:{stored.digest}"
    if (known := _written(session, key)) is not None:
        return known
    row = OutboxItem(
        key=key,
        kind="review_card",
        channel=Channel.SLACK.value,
        to=channel,
        case_id=cases[0].id,
        message_row_id=stored.id,
        state=OutboxState.WAITING.value,
        text=text,
        payload={"cases": [case.reference for case in cases], "message": stored.id},
        references=[],
        automatic=True,
        created_at=now,
        due_at=system_clock(),
    )
    session.add(row)
    return row


def message_id(key: str, rules: DeskRules) -> str:
    """The Message-ID of a row, with angle brackets: the same for the same key, so that a repeat is one mail."""
    domain = domain_of(rules.desk.address) or "creditdesk.invalid"
    return f"<desk.{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _header(text: str) -> str:
    """Text for a header line: no line breaks, no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:900]


def is_answerable(address: str | None, own: Sequence[str]) -> bool:
    """Whether a mail may go to an address at all: a plain one, no robot, not our own."""
    if not address or len(address) > 320 or not ADDRESS.fullmatch(address):
        return False
    return not ROBOT.match(address) and address.lower() not in {o.lower() for o in own if o}


def client_address(
    facts: MessageFacts, rules: DeskRules, own: Sequence[str] = (), contact: str | None = None
) -> str | None:
    """Where an unattended answer to a message goes; None: nowhere.

    Only the client who wrote it directly is answered; a Reply-To counts where it stays in the sender's domain,
    since any other would let a stranger make us write to third parties. What a scanner or fax sent is answered to
    the `contact` that the message names in the same domain: nobody reads a device's mail.
    """
    own = (*own, rules.desk.address)
    sender = (facts.sender_address or "").lower()
    if facts.automatic or facts.from_staff or not is_answerable(sender, own):
        return None
    if facts.asker_address and facts.asker_address.lower() != sender:
        return None
    reply_to = (facts.reply_to or "").lower()
    if reply_to and domain_of(reply_to) == domain_of(sender):
        return reply_to if is_answerable(reply_to, own) else None
    person = (contact or "").lower()
    if DEVICE.match(sender) and domain_of(person) == domain_of(sender) and is_answerable(person, own):
        return person
    return sender


def within_daily_cap(session: Session, address: str, rules: DeskRules, now: datetime) -> bool:
    """Whether another unattended mail may go to an outside address today (the desk's day)."""
    zone = zone_of(rules.calendar)
    start = datetime.combine(now.astimezone(zone).date(), time(), zone)
    written = session.scalar(_SENT_TO, {"address": address, "start": start, "end": start + timedelta(days=1)})
    return (written or 0) < rules.automatic_mail.per_sender_and_day


def thread_of(facts: MessageFacts) -> tuple[str | None, tuple[str, ...]]:
    """In-Reply-To and References of an answer to a message, without brackets, oldest first."""
    if not facts.message_id:
        return None, ()
    earlier = tuple(reversed(list(dict.fromkeys(r for r in facts.in_reply_to if r != facts.message_id))))[-9:]
    return facts.message_id, (*earlier, facts.message_id)


def last_message_id(session: Session, case: Case) -> str | None:
    """The Message-ID, without brackets, of the last message of a case: a later mail of ours stands in its thread."""
    return session.scalar(
        select(StoredMessage.message_id)
        .join(CaseMessage, CaseMessage.message_row_id == StoredMessage.id)
        .where(CaseMessage.case_id == case.id, StoredMessage.message_id.is_not(None))
        .order_by(CaseMessage.id.desc())
        .limit(1)
    )


def client_language(case: Case) -> str:
    """The language to write to a case's client in."""
    return language_of(case.language)
