"""Messages that grow: chat.startStream, chat.appendStream, chat.stopStream, as Slack's reference describes them."""

import html
import re
import time
from typing import Any

from tests.doubles.slack.blocks import faults_of_message
from tests.doubles.slack.methods import method
from tests.doubles.slack.workspace import Json, SlackSaysNo, Workspace

LONGEST = 12_000  # characters of one call
CHUNKS = ("markdown_text", "blocks", "task_update", "plan_update")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_LIVE = re.compile(r"<[!@#]|\]\(|https?:|mailto:|\bwww\.|@\w|\*\*|^#", re.MULTILINE)


@method("chat.startStream", "channel")
def start_stream(slack: Workspace, args: Json) -> Json:
    """The beginning: a reply, for one person where others read along."""
    try:
        channel = slack.place(args)
    except SlackSaysNo as no:
        raise SlackSaysNo("invalid_thread_ts" if no.code == "cannot_reply_to_message" else no.code) from no
    if slack.channels[channel]["is_im"]:
        if not args.get("thread_ts"):
            raise SlackSaysNo("invalid_arguments", "missing required field: thread_ts")
    else:
        for name in ("recipient_user_id", "recipient_team_id"):
            if not args.get(name):
                raise SlackSaysNo(f"missing_{name}")
        if args["recipient_user_id"] not in slack.users:
            raise SlackSaysNo("invalid_arguments", "recipient_user_id")
    ts = slack.stamp()
    slack.messages[channel][ts] = {
        "type": "message", "user": slack.bot, "bot_id": "B0BOT", "ts": ts, "markdown": "", "below": [],
        "streaming_since": time.monotonic(),
    } | ({"thread_ts": args["thread_ts"]} if args.get("thread_ts") else {})  # fmt: skip
    _grown(slack, slack.messages[channel][ts], args)
    return {"channel": channel, "ts": ts}


@method("chat.appendStream", "channel", "ts")
def append_stream(slack: Workspace, args: Json) -> Json:
    """More of it."""
    if not args.get("markdown_text") and not args.get("chunks"):
        raise SlackSaysNo("no_text")
    _grown(slack, _running(slack, args), args)
    return {"channel": args["channel"], "ts": args["ts"]}


@method("chat.stopStream", "channel", "ts")
def stop_stream(slack: Workspace, args: Json) -> Json:
    """Its end, with blocks below what was streamed."""
    message, blocks = _running(slack, args), args.get("blocks") or []
    if faults := faults_of_message(blocks):
        raise SlackSaysNo("invalid_blocks", *faults)
    _grown(slack, message, args)
    message["below"] = slack.named(blocks)
    message["blocks"] = [*message["blocks"], *message["below"]]
    message["metadata"] = args.get("metadata")
    del message["streaming_since"]
    return {"channel": args["channel"], "ts": args["ts"], "message": message}


def _running(slack: Workspace, args: Json) -> Json:
    message = slack.messages[slack.place(args)].get(args["ts"])
    if message is None:
        raise SlackSaysNo("message_not_found")
    if message["user"] != slack.bot:
        raise SlackSaysNo("message_not_owned_by_app")
    since = message.get("streaming_since")
    if since is not None and time.monotonic() - since > slack.stream_seconds:
        del message["streaming_since"]  # Slack ends it by itself
    if "streaming_since" not in message:
        raise SlackSaysNo("message_not_in_streaming_state")
    return message


def _grown(slack: Workspace, message: Json, args: Json) -> None:
    text = str(args.get("markdown_text") or "")
    for chunk in args.get("chunks") or []:
        if chunk.get("type") not in CHUNKS:
            raise SlackSaysNo("invalid_chunks", str(chunk.get("type")))
        text += str(chunk.get("text") or "")
    if len(text) > LONGEST:
        raise SlackSaysNo("msg_too_long")
    message["markdown"] += text
    shown = shown_of(message["markdown"])
    block: dict[str, Any] = {"type": "rich_text", "block_id": f"b{slack.number()}"}
    block["elements"] = [{"type": "rich_text_section", "elements": [{"type": "text", "text": shown}]}]
    message |= {"text": shown, "blocks": [block] if shown else []}


def shown_of(markdown: str) -> str:
    """What Slack's clients show of Markdown in which every mark is escaped."""
    return html.unescape(_ESCAPED.sub(r"\1", markdown))


def live(markdown: str) -> list[str]:
    """What would ping, link or be formatted."""
    return _LIVE.findall(_ESCAPED.sub("", markdown))
