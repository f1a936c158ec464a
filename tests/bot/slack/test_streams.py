"""A model's answer while it is written: streamed where Slack takes a stream, and always the whole answer in the end."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.assistant.draft import Action, Draft
from bot.slack import escaping, growing, streams
from tests.bot.slack.scene import DESK, MIXED, OFFICER, SALES, SECOND, Scene, scene_of
from tests.doubles.slack.people import read
from tests.doubles.slack.streaming import live, shown_of
from tests.doubles.slack.workspace import Json

FIRST, MORE = "It *depends* on <the> amount.", "It *depends* on <the> amount. Above 50,000 accounts are needed."
WHOLE = f"{MORE} Above 1m also a bank's report."
HOME = "D" + OFFICER[1:]


@dataclass
class Writer:
    """A model that writes when it is told to. `steps`: what is shown one after the other; `draft`: its answer."""

    steps: list[str] = field(default_factory=lambda: [FIRST, MORE])
    draft: Draft = field(
        default_factory=lambda: Draft(
            WHOLE,
            "procedure",
            citations=[{"source": "manual.md", "section": "Documents", "quote": "", "page": None}],
            actions=[Action("And above 5m?", "ask", "which above 5m?")],
        )
    )
    go_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __call__(self, _question: str, _context: object, _state: object, on_text: Any = None) -> Draft:
        for step in self.steps:
            if on_text:
                on_text(step)
                assert self.go_on.acquire(timeout=30)
        return self.draft


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "PACE", 0.0)


@asynccontextmanager
async def writing(engine: Engine, writer: Writer) -> AsyncIterator[Scene]:
    """A scene in which the model writes."""
    async with scene_of(engine, agent=writer) as scene:
        await scene.until(lambda: scene.service.deps.sender.bot_user)
        yield scene


async def shows(scene: Scene, channel: str, root: str, words: str) -> Json:
    """The one message of the thread, as soon as it shows the words."""

    def found() -> Json | None:
        answers = scene.slack.answers(channel, root)
        assert len(answers) < 2
        return answers[0] if answers and words in read(answers[0]) else None

    return await scene.until(found)


async def whole(scene: Scene, channel: str, root: str, words: str = WHOLE) -> Json:
    """The answer when all is done: one message, the text once, its sources, buttons and feedback below."""
    await scene.settled()
    (message,) = scene.slack.answers(channel, root)
    assert read(message).count(words) == 1
    assert "streaming_since" not in message
    kinds = [block["type"] for block in message["blocks"]]
    assert kinds == ["rich_text", "context", "actions", "context_actions"]
    assert "manual.md › Documents" in read(message)
    return message


@pytest.mark.parametrize("place", ["direct", "channel"])
async def test_an_answer_is_streamed_and_ends_with_its_blocks(desk_database: Engine, place: str) -> None:
    """Start, append, stop: no change by updates, nothing live in it, each argument as Slack wants it there."""
    async with writing(desk_database, writer := Writer()) as scene:
        direct = place == "direct"
        channel = HOME if direct else DESK
        people = scene.people
        root = await (people.writes(OFFICER, "which?") if direct else people.mentions(OFFICER, DESK, "which?"))
        await shows(scene, channel, root, FIRST)
        writer.go_on.release()
        message = await shows(scene, channel, root, MORE)
        writer.go_on.release()
        assert await whole(scene, channel, root) is message
        assert not live(message["markdown"])
        (begun,) = scene.slack.made("chat.startStream")
        assert ("recipient_user_id" in begun.args, "recipient_team_id" in begun.args) == (not direct, not direct)
        assert not scene.slack.made("chat.update", "chat.postMessage", "conversations.replies")
        assert not scene.slack.refused()
        await people.presses(OFFICER, message, "feedback", value='{"answer": "x", "root": "1", "feedback": "good"}')
        await people.presses(OFFICER, message, "ask:0")
        await scene.until(lambda: len(scene.slack.answers(channel, root)) == 2)
        for _ in range(2):
            writer.go_on.release()
        await scene.settled()


@pytest.mark.parametrize("code", ["not_allowed", "missing_scope", "unknown_method", "channel_type_not_supported"])
async def test_where_slack_takes_no_stream_the_message_is_changed(desk_database: Engine, code: str) -> None:
    """Whatever the refusal: one message, changed as the text grows; Slack is not asked again for every answer."""
    async with writing(desk_database, writer := Writer()) as scene:
        scene.slack.denied["chat.startStream"] = code
        for _ in range(2):
            root = await scene.people.writes(OFFICER, "which?")
            await shows(scene, HOME, root, FIRST)
            writer.go_on.release()
            await shows(scene, HOME, root, MORE)
            writer.go_on.release()
            await whole(scene, HOME, root)
        assert len(scene.slack.made("chat.startStream")) == 1
        assert len(scene.slack.made("chat.postMessage")) == 2


@pytest.mark.parametrize(
    ("status", "keeps"), [(429, False), (500, False), (503, True)], ids=["429", "5xx", "5xx although it was done"]
)
@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
async def test_a_stream_that_is_cut_ends_with_the_whole_answer_once(
    desk_database: Engine, method: str, status: int, keeps: bool
) -> None:
    """A 429 or 5xx at any of the three calls, whether Slack did what it was asked or not."""
    async with writing(desk_database, writer := Writer()) as scene:
        scene.slack.trouble(method, status=status, times=1, keeps=keeps)
        root = await scene.people.writes(OFFICER, "which?")
        for _ in range(2):
            writer.go_on.release()
        await scene.until(lambda: any(call.status == status for call in scene.slack.made(method)) or _done(scene, root))
        await scene.until(lambda: _done(scene, root), 30)
        await whole(scene, HOME, root)
        assert not scene.slack.early


def _done(scene: Scene, root: str) -> bool:
    return any(WHOLE in read(one) for one in scene.slack.answers(HOME, root))


async def test_a_stream_that_slack_ended_goes_on_by_updates(desk_database: Engine) -> None:
    """Slack ends a stream after some minutes: the same message goes on by updates."""
    async with writing(desk_database, writer := Writer()) as scene:
        scene.slack.stream_seconds = -1.0
        root = await scene.people.writes(OFFICER, "which?")
        await shows(scene, HOME, root, FIRST)
        writer.go_on.release()
        await shows(scene, HOME, root, f"{MORE} …")
        writer.go_on.release()
        await whole(scene, HOME, root)


@pytest.mark.parametrize("text", ["Nothing fits.", "See https://planted.example/a, <!channel> and **all**."])
async def test_an_answer_that_is_not_what_was_streamed_replaces_it(desk_database: Engine, text: str) -> None:
    """Rules may answer in the end; what could become a link is never streamed."""
    draft = Writer().draft
    draft.text = text
    async with writing(desk_database, writer := Writer(draft=draft)) as scene:
        root = await scene.people.writes(OFFICER, "which?")
        for _ in range(2):
            writer.go_on.release()
        message = await whole(scene, HOME, root, text)
        assert FIRST not in read(message)


async def test_more_streams_than_slack_takes_are_shown_by_updates(
    desk_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack takes some twenty beginnings and ends a minute: who comes after them does not wait for his answer's end."""
    monkeypatch.setattr(streams, "MOST", 1)
    async with writing(desk_database, writer := Writer()) as scene:
        for _ in range(2):
            root = await scene.people.writes(OFFICER, "which?")
            for _ in range(2):
                writer.go_on.release()
            await scene.until(lambda root=root: _done(scene, root))
            await whole(scene, HOME, root)
        assert len(scene.slack.made("chat.startStream")) == 1


async def test_text_with_an_address_is_shown_by_updates(desk_database: Engine) -> None:
    """A stream's Markdown cannot be told to link nothing: such text is shown in blocks that interpret nothing."""
    steps = ["Write to a@planted.example.", "Write to a@planted.example. <@U0SALES> knows."]
    async with writing(desk_database, writer := Writer(steps)) as scene:
        root = await scene.people.writes(OFFICER, "which?")
        for step in steps:
            await shows(scene, HOME, root, step)
            writer.go_on.release()
        await whole(scene, HOME, root)
        assert not scene.slack.made("chat.startStream")


@pytest.mark.parametrize("when", ["begun", "stopped"])
async def test_a_kill_leaves_one_whole_answer(desk_database: Engine, when: str) -> None:
    """A stream of a killed process is found, ended, and becomes the answer; one that was whole stays as it is."""
    async with writing(desk_database, writer := Writer()) as scene:
        root = await scene.people.writes(OFFICER, "which?")
        await shows(scene, HOME, root, FIRST)
        if when == "stopped":  # Slack has the end, the process never hears of it
            scene.slack.trouble("chat.stopStream", status=500, times=1, keeps=True)
            for _ in range(2):
                writer.go_on.release()
            await scene.until(lambda: _done(scene, root))
        await scene.die()
        for _ in range(4):
            writer.go_on.release()
        await scene.begin()
        await scene.until(lambda: _done(scene, root))
        await whole(scene, HOME, root)


async def test_what_becomes_private_is_taken_back(desk_database: Engine) -> None:
    """Somebody who may not see figures joins while they are written: the stream goes, the answer is for the asker."""
    draft = Writer().draft
    draft.kind = "statistics"
    async with writing(desk_database, writer := Writer(draft=draft)) as scene:
        root = await scene.people.mentions(OFFICER, DESK, "which?")
        await shows(scene, DESK, root, FIRST)
        scene.slack.channels[DESK]["members"].append(SALES)
        joined = {"type": "member_joined_channel", "user": SALES, "channel": DESK, "event_ts": "1.1"}
        await scene.people.deliver("events_api", scene.people.event(joined))
        for _ in range(2):
            writer.go_on.release()
        (whisper,) = await scene.until(lambda: scene.slack.told(OFFICER))
        await scene.settled()
        assert WHOLE in read(whisper)
        assert not scene.slack.answers(DESK, root)


async def test_nothing_is_streamed_where_not_everybody_may_see_everything(desk_database: Engine) -> None:
    """What an answer will hold is not known yet: among sales it waits until it is whole."""
    async with writing(desk_database, Writer()) as scene:
        root = await scene.people.mentions(SECOND, MIXED, "which?")
        await scene.until(lambda: scene.slack.answers(MIXED, root))
        await whole(scene, MIXED, root)
        assert not scene.slack.made("chat.startStream", "chat.update")


@given(st.text(st.sampled_from("ab <>@!#*_~`[]()|\\&.:/\n-1"), max_size=60))
def test_what_is_streamed_is_shown_as_it_is(text: str) -> None:
    """Whatever may be streamed is read back as it was, and nothing in it is live."""
    if escaping.may_link(text):
        return
    sent = escaping.markdown(text)
    assert shown_of(sent) == escaping.clean(text)
    assert not live(sent)
