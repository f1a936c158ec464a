"""Our overhead over a bare Bolt app that echoes, on the same double of Slack: `python -m tests.bench.slack`.

Both take signed events over HTTP (Starlette on uvicorn, the same event loop as double and askers) and post one
answer each. `acknowledged` is the time until Slack has its 200; CPU counts the whole process, double included, so
the ratio is on the mild side. The echo app keeps nothing: it loses what it has when it ends, we do not.
"""

import asyncio
import contextlib
import logging
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cases.database import open_database
from tests.bench.measuring import FULL, percentile
from tests.bot.slack.scene import OFFICER, populate, scene_of
from tests.doubles.slack.people import SECRET, OverHttp, People
from tests.doubles.slack.server import serving
from tests.doubles.slack.workspace import Workspace

EVENTS = 1_000 if FULL else 200
AT_ONCE = 16
Figures = tuple[float, float, float, float]  # events/s, acknowledged p50 and p99 in seconds, CPU seconds an event


@contextlib.asynccontextmanager
async def _echo() -> AsyncIterator[tuple[Workspace, People]]:
    """A bare Bolt app that posts what it hears."""
    slack = Workspace()
    populate(slack)
    async with serving(slack):
        client = AsyncWebClient(token=slack.token, base_url=slack.address + "/api/")
        app = AsyncApp(signing_secret=SECRET, client=client, token=slack.token)

        @app.event("message")
        async def heard(event: dict[str, Any], say: Callable[..., Awaitable[Any]]) -> None:
            await say(text=event["text"], thread_ts=event["ts"])

        handler = AsyncSlackRequestHandler(app)

        async def taken(request: Request) -> Response:
            return await handler.handle(request)

        listening = socket.create_server(("127.0.0.1", 0))
        routes = [Route("/slack/events", taken, methods=["POST"])]
        web = uvicorn.Server(
            uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False, timeout_keep_alive=60)
        )
        serve = asyncio.create_task(web.serve(sockets=[listening]))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, timeout=20, trust_env=False) as calls:
            yield slack, People(slack, OverHttp(calls))
        web.should_exit = True
        await serve


async def _measured(slack: Workspace, people: People, text: str, events: int) -> Figures:
    """So many direct messages, sixteen at once, until each has its answer."""
    taken: list[float] = []
    waiting = iter(range(events))
    before = len(slack.made("chat.postMessage"))

    async def asks() -> None:
        for _ in waiting:
            start = time.perf_counter()
            await people.writes(OFFICER, text)
            taken.append(time.perf_counter() - start)

    start, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(asks() for _ in range(AT_ONCE)))
    while len(slack.made("chat.postMessage")) < before + events:
        await asyncio.sleep(0.02)
    wall, cpu = time.perf_counter() - start, time.process_time() - used
    return events / wall, statistics.median(taken), percentile(taken, 0.99), cpu / events


async def _both() -> tuple[Figures, Figures]:
    async with _echo() as (slack, people):
        await _measured(slack, people, "hello", AT_ONCE)
        echo = await _measured(slack, people, "hello", EVENTS)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{Path(folder) / 'slack.db'}")
        async with scene_of(engine) as scene:
            await scene.until(scene.service.is_warm)
            question = f"status of {scene.references[0]}"
            await _measured(scene.slack, scene.people, question, AT_ONCE)
            ours = await _measured(scene.slack, scene.people, question, EVENTS)
        engine.dispose()
    return echo, ours


def run() -> list[tuple[str, float]]:
    """Figures of both and the difference that is ours."""
    logging.getLogger("creditdesk").setLevel(logging.ERROR)
    echo, ours = asyncio.run(_both())
    found = []
    for name, (rate, middle, most, cpu) in (("bare Bolt that echoes", echo), ("the desk, status of a case", ours)):
        found += [
            (f"{name}: events a second until answered", rate),
            (f"{name}: acknowledged, p50 seconds", middle),
            (f"{name}: acknowledged, p99 seconds", most),
            (f"{name}: CPU seconds an event", cpu),
        ]
    return [*found, ("our overhead: CPU seconds an event", ours[3] - echo[3])]


if __name__ == "__main__":
    for figure, value in run():
        print(f"{figure:<60} {value:.4f}")
