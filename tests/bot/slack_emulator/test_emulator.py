"""The same app against a Slack that others wrote, from their reading of Slack's reference: npm `emulate`.

It checks less than our own double, but it is nobody's idea of what our app does. It has no streams, no status line, no
commands and no submits: those are seen with our own double only.
"""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.orm import sessionmaker

from bot.assistant.draft import Draft
from cases.database import open_database
from cases.models import OutboxItem, Person, StoredMessage
from tests.bot.slack.scene import MANAGER, NOW, OFFICER, ROLES, SALES, Scene, fill
from tests.bot.slack_cards.desk import at_home, card_of, case_of, history_of, modal_of
from tests.doubles.slack.emulating import Emulated, emulating, missing
from tests.doubles.slack.people import read
from tests.doubles.slack.server import SlackServer
from tests.doubles.slack.workspace import Json

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")]
UNKNOWN_THERE = {"assistant.threads.setStatus", "assistant.threads.setSuggestedPrompts", "chat.startStream"}
PEOPLE = {user: (name, f"{name.split()[0].lower()}@insurer.example") for user, (_, name) in ROLES.items()}


class Abroad:
    """A scene in the emulator's workspace, where people and channels have its ids."""

    def __init__(self, scene: Scene, slack: Emulated, ids: dict[str, str]) -> None:
        self.scene, self.slack, self.ids = scene, slack, ids
        self.officer = ids[OFFICER]

    def refused(self) -> list[tuple[str, str]]:
        """Calls of the app that the emulator knows and did not take."""
        return [(one.method, one.error) for one in self.slack.calls if one.error and one.method not in UNKNOWN_THERE]

    async def answer(self, channel: str, root: str, number: int = 1) -> Json:
        """The so-manieth answer in a thread."""
        return await self.scene.until(lambda: next(iter(self.slack.answers(channel, root)[number - 1 :]), None))


@pytest.fixture
async def abroad(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Abroad]:
    """The app in HTTP mode; its people are known to the desk by their addresses only."""
    engine = open_database(f"sqlite:///{tmp_path / 'slack.db'}")
    sessions = sessionmaker(engine, expire_on_commit=False)
    references = await asyncio.to_thread(fill, sessions)
    with sessions.begin() as session:
        session.execute(update(Person).values(slack_user_id=None))
    async with emulating(tmp_path, PEOPLE) as (slack, ids):
        channels = slack.ask("conversations.list")["channels"]
        desk = next(one["id"] for one in channels if one["name"] == "desk")
        for user in slack.ask("conversations.members", channel=desk)["members"]:
            if user not in (ids[OFFICER], ids[MANAGER]):  # the emulator puts everybody into every channel
                slack.ask("conversations.kick", f"xoxp-{OFFICER}", channel=desk, user=user)
        slack.ask("conversations.join", channel=desk)
        agent = getattr(request, "param", None)
        scene = Scene(slack, SlackServer(slack), engine, sessions, agent=agent, references=references, desk=desk)
        await scene.begin()
        await scene.until(lambda: scene.service.deps.sender.bot_user)
        try:
            yield Abroad(scene, slack, ids)
        finally:
            await scene.end()
    engine.dispose()


async def test_a_mention_is_answered_once_in_its_thread(abroad: Abroad) -> None:
    """The officer is found by the address of his Slack profile; candidates are buttons that answer."""
    scene, desk = abroad.scene, abroad.scene.desk
    root = await scene.people.mentions(abroad.officer, desk, f"status of {scene.references[0]}")
    assert "Ostwall Pumpen GmbH" in read(await abroad.answer(desk, root))
    root = await scene.people.mentions(abroad.officer, desk, "status of Ahorn")
    await scene.people.presses(abroad.officer, await abroad.answer(desk, root), "ask:1")
    chosen = read(await abroad.answer(desk, root, 2))
    assert any(reference in chosen for reference in scene.references[1:])
    direct = abroad.slack.direct(abroad.ids[SALES])
    root = await scene.people.says(abroad.ids[SALES], direct, f"where is {scene.references[1]}?")
    assert "Ahorn Logistik GmbH" in read(await abroad.answer(direct, root))
    await scene.settled()
    assert len(abroad.slack.answers(direct, root)) == 1
    assert not abroad.refused()


async def test_a_card_is_confirmed_and_changes(abroad: Abroad) -> None:
    """Posted once, changed in place by the click."""
    (reference,), card = await card_of(abroad.scene)
    await abroad.scene.people.presses(abroad.officer, card, "case_confirm")
    await abroad.scene.until(lambda: "Confirmed by Olga Officer" in read(abroad.slack.answers(abroad.scene.desk)[0]))
    assert ("Olga Officer", "CaseConfirmed") in history_of(abroad.scene, reference)
    assert not abroad.refused()


async def test_a_modal_opens_once_and_what_is_sent_in_counts(abroad: Abroad) -> None:
    """A trigger_id is spent once; the corrected value stands on the card."""
    (reference,), card = await card_of(abroad.scene)
    view = await modal_of(abroad.scene, abroad.officer, card, "case_correct")
    answer = await abroad.scene.people.submits(abroad.officer, view, {"amount": "many"})
    assert set(answer["errors"]) == {"amount"}
    await abroad.scene.people.submits(abroad.officer, view, {"amount": "125000"})
    await abroad.scene.until(lambda: "EUR 125,000" in read(abroad.slack.answers(abroad.scene.desk)[0]))
    assert case_of(abroad.scene, reference).amount == 125_000
    assert not abroad.refused()


async def test_files_go_there_and_come_back(abroad: Abroad) -> None:
    """The figures' workbook stands in the thread; a colleague's file becomes the attachment of a case."""
    scene, slack, desk = abroad.scene, abroad.slack, abroad.scene.desk
    root = await scene.people.mentions(abroad.officer, desk, "requests received this month by team")
    await scene.people.presses(abroad.officer, await abroad.answer(desk, root), "ask:1")
    await scene.until(lambda: any(one.get("files") for one in slack.answers(desk, root)), 30)
    (file,) = next(one["files"] for one in slack.answers(desk, root) if one.get("files"))
    bearer = {"Authorization": f"Bearer {slack.token}"}
    assert httpx.get(file["url_private_download"], headers=bearer).content[:2] == b"PK"
    message = _upload(abroad, b"%PDF-1.4 balance")
    await scene.people.starts(abroad.officer, "make_case", desk, message)
    await scene.until(lambda: scene.stored)
    with scene.sessions() as session:
        mail = message_from_bytes(session.query(StoredMessage).one().raw, policy=default)
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("balance.pdf", b"%PDF-1.4 balance")
    assert not abroad.refused()


def _upload(abroad: Abroad, content: bytes) -> Json:
    """A file that the officer puts into the desk's channel, as the message that shows it."""
    slack, token = abroad.slack, abroad.slack.tokens[abroad.officer]
    place = slack.ask("files.getUploadURLExternal", token, filename="balance.pdf", length=len(content))
    httpx.post(place["upload_url"], content=content, headers={"Content-Type": "application/octet-stream"})
    more: dict[str, Any] = {"channel_id": abroad.scene.desk, "initial_comment": "Limit of EUR 80,000 on Erlen Bau GmbH"}
    slack.ask("files.completeUploadExternal", token, files=[{"id": place["file_id"]}], **more)
    history = slack.ask("conversations.history", channel=abroad.scene.desk)["messages"]
    return dict(next(one for one in history if one.get("files")))


async def test_the_home_tab_is_published_and_filtered(abroad: Abroad) -> None:
    """Each role's tab is taken; the officer's menu changes it."""
    for user in PEOPLE:
        await abroad.scene.people.opens(abroad.ids[user])
    await abroad.scene.until(lambda: set(abroad.slack.homes) == set(abroad.ids.values()))
    view = abroad.slack.homes[abroad.officer]
    payload = at_home(abroad.scene, abroad.officer, view, "home_filter", selected_option={"value": "desk"})
    await abroad.scene.people.deliver("interactive", payload)
    await abroad.scene.until(lambda: abroad.slack.homes[abroad.officer]["private_metadata"] == "desk")
    assert not abroad.refused()


async def test_a_colleague_is_told_who_is_known_by_his_address(abroad: Abroad) -> None:
    """A row for an address goes into the direct message of whoever has it."""
    with abroad.scene.sessions.begin() as session:
        session.add(
            OutboxItem(
                key="test:1", kind="remark", channel="slack", to="sam@insurer.example", state="waiting", text="It is done.",
                payload={}, references=[], automatic=True, created_at=NOW, due_at=NOW,
            )
        )  # fmt: skip
    await abroad.scene.sent()
    direct = abroad.slack.direct(abroad.ids[SALES])
    assert [read(one) for one in abroad.slack.answers(direct)] == ["It is done."]


def _writes(question: str, _context: object, _state: object, on_text: Any = None) -> Draft:
    if on_text:
        on_text("It depends.")
    return Draft(f"The whole answer to {question}", "procedure")


@pytest.mark.parametrize("abroad", [_writes], indirect=True)
async def test_without_streams_an_answer_is_shown_by_updates(abroad: Abroad) -> None:
    """The emulator knows no streams: the message is changed until it is whole."""
    root = await abroad.scene.people.mentions(abroad.officer, abroad.scene.desk, "which documents?")
    await abroad.answer(abroad.scene.desk, root)
    await abroad.scene.until(lambda: "whole" in read(abroad.slack.answers(abroad.scene.desk, root)[0]))
    await abroad.scene.settled()
    assert len(abroad.slack.answers(abroad.scene.desk, root)) == 1
    assert not abroad.refused()
