"""Mark answered: the department has answered an enquiry."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot.handlers.acting import Click, act, durable
from bot.slack.deliveries import Delivery
from cases import commands
from cases.models import Case
from cases.rights import Asker

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

ACTION = "case_answered"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the button."""

    async def work(delivery: Delivery, click: Click) -> None:
        def answer(session: Session, case: Case, asker: Asker) -> object:
            return commands.answer(session, case, asker, deps.clock(), deps.rules(), "marked in Slack")

        await act(deps, click, "answer", answer, again=delivery.again)

    durable(app, deps, ACTION, work)
