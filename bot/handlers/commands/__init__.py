"""`/credit`: status, figures, help, or any question; only the person sees the answer."""

import re
from typing import TYPE_CHECKING, Any

from bot.slack import escaping
from bot.slack.asking import Ask, payload_of, words_of
from bot.slack.deliveries import Delivery, key_of
from bot.slack.identity import Refusal
from bot.views.phrases import language_of, phrase

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.asking import Asking
    from bot.slack.deps import SlackDeps

KIND = "command"
COMMAND = re.compile(r"/credit[\w-]*")  # a second workspace may call it /credit-test
_HELP = re.compile(r"^\s*(?:help|hilfe|aide|\?)?\s*$", re.IGNORECASE)
_WORD = re.compile(r"^\s*(status|stats?|statistics|statistik|figures|zahlen|chiffres)\b[\s:]*", re.IGNORECASE)


def register(app: "AsyncApp", deps: "SlackDeps", asking: "Asking") -> None:
    """The command is taken at once and answered by its response_url."""

    async def work(delivery: Delivery) -> None:
        ask = Ask(**delivery.payload)
        typed = ask.text
        if _HELP.match(typed):
            await _help(ask)
            return
        delivery.payload = payload_of(with_question(ask))
        await asking.work(delivery)

    async def _help(ask: Ask) -> None:
        asker = await deps.identity.who(ask.user, ask.team)
        if isinstance(asker, Refusal) and asker.silent:
            return
        text = phrase(asker.reason if isinstance(asker, Refusal) else "help", language_of(ask.text))
        body = {"response_type": "ephemeral", "text": escaping.notice(text), "blocks": [escaping.rich(text)]}
        await deps.sender.respond(ask.response_url, body)

    deps.deliveries.work(KIND, work)

    async def credit(ack: Any, body: dict[str, Any]) -> None:
        ask = Ask(
            team=str(body.get("team_id") or ""),
            channel=str(body.get("channel_id") or ""),
            user=str(body.get("user_id") or ""),
            text=words_of(str(body.get("text") or ""), deps.sender.bot_user),
            root="",
            response_url=str(body.get("response_url") or ""),
        )
        await deps.deliveries.take(key_of(body), KIND, payload_of(ask))
        await ack()

    app.command(COMMAND)(credit)


def with_question(ask: Ask) -> Ask:
    """The command's words as a question: `status X` and `stats X` stay as they are understood in a sentence."""
    from dataclasses import replace

    found = _WORD.match(ask.text)
    if found is None or found[1].lower() == "status":
        return ask
    rest = ask.text[found.end() :].strip()
    return replace(ask, text=rest or "requests received this month by team")
