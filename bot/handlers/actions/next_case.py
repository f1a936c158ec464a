"""Open next: the card of a mail with several cases shows the following one, to all."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.cards.posting import Update, show, updates
from bot.cards.reading import mail_card
from bot.handlers.acting import Click, afterwards, allowed
from bot.slack.deliveries import key_of
from bot.views.cards import next_case
from cases.database import read_session
from cases.models import OutboxItem, SlackCard

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

ACTION = "case_next"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the button."""

    async def moved(click: Click, key: str) -> None:
        if await deps.deliveries.first(key) and await allowed(deps, click, "see_message", click.place.reference):
            for one in await deps.in_thread(_following, deps, click):
                await show(deps, one)

    async def pressed(ack: "AsyncAck", body: dict[str, Any]) -> None:
        await ack()
        afterwards(moved(Click.of(body), key_of(body)))

    app.action(ACTION)(pressed)


def _following(deps: "SlackDeps", click: Click) -> list[Update]:
    with read_session(deps.database) as session:
        at = (SlackCard.channel == click.channel, SlackCard.ts == click.ts)
        shown = session.scalars(select(SlackCard).where(*at)).first()
        item = session.get(OutboxItem, shown.outbox_id) if shown and shown.outbox_id else None
        if shown is None or item is None:
            return []
        named = item.payload.get("cases")
        references = [str(one) for one in named] if isinstance(named, list) else []
        wanted = next_case(mail_card(session, item.message_row_id, references), click.place.reference)
        return updates(session, [shown], deps.rules(), wanted)
