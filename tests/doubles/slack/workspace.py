"""What a workspace holds, and what was done to it."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.slack.blocks import faults_of_message, faults_of_view

Json = dict[str, Any]
TRIGGER_SECONDS = 3.0


class SlackSaysNo(Exception):
    """An error code of the Web API, with the reasons that Slack adds."""

    def __init__(self, code: str, *reasons: str) -> None:
        super().__init__(code, *reasons)
        self.code, self.reasons = code, reasons


@dataclass(slots=True)
class Call:
    """One call of the app."""

    method: str
    args: Json
    at: float
    status: int = 200
    error: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Trouble:
    """Answers that Slack gives instead of doing its work. `keeps`: it does its work all the same (a lost answer)."""

    methods: frozenset[str]
    until: float
    status: int
    retry_after: int = 1
    keeps: bool = False
    left: int = 1_000_000


@dataclass
class Workspace:
    """Users, channels, messages, views and files of one team."""

    token: str = "xoxb-test"
    app_token: str = "xapp-test"
    team: str = "T0TEAM"
    bot: str = "U0BOT"
    app: str = "A0APP"
    address: str = ""
    users: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    messages: dict[str, dict[str, Json]] = field(default_factory=dict)
    whispers: list[Json] = field(default_factory=list)  # ephemeral messages and answers to commands
    homes: dict[str, Json] = field(default_factory=dict)
    modals: dict[str, Json] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    denied: dict[str, str] = field(default_factory=dict)  # methods that Slack refuses here, and with which error
    without: set[str] = field(default_factory=set)  # types of blocks that Slack does not take here
    stream_seconds: float = 300.0  # after which Slack ends a stream by itself
    early: list[str] = field(default_factory=list)  # calls before their Retry-After was over
    _closed: dict[tuple[str, str], float] = field(default_factory=dict)
    _triggers: dict[str, float] = field(default_factory=dict)
    responses: dict[str, Json] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.person(self.bot, "Creditdesk", "", is_bot=True)

    # --- filling it ---

    def number(self) -> int:
        """The next number of anything."""
        return next(self._numbers)

    def stamp(self) -> str:
        """A new ts."""
        return f"{int(time.time())}.{self.number():06d}"

    def person(self, user: str, name: str, email: str, **more: Any) -> str:
        """A user, with his direct message with the app."""
        profile = {"real_name": name, "display_name": name, **({"email": email} if email else {})}
        flags = dict.fromkeys(("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"), False)
        self.users[user] = {"id": user, "team_id": self.team, "real_name": name, "profile": profile} | flags | more
        self.channel("D" + user[1:], [user, self.bot], is_im=True)
        return user

    def channel(self, channel: str, members: list[str], **more: Any) -> str:
        """A channel."""
        self.channels[channel] = {"id": channel, "members": members, "is_im": False, "is_archived": False} | more
        self.messages.setdefault(channel, {})
        return channel

    def said(self, user: str, channel: str, text: str, thread: str = "", **more: Any) -> str:
        """What a person wrote; gives its ts."""
        ts = self.stamp()
        more |= {"thread_ts": thread} if thread else {}
        self.messages[channel][ts] = {"type": "message", "user": user, "text": text, "ts": ts} | more
        return ts

    def trigger(self, user: str = "") -> str:
        """A trigger_id that holds for three seconds."""
        key = f"{self.number()}.{self.number()}.trigger"
        self._triggers[key] = time.monotonic()
        return key

    def response_url(self, channel: str, user: str, ts: str = "") -> str:
        """Where a command or click is answered."""
        key = f"R{self.number()}"
        self.responses[key] = {"channel": channel, "user": user, "ts": ts, "left": 5}
        return f"{self.address}/response/{key}"

    def trouble(
        self,
        *methods: str,
        status: int,
        seconds: float = 60.0,
        retry_after: int = 1,
        keeps: bool = False,
        times: int = 1_000_000,
    ) -> None:
        """From now on these methods are answered with a 429 or 5xx, for a time or a number of calls."""
        until = time.monotonic() + seconds
        self.troubles.append(Trouble(frozenset(methods), until, status, retry_after, keeps, times))

    # --- looking at it ---

    def answers(self, channel: str, thread: str = "") -> list[Json]:
        """What the app wrote in a channel or thread."""
        return [
            message
            for message in self.messages[channel].values()
            if message["user"] == self.bot and (not thread or message.get("thread_ts") == thread)
        ]

    def place_of(self, message: Json) -> str:
        """The channel in which a message stands."""
        return next(key for key, held in self.messages.items() if message["ts"] in held)

    def told(self, user: str) -> list[Json]:
        """What only this person was told: ephemerals, answers to commands, direct messages."""
        return [one for one in self.whispers if one["user"] == user] + self.answers("D" + user[1:])

    def refused(self) -> list[Call]:
        """Calls that Slack refused for their shape or place."""
        fine = {"ratelimited", "internal_error", "user_not_found", "users_not_found", "already_reacted"}
        return [call for call in self.calls if call.error and call.error not in fine]

    def made(self, *methods: str) -> list[Call]:
        """Calls of these methods."""
        return [call for call in self.calls if call.method in methods]

    # --- being called ---

    def call(self, method: str, args: Json, token: str, methods: dict[str, Any]) -> tuple[int, Json]:
        """One call: `(status, body)`."""
        call = Call(method, args, time.monotonic())
        self.calls.append(call)
        try:
            body = self._in_trouble(call, lambda: self._answered(method, args, token, methods))
        except SlackSaysNo as no:
            call.error, call.reasons = no.code, no.reasons
            body = {"ok": False, "error": no.code, "response_metadata": {"messages": list(no.reasons)}}
        return call.status, body

    def _answered(self, method: str, args: Json, token: str, methods: dict[str, Any]) -> Json:
        wanted = self.app_token if method == "apps.connections.open" else self.token
        if token != wanted:
            raise SlackSaysNo("invalid_auth" if token else "not_authed")
        if method not in methods:
            raise SlackSaysNo("unknown_method")
        if method in self.denied:
            raise SlackSaysNo(self.denied[method])
        required, work = methods[method]
        missing = [
            name for name in required if args.get(name) in (None, "") and not (name == "status" and name in args)
        ]
        if missing:
            raise SlackSaysNo("invalid_arguments", *(f"missing required field: {name}" for name in missing))
        return {"ok": True} | (work(self, args) or {})

    def _in_trouble(self, call: Call, work: Callable[[], Json]) -> Json:
        now, place = time.monotonic(), (call.method, str(call.args.get("channel", "")))
        if self._closed.get(place, 0.0) - now > 0.05:
            self.early.append(f"{place}: {self._closed[place] - now:.2f} s early")
        for trouble in self.troubles:
            if now < trouble.until and trouble.left > 0 and call.method in trouble.methods:
                trouble.left -= 1
                call.status, call.error = trouble.status, "ratelimited" if trouble.status == 429 else "internal_error"
                if trouble.status == 429:
                    self._closed[place] = now + trouble.retry_after
                elif trouble.keeps:
                    work()
                return {"ok": False, "error": call.error, "retry_after": trouble.retry_after}
        return work()

    def place(self, args: Json, name: str = "channel") -> str:
        """The channel of a call; a user's id stands for his direct message."""
        key = str(args.get(name))
        key = "D" + key[1:] if key in self.users else key
        channel = self.channels.get(key)
        if channel is None:
            raise SlackSaysNo("channel_not_found")
        if channel["is_archived"]:
            raise SlackSaysNo("is_archived")
        if self.bot not in channel["members"]:
            raise SlackSaysNo("not_in_channel")
        thread = args.get("thread_ts")
        if thread and thread not in self.messages[key]:
            raise SlackSaysNo("cannot_reply_to_message")
        return key

    def content(self, args: Json) -> Json:
        """Text and blocks of a message, checked."""
        blocks = args.get("blocks") or []
        if not blocks and not args.get("text"):
            raise SlackSaysNo("no_text")
        if len(str(args.get("text") or "")) > 40_000:
            raise SlackSaysNo("msg_too_long")
        if any(block.get("type") in self.without for block in blocks):
            raise SlackSaysNo("invalid_blocks", f"unsupported type: {', '.join(self.without)}")
        if faults := faults_of_message(blocks):
            long = any("msg_blocks_too_long" in fault for fault in faults)
            raise SlackSaysNo("msg_blocks_too_long" if long else "invalid_blocks", *faults)
        return {"text": args.get("text") or "", "blocks": self.named(blocks), "metadata": args.get("metadata")}

    def named(self, blocks: list[Json]) -> list[Json]:
        """Blocks with the ids that Slack gives."""
        return [{"block_id": f"b{self.number()}", **block} for block in blocks]

    def view(self, view: Json, view_id: str = "") -> Json:
        """A view as Slack keeps it, checked."""
        if faults := faults_of_view(view):
            raise SlackSaysNo("invalid_arguments", *faults)
        key = view_id or f"V{self.number()}"
        defaults = {"callback_id": "", "private_metadata": "", "state": {"values": {}}, "team_id": self.team}
        own = {"id": key, "hash": f"{self.number()}.hash", "root_view_id": key, "blocks": self.named(view["blocks"])}
        return defaults | view | own

    def spend(self, args: Json) -> None:
        """A trigger_id opens one view, within three seconds."""
        begun = self._triggers.pop(str(args.get("trigger_id")), None)
        if begun is None:
            raise SlackSaysNo("invalid_trigger_id")
        if time.monotonic() - begun > TRIGGER_SECONDS:
            raise SlackSaysNo("expired_trigger_id")
