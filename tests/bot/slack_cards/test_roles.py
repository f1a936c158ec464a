"""Every button, window and proposal does its work for every role that may: one table, held against the rights."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import update

from cases.models import Case, OutboxItem
from cases.rights import Asker, may
from cases.vocabulary import Role
from tests.bot.slack.scene import DESK, MANAGER, NOW, OFFICER, ROLES, SALES, UNDERWRITER, Scene
from tests.bot.slack_cards.desk import file_mail, history_of
from tests.bot.slack_cards.test_rights import BUTTONS, PROPOSED, press
from tests.cases import desk
from tests.doubles.slack.people import read
from tests.doubles.slack.workspace import Json

NEVER = 10**9  # a card that has seen everything
AT_ONCE = {"case_confirm": "CaseConfirmed", "case_answered": "StatusChanged"}  # button → what the history has then
SHOWN = ("case_open", "case_open_mail")  # buttons that open a window to read
WINDOWS: Mapping[str, tuple[str, Mapping[str, str]]] = {  # button → what is typed or chosen, and the history then
    "case_assign": ("CaseAssigned", {"person": "otto@insurer.example"}),
    "case_correct": ("CaseCorrected", {"amount": "125000"}),
    "case_decide": ("CaseDecided", {"outcome": "approved", "amount": "100000"}),
    "case_merge_0": ("CaseMerged", {}),
    "case_reject": ("CaseRejected", {"reason": "sent to us by mistake"}),
}
DRAFTS = {"draft_send": "waiting", "draft_stop": "rejected"}  # button → the row's state then
ELSEWHERE = {"case_next", "draft_edit"}  # need a card: test_review_card.py, test_drafts.py; the rights are the same
PROPOSALS = {  # proposal → what the history has then; a reminder: test_chase.py
    "assign": "CaseAssigned", "comment": "NoteAdded", "confirm": "CaseConfirmed", "correct": "CaseCorrected",
    "withdraw": "StatusChanged",
}  # fmt: skip


@dataclass
class Desk:
    """Who presses what in the desk's channel."""

    scene: Scene
    user: str

    @property
    def name(self) -> str:
        """The person's name, as the history has it."""
        return ROLES[self.user][1]

    def may(self, right: str) -> bool:
        """Whether his role has the right."""
        return may(Asker(self.name, self.name, Role(ROLES[self.user][0])), right)

    def case(self) -> str:
        """A new case, from a mail of its own."""
        with self.scene.sessions() as session:
            number = session.query(Case).count()
        return file_mail(self.scene, f"Mail {number}", desk.limit_request(buyer_name=f"Buyer {number} GmbH"))[0]

    async def presses(self, action: str, value: str) -> None:
        """Presses a button of a message in the desk's channel."""
        ts = self.scene.slack.said(self.scene.slack.bot, DESK, "a card")
        await self.scene.people.deliver("interactive", press(self.scene, self.user, ts, action, value))

    async def opens(self, action: str, value: str) -> Json:
        """The window that a button opens."""
        before = set(self.scene.slack.modals)
        await self.presses(action, value)
        key = await self.scene.until(lambda: next((k for k in self.scene.slack.modals if k not in before), None))
        return self.scene.slack.modals[key]

    async def did(self, reference: str, kind: str) -> None:
        """Waits until the history says that this person did it."""
        await self.scene.until(lambda: (self.name, kind) in history_of(self.scene, reference))


def chosen(view: Json, values: Mapping[str, str]) -> dict[str, Any]:
    """What is sent in: text as it is, the option of that value where the window offers options."""
    found: dict[str, Any] = {}
    for block in view["blocks"]:
        if block.get("block_id") in values:
            wanted = values[block["block_id"]]
            options = block["element"].get("options") or []
            found[block["block_id"]] = next((one for one in options if one["value"] == wanted), wanted)
    assert set(found) == set(values)
    return found


async def _at_once(at: Desk) -> set[str]:
    for action, kind in AT_ONCE.items():
        reference = at.case()
        if action == "case_answered":
            _set(at.scene, reference, kind="enquiry", status="received")
        await at.presses(action, f"{reference}|{NEVER}")
        await at.did(reference, kind)
    return set(AT_ONCE)


async def _windows(at: Desk) -> set[str]:
    done = set()
    for action, (kind, values) in WINDOWS.items():
        if not at.may(BUTTONS[action]):
            continue
        reference, other = at.case(), at.case()
        if action == "case_decide":
            _set(at.scene, reference, status="ready", needs_review=False)
        view = await at.opens(action, f"{reference}|{NEVER}||{other}")
        answer = await at.scene.people.submits(at.user, view, chosen(view, values))
        assert "errors" not in answer, answer
        await at.did(reference, kind)
        done.add(action)
    for action in SHOWN:
        reference = at.scene.references[0]
        key = (await at.opens(action, f"{reference}|{NEVER}"))["id"]
        await at.scene.until(lambda key=key, reference=reference: _holds(at.scene.slack.modals[key], reference))
        done.add(action)
    return done


def _holds(view: Json, words: str) -> bool:
    return words in view["title"]["text"] + read(view)


async def _drafts(at: Desk) -> set[str]:
    for action, state in DRAFTS.items():
        with at.scene.sessions.begin() as session:
            item = OutboxItem(
                key=action, kind="reminder", channel="email", to="j.pike@hartwell.example", state="draft", subject="R",
                text="Dear Mr Pike", payload={}, references=[], automatic=False, created_at=NOW, due_at=NOW,
                message_id=f"<{action}@x>",
            )  # fmt: skip
            session.add(item)
            session.flush()
            number = item.id
        await at.presses(action, str(number))
        await at.scene.until(lambda number=number, state=state: _state(at.scene, number) == state)
    return set(DRAFTS)


async def _proposals(at: Desk) -> set[str]:
    done = set()
    for action, kind in PROPOSALS.items():
        if not at.may(PROPOSED[action]):
            continue
        reference = at.case()
        value = {"reference": reference, "text": "125000" if action == "correct" else "x", "field": "amount"}
        await at.presses(f"propose:{action}:0", json.dumps(value))
        await at.did(reference, kind)
        done.add(action)
    return done


def _set(scene: Scene, reference: str, **values: object) -> None:
    with scene.sessions.begin() as session:
        session.execute(update(Case).where(Case.reference == reference).values(**values))


def _state(scene: Scene, number: int) -> str:
    with scene.sessions() as session:
        return session.get_one(OutboxItem, number).state


@pytest.mark.parametrize("user", [OFFICER, UNDERWRITER, MANAGER, SALES])
async def test_every_role_can_do_what_it_may(scene: Scene, user: str) -> None:
    """What the table of rights allows works, and all of it is pressed here."""
    at = Desk(scene, user)
    scene.slack.channels[DESK]["members"].append(user)
    wanted = {action for action, right in BUTTONS.items() if at.may(right)} - ELSEWHERE
    done: set[str] = set()
    if wanted:
        done = await _at_once(at) | await _windows(at) | await _drafts(at)
    assert done == wanted
    proposals = {action for action, right in PROPOSED.items() if at.may(right)} - {"chase"}
    assert await _proposals(at) == proposals
    await scene.settled()
    assert not scene.slack.refused()
