"""Reminding clients of documents they owe: one mail a client and day, until they arrive or nobody can be reached."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import audit, documents, letters, outgoing
from cases.calendar import add_working_days, is_open_at, local_day
from cases.letters import Owed
from cases.models import Case, CaseDocument, Event, OutboxItem, StoredMessage
from cases.rights import Asker, require
from cases.vocabulary import DocumentState, OutboxState, Status
from config.desk import DeskRules
from config.errors import Conflict, InvalidValue

_ASKING = ("acknowledgement", "document_request")
_BOUNCED = "bounced"
_REMINDED = "ReminderWritten"


def due_reminders(session: Session, rules: DeskRules, now: datetime) -> list[OutboxItem]:
    """Writes the reminders that are due and returns them; a second call on the same day writes none.

    The n-th is due `chasing.working_days[n]` working days after the first request. Those after `draft_after`, and
    those to clients whom only a colleague has written to, wait as drafts. Nothing is written outside opening hours.
    """
    if not is_open_at(now, rules.calendar):
        return []
    audit.lock(session)
    _note_requests_that_left(session, rules)
    today = local_day(now, rules.calendar)
    written = []
    for address, due in sorted(_due_by_client(session, rules, today).items()):
        row = _remind(session, address, due, rules, now, today)
        if row is not None:
            written.append(row)
    return written


def remind_now(session: Session, case: Case, asker: Asker, rules: DeskRules, now: datetime) -> OutboxItem:
    """The reminder of one case at a person's wish, before its day; it waits as a draft where the rules say so.

    Raises Refused, InvalidValue where nothing was asked for or nobody can be reached, Conflict where the client was
    reminded today: it names by whom.
    """
    require(asker, "chase", rules.rights)
    audit.lock(session)
    if not _requested(session, case):
        raise InvalidValue(f"no document of {case.reference} has been asked for: there is nothing to remind of")
    to = case.reply_address or case.asker_address
    if not to or not outgoing.is_answerable(to, (rules.desk.address,)) or _cannot_be_reached(session, to):
        raise InvalidValue(f"the client of {case.reference} cannot be reached by mail: telephone, and note it")
    today = local_day(now, rules.calendar)
    query = select(Event).where(Event.case_id == case.id, Event.kind == _REMINDED).order_by(Event.id.desc()).limit(1)
    last = session.scalar(query)
    if last is not None and local_day(last.at, rules.calendar) == today:
        raise Conflict(f"{last.actor} was first: the client of {case.reference} was reminded today")
    row = _remind(session, to, [case], rules, now, today, actor=asker.email)
    if row is None:
        raise Conflict(f"the client of {case.reference} had a mail from the desk today: again tomorrow")
    return row


def _note_requests_that_left(session: Session, rules: DeskRules) -> None:
    """A request that waited for a person counts from the day on which it was sent."""
    waiting = select(OutboxItem).join(Case, Case.id == OutboxItem.case_id)
    sent = waiting.where(
        OutboxItem.kind.in_(_ASKING),
        OutboxItem.state == OutboxState.SENT.value,
        OutboxItem.sent_at.is_not(None),
        Case.status == Status.AWAITING_DOCUMENTS.value,
    )
    for row in session.scalars(sent.order_by(OutboxItem.id)):
        asked = row.payload.get("documents")
        if not isinstance(asked, dict) or row.sent_at is None:
            continue
        for case in session.scalars(select(Case).where(Case.reference.in_(list(asked)))):
            owed = documents.owed(session, case)
            if any(d.type in asked[case.reference] and d.state == DocumentState.MISSING for d in owed):
                day = local_day(row.sent_at, rules.calendar)
                due = add_working_days(day, rules.chasing.documents_due_days, rules.calendar)
                documents.mark_requested(session, case, due, row.sent_at)


def _due_by_client(session: Session, rules: DeskRules, today: date) -> dict[str, list[Case]]:
    """The cases of which a reminder is due, by the address that is asked."""
    asked = select(CaseDocument.case_id).where(CaseDocument.state == DocumentState.REQUESTED.value)
    query = select(Case).where(Case.status == Status.AWAITING_DOCUMENTS.value, Case.id.in_(asked))
    found: dict[str, list[Case]] = {}
    for case in session.scalars(query.order_by(Case.id)):
        to = case.reply_address or case.asker_address
        if to and outgoing.is_answerable(to, (rules.desk.address,)) and _is_due(session, case, rules, today):
            found.setdefault(to, []).append(case)
    return found


def _requested(session: Session, case: Case) -> list[CaseDocument]:
    return [row for row in documents.owed(session, case) if row.state == DocumentState.REQUESTED]


def _is_due(session: Session, case: Case, rules: DeskRules, today: date) -> bool:
    rows = _requested(session, case)
    if not rows:
        return False
    sent = max(row.reminders for row in rows)
    days = rules.chasing.working_days
    if sent >= len(days):
        return False
    first = min(local_day(row.changed_at, rules.calendar) for row in rows)
    if today < add_working_days(first, days[sent], rules.calendar):
        return False
    if not sent:
        return True
    last = session.scalar(select(func.max(Event.at)).where(Event.case_id == case.id, Event.kind == _REMINDED))
    apart = days[sent] - days[sent - 1]
    return last is None or today >= add_working_days(local_day(last, rules.calendar), apart, rules.calendar)


def _remind(
    session: Session,
    address: str,
    cases: Sequence[Case],
    rules: DeskRules,
    now: datetime,
    today: date,
    actor: str = "desk",
) -> OutboxItem | None:
    key = f"reminder:{outgoing.message_id(address, rules)[6:46]}:{today.isoformat()}"
    if _cannot_be_reached(session, address) or session.scalar(select(OutboxItem.id).where(OutboxItem.key == key)):
        return None
    number = 1 + max(row.reminders for case in cases for row in _requested(session, case))
    unattended = number <= rules.chasing.draft_after and all(case.reply_address for case in cases)
    if unattended and not outgoing.within_daily_cap(session, address, rules, now):
        return None  # today's mail is spent: tomorrow
    row = outgoing.write(session, _letter(session, key, address, cases, rules, unattended), rules, now)
    for case in cases:
        for document in _requested(session, case):
            document.reminders += 1
        audit.record(
            session,
            kind=_REMINDED,
            actor=actor,
            at=now,
            case=case,
            after={"number": number, "documents": list(case.missing_documents), "state": row.state},
        )
    return row


def _letter(
    session: Session, key: str, address: str, cases: Sequence[Case], rules: DeskRules, unattended: bool
) -> outgoing.Letter:
    owed = [Owed(case, [row.type for row in documents.owed(session, case)]) for case in cases]
    language = outgoing.client_language(cases[0])
    subject, text = letters.asking(language, "reminder", cases[0].contact_name, owed, None, rules)
    parent = outgoing.last_message_id(session, cases[0])
    return outgoing.Letter(
        key=key,
        kind="reminder",
        to=address,
        subject=subject,
        text=text,
        language=language,
        state=OutboxState.WAITING if unattended else OutboxState.DRAFT,
        automatic=unattended,
        case=cases[0],
        in_reply_to=parent,
        references=(parent,) if parent else (),
        payload={"documents": {item.case.reference: item.types for item in owed}},
    )


def _cannot_be_reached(session: Session, address: str) -> bool:
    """Whether our last mail to the address came back, and nothing has come from it since."""
    bounced = session.scalar(
        select(func.max(OutboxItem.created_at)).where(
            OutboxItem.to == address, OutboxItem.error.startswith(_BOUNCED, autoescape=True)
        )
    )
    if bounced is None:
        return False
    heard = select(StoredMessage.id).where(StoredMessage.sender == address, StoredMessage.stored_at > bounced)
    return session.scalar(heard.limit(1)) is None
