"""Two cases become one. The modal has no field, so what stands in the way is told beside the card."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.handlers.acting import Click, act
from bot.slack.deliveries import Delivery, key_of
from bot.views.modals import Place
from cases.commands import merge
from cases.models import Case
from cases.queries import find_case
from cases.rights import Asker

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

CALLBACK = "case_merge"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the modal."""

    async def work(delivery: Delivery) -> None:
        click = Click(**delivery.payload)

        def into_other(session: Session, case: Case, asker: Asker) -> object:
            other = find_case(session, click.place.other)
            return merge(session, case, asker, deps.clock(), deps.rules(), other)

        await act(deps, click, "merge", into_other, again=delivery.again)

    async def sent(ack: "AsyncAck", body: dict[str, Any]) -> None:
        place = Place.of(body["view"]["private_metadata"])
        click = Click.of(body)
        carried = "|".join([place.reference, str(place.seen), str(place.message or ""), place.other])
        await deps.deliveries.take(key_of(body), CALLBACK, asdict(click) | {"value": carried})
        await ack()

    deps.deliveries.work(CALLBACK, work)
    app.view(CALLBACK)(sent)
