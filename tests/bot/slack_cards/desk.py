"""A mail that is filed in the scene's desk, its card in the channel, and what people do to it."""

from typing import Any

from sqlalchemy import select

from cases.audit import lock
from cases.filing import file_message
from cases.models import Case, OutboxItem
from cases.queries import case_view
from cases.understanding import LimitRequest
from cases.vocabulary import MessageState
from config.desk import DeskRules, load_desk_rules
from tests.bot.slack.scene import NOW, Scene
from tests.cases import desk

Json = dict[str, Any]


def rules() -> DeskRules:
    """The rules that the scene runs with."""
    return load_desk_rules()


def file_mail(scene: Scene, name: str, *requests: LimitRequest, **more: Any) -> list[str]:
    """Files a mail; gives the references of its cases. Its card waits in the outbox."""
    raw = f"From: Joanna Pike <j.pike@hartwell-bearings.example>\r\nSubject: {name}\r\n\r\nHello, a limit please.\r\n"
    with scene.sessions.begin() as session:
        lock(session)
        row = desk.stored(session, name, raw=raw.encode(), received_at=NOW, stored_at=NOW, subject=name)
        row.sender = "j.pike@hartwell-bearings.example"
        made = desk.triage(*(requests or (desk.limit_request(),)), **more)
        row.triage = made.model_dump(mode="json")
        filed = file_message(session, row, made, desk.facts(row), rules(), NOW, slack_channel=scene.desk)
        row.state = MessageState.FILED.value
        return filed.cases


async def card_of(scene: Scene, name: str = "A limit", *requests: LimitRequest, **more: Any) -> tuple[list[str], Json]:
    """The cases of a new mail, and its card in the desk's channel."""
    references = file_mail(scene, name, *requests, **more)
    before = {one["ts"] for one in scene.slack.answers(scene.desk)}
    await scene.sent()
    (card,) = [one for one in scene.slack.answers(scene.desk) if one["ts"] not in before]
    return references, card


def case_of(scene: Scene, reference: str) -> Case:
    """The case as it is now."""
    with scene.sessions() as session:
        return session.scalars(select(Case).where(Case.reference == reference)).one()


def history_of(scene: Scene, reference: str) -> list[tuple[str, str]]:
    """Who did what, oldest first."""
    with scene.sessions() as session:
        return [(entry.who, entry.kind) for entry in case_view(session, reference).history]


def outbox(scene: Scene, kind: str) -> list[OutboxItem]:
    """The rows of a kind."""
    with scene.sessions() as session:
        return list(session.scalars(select(OutboxItem).where(OutboxItem.kind == kind).order_by(OutboxItem.id)))


async def modal_of(scene: Scene, user: str, message: Json, action: str) -> Json:
    """The modal that a button of a card opens."""
    before = set(scene.slack.modals)
    await scene.people.presses(user, message, action)
    key = await scene.until(lambda: next((k for k in scene.slack.modals if k not in before), None))
    return scene.slack.modals[key]


def at_home(scene: Scene, user: str, view: Json, action_id: str, **chosen: Any) -> Json:
    """The payload of a press on the home tab, or in a modal."""
    nodes = [n for b in view["blocks"] for n in [*b.get("elements", []), b.get("accessory")] if isinstance(n, dict)]
    node = next(one for one in nodes if one.get("action_id") == action_id)
    kept = {key: node[key] for key in ("action_id", "type", "value") if key in node}
    return {
        "type": "block_actions", "team": {"id": scene.slack.team}, "user": {"id": user, "team_id": scene.slack.team},
        "api_app_id": scene.slack.app, "trigger_id": scene.slack.trigger(), "view": view,
        "container": {"type": "view", "view_id": view["id"]},
        "actions": [kept | chosen | {"block_id": "b", "action_ts": scene.slack.stamp()}],
    }  # fmt: skip
