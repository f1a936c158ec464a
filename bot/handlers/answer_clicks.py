"""Buttons under answers: candidates and follow-ups, sharing, feedback, and what was proposed."""

import json
import re
from typing import TYPE_CHECKING, Any

from bot.handlers.proposals import carry_out
from bot.slack.asking import Ask, payload_of, turn_of
from bot.slack.deliveries import Delivery, key_of
from bot.slack.identity import Refusal
from bot.slack.replying import Replies
from bot.views.answers import ASK, FEEDBACK, PROPOSE, SHARE
from bot.views.phrases import phrase

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.asking import Asking
    from bot.slack.deps import SlackDeps

KINDS = {"share": "share", "feedback": "feedback", "propose": "propose"}


def register(app: "AsyncApp", deps: "SlackDeps", asking: "Asking") -> None:
    """Each click is taken once and worked on after Slack has its answer."""
    replies = Replies(deps)

    async def feedback(delivery: Delivery) -> None:
        await deps.in_thread(_store_feedback, deps, delivery.payload, await _email(delivery.payload))

    async def _email(payload: dict[str, Any]) -> str | None:
        asker = await deps.identity.who(payload["ask"]["user"], payload["ask"]["team"])
        return None if isinstance(asker, Refusal) else asker.email

    async def propose(delivery: Delivery) -> None:
        ask = Ask(**delivery.payload["ask"])
        asker = await deps.identity.who(ask.user, ask.team)
        if isinstance(asker, Refusal):
            if not asker.silent:
                await replies.say(ask.place, phrase(asker.reason), delivery)
            return
        said = await deps.in_thread(carry_out, deps, asker, delivery.payload["action"], delivery.payload["value"])
        await replies.say(ask.place, said, delivery)

    deps.deliveries.work(KINDS["share"], asking.shared)
    deps.deliveries.work(KINDS["feedback"], feedback)
    deps.deliveries.work(KINDS["propose"], propose)

    async def asked(ack: Any, body: dict[str, Any]) -> None:
        ask = place_of(body, text=str(body["actions"][0].get("value") or ""))
        await deps.deliveries.take(key_of(body), "ask", payload_of(ask))
        await ack()

    async def shared(ack: Any, body: dict[str, Any]) -> None:
        value = json.loads(body["actions"][0].get("value") or "{}")
        payload = {
            "ask": payload_of(place_of(body, root=value.get("root"), public=True)),
            "answer": value.get("answer"),
        }
        await deps.deliveries.take(key_of(body), KINDS["share"], payload)
        await ack()

    async def rated(ack: Any, body: dict[str, Any]) -> None:
        value = json.loads(body["actions"][0].get("value") or "{}")
        await deps.deliveries.take(
            key_of(body), KINDS["feedback"], {"ask": payload_of(place_of(body, root=value.get("root"))), **value}
        )
        await ack()

    async def proposed(ack: Any, body: dict[str, Any]) -> None:
        action = body["actions"][0]
        payload = {
            "ask": payload_of(place_of(body)),
            "action": str(action["action_id"]).split(":")[1],
            "value": str(action.get("value") or ""),
        }
        await deps.deliveries.take(key_of(body), KINDS["propose"], payload)
        await ack()

    app.action(re.compile(rf"^{ASK}:"))(asked)
    app.action(re.compile(rf"^{PROPOSE}:"))(proposed)
    app.action(SHARE)(shared)
    app.action(FEEDBACK)(rated)


def place_of(body: dict[str, Any], text: str = "", *, root: str | None = None, public: bool = False) -> Ask:
    """Where a click happened, as a place to answer; on what only one person saw, the answer is for him alone too."""
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ephemeral = bool(container.get("is_ephemeral"))
    thread = message.get("thread_ts") or container.get("thread_ts")
    if root is None:
        root = str(thread or ("" if ephemeral else message.get("ts") or container.get("message_ts") or ""))
    direct = channel.startswith("D")
    return Ask(
        team=str((body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id") or ""),
        channel=channel,
        user=str((body.get("user") or {}).get("id") or ""),
        text=text,
        root=root,
        direct=direct,
        response_url=str(body.get("response_url") or "") if ephemeral and not public else "",
    )


def _store_feedback(deps: "SlackDeps", payload: dict[str, Any], email: str | None) -> None:
    """Keeps what the person thinks of the answer, at the turn in which it was given."""
    if email is None:
        return
    thread = Ask(**payload["ask"]).thread
    with deps.sessions.begin() as session:
        turn = turn_of(session, email, thread, str(payload.get("answer")))
        if turn is not None:
            turn.feedback = str(payload.get("feedback"))[:16]
