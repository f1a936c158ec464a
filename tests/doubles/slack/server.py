"""The workspace on the network: `/api/…`, uploads, response URLs, file downloads, and the WebSocket of Socket Mode."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMsgType, web

from tests.doubles.slack import streaming  # noqa: F401  (adds its methods)
from tests.doubles.slack.methods import METHODS
from tests.doubles.slack.workspace import Json, SlackSaysNo, Workspace

THREE_SECONDS = 3.0


class SlackServer:
    """Serves a workspace on the loopback."""

    def __init__(self, slack: Workspace) -> None:
        self.slack = slack
        self.sockets: list[web.WebSocketResponse] = []
        self.connections = 0  # WebSockets opened so far
        self.connected = asyncio.Event()
        self.others: list[Workspace] = []  # known by their tokens
        self.codes: dict[str, Workspace] = {}  # what an installation may be finished with
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begins to serve; the workspace knows its address then."""
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{key}", self._respond)
        app.router.add_post("/upload/{key}", self._upload)
        app.router.add_get("/files/{key}", self._download)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        self.slack.address = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Ends it."""
        await self.cut()
        if self._runner:
            await self._runner.cleanup()

    # --- the Web API ---

    async def _api(self, request: web.Request) -> web.Response:
        args: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            args |= await request.json()
        else:
            args |= {key: str(value) for key, value in (await request.post()).items()}
        for name in ("blocks", "view", "files", "metadata", "prompts", "attachments", "chunks"):
            if isinstance(args.get(name), str):
                args[name] = json.loads(args[name])
        if request.match_info["method"] == "oauth.v2.access":
            return web.json_response(self._installed(args))
        token = args.pop("token", "") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        slack = next((one for one in self.others if one.token == token), self.slack)
        status, body = slack.call(request.match_info["method"], args, token, METHODS)
        headers = {"Retry-After": str(body["retry_after"])} if status == 429 else {}
        return web.json_response(body, status=status, headers=headers)

    def _installed(self, args: Json) -> Json:
        """The tokens of the workspace that a code stands for; a code is good once."""
        slack = self.codes.pop(str(args.get("code")), None)
        if slack is None:
            return {"ok": False, "error": "invalid_code"}
        return {
            "ok": True, "access_token": slack.token, "token_type": "bot", "scope": "chat:write", "app_id": slack.app,
            "bot_user_id": slack.bot, "team": {"id": slack.team, "name": "Other"}, "enterprise": None,
            "authed_user": {"id": "U0ADMIN"}, "is_enterprise_install": False,
        }  # fmt: skip

    async def _respond(self, request: web.Request) -> web.Response:
        """A command or click is answered by its URL: five times, to the one person unless told otherwise."""
        body = await request.json()
        target = self.slack.responses.get(request.match_info["key"])
        if target is None or not target["left"]:
            return web.Response(status=404, text="expired_url")
        target["left"] -= 1
        try:
            if body.get("delete_original"):
                self.slack.messages[target["channel"]].pop(target["ts"], None)
                return web.Response(text="ok")
            content = self.slack.content(body)
        except SlackSaysNo as no:
            return web.Response(status=400, text=no.code)
        original = self.slack.messages[target["channel"]].get(target["ts"])
        if body.get("replace_original", True) and original is not None:
            original |= content | {"edited": True}
        else:
            place = {"channel": target["channel"], "user": target["user"], "thread_ts": body.get("thread_ts")}
            self.slack.whispers.append(content | place | {"ts": self.slack.stamp()})
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        self.slack.files[request.match_info["key"]]["content"] = await request.read()
        return web.Response(text="OK")

    async def _download(self, request: web.Request) -> web.Response:
        """A file, or Slack's login page for who has no right to it."""
        if request.headers.get("Authorization") != f"Bearer {self.slack.token}":
            return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
        file = self.slack.files[request.match_info["key"]]
        return web.Response(body=file["content"], content_type=file.get("mimetype", "application/octet-stream"))

    # --- Socket Mode ---

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self.sockets.append(socket)
        self.connections += 1
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets), "connection_info": {}})
        self.connected.set()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    answer = json.loads(message.data)
                    ack = self._acks.get(str(answer.get("envelope_id")))
                    if ack is not None and not ack.done():
                        ack.set_result(answer)
        finally:
            self.sockets.remove(socket)
            if not self.sockets:
                self.connected.clear()
        return socket

    async def deliver(self, kind: str, payload: Json, patience: float = 30.0) -> Json:
        """Sends an envelope until it is acknowledged, again after three seconds or a lost connection, as Slack does."""
        end = asyncio.get_running_loop().time() + patience
        attempt = 0
        while asyncio.get_running_loop().time() < end:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.connected.wait(), 1.0)
            if not self.sockets:
                continue
            key = f"envelope-{self.slack.number()}"
            self._acks[key] = asyncio.get_running_loop().create_future()
            envelope = {
                "envelope_id": key, "type": kind, "payload": payload, "accepts_response_payload": True,
                "retry_attempt": attempt, "retry_reason": "timeout" if attempt else "",
            }  # fmt: skip
            with contextlib.suppress(ConnectionError, TimeoutError):
                await self.sockets[-1].send_json(envelope)
                return await asyncio.wait_for(self._acks[key], THREE_SECONDS)
            attempt += 1
        raise AssertionError("the app did not acknowledge")

    async def cut(self) -> None:
        """Drops every WebSocket without a word."""
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req else None
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def serving(slack: Workspace) -> AsyncIterator[SlackServer]:
    """A workspace on the network, for the time of a block."""
    server = SlackServer(slack)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
