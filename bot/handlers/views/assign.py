"""Who gets the case."""

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.handlers.acting import FieldFault, submit
from bot.views.modals import Place, answers_of
from cases.commands import assign
from cases.models import Case
from cases.rights import Asker
from config.errors import Conflict, InvalidValue, NotFound

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

CALLBACK = "case_assign"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the modal."""

    async def sent(ack: "AsyncAck", body: dict[str, Any]) -> None:
        given = answers_of(body["view"]["state"]["values"])
        first = next(iter(given), "person")

        def work(session: Session, case: Case, asker: Asker, place: Place) -> object:
            person, team = given.get("person") or None, given.get("team") or None
            if person == case.assignee and team not in (None, case.team):
                person = None  # another team was chosen: its people get the case
            elif team == case.team:
                team = None
            try:
                return assign(session, case, asker, deps.clock(), deps.rules(), to=person, team=team)
            except (Conflict, InvalidValue, NotFound) as error:
                raise FieldFault({first: str(error)}) from error

        await submit(deps, ack, body, "assign", first, work)

    app.view(CALLBACK)(sent)
