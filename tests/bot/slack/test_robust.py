"""Repeats, kills, limits, faults, forgeries: one answer each, and nothing lost."""

import asyncio
import json
import random
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.slack import deliveries
from bot.slack.door import Door
from cases.models import OutboxItem, SeenDelivery, SlackCard
from cases.vocabulary import OutboxState
from tests.bot.slack.scene import DESK, NOW, OFFICER, SECOND, Scene, scene_of
from tests.doubles.slack.people import OverHttp, read


async def test_one_event_in_parallel_and_over_a_restart_is_one_answer(database: Engine) -> None:
    """Four deliveries at once, and two more to the next process: one answer, on either database."""
    async with scene_of(database) as scene:
        people = scene.people
        event = people.message(
            OFFICER, DESK, f"<@{scene.slack.bot}> status of {scene.references[0]}", kind="app_mention"
        )
        envelope = people.event(event)
        await asyncio.gather(*(people.deliver("events_api", envelope) for _ in range(4)))
        await scene.until(lambda: scene.slack.answers(DESK))
        await scene.die()
        await scene.begin()
        for _ in range(2):
            await scene.people.deliver("events_api", envelope | {"event_context": "again"})
        await scene.settled()
        assert len(scene.slack.answers(DESK)) == 1


async def test_what_was_acknowledged_is_answered_after_a_kill(scene: Scene) -> None:
    """A process that dies right after its acknowledgement leaves the work to the next, which does it at once."""
    scene.slack.trouble("users.info", status=500, seconds=600, times=1)
    root = await scene.people.mentions(OFFICER, DESK, f"status of {scene.references[0]}")
    await scene.die()
    assert not scene.slack.answers(DESK)
    await scene.begin()
    await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.settled()
    assert len(scene.slack.answers(DESK)) == 1


async def test_a_kill_between_the_post_and_its_mark_posts_nothing_twice(scene: Scene) -> None:
    """The answer stands, the row says that it does not: the next process finds it and posts no second."""
    root = await scene.people.mentions(OFFICER, DESK, f"status of {scene.references[0]}")
    await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.settled()
    kept: dict[str, Any] = {}
    with scene.sessions() as session:
        kept["key"] = session.query(SeenDelivery.key).filter(SeenDelivery.kind == "ask").scalar()
    await scene.die()
    ask = {"team": scene.slack.team, "channel": DESK, "user": OFFICER, "text": f"status of {scene.references[0]}"}
    with scene.sessions.begin() as session:
        row = session.get(SeenDelivery, kept["key"])
        assert row is not None
        row.state, row.payload, row.lease_owner = "taken", ask | {"root": root, "ts": root}, "slot-1"
    await scene.begin()
    await scene.until(lambda: _state(scene, kept["key"]) == "done")
    assert len(scene.slack.answers(DESK)) == 1


def _state(scene: Scene, key: str) -> str:
    with scene.sessions() as session:
        row = session.get(SeenDelivery, key)
        return row.state if row else ""


async def test_a_post_whose_answer_was_lost_is_not_repeated(scene: Scene) -> None:
    """Slack posts, but its answer is a 500: the app looks, and finds what it posted."""
    scene.slack.trouble("chat.postMessage", status=500, keeps=True, times=1)
    root = await scene.people.mentions(OFFICER, DESK, f"status of {scene.references[0]}")
    await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.settled()
    assert len(scene.slack.answers(DESK)) == 1
    assert scene.slack.made("conversations.replies")


async def test_a_failing_slack_is_tried_again(scene: Scene) -> None:
    """After 5xx answers the same question is answered, once."""
    scene.slack.trouble("chat.postMessage", "users.info", status=503, times=3)
    root = await scene.people.mentions(OFFICER, DESK, f"status of {scene.references[0]}")
    await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.settled()
    assert len(scene.slack.answers(DESK)) == 1


async def test_a_429_holds_for_all_who_post_in_the_channel(scene: Scene) -> None:
    """Questions at once in one channel all wait until Slack's time is over; none is lost, none comes early."""
    scene.slack.trouble("chat.postMessage", status=429, seconds=2.0, retry_after=1)
    roots = [await scene.people.mentions(OFFICER, DESK, f"status of {one}") for one in scene.references]
    await scene.until(lambda: len(scene.slack.answers(DESK)) == len(roots), 30)
    assert not scene.slack.early
    for root, reference in zip(roots, scene.references, strict=True):
        (answer,) = scene.slack.answers(DESK, root)
        assert reference in read(answer)


def _row(number: int, to: str = DESK) -> OutboxItem:
    return OutboxItem(
        key=f"test:{number}", kind="remark", channel="slack", to=to, state=OutboxState.WAITING.value,
        text=f"remark {number} <!channel> <https://planted.example|here>", payload={}, references=[], automatic=True,
        created_at=NOW, due_at=NOW,
    )  # fmt: skip


async def test_rows_wait_out_a_429_in_their_order(scene: Scene) -> None:
    """Rows of the outbox go out in order, none is lost and none sent early; each is remembered as a card."""
    with scene.sessions.begin() as session:
        session.add_all([_row(number) for number in range(12)])
    scene.slack.trouble("chat.postMessage", status=429, seconds=2.5, retry_after=1)

    async def drained() -> None:
        while len(scene.slack.answers(DESK)) < 12:
            await scene.sent()
            await asyncio.sleep(0.1)

    await asyncio.wait_for(drained(), 40)
    texts = [read(message).split(" <")[0] for message in scene.slack.answers(DESK)]
    assert texts == [f"remark {number}" for number in range(12)]
    assert not scene.slack.early
    with scene.sessions() as session:
        assert session.query(SlackCard).count() == 12


async def test_a_row_that_stands_already_is_not_posted_again(scene: Scene) -> None:
    """A row sent by a process that was killed before the mark is found in the channel."""
    with scene.sessions.begin() as session:
        session.add(_row(1))
    await scene.sent()
    with scene.sessions.begin() as session:
        session.query(OutboxItem).filter_by(channel="slack").update(
            {"state": OutboxState.SENDING.value, "lease_until": NOW, "lease_owner": "slot-1"}
        )
    await scene.sent()
    assert len(scene.slack.answers(DESK)) == 1


async def test_a_dead_channel_is_told_and_holds_nothing_else_up(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """A row for a channel that is not there is logged; the next one goes out."""
    with scene.sessions.begin() as session:
        session.add_all([_row(1, "C0NOWHERE"), _row(2)])
    await scene.sent()
    assert len(scene.slack.answers(DESK)) == 1
    assert "channel_not_found" in caplog.text


async def test_nothing_from_outside_pings_or_links(scene: Scene) -> None:
    """Marks of Slack's in a row's text are shown as they are, in blocks that interpret nothing."""
    with scene.sessions.begin() as session:
        session.add(_row(1))
    await scene.sent()
    (message,) = scene.slack.answers(DESK)
    assert "<!channel>" in read(message)
    assert {block["type"] for block in message["blocks"]} == {"rich_text"}
    assert "<!channel>" not in message["text"]
    assert "https://" not in message["text"]


async def test_a_message_that_is_gone_ends_the_work(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """A question that was deleted before its answer is let go, and said so."""
    ts = scene.slack.said(OFFICER, DESK, "x")
    event = scene.people.message(OFFICER, DESK, f"<@{scene.slack.bot}> help", kind="app_mention", ts=ts)
    del scene.slack.messages[DESK][ts]
    await scene.people.deliver("events_api", scene.people.event(event))
    await scene.settled()
    assert "no place any more" in caplog.text


async def test_unknown_events_are_taken(scene: Scene) -> None:
    """What nobody handles is answered 200, so that Slack does not send it again or switch the app off."""
    await scene.people.deliver("events_api", scene.people.event({"type": "emoji_changed", "event_ts": "1.1"}))
    await scene.people.deliver("interactive", {"type": "block_actions", "user": {"id": OFFICER}, "actions": [
        {"action_id": "no such button", "type": "button", "action_ts": "1", "block_id": "b"}], "team": {"id": "T0TEAM"}})  # fmt: skip


def _mutations(http: OverHttp, body: bytes, times: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Four forgeries each time: another body, another time, another secret, parts missing."""
    dice = random.Random(16)
    for number in range(times):
        good = http.signed(body)
        place = dice.randrange(len(body))
        yield body[:place] + bytes([body[place] ^ (1 + dice.randrange(254))]) + body[place + 1 :], good
        yield body, http.signed(body, at=time.time() + dice.choice([-86400, -400, -301, 301, 4000]))
        yield body, http.signed(body, secret=f"guess{number}")
        signature, stamp = good["X-Slack-Signature"], "X-Slack-Request-Timestamp"
        missing = [{}, {"X-Slack-Signature": signature}, good | {"X-Slack-Signature": ""}, good | {stamp: "now"}]
        yield body, missing[number % 4] if number % 8 < 4 else good | {"X-Slack-Signature": "v1" + signature[2:]}


async def test_forged_old_and_replayed_requests_are_refused(scene: Scene) -> None:
    """No forgery comes in or makes a call; a request that came in does not come in again."""
    event = scene.people.message(
        OFFICER, DESK, f"<@{scene.slack.bot}> status of {scene.references[0]}", kind="app_mention"
    )
    body = json.dumps(scene.people.event(event)).encode()
    await scene.settled()
    before = len([call for call in scene.slack.calls if call.method != "auth.test"])
    for content, headers in _mutations(scene.http, body, 25):
        assert (await scene.http.send(content, "application/json", headers)).status_code == 401
    form = urllib.parse.urlencode({"command": "/none", "text": "help", "user_id": OFFICER}).encode()
    accepted, kind = scene.http.signed(form), "application/x-www-form-urlencoded"
    assert (await scene.http.send(form, kind, accepted)).status_code == 200
    assert (await scene.http.send(form, kind, accepted)).status_code == 401
    assert (await scene.http.send(form, kind, accepted | {"X-Slack-Retry-Num": "1"})).status_code == 401
    assert len([call for call in scene.slack.calls if call.method != "auth.test"]) == before


def test_a_thousand_forgeries_are_refused() -> None:
    """The door lets none of a thousand mutations of body, time and signature in."""
    http, door = OverHttp(None, secret="secret"), Door("secret")  # type: ignore[arg-type]
    for content, headers in _mutations(http, b'{"type": "event_callback", "event": {"type": "message"}}', 250):
        assert door.refuses({name.lower(): value for name, value in headers.items()}, content)


def test_the_door_keeps_real_time() -> None:
    """A signature holds for five minutes of real time, whatever `--now` says, and once."""
    now = [1_800_000_000.0]
    door, http = Door("secret", now=lambda: now[0]), OverHttp(None, secret="secret")  # type: ignore[arg-type]
    headers = {name.lower(): value for name, value in http.signed(b"body", at=now[0]).items()}
    assert door.refuses(headers, b"body") == ""
    assert "before" in door.refuses(headers, b"body")
    now[0] += 301
    assert "too old" in door.refuses(headers, b"body")


async def test_a_burst_is_written_down_before_work_on_it_begins(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thirty deliveries at once all are taken, and so acknowledged, before the first is worked on."""
    monkeypatch.setattr(deliveries, "PATIENCE", 60.0)
    desk, seen = scene.service.deps.deliveries, list[str]()

    async def work(_: deliveries.Delivery) -> None:
        seen.append("worked on")

    async def take(number: int) -> None:
        await desk.take(f"burst:{number}", "burst", {})
        seen.append("taken")

    desk.work("burst", work)
    await asyncio.gather(*map(take, range(30)))
    await scene.until(lambda: len(seen) == 60)
    assert seen == ["taken"] * 30 + ["worked on"] * 30


async def test_acknowledgements_do_not_wait_for_a_slow_model(desk_database: Engine) -> None:
    """Fifty people ask at once while a model takes its time: all are acknowledged before anything is answered."""

    def slow(_question: str, _context: object, _state: object, _on_text: object = None) -> None:
        time.sleep(2)

    async with scene_of(desk_database, agent=slow) as scene:
        asked = [(OFFICER, SECOND)[number % 2] for number in range(50)]
        roots = await asyncio.gather(*(scene.people.writes(one, f"status of {scene.references[0]}") for one in asked))
        assert not [call for call in scene.slack.calls if call.method == "chat.postMessage"]
        await scene.until(
            lambda: all(scene.slack.answers("D" + one[1:], root) for one, root in zip(asked, roots, strict=True)), 60
        )
        assert scene.slack.made("assistant.threads.setStatus")
        assert len(scene.slack.made("chat.postMessage")) == 50
