"""Why a message is no case."""

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.handlers.acting import submit
from bot.views.modals import Place, answers_of
from cases.commands import reject
from cases.models import Case
from cases.rights import Asker

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

CALLBACK = "case_reject"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the modal."""

    async def sent(ack: "AsyncAck", body: dict[str, Any]) -> None:
        reason = answers_of(body["view"]["state"]["values"]).get("reason", "")
        if not reason:
            await ack(response_action="errors", errors={"reason": "Say why"})
            return

        def work(session: Session, case: Case, asker: Asker, place: Place) -> object:
            return reject(session, case, asker, deps.clock(), deps.rules(), reason)

        await submit(deps, ack, body, "reject", "reason", work)

    app.view(CALLBACK)(sent)
