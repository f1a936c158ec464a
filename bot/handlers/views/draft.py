"""The changed text of a mail that waits; it still waits afterwards."""

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.cards.posting import refresh_draft
from bot.handlers.acting import Click, afterwards, answered, person
from bot.views.drafts import text_of
from bot.views.modals import Place, answers_of
from cases import outbox
from cases.commands import perform

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

CALLBACK = "draft_edit"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the modal."""

    async def sent(ack: "AsyncAck", body: dict[str, Any]) -> None:
        view, click = body["view"], Click.of(body)
        place, text = Place.of(view["private_metadata"]), text_of(answers_of(view["state"]["values"]))
        asker = await person(deps, click, "edit_outbox", "")
        if asker is None:
            await ack()
            return

        def in_transaction(session: Session) -> object:
            item = outbox.find_item(session, place.outbox)
            return outbox.edit(session, item, asker, deps.clock(), text)

        doing = asyncio.ensure_future(
            asyncio.to_thread(perform, deps.sessions, asker, deps.clock(), "edit_outbox", None, in_transaction)
        )
        await answered(deps, ack, click, doing, view["blocks"][1]["block_id"], [])
        afterwards(refresh_draft(deps, place.outbox))

    app.view(CALLBACK)(sent)
