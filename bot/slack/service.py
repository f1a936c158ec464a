"""The running Slack app of one process: its parts put together, begun and ended."""

import asyncio
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from starlette.routing import BaseRoute

from bot.cards import posting
from bot.notifications import rendering
from bot.slack import installations
from bot.slack.app import SCOPES, build_app, routes
from bot.slack.deliveries import Deliveries
from bot.slack.deps import SlackDeps
from bot.slack.identity import Identity
from bot.slack.outgoing import Renderers
from bot.slack.sending import Sender, SlackRefusal
from bot.slack.transport import SlackTransport
from cases.clock import Clock
from cases.database import read_session
from config.desk import DeskRules
from config.errors import Unavailable
from config.settings import Settings

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

    from bot.assistant.answer import Assistant

log = logging.getLogger("creditdesk.slack")


@dataclass(frozen=True, slots=True)
class Given:
    """What the composition root has built."""

    settings: Settings
    database: Engine
    sessions: sessionmaker[Session]
    rules: Callable[[], DeskRules]
    clock: Clock
    assistant: "Assistant"
    owner: str  # the process's slot
    desk_channel: str
    stored: Callable[[], object]


class SlackService:
    """Runs on the event loop of `serve`. In HTTP mode requests come by `routes`, in socket mode by a WebSocket."""

    def __init__(self, given: Given) -> None:
        self._given = given
        settings = given.settings
        api_url = settings.slack.api_url
        sender = Sender(api_url, self._token_of)
        self.deps = SlackDeps(
            sessions=given.sessions,
            database=given.database,
            rules=given.rules,
            clock=given.clock,
            assistant=given.assistant,
            identity=Identity(given.database, sender, given.rules),
            sender=sender,
            deliveries=Deliveries(given.database, given.sessions, given.owner),
            renderers=Renderers(),
            desk_channel=given.desk_channel,
            stored=given.stored,
        )
        posting.add_renderers(self.deps.renderers, given.rules)
        rendering.add_renderers(self.deps.renderers, given.rules)
        self.app = build_app(self.deps, api_url)
        self.transport = SlackTransport(self.deps)
        self._warmed = False

    def _token_of(self, team: str) -> str | None:
        """The bot token for a workspace: that of its installation, else the one of the environment for our own."""
        own = self._given.settings.slack_bot_token.get_secret_value() or None
        if not self._given.settings.slack.client_id or not team:
            return own
        with read_session(self._given.database) as session:
            found = installations.find(session, team)
        if found and found.get("bot_token"):
            return str(found["bot_token"])
        return own if self.deps.sender.team in ("", team) else None

    def routes(self) -> list[BaseRoute]:
        """What the HTTP server serves for Slack; nothing in socket mode."""
        if self._given.settings.slack.mode != "http":
            return []
        return routes(self.app, self._given.settings.slack_signing_secret.get_secret_value(), self._oauth())

    def _oauth(self) -> "AsyncOAuthSettings | None":
        slack = self._given.settings.slack
        if not slack.client_id:
            return None
        from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

        return AsyncOAuthSettings(
            client_id=slack.client_id,
            client_secret=slack.client_secret.get_secret_value(),
            scopes=list(SCOPES),
            installation_store=installations.Installations(self._given.sessions),
            state_store=installations.States(self._given.sessions),
        )

    def is_warm(self) -> bool:
        """Whether names and manual were read once, so that answers come at their usual speed."""
        return self._warmed

    async def serve(self, ended: asyncio.Event) -> None:
        """Works until `ended`."""
        sys.setswitchinterval(0.001)  # the loop gets its turn soon, however many threads compute
        self.deps.sender.open()
        known = asyncio.create_task(self._learn_who_we_are(ended))
        warm = asyncio.create_task(self.deps.in_thread(self._warm))
        socket = await self._connect() if self._given.settings.slack.mode == "socket" else None
        try:
            await self.deps.deliveries.run(ended)
        finally:
            known.cancel()
            if socket is not None:
                await socket.close_async()  # type: ignore[no-untyped-call]
            await asyncio.wait({warm}, timeout=1.0)
            await self.deps.sender.close()
            self.deps.threads.shutdown(wait=False, cancel_futures=True)

    async def _connect(self) -> "AsyncSocketModeHandler":
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        handler = AsyncSocketModeHandler(
            self.app, self._given.settings.slack_app_token.get_secret_value(), ping_interval=2.0
        )
        for tries in range(1_000_000):
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]
                break
            except Exception as error:  # Slack is away, or the token is wrong: said so, and tried again
                log.warning("the socket to Slack does not open (%s): tried again", type(error).__name__)
                await asyncio.sleep(min(1.0 * 2 ** min(tries, 5), 30.0))
        return handler

    async def _learn_who_we_are(self, ended: asyncio.Event) -> None:
        """Our own user id and workspace, asked until Slack answers."""
        while not ended.is_set():
            try:
                answer = await self.deps.sender.call("auth.test", patience=60.0)
            except SlackRefusal as refusal:
                log.error("%s", refusal)
                await asyncio.sleep(60.0)
            except Unavailable as error:
                log.warning("%s", error)
                await asyncio.sleep(5.0)
            else:
                self.deps.sender.bot_user = str(answer.get("user_id") or "")
                self.deps.sender.team = str(answer.get("team_id") or "")
                log.info("Slack: connected as %s in %s", self.deps.sender.bot_user, self.deps.sender.team)
                return

    def _warm(self) -> None:
        """Reads names and manual once, so that the first question need not wait for it."""
        assistant = self.deps.assistant
        try:
            with read_session(self.deps.database) as session:
                assistant.index.refresh(session)
            if assistant.knowledge is not None and not assistant.knowledge.is_empty:
                assistant.knowledge.answer("documents", "en", "")
        except Exception:  # the question that needs it will say what is wrong
            log.exception("names or manual could not be read beforehand")
        self._warmed = True
