"""Somebody opens the app's messages or the assistant pane: prompts that suit his role."""

from typing import TYPE_CHECKING, Any

from bot.slack.deliveries import Delivery, key_of
from bot.slack.identity import Refusal
from bot.slack.sending import SlackRefusal
from bot.views.phrases import phrase
from cases.rights import Asker, may
from cases.vocabulary import Role

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

KIND = "prompts"
MOST = 4  # prompts that Slack shows
_BY_ROLE = {
    Role.SALES: ("prompt_status", "prompt_mine", "prompt_documents"),
    Role.MANAGER: ("prompt_month", "prompt_rate", "prompt_oldest", "prompt_documents"),
}
_OTHERS = ("prompt_mine", "prompt_oldest", "prompt_month", "prompt_documents")
_FIGURES = frozenset({"prompt_month", "prompt_rate", "prompt_oldest"})


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """The pane opens with prompts; what people do in it are messages like any other."""

    async def prompts(delivery: Delivery) -> None:
        wanted = delivery.payload
        asker = await deps.identity.who(wanted["user"], wanted["team"])
        if isinstance(asker, Refusal):
            return
        try:
            await deps.sender.call(
                "assistant.threads.setSuggestedPrompts", team=wanted["team"], patience=30.0,
                channel_id=wanted["channel"], thread_ts=wanted["thread"] or None,
                title=phrase("prompts_title"), prompts=prompts_for(asker, deps),
            )  # fmt: skip
        except SlackRefusal:
            return  # a direct message without a pane has no prompts

    deps.deliveries.work(KIND, prompts)

    async def pane(body: dict[str, Any]) -> None:
        thread = (body.get("event") or {}).get("assistant_thread") or {}
        await _take(body, str(thread.get("user_id")), str(thread.get("channel_id")), str(thread.get("thread_ts") or ""))

    async def opened(body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        await _take(body, str(event.get("user")), str(event.get("channel")), "")

    async def _take(body: dict[str, Any], user: str, channel: str, thread: str) -> None:
        payload = {"user": user, "team": str(body.get("team_id") or ""), "channel": channel, "thread": thread}
        await deps.deliveries.take(key_of(body), KIND, payload)

    async def messages_tab(body: dict[str, Any]) -> bool:
        return (body.get("event") or {}).get("tab") == "messages"

    async def nothing() -> None:
        """The place that a person looks at is not used."""

    app.event("assistant_thread_started")(pane)
    app.event("app_home_opened", matchers=[messages_tab])(opened)
    app.event("assistant_thread_context_changed")(nothing)
    app.event("app_context_changed")(nothing)


def prompts_for(asker: Asker, deps: "SlackDeps", language: str = "en") -> list[dict[str, str]]:
    """What the person may ask, as prompts."""
    rights = deps.rules().rights
    names = [
        name
        for name in _BY_ROLE.get(asker.role, _OTHERS)
        if name not in _FIGURES or may(asker, "see_statistics", rights)
    ]
    found = [phrase(name, language) for name in names[:MOST]]
    return [{"title": text, "message": text} for text in found]
