"""An underwriter's decision."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.handlers.acting import FieldFault, submit
from bot.views.modals import Place, answers_of, is_past
from cases.calendar import local_day
from cases.commands import decide
from cases.models import Case
from cases.rights import Asker
from cases.values import parse_amount
from cases.vocabulary import Status
from config.errors import InvalidValue

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

CALLBACK = "case_decide"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the modal."""

    async def sent(ack: "AsyncAck", body: dict[str, Any]) -> None:
        given = answers_of(body["view"]["state"]["values"])
        today = local_day(deps.clock(), deps.rules().calendar)
        try:
            amount = amount_of(given, today)
        except FieldFault as fault:
            await ack(response_action="errors", errors=fault.errors)
            return
        until = date.fromisoformat(given["valid_until"]) if given.get("valid_until") else None

        def work(session: Session, case: Case, asker: Asker, place: Place) -> object:
            try:
                return decide(
                    session, case, asker, deps.clock(), deps.rules(), outcome=given["outcome"], amount=amount,
                    valid_until=until, reason=given.get("reason") or None, tell=given.get("tell") or None,
                    note=given.get("note") or None,
                )  # fmt: skip
            except InvalidValue as error:
                block = "valid_until" if "valid_until" in str(error) else "amount"
                raise FieldFault({block: str(error)}) from error

        await submit(deps, ack, body, "decide", "outcome", work)

    app.view(CALLBACK)(sent)


def amount_of(given: dict[str, str], today: date) -> Decimal | None:
    """The amount that counts for the outcome; raises FieldFault."""
    outcome = given.get("outcome", "")
    if not outcome:
        raise FieldFault({"outcome": "Choose what is decided"})
    if outcome != Status.DECLINED.value and is_past(given.get("valid_until", ""), today):
        raise FieldFault({"valid_until": "This day is past"})
    if outcome == Status.DECLINED.value or not given.get("amount"):
        return None
    try:
        return parse_amount(given["amount"])
    except InvalidValue as error:
        raise FieldFault({"amount": str(error)[:150]}) from error
