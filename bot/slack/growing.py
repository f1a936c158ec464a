"""An answer that is seen while it is written: a stream where Slack takes one, else one message that is changed."""

import asyncio
import logging

from bot.slack import escaping
from bot.slack.replying import Begun, Place
from bot.slack.sending import Sender
from bot.slack.streams import Streams, standing
from config.errors import Unavailable

PACE = 1.5  # seconds between two changes: Slack takes about fifty a minute
LONGEST = 3_000  # characters shown by changes before the answer is whole
log = logging.getLogger("creditdesk.slack")


class Growing:
    """Begun on the event loop; `heard` is called from the thread that writes. The whole answer replaces it."""

    def __init__(self, sender: Sender, streams: Streams, place: Place, mark: str, *, again: bool) -> None:
        self._sender = sender
        self._place = place
        self._mark = mark
        self._again = again  # an earlier process may have begun it
        self._streams = None if again else streams
        self._loop = asyncio.get_running_loop()
        self._text = ""
        self._new = asyncio.Event()
        self._ended = False
        self.begun = Begun()
        self._task = asyncio.create_task(self._run())

    def heard(self, text: str) -> None:
        """The text so far; only the latest is shown."""
        self._loop.call_soon_threadsafe(self._take, text)

    def _take(self, text: str) -> None:
        self._text = text
        self._new.set()

    async def end(self) -> None:
        """No more changes; what is under way is waited for, so that nothing overtakes the whole answer."""
        self._ended = True
        self._new.set()
        await self._task

    async def _run(self) -> None:
        while True:
            await self._new.wait()
            self._new.clear()
            if self._ended:
                return
            try:
                if not await self._streamed():
                    await self._changed()
            except Unavailable as error:  # the whole answer comes in any case
                log.info("an answer is not shown while it is written: %s", error)
            await self._pause()

    async def _streamed(self) -> bool:
        """Shows the text by a stream; False: there is none (any more)."""
        begun = self.begun
        if begun.stream is None:
            if self._streams is None or begun.ts or not self._streams.possible(self._place):
                return False
            begun.maybe = True
            begun.stream = await self._streams.begin(self._place, self._text)
            if begun.stream is None:
                self._streams = None
                return False
            begun.ts = begun.stream.ts
        elif begun.stream.whole:
            await begun.stream.grow(self._text)
        if not begun.stream.whole:
            await begun.stream.stop(patience=5.0)
            begun.stream = None
            return False
        return True

    async def _changed(self) -> None:
        """Shows the text by a message that is posted once and changed then."""
        shown, place = escaping.cut(self._text, LONGEST), self._place
        blocks, notice = [escaping.rich(f"{shown} …")], escaping.notice(shown, 300)
        if self._again and not self.begun.ts:
            self.begun.ts = await standing(self._sender, place, self._mark) or ""
        if self.begun.ts:
            await self._sender.update(
                place.channel, self.begun.ts, text=notice, blocks=blocks, mark=self._mark, team=place.team, patience=1.0
            )
            return
        self.begun.maybe = True
        self.begun.ts = await self._sender.post(
            place.channel, text=notice, blocks=blocks, thread_ts=place.thread_ts, team=place.team, mark=self._mark,
            patience=5.0,
        )  # fmt: skip

    async def _pause(self) -> None:
        end = self._loop.time() + PACE
        while not self._ended and self._loop.time() < end:
            await asyncio.sleep(0.1)
