"""Puts answers where they belong: the thread, one person's eyes, a command's response; and signs of life before."""

import base64
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.slack import escaping
from bot.slack.deliveries import Delivery
from bot.slack.files import upload
from bot.slack.sending import CONTENT, SlackRefusal
from bot.slack.streams import Stream, standing
from bot.views.answers import Shown, answer_messages, whole_table
from bot.views.phrases import phrase
from config.errors import Unavailable

if TYPE_CHECKING:
    from bot.slack.deps import SlackDeps

EYES = "eyes"
GONE = ("channel_not_found", "is_archived", "not_in_channel", "cannot_reply_to_message", "thread_not_found",
        "message_not_found", "user_disabled", "restricted_action")  # fmt: skip
log = logging.getLogger("creditdesk.slack")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes."""

    team: str
    channel: str
    thread_ts: str | None
    user: str
    response_url: str = ""
    direct: bool = False
    asked_ts: str = ""  # the question's own message


@dataclass(slots=True)
class Begun:
    """What stands of an answer already: its message, and the stream that it still is. `maybe`: one may stand unseen."""

    maybe: bool = False
    ts: str = ""
    stream: Stream | None = None


class Replies:
    """Sends what was worked out. Whatever is sent for one delivery is marked with it and sent once."""

    def __init__(self, deps: "SlackDeps") -> None:
        self._deps = deps
        self._sender = deps.sender

    async def answer(self, place: Place, delivery: Delivery, language: str, begun: Begun | None = None) -> None:
        """Sends the answer that the delivery's progress holds. `begun`: what was shown of it while it was written."""
        progress = delivery.progress or {}
        answer = progress["answer"]
        private = bool(progress.get("private"))
        messages = _messages(progress, language, place.thread_ts or "")
        files = [(name, base64.b64decode(content)) for name, content in progress.get("files", [])]
        if (rest := whole_table(answer)) and not files:
            files.append(rest)
        try:
            if private and begun is not None:
                await self._withdraw(place, begun)
            try:
                await self._send(place, messages, delivery, private=private, begun=begun)
            except SlackRefusal as refusal:
                if refusal.code not in CONTENT:
                    raise
                log.error("Slack does not take an answer's blocks, it is given without its table: %s", refusal)
                plain = _messages(progress, language, place.thread_ts or "", tables=False)
                await self._send(place, plain, delivery, private=private, begun=Begun(maybe=True))
            if files:
                await self._files(place, files, delivery, language, private=private)
        except SlackRefusal as refusal:
            if refusal.code not in GONE:
                raise
            log.warning("an answer has no place any more: %s", refusal)

    async def _send(
        self, place: Place, messages: list[Shown], delivery: Delivery, *, private: bool, begun: Begun | None = None
    ) -> None:
        for number, message in enumerate(messages):
            if place.response_url:
                await self._respond(place, message)
            elif private:
                await self._sender.whisper(
                    place.channel, place.user, text=message.text, blocks=message.blocks, thread_ts=place.thread_ts,
                    team=place.team,
                )  # fmt: skip
            else:
                shown = begun if begun is not None and number == 0 else Begun()
                shown.maybe = shown.maybe or delivery.again
                await self._post(place, message, f"{delivery.key}#{number}", shown)

    async def _post(self, place: Place, message: Shown, mark: str, begun: Begun) -> None:
        """Posts the message; where it stands, in part or in whole, it becomes the whole one."""
        if begun.stream is not None and await begun.stream.finish(message, mark):
            return
        ts = begun.ts or (await standing(self._sender, place, mark) if begun.maybe else None)
        content: dict[str, Any] = {"text": message.text, "blocks": message.blocks, "mark": mark, "team": place.team}
        if ts:
            await self._sender.update(place.channel, ts, **content)
        else:
            await self._sender.post(place.channel, thread_ts=place.thread_ts, **content)

    async def _withdraw(self, place: Place, begun: Begun) -> None:
        """Takes back what was shown to all before somebody came who may not see the rest."""
        if begun.stream is not None:
            await begun.stream.stop()
        if begun.ts:
            await self._sender.call("chat.delete", team=place.team, channel=place.channel, ts=begun.ts)

    async def _respond(self, place: Place, message: Shown) -> None:
        body = {"response_type": "ephemeral", "replace_original": False, "text": message.text, "blocks": message.blocks}
        if place.thread_ts:
            body["thread_ts"] = place.thread_ts
        try:
            await self._sender.respond(place.response_url, body)
        except SlackRefusal:  # half an hour is over, or five answers were given
            await self._sender.whisper(
                place.channel, place.user, text=message.text, blocks=message.blocks, team=place.team
            )

    async def _files(
        self, place: Place, files: list[tuple[str, bytes]], delivery: Delivery, language: str, *, private: bool
    ) -> None:
        """Files stand in the thread; private ones in the direct message, since no file is for one person's eyes."""
        if not private and not place.response_url:
            await upload(
                self._sender,
                place.channel,
                files,
                thread_ts=place.thread_ts,
                team=place.team,
                look_first=delivery.again,
            )
            return
        opened = await self._sender.call("conversations.open", team=place.team, users=place.user)
        direct = str(opened["channel"]["id"])
        await upload(self._sender, direct, files, team=place.team, look_first=delivery.again)
        if not place.direct and direct != place.channel:
            await self._sender.whisper(
                place.channel, place.user, text=phrase("as_file", language), thread_ts=place.thread_ts, team=place.team
            )

    async def say(self, place: Place, text: str, delivery: Delivery, begun: Begun | None = None) -> None:
        """One sentence, in the direct message, or for this person's eyes only."""
        shown = Shown(escaping.notice(text), [escaping.rich(text)])
        try:
            private = not place.direct and (begun is None or not begun.maybe)
            await self._send(place, [shown], delivery, private=private, begun=begun)
        except SlackRefusal as refusal:
            if refusal.code not in GONE:
                raise
            log.warning("a word has no place any more: %s", refusal)

    async def sign(self, place: Place, ts: str, language: str) -> str:
        """A sign of life: the status line in direct messages, else eyes on the question. What to take back, or ''."""
        try:
            if place.response_url:
                return ""
            if place.direct and place.thread_ts:
                await self._sender.call(
                    "assistant.threads.setStatus", team=place.team, patience=3.0, channel_id=place.channel,
                    thread_ts=place.thread_ts, status=phrase("working", language),
                )  # fmt: skip
                return "status"
            if ts:
                await self._sender.call(
                    "reactions.add", team=place.team, patience=3.0, channel=place.channel, name=EYES, timestamp=ts
                )
                return ts
        except Unavailable as error:  # an answer without a sign before it is still an answer
            log.info("no sign of life: %s", error)
        return ""

    async def unsign(self, place: Place, sign: str) -> None:
        """Takes a reaction back; a status line goes by itself when the answer comes."""
        if sign == "status":
            return
        try:
            await self._sender.call(
                "reactions.remove", team=place.team, patience=3.0, channel=place.channel, name=EYES, timestamp=sign
            )
        except Unavailable as error:
            log.info("a reaction stays: %s", error)


def _messages(progress: dict[str, Any], language: str, root: str, *, tables: bool = True) -> list[Shown]:
    """The messages of the answer that is kept in the progress."""
    why = ""
    if progress.get("private"):
        why = phrase("private_many" if progress.get("many") else "private", language)
    messages = answer_messages(progress["answer"], language, private=why, root=root, tables=tables)
    if progress.get("by"):
        said = phrase("shared", language, name=progress["by"])
        messages[0].blocks.insert(0, {"type": "context", "elements": [escaping.plain_text(said)]})
    return messages
