"""What has happened since the last look, told to those whom it concerns: cards, threads, colleagues.

Runs in one transaction with the note of how far it has looked, so that each event is told exactly once. The numbers
of events follow the order of their commits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from bot.cards.posting import DRAFT, REVIEW, cards_of, draft_cards
from bot.notifications import rows
from bot.notifications.quiet import quiet_until
from bot.views import wording
from cases.clock import system_clock
from cases.models import AuditHead, Case, Event, EventPayload, KeyValue, OutboxItem, Person, SlackCard
from cases.outbox import PENDING
from cases.people import to_asker
from cases.rights import may, sees_policyholder
from cases.vocabulary import Channel, Role, Status
from config.desk import DeskRules

SEEN = "slack.news"  # the fact that says how far it has looked
MOST = 1000  # events of one look; the rest waits for the next
TOLD = frozenset(
    {
        Status.AWAITING_DOCUMENTS, Status.ALLOCATED, Status.APPROVED, Status.PARTIALLY_APPROVED, Status.DECLINED,
        Status.WITHDRAWN, Status.ANSWERED, Status.CLOSED,
    }
)  # fmt: skip  # states of which sales hears; the steps of the desk between them are its own
_SILENT = frozenset({"Refused", "NoteAdded"})  # events that change nothing that a card shows


@dataclass(slots=True)
class CaseNews:
    """What happened to one case: the last event, and from which state to which it went."""

    case: Case
    last: int = 0
    before: str = ""
    after: str = ""
    who: str = ""
    assigned: bool = False
    shown: int = 0  # the last event that a card shows


def tell(session: Session, rules: DeskRules, now: datetime, desk_channel: str) -> int:
    """Writes the outbox rows of all news; gives the number of events that were looked at."""
    seen = session.get(KeyValue, SEEN, with_for_update=True)
    if seen is None:  # the app is new here: what was before is no news
        head = session.scalar(select(AuditHead.sequence)) or 0
        session.add(KeyValue(key=SEEN, value=str(head), at=now))
        return 0
    events = session.execute(
        select(Event, EventPayload.payload)
        .outerjoin(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.sequence > int(seen.value))
        .order_by(Event.sequence)
        .limit(MOST)
    ).all()
    for one in _by_case(session, [(event, payload or {}) for event, payload in events]):
        _update_cards(session, one, now)
        _tell_thread(session, one, now)
        _tell_sales(session, one, rules, now)
        _tell_assignee(session, one, rules, now)
    _changed_drafts(session, [payload or {} for event, payload in events if event.kind.startswith("Outbox")], now)
    if desk_channel:
        _new_drafts(session, desk_channel, now)
    if events:
        seen.value, seen.at = str(events[-1][0].sequence), now
    return len(events)


def _by_case(session: Session, events: Iterable[tuple[Event, dict[str, object]]]) -> list[CaseNews]:
    found: dict[int, CaseNews] = {}
    for event, payload in events:
        if event.case_id is None or event.kind in _SILENT:
            continue
        if event.case_id not in found:
            found[event.case_id] = CaseNews(session.get_one(Case, event.case_id))
        one = found[event.case_id]
        one.last, one.who = event.sequence, event.actor
        if event.kind == "StatusChanged":
            one.before = one.before or _status(payload.get("before"))
            one.after = _status(payload.get("after"))
        one.assigned = one.assigned or event.kind in ("CaseAssigned", "CaseAllocated")
    return list(found.values())


def _status(held: object) -> str:
    return str(held.get("status") or "") if isinstance(held, dict) else ""


def _update_cards(session: Session, one: CaseNews, now: datetime) -> None:
    """Cards that do not show the last event yet are changed; a click has done so by itself."""
    for card in cards_of(session, [one.case.id]):
        if card.shown < one.last:
            card.shown = one.last
            _change(session, card, f"card:{card.id}:{one.last}", now)


def _change(session: Session, card: SlackCard, key: str, now: datetime) -> None:
    rows.write(session, key, "card_update", card.channel, "a card changes", {"card": card.id}, now, system_clock())


def _tell_thread(session: Session, one: CaseNews, now: datetime) -> None:
    """A line in the thread of the case's first card when its state has changed; how it came in, the card says."""
    if not one.after or one.after == one.before or one.before == Status.RECEIVED:
        return
    first = session.scalars(
        select(SlackCard).where(SlackCard.kind == REVIEW, SlackCard.case_id == one.case.id).order_by(SlackCard.id)
    ).first()
    if first is None:
        return
    who = session.scalar(select(Person.name).where(Person.email == one.who)) or ""
    text = (
        f"{one.case.reference}: {wording.status(one.before)} → {wording.status(one.after)}{f' ({who})' if who else ''}"
    )
    key = f"thread:{one.case.reference}:{one.last}"
    payload = {"card": first.id}
    rows.write(session, key, "case_news", first.channel, text, payload, now, system_clock(), case_id=one.case.id)


def _tell_sales(session: Session, one: CaseNews, rules: DeskRules, now: datetime) -> None:
    """The sales contact, unless he did it himself."""
    if one.after not in TOLD or one.after == one.before:
        return
    for person in _sales_of(session, one.case):
        asker = to_asker(person)
        visible = may(asker, "see_status", rules.rights)
        if person.email == one.who or not visible:
            continue
        if sees_policyholder(asker, one.case.policyholder_name, rules.rights):
            _to_person(session, person, "notification", one, rules, now)


def _sales_of(session: Session, case: Case) -> list[Person]:
    if not case.sales_contact:
        return []
    query = select(Person).where(Person.email == case.sales_contact, Person.active)
    return list(session.scalars(query))


def _tell_assignee(session: Session, one: CaseNews, rules: DeskRules, now: datetime) -> None:
    """Who got the case, unless he took it himself."""
    case = one.case
    if not one.assigned or not case.assignee or case.assignee == one.who:
        return
    query = select(Person).where(Person.email == case.assignee, Person.active, Person.role != Role.SALES.value)
    person = session.scalar(query)
    if person is not None:
        _to_person(session, person, "assigned", one, rules, now)


def _to_person(session: Session, person: Person, kind: str, one: CaseNews, rules: DeskRules, now: datetime) -> None:
    """At once; in quiet hours into the digest that comes when they end."""
    to = person.slack_user_id or person.email
    until = quiet_until(now, rules)
    text = f"{one.case.reference}: {wording.status(one.after or one.case.status)}"
    payload: dict[str, object] = {"case": one.case.reference, "before": one.before, "after": one.after}
    if until is None:
        key = f"{kind}:{one.case.reference}:{one.last}:{person.id}"
        rows.write(session, key, kind, to, text, payload, now, system_clock(), case_id=one.case.id)
        return
    key = f"digest:{person.id}:{until:%Y-%m-%d}"
    row = rows.write(session, key, "digest", to, "What happened since yesterday", {"cases": []}, now, system_clock() + (until - now))  # fmt: skip
    held = row.payload.get("cases")
    known: list[object] = list(held) if isinstance(held, list) else []
    if one.case.reference not in known:
        row.payload = {"cases": [*known, one.case.reference]}


def _new_drafts(session: Session, desk_channel: str, now: datetime) -> None:
    """Mails that wait for a person come to the desk's channel, each once."""
    key = literal(f"{DRAFT}:") + cast(OutboxItem.id, String) + literal(":0")
    waiting = (
        select(OutboxItem)
        .where(OutboxItem.channel == Channel.EMAIL.value, OutboxItem.state.in_(PENDING))
        .where(key.not_in(select(OutboxItem.key).where(OutboxItem.kind == DRAFT)))
        .order_by(OutboxItem.id)
        .limit(50)
    )
    for item in session.scalars(waiting).all():
        text = f"Waits for approval: {item.kind.replace('_', ' ')} to {item.to}"
        rows.write(
            session, f"{DRAFT}:{item.id}:0", DRAFT, desk_channel, text, {"outbox": item.id}, now, system_clock(),
            case_id=item.case_id,
        )  # fmt: skip


def _changed_drafts(session: Session, payloads: Sequence[dict[str, object]], now: datetime) -> None:
    """Drafts that were changed, let go or stopped elsewhere."""
    numbers = set()
    for payload in payloads:
        after = payload.get("after")
        if isinstance(after, dict) and isinstance(after.get("outbox"), int):
            numbers.add(after["outbox"])
    for number in sorted(numbers):
        item = session.get(OutboxItem, number)
        for card in draft_cards(session, number) if item is not None else ():
            state = item.state if item is not None else ""
            _change(session, card, f"card:{card.id}:{state}:{now:%Y%m%d%H%M%S}", now)
