"""Messages that Slack shows while they are written: chat.startStream, chat.appendStream, chat.stopStream.

A stream only grows, ends by itself after some minutes, and carries no mark before its end. Whatever happens to one,
its message becomes the whole answer by `chat.update`; one that a killed process left is found as the only message of
ours below the question that has no mark.
"""

import logging
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from bot.slack import escaping
from bot.slack.marks import is_marked, metadata_of, with_mark
from bot.slack.sending import PATIENCE, Sender, SlackAway, SlackRefusal
from bot.views.answers import Shown
from config.errors import Unavailable

if TYPE_CHECKING:
    from bot.slack.replying import Place

LONGEST = 5_000  # characters of an answer that is streamed: escaped, they stay below the 12,000 that Slack takes
MOST = 15  # streams begun in a minute and workspace: Slack takes about twenty, and as many ends
ASK_AGAIN = 600.0  # seconds until a place that takes no streams is asked again
_ENDED = "message_not_in_streaming_state"
log = logging.getLogger("creditdesk.slack")


class Streams:
    """Begins streams, and remembers where Slack refuses them."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._refused: dict[tuple[str, str], float] = {}
        self._begun: dict[str, deque[float]] = defaultdict(deque)

    def possible(self, place: "Place") -> bool:
        """Whether it is worth asking: only replies can be streamed, not where Slack has said no, and not too many."""
        now, begun = time.monotonic(), self._begun[place.team]
        while begun and begun[0] < now - 60.0:
            begun.popleft()
        return bool(place.thread_ts) and len(begun) < MOST and self._refused.get((place.team, place.channel), 0.0) < now

    async def begin(self, place: "Place", text: str) -> "Stream | None":
        """A stream that holds the text; None: Slack takes none here. Raises SlackAway where it may be tried again."""
        if not is_streamable(text):
            return None
        self._begun[place.team].append(time.monotonic())
        outside: dict[str, Any] = {}
        if not place.direct:
            outside = {"recipient_user_id": place.user, "recipient_team_id": place.team}
        try:
            begun = await self._sender.call(
                "chat.startStream", team=place.team, patience=2.0, channel=place.channel, thread_ts=place.thread_ts,
                markdown_text=escaping.markdown(text), **outside,
            )  # fmt: skip
        except SlackRefusal as refusal:
            self._refused[(place.team, place.channel)] = time.monotonic() + ASK_AGAIN
            log.info("answers in %s are shown by updates: %s", place.channel, refusal)
            return None
        except SlackAway as away:
            if not away.in_doubt:
                raise
            ts = await left_over(self._sender, place)
            return Stream(self._sender, place, ts, text, whole=False) if ts else None
        return Stream(self._sender, place, str(begun["ts"]), text)


class Stream:
    """One message that grows. `whole`: it is sure to hold what was sent to it, and can go on."""

    def __init__(self, sender: Sender, place: "Place", ts: str, text: str, *, whole: bool = True) -> None:
        self._sender = sender
        self._place = place
        self._sent = escaping.clean(text)
        self.ts = ts
        self.whole = whole

    async def grow(self, text: str) -> None:
        """Shows what was added; where that cannot be, `whole` ends. A 429 is no fault: the next call adds it."""
        more = self._more(text)
        if more is None:
            self.whole = False
            return
        if not more:
            return
        try:
            await self._call("chat.appendStream", patience=1.0, markdown_text=escaping.markdown(more))
        except SlackAway as away:
            self.whole = not away.in_doubt
        except SlackRefusal as refusal:
            log.info("a stream has ended: %s", refusal)
            self.whole = False
        else:
            self._sent += more

    def _more(self, text: str) -> str | None:
        """What the message lacks of the text; None: it can never become that text by growing."""
        cleaned = escaping.clean(text)
        return cleaned[len(self._sent) :] if cleaned.startswith(self._sent) and is_streamable(text) else None

    async def finish(self, message: Shown, mark: str) -> bool:
        """Ends it with the rest of the answer and its blocks; False: it has ended, but its message is to be replaced.

        Raises SlackAway where it may still be running.
        """
        more = self._more(message.body) if self.whole and message.body else None
        if more is not None:
            tail = with_mark(message.blocks[1:], mark)
            try:
                await self._call(
                    "chat.stopStream", markdown_text=escaping.markdown(more) or None, blocks=tail or None,
                    metadata=metadata_of(mark),
                )  # fmt: skip
                return True
            except SlackRefusal as refusal:
                log.info("a stream ends without its blocks, the whole answer replaces it: %s", refusal)
        await self.stop()
        return False

    async def stop(self, patience: float = PATIENCE) -> None:
        """Ends it as it is."""
        await stop(self._sender, self._place, self.ts, patience)

    async def _call(self, method: str, *, patience: float = PATIENCE, **args: Any) -> None:
        place = self._place
        await self._sender.call(method, team=place.team, patience=patience, channel=place.channel, ts=self.ts, **args)


def is_streamable(text: str) -> bool:
    """Whether a stream may show the text: not what Slack could make a link of, since its Markdown cannot be told not to."""
    return len(text) <= LONGEST and not escaping.may_link(text)


async def stop(sender: Sender, place: "Place", ts: str, patience: float = PATIENCE) -> bool:
    """Ends a stream that may have ended already; False: the message is none of ours."""
    try:
        await sender.call("chat.stopStream", team=place.team, patience=patience, channel=place.channel, ts=ts)
    except SlackRefusal as refusal:
        if refusal.code == _ENDED:
            return True
        log.info("a stream cannot be ended: %s", refusal)
        return False
    return True


async def standing(sender: Sender, place: "Place", mark: str) -> str | None:
    """The ts of what stands of an answer, whole or begun, by this process or another; it takes updates then."""
    found = await sender.standing(place.channel, mark, place.thread_ts, place.team)
    return found or await left_over(sender, place)


async def left_over(sender: Sender, place: "Place") -> str | None:
    """The ts of a stream that was begun for the question of the place and not heard of since. It is ended."""
    if not place.thread_ts or place.team != sender.team:
        return None
    try:
        recent = await sender.recent(place.channel, place.thread_ts, place.team, 30.0)
    except Unavailable as error:
        log.warning("whether a stream was left cannot be seen: %s", error)
        return None
    since = float(place.asked_ts or place.thread_ts)
    for message in recent:
        ours = message.get("user") == sender.bot_user and float(message["ts"]) > since
        if ours and not message.get("files") and not is_marked(message):
            ts = str(message["ts"])
            return ts if await stop(sender, place, ts) else None
    return None
