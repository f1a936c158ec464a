"""The one HTTP server of `serve`: health, metrics, and Slack's HTTP mode where it is configured."""

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

Report = Callable[[], tuple[bool, dict[str, str]]]  # good, and a word on each part


def http_app(
    *, alive: Report, ready: Report, metrics: Callable[[], bytes], more_routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """`/healthz` (the process does its work), `/readyz` (it can take work), `/metrics`, and what else is given."""

    async def healthz(_request: Request) -> Response:
        good, parts = alive()
        return JSONResponse({"ok": good, **parts}, status_code=200 if good else 503)

    async def readyz(_request: Request) -> Response:
        good, parts = await run_in_threadpool(ready)
        return JSONResponse({"ok": good, **parts}, status_code=200 if good else 503)

    async def metrics_page(_request: Request) -> Response:
        return PlainTextResponse(await run_in_threadpool(metrics), media_type="text/plain; version=0.0.4")

    own = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics_page)]
    return Starlette(routes=[*own, *more_routes])
