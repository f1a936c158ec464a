"""A card that two show at once, one having read it before a change and one after: it ends as it is now."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.cards.posting import refresh
from cases.commands import correct, perform
from cases.models import OutboxItem, Person, SlackCard
from cases.people import to_asker
from cases.queries import find_case
from tests.bot.slack.scene import DESK, NOW, OFFICER, Scene
from tests.bot.slack_cards.desk import card_of, rules
from tests.doubles.slack.people import read


class Held:
    """Lets the first update of a card wait, after it was read, until it is let go."""

    def __init__(self, update: Callable[..., Awaitable[None]]) -> None:
        self._update, self.waits, self.let_go = update, asyncio.Event(), asyncio.Event()

    async def __call__(self, *args: Any, **more: Any) -> None:
        """Passes the update on to Slack."""
        if not self.waits.is_set():
            self.waits.set()
            await self.let_go.wait()
        await self._update(*args, **more)


@pytest.fixture
def held(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Held:
    """The scene's sender, whose first update waits."""
    sender = scene.service.deps.sender
    waiting = Held(sender.update)
    monkeypatch.setattr(sender, "update", waiting)
    return waiting


def corrected(scene: Scene, reference: str) -> None:
    """An officer sets the amount."""
    with scene.sessions() as session:
        officer = to_asker(session.query(Person).filter_by(slack_user_id=OFFICER).one())
    perform(
        scene.sessions, officer, NOW, "correct", reference,
        lambda session: correct(session, find_case(session, reference), officer, NOW, rules(), "amount", "125,000"),
    )  # fmt: skip


async def test_two_refreshes(scene: Scene, held: Held) -> None:
    """The older one is shown last, and looks again."""
    (reference,), card = await card_of(scene)
    older = asyncio.ensure_future(refresh(scene.service.deps, [reference]))
    await held.waits.wait()
    corrected(scene, reference)
    await refresh(scene.service.deps, [reference])
    held.let_go.set()
    await older
    assert "EUR 125,000" in read(scene.slack.messages[DESK][card["ts"]])


async def test_a_row_of_the_outbox_and_a_refresh(scene: Scene, held: Held) -> None:
    """The row was rendered before the change and goes out after what shows it."""
    (reference,), card = await card_of(scene)
    with scene.sessions.begin() as session:
        shown = session.query(SlackCard).one()
        item = OutboxItem(
            key="card_update:1", kind="card_update", channel="slack", to=DESK, text="", payload={"card": shown.id}, state="waiting",
            due_at=NOW, created_at=NOW,
        )  # fmt: skip
        session.add(item)
    older = asyncio.ensure_future(scene.sent())
    await held.waits.wait()
    await asyncio.to_thread(corrected, scene, reference)
    await refresh(scene.service.deps, [reference])
    held.let_go.set()
    await older
    assert "EUR 125,000" in read(scene.slack.messages[DESK][card["ts"]])
