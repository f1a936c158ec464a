"""A Slack workspace that others wrote (npm `emulate`, its Slack service), in a process of its own.

It keeps users, channels, messages, views and files by its authors' reading of Slack's reference. It delivers nothing
by itself, so people's events, clicks and submits are made here as with our own double, with the ids that it gave. All
calls of the app go through a small proxy that writes them down.
"""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.parse
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiohttp import ClientSession, web

from tests.doubles.slack.workspace import Call, Json, Workspace

FOLDER = Path(__file__).parent / "emulator"
PROGRAM = FOLDER / "node_modules" / "emulate" / "dist" / "index.js"
_FIRST_ANSWER = 30.0  # seconds


def missing() -> str:
    """Why it cannot run here; empty: it can."""
    if not shutil.which("node"):
        return "needs Node"
    return "" if PROGRAM.exists() else f"needs `npm ci` in {FOLDER.relative_to(FOLDER.parents[3])}"


@dataclass
class Emulated(Workspace):
    """The workspace, as people's side of the tests sees it."""

    emulator: str = ""  # its address; `address` is that of the proxy
    tokens: dict[str, str] = field(default_factory=dict)  # of people, by user id
    _places: dict[str, str] = field(default_factory=dict)  # of messages, by ts

    def __post_init__(self) -> None:
        """It has its own users."""

    def ask(self, method: str, token: str = "", **args: Any) -> Json:
        """A call that is none of the app's."""
        answer = httpx.post(
            f"{self.emulator}/api/{method}", json=args, headers={"Authorization": f"Bearer {token or self.token}"}
        )
        found: Json = answer.json()
        assert found["ok"], found
        return found

    def said(self, user: str, channel: str, text: str, thread: str = "", **more: Any) -> str:
        """What a person wrote."""
        thread_ts = thread or None
        return str(
            self.ask("chat.postMessage", self.tokens[user], channel=channel, text=text, thread_ts=thread_ts)["ts"]
        )

    def trigger(self, user: str = "") -> str:
        """A trigger_id of a person's click."""
        return str(self.ask("views.generateTriggerId", user_id=user)["trigger_id"])

    def answers(self, channel: str, thread: str = "") -> list[Json]:
        """What the app wrote in a channel or thread."""
        if thread:
            found = self.ask("conversations.replies", channel=channel, ts=thread)["messages"]
        else:
            found = self.ask("conversations.history", channel=channel)["messages"]
        self._places |= {str(one["ts"]): channel for one in found}
        named = [one | {"blocks": self.named(one.get("blocks") or [])} for one in found]  # Slack does, it does not
        return [one for one in named if one["user"] == self.bot]

    def place_of(self, message: Json) -> str:
        """The channel in which a message stands that was seen before."""
        return self._places[str(message["ts"])]

    def direct(self, user: str) -> str:
        """The direct message of a person with the app."""
        return str(self.ask("conversations.open", self.tokens[user], users=self.bot)["channel"]["id"])


def _seed(people: dict[str, tuple[str, str]], slack: Workspace) -> Json:
    users = [{"name": key.lower(), "real_name": name, "email": email} for key, (name, email) in people.items()]
    app = {
        "client_id": "1.2", "client_secret": "client-secret", "app_id": slack.app, "name": "Creditdesk", "redirect_uris": [],
        "bot_user_id": slack.bot, "bot_id": "B0BOT", "bot_name": "creditdesk",
    }  # fmt: skip
    bot = {"token": slack.token, "type": "bot", "user_id": slack.bot, "app_id": slack.app, "bot_id": "B0BOT"}
    tokens = [{"token": f"xoxp-{key}", "user": key.lower()} for key in people]
    return {"slack": {"users": users, "channels": [{"name": "desk"}], "oauth_apps": [app], "tokens": [bot, *tokens]}}


@contextlib.asynccontextmanager
async def emulating(folder: Path, people: dict[str, tuple[str, str]]) -> AsyncIterator[tuple[Emulated, dict[str, str]]]:
    """The workspace with these people (key → name, address), and the ids that the emulator gave them."""
    slack = Emulated()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    seed = folder / "seed.json"
    seed.write_text(json.dumps(_seed(people, slack)), encoding="utf-8")
    slack.emulator = f"http://127.0.0.1:{port}"
    command = ["node", str(PROGRAM), "start", "-s", "slack", "-p", str(port), "--seed", str(seed)]
    with subprocess.Popen([*command, "--base-url", slack.emulator], stdout=subprocess.DEVNULL, cwd=folder) as process:
        try:
            await asyncio.to_thread(_answers, slack, process)
            slack.team = slack.ask("auth.test")["team_id"]
            ids = {
                key: slack.ask("users.lookupByEmail", email=email)["user"]["id"] for key, (_, email) in people.items()
            }
            slack.tokens = {ids[key]: f"xoxp-{key}" for key in people}
            async with _recording(slack):
                yield slack, ids
        finally:
            process.terminate()


def _answers(slack: Emulated, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _FIRST_ANSWER
    while True:
        try:
            slack.ask("auth.test")
            return
        except httpx.TransportError:
            assert process.poll() is None, "the emulator has ended"
            assert time.monotonic() < end, "the emulator does not answer"
            time.sleep(0.1)


@contextlib.asynccontextmanager
async def _recording(slack: Emulated) -> AsyncIterator[None]:
    """Hands calls on and writes them down, with the views that came of them."""

    async def handed_on(request: web.Request) -> web.Response:
        body, headers = await request.read(), {}
        for name in ("Authorization", "Content-Type"):
            if name in request.headers:
                headers[name] = request.headers[name]
        async with session.request(
            request.method, slack.emulator + request.path_qs, data=body, headers=headers
        ) as answer:
            content = await answer.read()
        method = request.match_info["method"]
        call = Call(method, dict(urllib.parse.parse_qsl(body.decode())), time.monotonic(), answer.status)
        slack.calls.append(call)
        told = json.loads(content)
        call.error = "" if told.get("ok") else str(told.get("error") or answer.status)
        if view := told.get("view"):
            kept = slack.homes if view["type"] == "home" else slack.modals
            kept[call.args["user_id"] if view["type"] == "home" else view["id"]] = view
        return web.Response(body=content, status=answer.status, content_type=answer.content_type)

    app = web.Application()
    app.router.add_route("*", "/api/{method}", handed_on)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    async with ClientSession() as session:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        slack.address = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
        try:
            yield
        finally:
            await runner.cleanup()
