"""An answer that is seen while it is written: one message, marked like any answer, changed as the text grows."""

import asyncio
import logging

from bot.slack import escaping
from bot.slack.replying import Place
from bot.slack.sending import Sender
from config.errors import Unavailable

PACE = 1.5  # seconds between two changes: Slack takes about fifty a minute
LONGEST = 3_000  # characters shown before the answer is whole
log = logging.getLogger("creditdesk.slack")


class Growing:
    """Begun on the event loop; `heard` is called from the thread that writes. The whole answer replaces it."""

    def __init__(self, sender: Sender, place: Place, mark: str, *, again: bool) -> None:
        self._sender = sender
        self._place = place
        self._mark = mark
        self._again = again  # an earlier process may have begun it
        self._loop = asyncio.get_running_loop()
        self._text = ""
        self._new = asyncio.Event()
        self._ended = False
        self.begun = False  # a message may stand
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
        ts = ""
        while True:
            await self._new.wait()
            self._new.clear()
            if self._ended:
                return
            shown = escaping.cut(self._text, LONGEST)
            blocks, notice = [escaping.rich(f"{shown} …")], escaping.notice(shown, 300)
            try:
                if ts:
                    await self._sender.update(
                        self._place.channel, ts, text=notice, blocks=blocks, mark=self._mark, team=self._place.team,
                        patience=1.0,
                    )  # fmt: skip
                else:
                    self.begun = True
                    ts = await self._sender.post(
                        self._place.channel, text=notice, blocks=blocks, thread_ts=self._place.thread_ts,
                        team=self._place.team, mark=self._mark, patience=5.0, look_first=self._again,
                    )  # fmt: skip
            except Unavailable as error:  # the whole answer comes in any case
                log.info("an answer is not shown while it is written: %s", error)
            await self._pause()

    async def _pause(self) -> None:
        end = self._loop.time() + PACE
        while not self._ended and self._loop.time() < end:
            await asyncio.sleep(0.1)
