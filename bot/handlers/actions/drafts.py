"""Send, Edit and Stop of a mail that waits for a person."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.cards.posting import refresh_draft
from bot.handlers.acting import Click, afterwards, allowed, durable, open_modal, person, tell
from bot.slack.deliveries import Delivery
from bot.views.drafts import EDITABLE, title_of
from bot.views.modals import Place, draft_modal
from bot.views.pieces import Block
from cases import outbox
from cases.commands import perform
from cases.database import read_session
from cases.models import OutboxItem
from cases.rights import Asker
from config.errors import Conflict, DeskError, Refused

if TYPE_CHECKING:
    from datetime import datetime

    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

SEND, EDIT, STOP = "draft_send", "draft_edit", "draft_stop"
Command = Callable[[Session, OutboxItem, Asker, "datetime"], OutboxItem]


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the buttons."""

    async def send(delivery: Delivery, click: Click) -> None:
        await _done(deps, click, "approve_outbox", outbox.approve, delivery.again)

    async def stop(delivery: Delivery, click: Click) -> None:
        await _done(deps, click, "reject_outbox", outbox.reject, delivery.again)

    async def edit(click: Click) -> None:
        if not await allowed(deps, click, "edit_outbox", ""):
            return
        view = await deps.in_thread(_view, deps, click)
        if isinstance(view, str):
            await tell(deps, click, view)
        else:
            await open_modal(deps, click, view)

    async def pressed(ack: "AsyncAck", body: dict[str, Any]) -> None:
        await ack()
        afterwards(edit(Click.of(body)))

    durable(app, deps, SEND, send)
    durable(app, deps, STOP, stop)
    app.action(EDIT)(pressed)


async def _done(deps: "SlackDeps", click: Click, action: str, command: Command, again: bool) -> None:
    number = int(click.value)
    asker = await person(deps, click, action, "")
    if asker is None:
        return

    def in_transaction(session: Session) -> object:
        return command(session, outbox.find_item(session, number), asker, deps.clock())

    try:
        await deps.in_thread(perform, deps.sessions, asker, deps.clock(), action, None, in_transaction)
    except Refused as refusal:
        await tell(deps, click, f"Sorry, {refusal}. Nothing was changed.")
        return
    except DeskError as error:
        if not (again and isinstance(error, Conflict) and asker.email in str(error)):
            await tell(deps, click, str(error))
    await refresh_draft(deps, number)


def _view(deps: "SlackDeps", click: Click) -> Block | str:
    """The modal, or why there is none."""
    with read_session(deps.database) as session:
        try:
            item = outbox.find_item(session, int(click.value))
        except DeskError as error:
            return str(error)
        if item.state not in outbox.PENDING:
            return f"This mail is {item.state}: it cannot be changed any more."
        if len(item.text) > EDITABLE:
            return f"The text is too long for a window of Slack: `creditdesk outbox edit {item.id}` changes it."
        place = Place("", channel=click.channel, ts=click.ts, outbox=item.id)
        return draft_modal(item.text, title_of(item), place)
