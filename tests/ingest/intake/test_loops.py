"""Two desks that write to each other do not go on for ever."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, select

from cases.clock import fixed_clock
from cases.models import OutboxItem
from ingest import ledger
from ingest.batches import IntakeDesk
from ingest.intake import Intake
from runtime.letters import LOOP_HEADER, compose
from tests.ingest.intake.conftest import NOW
from tests.ingest.intake.mails import request

OTHER = "desk@other-insurer.example"
MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", LOOP_HEADER)
TURNS = 1000
DAYS = 3


def answers(desk: IntakeDesk) -> list[OutboxItem]:
    """What the desk would send to the other one."""
    with desk.sessions() as session:
        sending = OutboxItem.state.in_(("waiting", "sending", "sent"))
        found = select(OutboxItem).where(OutboxItem.channel == "email", OutboxItem.to == OTHER, sending)
        return list(session.scalars(found.order_by(OutboxItem.id)))


def turn(number: int, answered: OutboxItem, keep: tuple[str, ...]) -> bytes:
    """The other desk's automatic answer to a letter of ours, as our own desk composes such mail, with some marks lost."""
    item = OutboxItem(
        to="desk@insurer.example",
        subject=f"Re: {answered.subject}",
        text=f"Dear client,\n\nwe have received your message and opened case CR-2026-{number:06}.\n\nCredit desk\n",
        message_id=f"<row-{number}@other-insurer.example>",
        in_reply_to=answered.message_id,
        references=[answered.message_id],
        language="en",
        created_at=NOW + timedelta(minutes=number),
        payload={},
    )
    mail: EmailMessage = compose(item, OTHER, "Other desk")
    for name in MARKS:
        if name not in keep:
            del mail[name]
    return mail.as_bytes()


@pytest.fixture
def begun(database: Engine, desk: IntakeDesk, take: Callable[..., list[int]]) -> OutboxItem:
    """The desk has answered a first mail of the other one."""
    first = request(1).replace(b"ann@client1-works.example", OTHER.encode())
    take(first)
    [letter] = answers(desk)
    return letter


def offer(database: Engine, desk: IntakeDesk, mails: list[bytes], at: datetime) -> None:
    """Takes the mails in at that time."""
    there = replace(desk, clock=fixed_clock(at))
    with desk.sessions.begin() as session:
        ids = [ledger.store(session, raw, now=at).id for raw in mails]
    with Intake(database, there, poll_seconds=0.02) as intake:
        intake.finish(ids)


@pytest.mark.parametrize("mark", MARKS)
def test_each_mark_alone_stops_a_loop(mark: str, database: Engine, desk: IntakeDesk, begun: OutboxItem) -> None:
    """A mail that has kept only one of the marks that every desk sets is never answered."""
    offer(database, desk, [turn(1, begun, (mark,))], NOW + timedelta(days=1))
    assert [row.id for row in answers(desk)] == [begun.id]


@pytest.mark.slow
def test_a_thousand_turns_of_two_desks(database: Engine, desk: IntakeDesk, begun: OutboxItem) -> None:
    """Marked mail is never answered; where every mark was lost on the way, one answer a day at most."""
    if database.dialect.name == "postgresql":
        pytest.skip("the rule is the same on every database")
    offer(database, desk, [turn(number, begun, MARKS) for number in range(TURNS)], NOW + timedelta(days=1))
    assert [row.id for row in answers(desk)] == [begun.id]
    share = 100  # a day
    for day in range(DAYS):
        numbers = range(TURNS + day * share, TURNS + (day + 1) * share)
        offer(database, desk, [turn(number, begun, ()) for number in numbers], NOW + timedelta(days=2 + day))
    later = answers(desk)[1:]
    assert len(later) <= DAYS
    assert len({row.created_at.astimezone(UTC).date() for row in later}) == len(later)
