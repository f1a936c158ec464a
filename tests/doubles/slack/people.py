"""What people in the workspace do, in the shapes that Slack's documentation shows, and how it reaches the app."""

import hashlib
import hmac
import json
import time
import urllib.parse
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.doubles.slack.workspace import Json, Workspace

SECRET = "test-signing-secret"
Deliver = Callable[[str, Json], Awaitable[Json]]  # kind of envelope, payload → what the app answered


@dataclass
class OverHttp:
    """Signed requests to the app's HTTP mode."""

    client: httpx.AsyncClient
    secret: str = SECRET
    delivered: "Counter[bytes]" = field(default_factory=Counter)

    def signed(self, body: bytes, at: float | None = None, secret: str = "") -> dict[str, str]:
        """Slack's headers of a body."""
        stamp = str(int(time.time() if at is None else at))
        base = b"v0:" + stamp.encode() + b":" + body
        digest = hmac.new((secret or self.secret).encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def send(self, body: bytes, kind: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """One request, signed unless headers are given."""
        given = self.signed(body) if headers is None else headers
        return await self.client.post("/slack/events", content=body, headers={"Content-Type": kind} | given)

    async def __call__(self, kind: str, payload: Json) -> Json:
        """Delivers a payload; gives the app's answer. Asserts that it was taken."""
        if kind == "events_api":
            body = json.dumps(payload).encode()
            times, self.delivered[body] = self.delivered[body], self.delivered[body] + 1
            retry = {"X-Slack-Retry-Num": str(times), "X-Slack-Retry-Reason": "http_timeout"} if times else {}
            response = await self.send(body, "application/json", self.signed(body) | retry)
        else:
            fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body = urllib.parse.urlencode(fields).encode()
            response = await self.send(body, "application/x-www-form-urlencoded")
        assert response.status_code == 200, (response.status_code, response.text)
        return dict(response.json()) if response.text.startswith("{") else {"text": response.text}


@dataclass
class People:
    """Makes what people do, and delivers it."""

    slack: Workspace
    deliver: Deliver

    def event(self, event: Json, event_id: str = "") -> Json:
        """The envelope of an event."""
        return {
            "type": "event_callback", "team_id": self.slack.team, "api_app_id": self.slack.app, "event": event,
            "event_id": event_id or f"Ev{self.slack.number():08d}", "event_time": int(time.time()),
            "authorizations": [{"team_id": self.slack.team, "user_id": self.slack.bot, "is_bot": True}],
        }  # fmt: skip

    def message(self, user: str, channel: str, text: str, thread: str = "", kind: str = "message", **more: Any) -> Json:
        """A message event; the message stands in the channel."""
        ts = more.pop("ts", "") or self.slack.said(user, channel, text, thread)
        event = {"type": kind, "user": user, "channel": channel, "text": text, "ts": ts, "event_ts": ts}
        if thread:
            event["thread_ts"] = thread
        if kind == "message":
            event["channel_type"] = "im" if channel.startswith("D") else "channel"
        return event | more

    async def mentions(self, user: str, channel: str, text: str, thread: str = "") -> str:
        """Mentions the app; gives the thread's root."""
        event = self.message(user, channel, f"<@{self.slack.bot}> {text}", thread, "app_mention")
        await self.deliver("events_api", self.event(event))
        return thread or str(event["ts"])

    async def says(self, user: str, channel: str, text: str, thread: str = "", **more: Any) -> str:
        """Says something without naming the app; gives the thread's root."""
        event = self.message(user, channel, text, thread, **more)
        await self.deliver("events_api", self.event(event))
        return thread or str(event["ts"])

    async def writes(self, user: str, text: str, thread: str = "") -> str:
        """Writes the app a direct message."""
        return await self.says(user, "D" + user[1:], text, thread)

    async def commands(self, user: str, text: str, channel: str = "") -> Json:
        """Uses `/credit`."""
        place = channel or "D" + user[1:]
        return await self.deliver(
            "slash_commands",
            {
                "team_id": self.slack.team, "channel_id": place, "user_id": user, "command": "/credit", "text": text,
                "response_url": self.slack.response_url(place, user), "trigger_id": self.slack.trigger(user),
                "api_app_id": self.slack.app, "is_enterprise_install": "false",
            },
        )  # fmt: skip

    async def opens(self, user: str, tab: str = "home") -> None:
        """Opens the app's page."""
        event = {"type": "app_home_opened", "user": user, "channel": "D" + user[1:], "tab": tab, "event_ts": "1.1"}
        await self.deliver("events_api", self.event(event))

    def click(self, user: str, message: Json, action_id: str, **more: Any) -> Json:
        """The payload of a press on a button of a message or ephemeral."""
        block, button = button_of(message, action_id)
        channel, whisper = message.get("channel") or self.slack.place_of(message), "channel" in message
        container = {"type": "message", "message_ts": message["ts"], "channel_id": channel, "is_ephemeral": whisper}
        kept = ("action_id", "type", "value", "text")
        action = {key: button[key] for key in kept if key in button} | more
        payload = {
            "type": "block_actions", "team": {"id": self.slack.team}, "user": {"id": user, "team_id": self.slack.team},
            "api_app_id": self.slack.app, "trigger_id": self.slack.trigger(user), "container": container,
            "channel": {"id": channel}, "response_url": self.slack.response_url(channel, user, message["ts"]),
            "actions": [action | {"block_id": block["block_id"], "action_ts": self.slack.stamp()}],
        }  # fmt: skip
        return payload if whisper else payload | {"message": message}

    async def presses(self, user: str, message: Json, action_id: str, **more: Any) -> Json:
        """Presses a button."""
        return await self.deliver("interactive", self.click(user, message, action_id, **more))

    async def submits(self, user: str, view: Json, values: Json) -> Json:
        """Submits a modal: its initial values, with some replaced by {block_id: text}."""
        state = {
            block["block_id"]: {block["element"]["action_id"]: typed(block["element"], values.get(block["block_id"]))}
            for block in view["blocks"]
            if block["type"] == "input"
        }
        payload = {
            "type": "view_submission", "team": {"id": self.slack.team}, "user": {"id": user}, "response_urls": [],
            "trigger_id": self.slack.trigger(user), "view": view | {"state": {"values": state}}, "api_app_id": self.slack.app,
        }  # fmt: skip
        return await self.deliver("interactive", payload)

    async def starts(self, user: str, callback: str, channel: str, message: Json) -> Json:
        """Uses a message shortcut."""
        payload = {
            "type": "message_action", "callback_id": callback, "team": {"id": self.slack.team}, "user": {"id": user},
            "channel": {"id": channel}, "message": message, "message_ts": message["ts"],
            "trigger_id": self.slack.trigger(user), "response_url": self.slack.response_url(channel, user),
        }  # fmt: skip
        return await self.deliver("interactive", payload)


def button_of(message: Json, action_id: str) -> tuple[Json, Json]:
    """The first element whose action id begins so."""
    for block in message["blocks"]:
        for node in [*block.get("elements", []), block.get("accessory")]:
            if isinstance(node, dict) and str(node.get("action_id", "")).startswith(action_id):
                return block, node
    raise AssertionError(f"no button {action_id} in {json.dumps(message['blocks'])[:500]}")


def typed(element: Json, value: Any) -> Json:
    """An input's part of a view's state."""
    kind = element["type"]
    if kind.endswith("_select") or kind == "radio_buttons":
        name = {"users_select": "selected_user", "conversations_select": "selected_conversation"}
        key = name.get(kind, "selected_option")
        initial = element.get("initial_option") or element.get("initial_user")
        return {"type": kind, key: initial if value is None else value}
    if kind == "datepicker":
        return {"type": kind, "selected_date": element.get("initial_date") if value is None else value}
    return {"type": kind, "value": element.get("initial_value") if value is None else str(value)}


def read(message: Json) -> str:
    """What a person reads in a message."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if isinstance(node.get("text"), str):
                found.append(node["text"])
            for value in node.values():
                if isinstance(value, dict | list):
                    walk(value)

    walk(message.get("blocks") or [])
    return "\n".join(found) if message.get("blocks") else str(message.get("text") or "")
