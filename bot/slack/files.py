"""Files to Slack and from it."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from bot.slack.sending import Sender, SlackAway, SlackRefusal
from config.errors import InvalidValue

LARGEST = 25_000_000  # bytes of a file that is fetched
_WAITS = (0.5, 1.0, 2.0, 4.0)
log = logging.getLogger("creditdesk.slack")


async def upload(
    sender: Sender,
    channel: str,
    files: Sequence[tuple[str, bytes]],
    *,
    thread_ts: str | None = None,
    team: str = "",
    look_first: bool = False,
) -> None:
    """Puts files (name, content) into a thread or channel, as one message; with `look_first` unless they stand."""
    if look_first and await _stand(sender, channel, files, thread_ts, team):
        return
    given = []
    for name, content in files:
        place = await sender.call("files.getUploadURLExternal", team=team, filename=name, length=len(content))
        await _put(sender, str(place["upload_url"]), content)
        given.append({"id": place["file_id"], "title": name})
    try:
        await sender.call(
            "files.completeUploadExternal", team=team, files=given, channel_id=channel, thread_ts=thread_ts
        )
    except SlackAway as away:
        if not away.in_doubt:
            raise
        await asyncio.sleep(1.0)
        await upload(sender, channel, files, thread_ts=thread_ts, team=team, look_first=True)


async def _stand(
    sender: Sender, channel: str, files: Sequence[tuple[str, bytes]], thread_ts: str | None, team: str
) -> bool:
    names = {name for name, _ in files}
    try:
        recent = await sender.recent(channel, thread_ts, team, 60.0)
    except SlackRefusal:
        return False
    return any(names <= {str(one.get("name")) for one in message.get("files") or []} for message in recent)


async def _put(sender: Sender, url: str, content: bytes) -> None:
    import aiohttp

    for wait in (*_WAITS, None):
        try:
            async with sender.open().post(url, data=content) as response:
                if response.status == 200:
                    return
                status = str(response.status)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            status = type(error).__name__
        if wait is None:
            raise SlackAway("the upload of a file", status)
        await asyncio.sleep(wait)


async def download(sender: Sender, file: dict[str, Any], team: str = "") -> bytes:
    """A file that somebody put into Slack. Raises InvalidValue with the reason where it cannot be had.

    Without the scope `files:read` Slack answers with its login page instead of the file: that is told, not filed.
    """
    import aiohttp

    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if not url:
        raise InvalidValue("Slack gives no address for it: share the file again")
    if int(file.get("size") or 0) > LARGEST:
        raise InvalidValue(f"it is larger than {LARGEST // 1_000_000} MB: send it by e-mail")
    headers = {"Authorization": f"Bearer {sender.token(team) or ''}"}
    try:
        async with sender.open().get(url, headers=headers, allow_redirects=False) as response:
            content = await response.content.read(LARGEST + 1)
            while len(content) <= LARGEST and (more := await response.content.read(LARGEST)):
                content += more
            status, kind = response.status, response.content_type
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise InvalidValue(f"Slack did not answer ({type(error).__name__}): try again") from error
    page = kind == "text/html" and "html" not in str(file.get("mimetype") or file.get("filetype") or "")
    if status != 200 or page:
        raise InvalidValue("Slack gave its login page instead: the app needs the scope files:read")
    if len(content) > LARGEST:
        raise InvalidValue(f"it is larger than {LARGEST // 1_000_000} MB: send it by e-mail")
    return content
