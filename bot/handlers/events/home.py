"""The home tab: published when it is opened, and again when a filter is chosen."""

from typing import TYPE_CHECKING, Any

from bot.cards.home_reading import home_of
from bot.handlers.acting import Click, afterwards
from bot.slack.identity import Refusal
from bot.views.home import home_view, polite_view
from bot.views.phrases import phrase
from bot.views.pieces import Block
from cases.database import read_session
from cases.rights import Asker

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the tab and to its menu."""

    async def opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        afterwards(publish(deps, str(event["user"]), str(body.get("team_id") or ""), _chosen(event.get("view"))))

    async def home_tab(event: dict[str, Any]) -> bool:
        return bool(event.get("tab", "home") == "home")  # the messages tab has a listener of its own

    async def filtered(ack: "AsyncAck", body: dict[str, Any]) -> None:
        await ack()
        click = Click.of(body)
        afterwards(publish(deps, click.user, click.team, click.value))

    app.event("app_home_opened", matchers=[home_tab])(opened)
    app.action("home_filter")(filtered)
    app.action("home_refresh")(filtered)


def _chosen(view: object) -> str:
    """The filter that the tab stood at."""
    return str(view.get("private_metadata") or "") if isinstance(view, dict) else ""


async def publish(deps: "SlackDeps", user: str, team: str, chosen: str = "") -> None:
    """Shows a person his home tab as things are now; strangers get a polite sentence."""
    asker = await deps.identity.who(user, team)
    if isinstance(asker, Refusal):
        if asker.silent:
            return
        view = polite_view(phrase(asker.reason, "en"))
    else:
        view = await deps.in_thread(_view, deps, asker, chosen)
    await deps.sender.call("views.publish", team=team, patience=60.0, user_id=user, view=view)


def _view(deps: "SlackDeps", asker: Asker, chosen: str) -> Block:
    with read_session(deps.database) as session:
        return home_view(home_of(session, asker, deps.rules(), deps.clock(), chosen))
