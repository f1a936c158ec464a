"""Mentions, direct messages, and what is said on in threads in which the app was asked."""

from typing import TYPE_CHECKING, Any

from bot.slack.asking import Ask, payload_of, thread_is_ours, words_of
from bot.slack.deliveries import key_of
from cases.database import read_session

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.asking import Asking
    from bot.slack.deps import SlackDeps

KIND = "ask"
_SPOKEN = frozenset({None, "", "file_share", "thread_broadcast"})


def register(app: "AsyncApp", deps: "SlackDeps", asking: "Asking") -> None:
    """A question is written down before Slack hears that it was taken."""
    deps.deliveries.work(KIND, asking.work)

    async def heard(body: dict[str, Any]) -> None:
        ask = ask_of(body, deps.sender.bot_user)
        if ask is None:
            return
        if not ask.asked and not await _goes_on(ask, deps):
            return
        await deps.deliveries.take(key_of(body), KIND, payload_of(ask))

    app.event("app_mention")(heard)
    app.event("message")(heard)


async def _goes_on(ask: Ask, deps: "SlackDeps") -> bool:
    """Whether the message stands in a thread in which the app was asked before."""

    def look() -> bool:
        with read_session(deps.database) as session:
            return thread_is_ours(session, ask.team, ask.channel, ask.root)

    return await deps.in_thread(look)


def ask_of(body: dict[str, Any], bot_user: str = "") -> Ask | None:
    """What an event may ask; None: nothing (edits, joins, bots, talk in which the app has no part)."""
    event = body.get("event") or {}
    user, channel, ts = (str(event.get(name) or "") for name in ("user", "channel", "ts"))
    if not (user and channel and ts) or event.get("subtype") not in _SPOKEN:
        return None
    if event.get("bot_id") or event.get("app_id"):
        return None
    me = _own_user(body) or bot_user  # another one in each workspace
    text = str(event.get("text") or "")
    mentioned = event.get("type") == "app_mention" or (bool(me) and f"<@{me}" in text)
    direct = event.get("channel_type") == "im" or (not event.get("channel_type") and channel.startswith("D"))
    root = str(event.get("thread_ts") or "")
    if not (mentioned or direct or root):
        return None
    if not mentioned and not direct and "<@" in text:
        return None  # said to somebody else
    team = str(body.get("team_id") or event.get("team") or "")
    return Ask(
        team=team,
        channel=channel,
        user=user,
        text=words_of(text, me),
        root=root or ts,
        ts=ts,
        direct=direct,
        asked=mentioned or direct,
    )


def _own_user(body: dict[str, Any]) -> str:
    """The app's own user id, as the event names it."""
    for one in body.get("authorizations") or []:
        if one.get("is_bot"):
            return str(one.get("user_id") or "")
    return ""
