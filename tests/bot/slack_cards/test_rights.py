"""Every button and every modal, pressed by everybody who may not: listed from the app, so that a new one needs a row."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot.handlers import register
from bot.handlers.commands import COMMAND
from bot.handlers.proposals import STEPS
from bot.handlers.shortcuts.make_case import CALLBACK as SHORTCUT
from bot.views.answers import ASK, FEEDBACK, PROPOSE, SHARE
from bot.views.modals import Place
from cases.models import Event, OutboxItem, StoredMessage
from cases.rights import may
from cases.vocabulary import Role
from tests.bot.slack.scene import DESK, GUEST, NOTE, NOW, OFFICER, ROLES, STRANGER, Scene
from tests.bot.slack_cards.desk import case_of
from tests.doubles.slack.people import read
from tests.doubles.slack.workspace import Json

BUTTONS = {  # button → the right that it takes
    "case_answered": "answer",
    "case_assign": "assign",
    "case_confirm": "confirm",
    "case_correct": "correct",
    "case_decide": "decide",
    "case_merge_0": "merge",
    "case_next": "see_message",
    "case_open": "see_message",
    "case_open_mail": "see_message",
    "case_reject": "reject",
    "draft_edit": "edit_outbox",
    "draft_send": "approve_outbox",
    "draft_stop": "reject_outbox",
}
PROPOSED = {"assign": "assign", "chase": "chase", "comment": "comment", "confirm": "confirm", "correct": "correct",
            "withdraw": "withdraw"}  # fmt: skip
OWN = {  # only what the person himself sees or said, with his own rights: tests/bot/slack
    "home_filter", "home_refresh", f"{ASK}:0", SHARE, FEEDBACK,
}  # fmt: skip
VIEWS: Mapping[str, tuple[str, Mapping[str, str]]] = {  # modal → the right, and what is sent in
    "case_assign": ("assign", {"assignee": "uma@insurer.example", "team": ""}),
    "case_correct": ("correct", {"amount": "125000"}),
    "case_decide": ("decide", {"outcome": "approved", "amount": "1", "valid_until": "", "reason": "", "tell": "", "note": ""}),
    "case_merge": ("merge", {}),
    "case_reject": ("reject", {"reason": "no case"}),
    "draft_edit": ("edit_outbox", {"text_0_3": "changed"}),
}  # fmt: skip


class Listeners:
    """Takes the place of Bolt's app while the handlers hang themselves on it, and keeps what they listen to."""

    def __init__(self) -> None:
        self.heard: dict[str, list[str | re.Pattern[str]]] = {"action": [], "view": []}

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., None]]:
        def listen(to: Any = None, *_rest: object, **_more: object) -> Callable[..., None]:
            self.heard.setdefault(kind, []).append(to)
            return lambda *_functions: None

        return listen


def _fits(pattern: "str | re.Pattern[str]", name: str) -> bool:
    return pattern == name if isinstance(pattern, str) else bool(pattern.search(name))


async def test_every_listener_has_a_row(scene: Scene) -> None:
    """A button or modal that the tables here do not name has no test of its rights."""
    app = Listeners()
    register(app, scene.service.deps)  # type: ignore[arg-type]
    named = [*BUTTONS, *OWN, *(f"{PROPOSE}:{action}:0" for action in PROPOSED)]
    assert not [one for one in app.heard["action"] if not any(_fits(one, name) for name in named)]
    assert not [name for name in named if not any(_fits(one, name) for one in app.heard["action"])]
    assert set(app.heard["view"]) == set(VIEWS)
    assert app.heard["shortcut"] == [{"type": "message_action", "callback_id": SHORTCUT}]
    assert app.heard["command"] == [COMMAND]
    assert set(app.heard) <= {"action", "view", "shortcut", "command", "event"}, "a new kind of listener"
    assert set(STEPS) == set(PROPOSED)


def _draft(scene: Scene) -> int:
    with scene.sessions.begin() as session:
        item = OutboxItem(
            key="reminder:1", kind="reminder", channel="email", to="j.pike@hartwell.example", state="draft",
            subject="Reminder", text="Dear Mr Pike", payload={}, references=[], automatic=False, created_at=NOW,
            due_at=NOW, message_id="<1@x>", case_id=1,
        )  # fmt: skip
        session.add(item)
        session.flush()
        return item.id


def _who_may_not(right: str) -> list[str]:
    """Users of the roles without the right, and people whom the desk shuts out."""
    from cases.rights import Asker

    found = [user for user, (role, name) in ROLES.items() if not may(Asker(name, name, Role(role)), right)]
    return [*found, STRANGER, GUEST]


def _refusals(scene: Scene) -> int:
    with scene.sessions() as session:
        return session.query(Event).filter_by(kind="Refused").count()


async def _refused(scene: Scene, user: str, deliver: Callable[[], Any], *, kept: bool = True) -> str:
    """Delivers it; the person was told, and the history keeps the refusal. What he was told."""
    refusals, told = _refusals(scene), len(scene.slack.told(user))
    await deliver()
    if kept:
        await scene.until(lambda: _refusals(scene) > refusals)
    await scene.until(lambda: len(scene.slack.told(user)) > told)
    await scene.settled()
    return read(scene.slack.told(user)[-1])


def press(scene: Scene, user: str, ts: str, action: str, value: str) -> Json:
    """A press on a button as Slack delivers it, whoever was shown the button."""
    slack = scene.slack
    return {
        "type": "block_actions", "team": {"id": slack.team}, "user": {"id": user, "team_id": slack.team},
        "api_app_id": slack.app, "trigger_id": slack.trigger(), "channel": {"id": DESK},
        "container": {"type": "message", "message_ts": ts, "channel_id": DESK, "is_ephemeral": False},
        "message": slack.messages[DESK][ts], "response_url": slack.response_url(DESK, user, ts),
        "actions": [{"action_id": action, "type": "button", "value": value, "block_id": "b", "action_ts": slack.stamp()}],
    }  # fmt: skip


async def test_every_button_refuses_every_wrong_role(scene: Scene) -> None:
    """A private word, a Refused in the history, no window, no change: for roles without the right and for strangers."""
    reference, other = scene.references[:2]
    number, before = _draft(scene), case_of(scene, reference).version
    ts = scene.slack.said(scene.slack.bot, DESK, "a card")
    for action, right in BUTTONS.items():
        value = str(number) if action.startswith("draft") else f"{reference}|999||{other}"
        for user in _who_may_not(right):
            pressed = press(scene, user, ts, action, value)
            await _refused(scene, user, lambda pressed=pressed: scene.people.deliver("interactive", pressed))
    assert not scene.slack.modals
    assert case_of(scene, reference).version == before
    with scene.sessions() as session:
        assert session.get_one(OutboxItem, number).state == "draft"


async def test_every_proposal_refuses_every_wrong_role(scene: Scene) -> None:
    """What an answer proposed is done with the rights of who presses, not of who asked."""
    reference, before = scene.references[0], case_of(scene, scene.references[0]).version
    ts = scene.slack.said(scene.slack.bot, DESK, "an answer")
    value = json.dumps({"reference": reference, "text": "x", "field": "amount", "assignee": "uma@insurer.example"})
    for action, right in PROPOSED.items():
        for user in _who_may_not(right):
            pressed = press(scene, user, ts, f"{PROPOSE}:{action}:0", value)
            kept = user not in (STRANGER, GUEST)
            await _refused(scene, user, lambda pressed=pressed: scene.people.deliver("interactive", pressed), kept=kept)
    assert case_of(scene, reference).version == before


@pytest.mark.parametrize("callback", sorted(VIEWS))
async def test_every_modal_refuses_every_wrong_role(scene: Scene, callback: str) -> None:
    """A window that was opened with rights, or made up, does nothing for who has none when it is sent in."""
    reference, other = scene.references[:2]
    number, before = _draft(scene), case_of(scene, reference).version
    right, given = VIEWS[callback]
    place = Place(reference, 999, channel=DESK, ts="1.1", other=other, outbox=number)
    inputs: list[Json] = [
        {"type": "input", "block_id": name, "label": {}, "element": {"type": "plain_text_input", "action_id": "value"}}
        for name in given
    ]
    blocks: list[Json] = [{"type": "context", "block_id": "c"}, *inputs]
    for user in _who_may_not(right):
        view = {
            "id": f"V{user}", "hash": "1.h", "type": "modal", "callback_id": callback, "blocks": blocks,
            "private_metadata": place.text(),
        }  # fmt: skip
        refusals, told = _refusals(scene), len(scene.slack.told(user))
        answer = await scene.people.submits(user, view, dict(given))
        await scene.until(lambda refusals=refusals: _refusals(scene) > refusals)
        if not answer.get("errors"):
            await scene.until(lambda user=user, told=told: len(scene.slack.told(user)) > told)
    assert case_of(scene, reference).version == before
    with scene.sessions() as session:
        assert session.get_one(OutboxItem, number).text == "Dear Mr Pike"


async def test_the_shortcut_refuses_everybody_who_may_not(scene: Scene) -> None:
    """An administrator opens no cases; strangers and guests are told so; nothing comes into the ledger."""
    message = {"type": "message", "user": OFFICER, "text": "Limit for Erlen Bau GmbH"}
    message["ts"] = scene.slack.said(OFFICER, DESK, message["text"])
    for user in _who_may_not("new_case"):
        known = user in ROLES
        start = scene.people.starts(user, SHORTCUT, DESK, message)
        await _refused(scene, user, lambda start=start: start, kept=known)
    with scene.sessions() as session:
        assert session.query(StoredMessage).count() == 0


async def test_the_command_tells_each_role_what_it_may_see(scene: Scene) -> None:
    """The underwriter's note by `/credit`: for credit people, for nobody else."""
    question = f"underwriter note of {scene.references[0]}"
    for user in [*ROLES, STRANGER, GUEST]:
        told = len(scene.slack.told(user))
        await scene.people.commands(user, question)
        await scene.until(lambda user=user, told=told: len(scene.slack.told(user)) > told)
        shown = read(scene.slack.told(user)[-1])
        assert (NOTE in shown) == (user in ROLES and user not in _who_may_not("see_confidential"))
