"""A desk with its Slack app, in a workspace with people of every role, all talking over real sockets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import uvicorn
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from starlette.applications import Starlette

from bot.assistant.answer import Assistant
from bot.slack.service import Given, SlackService
from cases.clock import fixed_clock
from cases.commands import new_case
from cases.models import Case, Person
from cases.people import to_asker
from config.desk import DeskRules, load_desk_rules
from config.settings import Settings, SlackSettings
from runtime.outbox import Outbox
from tests.doubles.slack.people import SECRET, OverHttp, People
from tests.doubles.slack.server import SlackServer, serving
from tests.doubles.slack.workspace import Workspace

T = TypeVar("T")
NOW = datetime(2026, 10, 30, 12, tzinfo=UTC)
SALES, OFFICER, SECOND, UNDERWRITER, MANAGER, ADMIN = (
    "U0SALES",
    "U0OFFICER",
    "U0SECOND",
    "U0WRITER",
    "U0MANAGER",
    "U0ADMIN",
)
STRANGER, GUEST, GONE, ROBOT, PARTNER = "U0STRANGER", "U0GUEST", "U0GONE", "U0ROBOT", "U0PARTNER"
ROLES = {
    SALES: ("sales", "Sam Sales"),
    OFFICER: ("officer", "Olga Officer"),
    SECOND: ("officer", "Otto Second"),
    UNDERWRITER: ("underwriter", "Uma Writer"),
    MANAGER: ("manager", "Max Manager"),
    ADMIN: ("admin", "Ada Admin"),
}
DESK, MIXED, OUTSIDE = "C0DESK", "C0MIXED", "C0OUTSIDE"  # officers only; with sales; with people without rights
NOTE = "owner is in dispute with his bank"


@dataclass
class Scene:
    """One test's desk and workspace."""

    slack: Workspace
    server: SlackServer
    database: Engine
    sessions: sessionmaker[Session]
    mode: str = "http"
    agent: Any = None
    references: list[str] = field(default_factory=list)
    rules: DeskRules = field(default_factory=load_desk_rules)
    desk: str = DESK  # the desk's channel
    oauth: bool = False  # whether several workspaces may install the app
    stored: list[int] = field(default_factory=list)
    service: SlackService = field(init=False)
    people: People = field(init=False)
    http: OverHttp = field(init=False)
    outbox: Outbox = field(init=False)
    _ended: asyncio.Event = field(init=False)
    _tasks: list["asyncio.Task[Any]"] = field(default_factory=list)
    _web: uvicorn.Server | None = None

    async def begin(self) -> None:
        """Starts the app, as `serve` does."""
        slack = SlackSettings(mode=self.mode, api_url=self.slack.address + "/api/", desk_channel=self.desk)  # type: ignore[arg-type]
        if self.oauth:
            slack = slack.model_copy(update={"client_id": "1.2", "client_secret": SecretStr("client-secret")})
        settings = Settings(
            slack=slack,
            slack_bot_token=SecretStr(self.slack.token),
            slack_app_token=SecretStr(self.slack.app_token),
            slack_signing_secret=SecretStr(SECRET),
        )
        rules = self.rules
        assistant = Assistant(self.database, rules, agent=self.agent)
        clock = fixed_clock(NOW)
        self.service = SlackService(
            Given(
                settings, self.database, self.sessions, lambda: rules, clock, assistant, "slot-1", self.desk, self._wake
            )
        )
        self.outbox = Outbox(self.sessions, {"slack": self.service.transport}, "slot-1", clock)
        self._ended = asyncio.Event()
        self._tasks.append(asyncio.create_task(self.service.serve(self._ended)))
        if self.mode == "http":
            await self._serve_http()
        else:
            self.people = People(self.slack, self.server.deliver)
            await asyncio.wait_for(self.server.connected.wait(), 20)

    def _wake(self) -> None:
        self.stored.append(1)

    async def _serve_http(self) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(
            Starlette(routes=self.service.routes()), log_config=None, access_log=False, timeout_keep_alive=60
        )
        self._web = uvicorn.Server(config)
        self._tasks.append(asyncio.create_task(self._web.serve(sockets=[listening])))
        client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # it looks at each idle connection before each request
        )  # fmt: skip
        self.http = OverHttp(client)
        self.people = People(self.slack, self.http)

    async def end(self) -> None:
        """Ends the app cleanly."""
        self._ended.set()
        if self._web is not None:
            self._web.should_exit = True
            await self.http.client.aclose()
        await asyncio.wait(self._tasks, timeout=10)
        self._tasks.clear()

    async def die(self) -> None:
        """Ends the app as a kill does: nothing is finished, nothing handed over."""
        deliveries = self.service.deps.deliveries
        deliveries._ended = True
        for task in [*deliveries._tasks.values(), *self._tasks[:1]]:
            task.cancel()
        if self._web is not None:
            self._web.force_exit = self._web.should_exit = True
            await self.http.client.aclose()
        await asyncio.wait(self._tasks, timeout=10)
        self._tasks.clear()
        await self.service.deps.sender.close()

    async def until(self, test: Callable[[], T | None], seconds: float = 15.0) -> T:
        """Waits until the test gives something true, and gives it."""
        end = asyncio.get_running_loop().time() + seconds
        while not (found := test()):
            assert asyncio.get_running_loop().time() < end, "it did not happen"
            await asyncio.sleep(0.02)
        return found

    async def settled(self) -> None:
        """Waits until nothing is at work in the app."""
        deliveries = self.service.deps.deliveries
        await self.until(lambda: not deliveries._tasks and not deliveries._finished)

    async def sent(self) -> int:
        """Lets the outbox worker send what is due."""
        return await asyncio.to_thread(self.outbox.once)


def fill(sessions: sessionmaker[Session]) -> list[str]:
    """People of every role and three cases; gives the references."""
    with sessions.begin() as session:
        for user, (role, name) in ROLES.items():
            session.add(
                Person(
                    name=name, email=f"{name.split()[0].lower()}@insurer.example", role=role, slack_user_id=user,
                    team="Domestic", accounts=[], absences=[], active=True,
                )
            )  # fmt: skip
        for user, name in ((GUEST, "Gail Guest"), (GONE, "Greg Gone"), (PARTNER, "Pat Partner")):
            session.add(
                Person(
                    name=name, email=f"{name.split()[0].lower()}@insurer.example", role="officer", slack_user_id=user,
                    team="Domestic", accounts=[], absences=[], active=True,
                )
            )  # fmt: skip
        session.flush()
        officer = to_asker(session.query(Person).filter_by(slack_user_id=OFFICER).one())
        rules, found = load_desk_rules(), []
        for buyer, amount in (
            ("Ostwall Pumpen GmbH", "90000"),
            ("Ahorn Logistik GmbH", "250000"),
            ("Ahorn Werke AG", "40000"),
        ):
            fields = {
                "buyer_name": buyer,
                "buyer_country": "DE",
                "request_type": "new",
                "amount": amount,
                "currency": "EUR",
            }
            case: Case = new_case(session, officer, NOW, rules, fields=fields)
            case.underwriter_note, case.risk_grade, case.underwriter = NOTE, 4, "Uma Writer"
            found.append(case.reference)
    return found


def populate(slack: Workspace) -> None:
    """Everybody of `fill`, people without rights, and channels for each mixture."""
    for user, (_, name) in ROLES.items():
        slack.person(user, name, f"{name.split()[0].lower()}@insurer.example")
    slack.person(STRANGER, "Stan Stranger", "stan@elsewhere.example")
    slack.person(GUEST, "Gail Guest", "gail@insurer.example", is_restricted=True)
    slack.person(GONE, "Greg Gone", "greg@insurer.example", deleted=True)
    slack.person(ROBOT, "Rob Robot", "", is_bot=True)
    slack.person(PARTNER, "Pat Partner", "pat@insurer.example", team_id="T0OTHER", is_stranger=True)
    slack.channel(DESK, [OFFICER, SECOND, UNDERWRITER, MANAGER, slack.bot])
    slack.channel(MIXED, [OFFICER, UNDERWRITER, SALES, slack.bot])
    slack.channel(OUTSIDE, [OFFICER, STRANGER, GUEST, PARTNER, slack.bot])


@contextlib.asynccontextmanager
async def scene_of(database: Engine, mode: str = "http", agent: Any = None, **more: Any) -> AsyncIterator[Scene]:
    """A scene whose app runs, for the time of a block."""
    sessions = sessionmaker(database, expire_on_commit=False)
    references = await asyncio.to_thread(fill, sessions)
    slack = Workspace()
    populate(slack)
    async with serving(slack) as server:
        scene = Scene(slack, server, database, sessions, mode, agent, references, **more)
        await scene.begin()
        try:
            yield scene
        finally:
            await scene.end()
