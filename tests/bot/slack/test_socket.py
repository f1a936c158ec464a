"""Socket Mode: the same app behind a WebSocket that Slack may cut at any time."""

import asyncio
import time

import pytest

from tests.bot.slack.scene import DESK, OFFICER, Scene
from tests.doubles.slack.people import read

BACK = 10.0  # seconds from a cut until the next event is acknowledged


async def test_questions_commands_and_clicks_come_by_the_socket(socket_scene: Scene) -> None:
    """What HTTP mode does, socket mode does."""
    scene = socket_scene
    root = await scene.people.mentions(OFFICER, DESK, "status of Ahorn")
    (answer,) = await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.people.presses(OFFICER, answer, "ask:0")
    await scene.until(lambda: len(scene.slack.answers(DESK, root)) == 2)
    await scene.people.commands(OFFICER, "help", DESK)
    (whisper,) = await scene.until(lambda: scene.slack.told(OFFICER))
    assert "/credit" in read(whisper)
    assert not scene.slack.refused()


async def test_a_cut_socket_comes_back_and_each_event_is_answered_once(socket_scene: Scene) -> None:
    """The connection is cut again and again; what Slack delivers twice is answered once, nothing is lost."""
    await _cut_and_ask(socket_scene, times=3)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_a_socket_cut_every_ten_seconds_for_five_minutes(socket_scene: Scene) -> None:
    """It is back within ten seconds each time, and each event has one answer."""
    await _cut_and_ask(socket_scene, times=30, pause=10.0)


async def _cut_and_ask(scene: Scene, times: int, pause: float = 0.0) -> None:
    roots = []
    away = []
    for number in range(times):
        await scene.server.cut()
        start = time.monotonic()
        roots.append(await scene.people.mentions(OFFICER, DESK, f"status of {scene.references[number % 3]}"))
        away.append(time.monotonic() - start)  # the new socket has acknowledged it
        await asyncio.sleep(pause)
    await scene.until(lambda: all(scene.slack.answers(DESK, root) for root in roots), 60)
    await scene.settled()
    assert [len(scene.slack.answers(DESK, root)) for root in roots] == [1] * times
    print(f"back after a cut: median {sorted(away)[times // 2]:.1f} s, at most {max(away):.1f} s of {times}")
    assert max(away) < BACK
    assert scene.server.connections > times
