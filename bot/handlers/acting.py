"""What every button and modal does alike: who pressed, may he, do it, tell him, and show the new state to all."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.orm import Session

from bot.cards.posting import refresh
from bot.cards.reading import first_act
from bot.slack import escaping
from bot.slack.deliveries import Delivery, key_of
from bot.slack.identity import Refusal
from bot.slack.sending import SlackAway, SlackRefusal
from bot.views import wording
from bot.views.modals import Place
from bot.views.phrases import phrase
from bot.views.pieces import Block
from cases.commands import perform, record_refusal
from cases.models import Case
from cases.queries import find_case, history
from cases.rights import Asker, may
from config.desk import BusinessCalendar
from config.errors import Conflict, DeskError, Refused

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

T = TypeVar("T")
TRIGGER_SECONDS = 2.5  # a trigger_id is good for 3
ACK_SECONDS = 2.2  # a modal waits 3 for its answer

log = logging.getLogger("creditdesk.slack")


@dataclass(frozen=True, slots=True)
class Click:
    """A button that was pressed, or a modal that was sent in: by whom, where, about what."""

    user: str
    team: str
    channel: str = ""  # empty: on the home tab
    ts: str = ""
    value: str = ""  # what the button carries; the chosen value of a menu
    trigger: str = ""
    view: str = ""  # id of the modal or home tab in which it stands
    in_modal: bool = False

    @staticmethod
    def of(body: dict[str, Any]) -> "Click":
        """From Slack's payload."""
        container = body.get("container") or {}
        action: dict[str, Any] = next(iter(body.get("actions") or []), {})
        view = body.get("view") or {}
        modal = view.get("type") == "modal"
        place = Place.of(view["private_metadata"]) if modal and view.get("private_metadata") else Place("")
        chosen = action.get("selected_option") or {}
        return Click(
            user=str((body.get("user") or {}).get("id") or ""),
            team=str((body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id") or ""),
            channel=str((body.get("channel") or {}).get("id") or container.get("channel_id") or place.channel),
            ts=str(container.get("message_ts") or place.ts),
            value=str(action.get("value") or chosen.get("value") or ""),
            trigger=str(body.get("trigger_id") or ""),
            view=str(view.get("id") or ""),
            in_modal=modal,
        )

    @property
    def place(self) -> Place:
        """The case of a card's button: reference, last event that it showed, mail, other case."""
        reference, seen, message, other = (*self.value.split("|"), "", "", "")[:4]
        return Place(
            reference, int(seen or 0), int(message) if message else None, channel=self.channel, ts=self.ts, other=other
        )


Work = Callable[[Delivery, Click], Awaitable[None]]
_afterwards: set[asyncio.Task[None]] = set()


def afterwards(work: Coroutine[Any, Any, None]) -> None:
    """Goes on with what Slack's answer must not wait for. Nothing is lost with it: windows and the look of cards."""
    task = asyncio.create_task(work)
    _afterwards.add(task)

    def ended(done: asyncio.Task[None]) -> None:
        _afterwards.discard(done)
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("a click could not be served", exc_info=error)

    task.add_done_callback(ended)


def window(
    app: "AsyncApp",
    deps: "SlackDeps",
    button: str | re.Pattern[str],
    action: str,
    view: Callable[["SlackDeps", Place], Block],
) -> None:
    """A button that opens a modal, for those who may do `action`. `view` reads what stands in it."""

    async def opened(click: Click) -> None:
        if await allowed(deps, click, action, click.place.reference):
            try:
                shown = await asyncio.to_thread(view, deps, click.place)
            except DeskError as error:
                await tell(deps, click, str(error))
                return
            await open_modal(deps, click, shown)

    async def pressed(ack: "AsyncAck", body: dict[str, Any]) -> None:
        await ack()
        afterwards(opened(Click.of(body)))

    app.action(button)(pressed)


def durable(app: "AsyncApp", deps: "SlackDeps", action: str, work: Work) -> None:
    """A button whose work is written down before it is acknowledged, and done once."""

    async def begun(delivery: Delivery) -> None:
        await work(delivery, Click(**delivery.payload))

    deps.deliveries.work(action, begun)

    async def pressed(ack: "AsyncAck", body: dict[str, Any]) -> None:
        await deps.deliveries.take(key_of(body), action, asdict(Click.of(body)))
        await ack()

    app.action(action)(pressed)


async def person(deps: "SlackDeps", click: Click, action: str, reference: str) -> Asker | None:
    """The colleague who pressed; one whom the desk does not know is told so, and it stands in the history."""
    asker = await deps.identity.who(click.user, click.team)
    if isinstance(asker, Asker):
        return asker
    await deps.in_thread(
        record_refusal, deps.sessions, f"Slack {click.user}", deps.clock(), action, reference, asker.reason
    )
    if not asker.silent:
        await tell(deps, click, phrase(asker.reason, "en"))
    return None


async def allowed(deps: "SlackDeps", click: Click, action: str, reference: str) -> Asker | None:
    """The same, and may he do it? Asked before a modal is opened; what is sent in is asked again."""
    asker = await person(deps, click, action, reference)
    if asker is None or may(asker, action, deps.rules().rights):
        return asker
    reason = f"{asker.name or asker.email} ({asker.role.value}) may not {action.replace('_', ' ')}"
    await deps.in_thread(record_refusal, deps.sessions, asker.email, deps.clock(), action, reference, reason)
    await tell(deps, click, f"Sorry, {reason}. Nothing was changed.")
    return None


async def tell(deps: "SlackDeps", click: Click, text: str) -> None:
    """A sentence for the one who pressed, where he pressed."""
    blocks = [escaping.rich(text)]
    if click.channel and not click.channel.startswith("D"):
        await deps.sender.whisper(
            click.channel, click.user, text=escaping.notice(text), blocks=blocks, team=click.team, patience=120.0
        )
        return
    await deps.sender.call(
        "chat.postMessage", team=click.team, patience=120.0, channel=click.user, text=escaping.notice(text),
        blocks=blocks, unfurl_links=False, unfurl_media=False,
    )  # fmt: skip


def not_overtaken(session: Session, case: Case, seen: int, calendar: BusinessCalendar) -> None:
    """Raises Conflict naming who was first, where a person changed the case since event number `seen`."""
    first = first_act(history(session, case), seen)
    if first is not None:
        at = wording.moment(first.at, calendar)
        raise Conflict(f"{first.who} was first: {first.what} on {at}. Nothing was changed; the card shows it now.")


async def act(
    deps: "SlackDeps",
    click: Click,
    action: str,
    work: Callable[[Session, Case, Asker], object],
    *,
    again: bool = False,
) -> bool:
    """Runs a command on the click's case for who pressed, then shows the result to all; False: it was not done.

    `again`: an earlier try may have done it already, so that "somebody was first" may mean this very click.
    """
    place = click.place
    asker = await person(deps, click, action, place.reference)
    if asker is None:
        return False

    def in_transaction(session: Session) -> object:
        case = find_case(session, place.reference)
        not_overtaken(session, case, place.seen, deps.rules().calendar)
        return work(session, case, asker)

    done = True
    try:
        await deps.in_thread(perform, deps.sessions, asker, deps.clock(), action, place.reference, in_transaction)
    except Refused as refusal:
        await tell(deps, click, f"Sorry, {refusal}. Nothing was changed.")
        return False
    except DeskError as error:
        done = False
        if not (again and isinstance(error, Conflict) and asker.name in str(error)):
            await tell(deps, click, str(error))
    await refresh(deps, [place.reference, *([place.other] if place.other else [])])
    return done


async def open_modal(deps: "SlackDeps", click: Click, view: Block) -> str | None:
    """Opens a modal (on top of another one where the button stands in it); its id, or None where it was too late."""
    method = "views.push" if click.in_modal else "views.open"
    try:
        opened = await deps.sender.call(
            method, team=click.team, patience=TRIGGER_SECONDS, trigger_id=click.trigger, view=view
        )
    except (SlackRefusal, SlackAway) as error:
        if isinstance(error, SlackRefusal) and error.code not in ("expired_trigger_id", "exchanged_trigger_id"):
            raise
        await tell(deps, click, "Slack gave up waiting for the window: please press the button again.")
        return None
    return str(opened["view"]["id"])


async def replace_modal(deps: "SlackDeps", click: Click, view_id: str, view: Block) -> None:
    """Shows something else in an open modal; one that was closed meanwhile is no fault."""
    try:
        await deps.sender.call("views.update", team=click.team, patience=30.0, view_id=view_id, view=view)
    except SlackRefusal as refusal:
        if refusal.code not in ("not_found", "view_not_found"):
            raise


async def _nobody(deps: "SlackDeps", click: Click, action: str, reference: str) -> None:
    await person(deps, click, action, reference)


class FieldFault(DeskError):
    """What is wrong in a modal, by block."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


async def submit(
    deps: "SlackDeps",
    ack: "AsyncAck",
    body: dict[str, Any],
    action: str,
    first_block: str,
    work: Callable[[Session, Case, Asker, Place], object],
) -> None:
    """Runs the command of a modal before it is answered, so that a fault stands beside its field.

    Where the work takes longer than Slack waits, the modal closes and the result is told afterwards.
    """
    view, click = body["view"], Click.of(body)
    place = Place.of(view["private_metadata"])
    asker = await deps.identity.who(click.user, click.team)
    if isinstance(asker, Refusal):
        await ack()
        afterwards(_nobody(deps, click, action, place.reference))
        return

    def in_transaction(session: Session) -> object:
        case = find_case(session, place.reference)
        not_overtaken(session, case, place.seen, deps.rules().calendar)
        return work(session, case, asker, place)

    doing = asyncio.ensure_future(
        asyncio.to_thread(perform, deps.sessions, asker, deps.clock(), action, place.reference, in_transaction)
    )
    await answered(deps, ack, click, doing, first_block, [place.reference])


async def answered(
    deps: "SlackDeps",
    ack: "AsyncAck",
    click: Click,
    doing: "asyncio.Future[object]",
    first_block: str,
    references: list[str],
) -> None:
    """Answers a modal with what came of its work: beside the fields where there is time, else in a sentence."""
    done, _ = await asyncio.wait({doing}, timeout=ACK_SECONDS)
    if not done:
        await ack()
        afterwards(_told(deps, click, doing, references))
        return
    faults = faults_of(doing, first_block)
    await (ack(response_action="errors", errors=faults) if faults else ack())
    afterwards(refresh(deps, references))


def faults_of(doing: "asyncio.Future[object]", first_block: str) -> dict[str, str]:
    """What went wrong, by block; what is no fault of the person is raised."""
    error = doing.exception()
    if error is None:
        return {}
    if not isinstance(error, DeskError):
        raise error
    if isinstance(error, FieldFault):
        return _short(error.errors)
    return _short({first_block: _said(error)})


def _said(error: DeskError) -> str:
    return f"Sorry, {error}. Nothing was changed." if isinstance(error, Refused) else str(error)


async def _told(deps: "SlackDeps", click: Click, doing: "asyncio.Future[object]", references: list[str]) -> None:
    try:
        await doing
    except DeskError as error:
        await tell(deps, click, _said(error))
    await refresh(deps, references)


def _short(errors: dict[str, str]) -> dict[str, str]:
    return {block: escaping.cut(escaping.clean(text), 150) for block, text in errors.items()}
