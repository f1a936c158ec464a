"""Open mail: its text part by part, as it was written and harmless to look at."""

from typing import TYPE_CHECKING, Any

from bot.handlers.acting import Click, afterwards, allowed, open_modal, replace_modal
from bot.views.modals import Place, mail_modal, waiting_modal
from bot.views.pieces import Block
from cases.database import read_session

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

ACTION = "case_open_mail"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the button."""

    async def shown(click: Click) -> None:
        if not await allowed(deps, click, "see_message", click.place.reference):
            return
        opened = await open_modal(deps, click, waiting_modal("Mail"))
        if opened:  # reading a large mail takes longer than Slack waits for a window
            await replace_modal(deps, click, opened, await deps.in_thread(_view, deps, click.place))

    async def pressed(ack: "AsyncAck", body: dict[str, Any]) -> None:
        await ack()
        afterwards(shown(Click.of(body)))

    app.action(ACTION)(pressed)


def _view(deps: "SlackDeps", place: Place) -> Block:
    from cases.models import StoredMessage
    from ingest.reading import read_safely

    with read_session(deps.database) as session:
        stored = session.get(StoredMessage, place.message) if place.message else None
        raw, subject = (stored.raw, stored.subject or "") if stored else (b"", "The mail was erased")
    message = read_safely(raw) if raw else None
    parts = [(part.name, part.text) for part in message.parts] if message else []
    notes = list(message.notes) if message else []
    return mail_modal(subject, parts, notes, place.reference)
