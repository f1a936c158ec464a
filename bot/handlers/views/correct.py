"""The corrected values of a case: faults stand beside their fields, all values go in or none."""

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.handlers.acting import FieldFault, submit
from bot.views.modals import Place, answers_of
from cases.commands import parse_field
from cases.commands.review import correct_all
from cases.models import Case
from cases.rights import Asker
from config.errors import InvalidValue

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck

    from bot.slack.deps import SlackDeps

CALLBACK = "case_correct"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the modal."""

    async def sent(ack: "AsyncAck", body: dict[str, Any]) -> None:
        view = body["view"]
        fields = changed(view["blocks"], answers_of(view["state"]["values"]))
        faults = faults_of(fields)
        if faults:
            await ack(response_action="errors", errors=faults)
            return
        if not fields:
            await ack()
            return

        def correct(session: Session, case: Case, asker: Asker, place: Place) -> object:
            try:
                return correct_all(session, case, asker, deps.clock(), deps.rules(), fields)
            except InvalidValue as error:
                raise FieldFault({next(iter(fields)): str(error)}) from error

        await submit(deps, ack, body, "correct", next(iter(fields)), correct)

    app.view(CALLBACK)(sent)


def changed(blocks: list[dict[str, Any]], answers: dict[str, str]) -> dict[str, str]:
    """The fields that differ from what was filled in; "-" for one that was emptied."""
    found = {}
    for block in blocks:
        if block.get("type") != "input" or block["block_id"] not in answers:
            continue
        element = block["element"]
        before = str((element.get("initial_option") or {}).get("value") or element.get("initial_value") or "").strip()
        now = answers[block["block_id"]]
        if now != before:
            found[block["block_id"]] = now or "-"
    return found


def faults_of(fields: dict[str, str]) -> dict[str, str]:
    """What is wrong, by field."""
    faults = {}
    for name, text in fields.items():
        try:
            parse_field(name, text)
        except InvalidValue as error:
            faults[name] = str(error).removeprefix(f"{name}: ")[:150]
    return faults
