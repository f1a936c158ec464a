"""Every call to Slack: limits kept for method and channel, faults repeated, nothing posted twice.

Calls to one channel go one after the other, so that a 429 met by one is known to the next before it goes out. A post
that ended in doubt (5xx, time-out, a killed process) is looked for before it is repeated: its first block carries a
mark in its id, and its metadata the same.
"""

import asyncio
import json
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from bot.slack.marks import carries, metadata_of, with_mark
from config.errors import Unavailable

if TYPE_CHECKING:
    import aiohttp

Answered = dict[str, Any]
PATIENCE = 900.0  # seconds for which a call is tried
TIMEOUT = 20.0  # of one request
_AT_ONCE = 12  # calls without a channel
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_IN_DOUBT = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_POSTS = frozenset({"chat.postMessage", "files.completeUploadExternal", "chat.startStream", "chat.appendStream"})

log = logging.getLogger("creditdesk.slack")


class SlackRefusal(Unavailable):
    """Slack said no for good; `code` is its error (`channel_not_found`, `not_in_channel`, …)."""

    def __init__(self, method: str, code: str, details: Sequence[str] = ()) -> None:
        more = f" ({'; '.join(details)[:300]})" if details else ""
        super().__init__(f"Slack refused {method}: {code}{more}; {_CURES.get(code, 'look it up in docs/slack.md')}")
        self.method, self.code = method, code


class SlackAway(Unavailable):
    """Slack did not take the call in the time there was; `after`: seconds until it may be tried again."""

    def __init__(self, method: str, reason: str, after: float = 5.0, *, in_doubt: bool = False) -> None:
        super().__init__(f"Slack did not take {method} ({reason}): it is tried again")
        self.after, self.in_doubt = after, in_doubt


# What Slack says of a message that it does not take for what is in it.
CONTENT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text"})
_CURES = {
    "channel_not_found": "invite the app to the channel or correct its id",
    "not_in_channel": "invite the app to the channel",
    "is_archived": "choose a channel that is in use",
    "missing_scope": "install the app again with slack/manifest.yaml",
    "invalid_auth": "set SLACK_BOT_TOKEN to the app's bot token",
    "account_inactive": "the app was removed from the workspace: install it again",
    "token_revoked": "install the app again",
    "not_authed": "set SLACK_BOT_TOKEN to the app's bot token",
}

TokenOf = Callable[[str], str | None]  # the bot token of a workspace


class Sender:
    """Speaks to Slack's Web API. Belongs to one event loop; other threads use `from_thread`."""

    def __init__(self, api_url: str, token_of: TokenOf) -> None:
        self._api_url = api_url
        self._token_of = token_of
        self._session: aiohttp.ClientSession | None = None
        self._places: dict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._closed: dict[tuple[str, str], float] = {}
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = False
        self.team = ""  # our own workspace, once known
        self.bot_user = ""

    def open(self) -> "aiohttp.ClientSession":
        """The HTTP session on the running loop, begun with the first call."""
        import aiohttp

        if self._ended:
            raise SlackAway("a call", "the app has ended")
        if self._session is None:
            self._loop = asyncio.get_running_loop()
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT), connector=aiohttp.TCPConnector(limit=64)
            )
        return self._session

    def token(self, team: str = "") -> str | None:
        """The bot token for a workspace; None: the app is not installed there."""
        return self._token_of(team)

    async def close(self) -> None:
        """Ends it; calls under way fail."""
        self._loop, self._ended = None, True
        if self._session is not None:
            await self._session.close()

    def from_thread(self, work: Callable[[], Awaitable[Any]], timeout: float) -> Any:
        """Runs a coroutine of ours from another thread. Raises SlackAway where the app does not run (yet)."""
        loop = self._loop
        if loop is None or not loop.is_running():
            raise SlackAway("a call", "the app is not running yet", after=0.5)

        async def begun() -> Any:
            return await work()

        running = asyncio.run_coroutine_threadsafe(begun(), loop)
        try:
            return running.result(timeout)
        except TimeoutError as error:
            running.cancel()  # or it would go out later, beside its repetition
            raise SlackAway("a call", f"no answer within {timeout:.0f} s", in_doubt=True) from error

    async def call(self, method: str, *, team: str = "", patience: float = PATIENCE, **args: Any) -> Answered:
        """Calls a method of the Web API and gives its answer; waits out 429, repeats what may be repeated.

        `patience`: seconds for which it is tried. Arguments that are None are left out. Raises SlackRefusal for a
        definite no, SlackAway when the time is over. A post that may stand already is not repeated (`in_doubt`):
        use `post`, which looks.
        """
        deadline = time.monotonic() + patience
        place = (method, str(args.get("channel") or ""))
        tries = 0
        async with self._places[place] if place[1] else self._free:
            while True:
                await self._wait_open(place, deadline)
                try:
                    return await self._once(method, team, args)
                except SlackAway as away:
                    if place in self._closed and self._closed[place] > time.monotonic():
                        continue  # a 429: its own wait counts
                    wait = _WAITS[min(tries, len(_WAITS) - 1)]
                    tries += 1
                    if (away.in_doubt and method in _POSTS) or time.monotonic() + wait > deadline:
                        raise
                    log.warning("Slack %s: tried again in %.1f s", method, wait)
                    await asyncio.sleep(wait)

    async def _wait_open(self, place: tuple[str, str], deadline: float) -> None:
        while (left := self._closed.get(place, 0.0) - time.monotonic()) > 0:
            if time.monotonic() + left > deadline:
                raise SlackAway(place[0], "asked too often", after=left)
            await asyncio.sleep(left)
        self._closed.pop(place, None)

    async def _once(self, method: str, team: str, args: dict[str, Any]) -> Answered:
        import aiohttp

        session = self.open()
        token = self._token_of(team)
        if not token:
            raise SlackRefusal(method, "not_authed", [f"no token for workspace {team or '(none)'}"])
        try:
            async with session.post(
                self._api_url + method, data=_form(args), headers={"Authorization": f"Bearer {token}"}
            ) as response:
                status, retry_after = response.status, response.headers.get("Retry-After", "")
                text = await response.text()
        except (aiohttp.ClientConnectorError, ConnectionRefusedError) as error:
            raise SlackAway(method, type(error).__name__) from error  # it never arrived
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise SlackAway(method, type(error).__name__, in_doubt=True) from error
        return self._read(method, args, status, retry_after, text)

    def _read(self, method: str, args: dict[str, Any], status: int, retry_after: str, text: str) -> Answered:
        try:
            answer: Answered = json.loads(text)
        except ValueError:
            answer = {}
        code = str(answer.get("error") or "")
        if status == 429 or code in ("ratelimited", "rate_limited"):
            wait = float(retry_after) if retry_after.replace(".", "", 1).isdigit() else 30.0
            self._closed[(method, str(args.get("channel") or ""))] = time.monotonic() + wait + 0.1
            log.warning("Slack asks to wait %.0f s before the next %s", wait, method)
            raise SlackAway(method, "asked too often", after=wait)
        if answer.get("ok"):
            return answer
        if status >= 500 or code in _IN_DOUBT or not answer:
            raise SlackAway(method, f"status {status} {code}".strip(), in_doubt=True)
        details = (answer.get("response_metadata") or {}).get("messages") or []
        raise SlackRefusal(method, code or f"status {status}", [str(one) for one in details])

    async def post(
        self,
        channel: str,
        *,
        text: str,
        blocks: list[dict[str, Any]],
        mark: str,
        thread_ts: str | None = None,
        team: str = "",
        patience: float = PATIENCE,
        look_first: bool = False,
    ) -> str:
        """Posts a message exactly once and gives its ts. `mark` names it: the same mark is never posted twice.

        `look_first`: it may stand already (an earlier process had begun to post it). Raises as `call` does.
        """
        marked = with_mark(blocks, mark)
        deadline = time.monotonic() + patience
        tries = 0
        while True:
            if look_first and (standing := await self.standing(channel, mark, thread_ts, team, deadline)):
                return standing
            try:
                answer = await self.call(
                    "chat.postMessage", team=team, patience=max(0.0, deadline - time.monotonic()), channel=channel,
                    thread_ts=thread_ts, text=text, blocks=marked, unfurl_links=False, unfurl_media=False,
                    metadata=metadata_of(mark),
                )  # fmt: skip
                return str(answer["ts"])
            except SlackAway as away:
                wait = _WAITS[min(tries, len(_WAITS) - 1)]
                tries += 1
                if not away.in_doubt or time.monotonic() + wait > deadline:
                    raise
                look_first = True
                await asyncio.sleep(wait)

    async def standing(
        self, channel: str, mark: str, thread_ts: str | None, team: str = "", deadline: float = 0.0
    ) -> str | None:
        """The ts of the message with this mark among the newest of the thread or channel; None: it does not stand."""
        patience = max(1.0, deadline - time.monotonic())
        try:
            for message in await self.recent(channel, thread_ts, team, patience):
                if carries(message, mark):
                    return str(message["ts"])
        except SlackRefusal as refusal:
            log.warning("whether a message stands cannot be seen: %s", refusal)
        return None

    async def recent(self, channel: str, thread_ts: str | None, team: str, patience: float) -> list[Answered]:
        """The messages of a thread, or the newest of a channel."""
        more: dict[str, Any] = {
            "include_all_metadata": True,
            "limit": 200,
            "team": team,
            "patience": patience,
            "channel": channel,
        }
        if thread_ts is None:
            return list((await self.call("conversations.history", **more)).get("messages", []))
        found: list[Answered] = []
        cursor: str | None = None
        while True:
            page = await self.call("conversations.replies", ts=thread_ts, cursor=cursor, **more)
            found += page.get("messages", [])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if not cursor:
                return found

    async def update(
        self,
        channel: str,
        ts: str,
        *,
        text: str,
        blocks: list[dict[str, Any]],
        mark: str = "",
        team: str = "",
        patience: float = PATIENCE,
    ) -> None:
        """Replaces a message of ours. With `mark` it keeps the mark that it was posted with."""
        shown = with_mark(blocks, mark) if mark else blocks
        await self.call(
            "chat.update", team=team, patience=patience, channel=channel, ts=ts, text=text, blocks=shown,
            unfurl_links=False,
        )  # fmt: skip

    async def whisper(
        self,
        channel: str,
        user: str,
        *,
        text: str,
        blocks: list[dict[str, Any]] | None = None,
        thread_ts: str | None = None,
        team: str = "",
        patience: float = PATIENCE,
    ) -> None:
        """Tells one person in a channel; where that is not possible, in the direct message with him."""
        content: dict[str, Any] = {"text": text, "blocks": blocks, "team": team, "patience": patience}
        try:
            await self.call("chat.postEphemeral", channel=channel, user=user, thread_ts=thread_ts, **content)
        except SlackRefusal as refusal:
            if refusal.code not in ("user_not_in_channel", "not_in_channel", "channel_not_found", "is_archived"):
                raise
            await self.call("chat.postMessage", channel=user, unfurl_links=False, unfurl_media=False, **content)

    async def respond(self, response_url: str, body: dict[str, Any], patience: float = 60.0) -> None:
        """Answers a command or click by its response_url. Raises SlackRefusal when that has expired."""
        import aiohttp

        deadline, tries = time.monotonic() + patience, 0
        while True:
            status, wait = 0, _WAITS[min(tries, len(_WAITS) - 1)]
            try:
                async with self.open().post(response_url, json=body) as response:
                    status = response.status
                    if status == 429:
                        wait = float(response.headers.get("Retry-After") or 1)
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                log.warning("response_url: %s", type(error).__name__)
            if status == 200:
                return
            if 400 <= status < 500 and status != 429:
                raise SlackRefusal("response_url", "expired_url" if status in (404, 410) else f"status {status}")
            tries += 1
            if time.monotonic() + wait > deadline:
                raise SlackAway("response_url", f"status {status}")
            await asyncio.sleep(wait)


def _form(args: dict[str, Any]) -> dict[str, str]:
    """Arguments as a form, which every method takes: what is no text as JSON, None left out."""
    return {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in args.items()
        if value is not None
    }
