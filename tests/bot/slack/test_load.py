"""A slow model with many who ask, and a Slack that takes nothing for minutes while hundreds of rows wait."""

import asyncio
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.assistant.draft import Draft
from bot.slack import escaping
from bot.slack.outgoing import Rendered
from cases.database import open_database
from cases.models import OutboxItem, Person, SlackCard
from cases.vocabulary import OutboxState
from tests.bot.slack.scene import DESK, NOW, Scene, scene_of
from tests.doubles.slack.people import read

CARDS, IN_THREAD = 500, 10  # each tenth begins a thread, the nine after it stand in it
USERS = 50
SLOW = 30.0  # seconds of the model


def _row(number: int) -> OutboxItem:
    return OutboxItem(
        key=f"test:{number}", kind="threaded", channel="slack", to=DESK, state=OutboxState.WAITING.value,
        text=f"remark {number}", payload={}, references=[], automatic=True, created_at=NOW, due_at=NOW,
    )  # fmt: skip


def _rendered(session: Session, item: OutboxItem) -> Rendered:
    """The row as text, in the thread of the row that began it."""
    number = int(item.key.removeprefix("test:"))
    root = f"test:{number - number % IN_THREAD}"
    query = select(SlackCard.ts).join(OutboxItem, OutboxItem.id == SlackCard.outbox_id).where(OutboxItem.key == root)
    thread = None if number % IN_THREAD == 0 else session.scalars(query).one()
    return Rendered(item.text, [escaping.rich(item.text)], thread_ts=thread)


async def _waits_out(scene: Scene, seconds: float, retry_after: int) -> None:
    """Slack says 429 to every post for so long, while the rows wait; then they drain."""
    scene.service.deps.renderers.add("threaded", _rendered)
    with scene.sessions.begin() as session:
        session.add_all([_row(number) for number in range(CARDS)])
    scene.slack.trouble("chat.postMessage", status=429, seconds=seconds, retry_after=retry_after)
    stop, begun = threading.Event(), time.monotonic()
    working = asyncio.create_task(asyncio.to_thread(scene.outbox.run, stop, 0.2))
    try:
        await scene.until(lambda: len(scene.slack.answers(DESK)) == CARDS, seconds + retry_after + 300)
    finally:
        stop.set()
        await working
    refused = [call for call in scene.slack.made("chat.postMessage") if call.status == 429]
    print(f"429 for {seconds:.0f} s: {len(refused)} refused, {CARDS} rows out after {time.monotonic() - begun:.0f} s")
    assert refused
    assert not scene.slack.early
    posted = scene.slack.answers(DESK)
    assert [read(message) for message in posted] == [f"remark {number}" for number in range(CARDS)]
    for number, message in enumerate(posted):
        root = posted[number - number % IN_THREAD]["ts"]
        assert message.get("thread_ts") == (None if number % IN_THREAD == 0 else root)
    with scene.sessions() as session:
        assert set(session.scalars(select(OutboxItem.state).where(OutboxItem.kind == "threaded"))) == {"sent"}


@pytest.mark.slow
async def test_five_hundred_rows_wait_out_half_a_minute(scene: Scene) -> None:
    """None is lost or doubled, threads and order are kept, nothing goes out before its Retry-After."""
    await _waits_out(scene, 25.0, retry_after=3)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_five_hundred_rows_wait_out_five_minutes(scene: Scene) -> None:
    """The same with Slack's usual wait, for five minutes."""
    await _waits_out(scene, 300.0, retry_after=30)


def _fifty(scene: Scene) -> list[str]:
    """Fifty officers, each with a direct message."""
    found = []
    with scene.sessions.begin() as session:
        for number in range(USERS):
            name, email = f"Olaf Number {number}", f"olaf{number}@insurer.example"
            found.append(scene.slack.person(f"U1OLAF{number:02d}", name, email))
            session.add(
                Person(
                    name=name, email=email, role="officer", slack_user_id=found[-1], team="Domestic", accounts=[],
                    absences=[], active=True,
                )
            )  # fmt: skip
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_fifty_people_and_a_model_that_takes_thirty_seconds(tmp_path: Path) -> None:
    """Each is acknowledged within Slack's three seconds, sees a sign of life, and gets the one answer in the end."""

    def slow(question: str, *_rest: object) -> Draft:
        time.sleep(SLOW)
        return Draft(f"You asked: {question}", "procedure")

    engine = open_database(f"sqlite:///{tmp_path / 'slack.db'}")
    async with scene_of(engine, agent=slow) as scene:
        users, taken = _fifty(scene), []

        async def asks(user: str, what: str) -> tuple[str, str, str]:
            start = time.perf_counter()
            root = await scene.people.writes(user, what)
            taken.append(time.perf_counter() - start)
            return "D" + user[1:], root, what

        asked = list(await asyncio.gather(*(asks(one, f"which documents, {one}?") for one in users)))
        assert not scene.slack.made("chat.postMessage")
        await scene.until(lambda: len(scene.slack.made("assistant.threads.setStatus")) == USERS, SLOW)
        asked += await asyncio.gather(*(asks(one, f"and which form, {one}?") for one in users))
        await scene.until(lambda: all(scene.slack.answers(channel, root) for channel, root, _ in asked), 4 * SLOW + 60)
        await scene.settled()
        for channel, root, what in asked:
            (answer,) = scene.slack.answers(channel, root)
            assert f"You asked: {what}" in read(answer)
        slowest = sorted(taken)
        print(f"acknowledgements: p50 {slowest[len(slowest) // 2]:.3f} s, p99 {slowest[-2]:.3f} s of {len(slowest)}")
        assert slowest[-1] < 3.0
    engine.dispose()
