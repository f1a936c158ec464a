"""The Bolt app: who may call it, which workspace a request is from, and what happens to what nobody handles."""

import logging
from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.handlers import register
from bot.slack.deps import SlackDeps
from bot.slack.door import LARGEST, Door

log = logging.getLogger("creditdesk.slack")
SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands", "files:read",
    "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history", "mpim:read",
    "reactions:write", "usergroups:read", "users:read", "users:read.email",
)  # fmt: skip


def build_app(deps: SlackDeps, api_url: str) -> AsyncApp:
    """The app with all its listeners. Nothing is called before the first request.

    `process_before_response`: a listener is awaited before Slack gets its answer, so what it wrote down is safe.
    Requests were verified at the door (HTTP) or come through our own socket, so Bolt does not check again.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        token = deps.sender.token(team_id or "")
        if not token:
            log.warning("workspace %s is refused: the app is not installed there (/slack/install)", team_id)
            return None
        ours = deps.sender.bot_user if team_id == deps.sender.team else ""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token, bot_user_id=ours or None)

    app = AsyncApp(
        name="creditdesk",
        logger=logging.getLogger("creditdesk.bolt"),
        client=AsyncWebClient(base_url=api_url),
        authorize=authorize,  # type: ignore[arg-type]  # None: not installed; Bolt knows it, its types do not
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    logging.getLogger("slack_sdk").setLevel(logging.INFO)  # its DEBUG lines hold an installation's token
    app.error(_failed)
    register(app, deps)
    return app


async def _failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """What nobody handles is taken and dropped; what could not be written down is not acknowledged."""
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=200, body="")
    log.error("a %s could not be taken", body.get("type"), exc_info=error)
    return BoltResponse(status=503, body="")


def routes(app: AsyncApp, secret: str, oauth: AsyncOAuthSettings | None = None) -> list[BaseRoute]:
    """`POST /slack/events` for events, commands and interactions; with OAuth also the two pages of an installation."""
    door = Door(secret)

    async def slack(request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > LARGEST:
            return Response("too large", status_code=413)
        raw = await request.body()
        if len(raw) > LARGEST:
            return Response("too large", status_code=413)
        why = door.refuses(request.headers, raw)
        if why:
            log.warning("a request to /slack/events was refused: %s", why)
            return Response(why, status_code=401)
        try:
            asked = AsyncBoltRequest(body=raw.decode("utf-8"), headers=dict(request.headers), mode="http")
        except ValueError:
            return Response("neither JSON nor a form", status_code=400)
        return _answer(await app.async_dispatch(asked))

    found: list[BaseRoute] = [Route("/slack/events", slack, methods=["POST"])]
    if oauth is not None:
        found += _installing(oauth, app)
    return found


def _installing(settings: AsyncOAuthSettings, app: AsyncApp) -> list[BaseRoute]:
    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

    flow = AsyncOAuthFlow(client=app.client, logger=log, settings=settings)

    async def install(request: Request) -> Response:
        return _answer(await flow.handle_installation(_page(request)))

    async def installed(request: Request) -> Response:
        return _answer(await flow.handle_callback(_page(request)))

    return [Route("/slack/install", install), Route("/slack/oauth_redirect", installed)]


def _page(request: Request) -> AsyncBoltRequest:
    query: dict[str, Sequence[str]] = {key: [value] for key, value in request.query_params.items()}
    return AsyncBoltRequest(body="", query=query, headers=dict(request.headers))


def _answer(given: BoltResponse) -> Response:
    response = Response(content=given.body, status_code=given.status)
    for name, values in given.headers.items():
        for value in values:
            response.headers.append(name, value)
    return response
