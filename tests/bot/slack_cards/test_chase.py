"""A reminder that is asked for in Slack: its exact text, edit and send, and one mail in the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from email.message import EmailMessage

from sqlalchemy import Engine, update

from cases.audit import lock
from cases.clock import fixed_clock
from cases.filing import file_message
from cases.models import OutboxItem
from config.settings import SmtpSettings
from runtime.outbox import Outbox
from runtime.smtp import SmtpTransport
from tests.bot.slack.scene import DESK, NOW, OFFICER, SECOND, UNDERWRITER, Scene, scene_of
from tests.bot.slack_cards.desk import modal_of, outbox
from tests.bot.slack_cards.test_drafts import item_of
from tests.bot.slack_cards.test_news import look
from tests.cases import desk
from tests.doubles.slack.people import read
from tests.doubles.slack.workspace import Json
from tests.doubles.smtp_sink import SmtpSink, smtp_sink

CLIENT = "j.pike@hartwell-bearings.example"


@asynccontextmanager
async def running(engine: Engine, **changes: int) -> AsyncIterator[Scene]:
    """A desk with its own address, and with some rules changed."""
    async with scene_of(engine, rules=desk.rules(**changes)) as scene:
        yield scene


def waiting(scene: Scene) -> str:
    """A case that has waited for its client's accounts for some days."""
    asked = NOW - timedelta(days=4)
    with scene.sessions.begin() as session:
        lock(session)
        desk.add_client(session)
        desk.add_buyer(session)
        row = desk.stored(session, "Limit", received_at=asked, stored_at=asked)
        made = desk.triage(desk.limit_request(amount=Decimal(300_000)))
        (reference,) = file_message(session, row, made, desk.facts(row), scene.rules, asked).cases
        session.execute(update(OutboxItem).values(state="sent", sent_at=asked))  # the request for the accounts has left
    return reference


async def proposed(scene: Scene, reference: str) -> Json:
    """The answer that offers the reminder."""
    root = await scene.people.mentions(OFFICER, DESK, f"remind the client of {reference}")
    (answer,) = await scene.until(lambda: scene.slack.answers(DESK, root))
    return answer


async def told(scene: Scene, user: str, words: str) -> str:
    """What only this person reads, with these words in it."""
    return await scene.until(lambda: next((t for one in scene.slack.told(user) if words in (t := read(one))), None))


def body(mail: EmailMessage) -> str:
    """A mail's text with the line ends that it was written with."""
    return str(mail.get_content()).replace("\r\n", "\n").strip()


def mailed(scene: Scene, sink: SmtpSink) -> None:
    """Lets the outbox worker send what may leave by mail."""
    settings = {"host": "127.0.0.1", "port": sink.port, "tls": "none", "from": "desk@insurer.example"}
    transport = SmtpTransport(SmtpSettings.model_validate(settings), sender_name="Credit desk")
    Outbox(scene.sessions, {"email": transport}, "slot-2", fixed_clock(NOW)).once()
    transport.close()


async def test_a_reminder_is_shown_changed_and_sent_once(desk_database: Engine) -> None:
    """Click, exact text, edit, send by two at once: the client has one mail, with the changed text."""
    async with running(desk_database, chasing__draft_after=0) as scene:
        reference = waiting(scene)
        look(scene)
        answer = await proposed(scene, reference)
        await scene.people.presses(OFFICER, answer, "propose:chase")
        said = await told(scene, OFFICER, "waits in the desk's channel")
        (row,) = outbox(scene, "reminder")
        assert (row.state, row.to, row.automatic) == ("draft", CLIENT, False)
        assert row.text.strip() in said
        await scene.people.presses(SECOND, answer, "propose:chase")
        await told(scene, SECOND, "olga@insurer.example was first")
        look(scene)
        await scene.sent()
        card = next(one for one in scene.slack.answers(DESK) if f"Reminder to {CLIENT}" in read(one))
        assert row.text.strip() in read(card)
        with smtp_sink() as sink:
            await asyncio.to_thread(mailed, scene, sink)
            assert not sink.mails, "it waits for a person"
            await _changed_and_sent(scene, card, sink)
            ((to, mail),) = sink.mails
        item = item_of(scene, row.id)
        assert (to, item.state) == (CLIENT, "sent")
        assert body(mail) == "Dear Joanna,\n\nthe accounts, please."
        first = item.approved_by or ""
        late = SECOND if first.startswith("uma") else UNDERWRITER
        await told(scene, late, first)
        name = "Uma Writer" if late is SECOND else "Otto Second"
        assert f"Let go by {name}" in read(scene.slack.messages[DESK][card["ts"]])
        assert not scene.slack.refused()


async def _changed_and_sent(scene: Scene, card: Json, sink: SmtpSink) -> None:
    view = await modal_of(scene, OFFICER, card, "draft_edit")
    await scene.people.submits(OFFICER, view, {"text_0_3": "Dear Joanna,\n\nthe accounts, please."})
    await scene.until(lambda: "Dear Joanna" in read(scene.slack.messages[DESK][card["ts"]]))
    await asyncio.gather(*(scene.people.presses(user, card, "draft_send") for user in (UNDERWRITER, SECOND)))
    await scene.settled()
    for _ in range(2):
        await asyncio.to_thread(mailed, scene, sink)


async def test_a_reminder_that_needs_nobody_leaves_and_is_shown(desk_database: Engine) -> None:
    """By the shipped rules the first reminders leave by themselves: who asked for one reads what leaves."""
    async with running(desk_database) as scene:
        reference = waiting(scene)
        answer = await proposed(scene, reference)
        await scene.people.presses(OFFICER, answer, "propose:chase")
        said = await told(scene, OFFICER, f"This mail goes to {CLIENT}")
        with smtp_sink() as sink:
            await asyncio.to_thread(mailed, scene, sink)
            ((to, mail),) = sink.mails
        assert to == CLIENT
        assert reference in mail["Subject"] + body(mail)
        assert body(mail) in said
        (row,) = outbox(scene, "reminder")
        assert row.state == "sent"
