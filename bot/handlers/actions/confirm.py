"""Confirm: the values are right. One click, and the card shows who did it."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot.handlers.acting import Click, act, durable, replace_modal
from bot.handlers.actions.open_case import case_view_of
from bot.slack.deliveries import Delivery
from cases import commands
from cases.models import Case
from cases.rights import Asker

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

ACTION = "case_confirm"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the button."""

    async def work(delivery: Delivery, click: Click) -> None:
        def confirm(session: Session, case: Case, asker: Asker) -> object:
            return commands.confirm(session, case, asker, deps.clock(), deps.rules())

        done = await act(deps, click, "confirm", confirm, again=delivery.again)
        if done and click.in_modal and click.view:
            shown = await deps.in_thread(case_view_of, deps, click.place)
            await replace_modal(deps, click, click.view, shown)

    durable(app, deps, ACTION, work)
