"""Carries out what an answer proposed, with the rights of the person who clicked."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot.views.phrases import phrase
from cases import chasing, commands
from cases.models import Case, OutboxItem
from cases.outbox import PENDING
from cases.rights import Asker
from cases.status import by_reference
from config.errors import DeskError, InvalidValue, NotFound

if TYPE_CHECKING:
    from bot.slack.deps import SlackDeps

# A step's result is not looked at, unless it is a mail: its exact text is shown to who caused it.
Step = Callable[[Session, Case, Asker, "SlackDeps", dict[str, str]], object]


def carry_out(deps: "SlackDeps", asker: Asker, action: str, value: str) -> str:
    """Does it in a transaction of its own; gives the sentence for the person. Refusals go into the history."""
    try:
        wanted: dict[str, str] = json.loads(value)
        reference = str(wanted["reference"])
        step = STEPS[action]
    except (ValueError, KeyError, TypeError):
        return phrase("not_done", reason=f"{action} is not to be done by a button: open the case")

    def work(session: Session) -> str:
        case = by_reference(session, reference)
        if case is None:
            raise NotFound(f"there is no case {reference}: check the reference")
        done = phrase("done", what=f"{action} {case.reference}")
        result = step(session, case, asker, deps, wanted)
        return f"{done}\n{_mail(result)}" if isinstance(result, OutboxItem) else done

    try:
        return commands.perform(deps.sessions, asker, deps.clock(), action, reference, work)
    except DeskError as error:
        return phrase("not_done", reason=error)


def _mail(item: OutboxItem) -> str:
    """What is sent, or waits to be, word for word."""
    name = "mail_waits" if item.state in PENDING else "mail_goes"
    return f"{phrase(name, to=item.to)}\n\n{item.subject}\n\n{item.text}"


def _confirm(session: Session, case: Case, asker: Asker, deps: "SlackDeps", _wanted: dict[str, str]) -> object:
    return commands.confirm(session, case, asker, deps.clock(), deps.rules())


def _withdraw(session: Session, case: Case, asker: Asker, deps: "SlackDeps", wanted: dict[str, str]) -> object:
    return commands.withdraw(session, case, asker, deps.clock(), deps.rules(), wanted.get("text", ""))


def _assign(session: Session, case: Case, asker: Asker, deps: "SlackDeps", wanted: dict[str, str]) -> object:
    to = wanted.get("assignee") or asker.email
    return commands.assign(session, case, asker, deps.clock(), deps.rules(), to=to)


def _comment(session: Session, case: Case, asker: Asker, deps: "SlackDeps", wanted: dict[str, str]) -> object:
    if not wanted.get("text"):
        raise InvalidValue(f"say what is to stand there: “add to {case.reference}: …”")
    return commands.note(session, case, asker, deps.clock(), deps.rules(), wanted["text"], internal=False)


def _correct(session: Session, case: Case, asker: Asker, deps: "SlackDeps", wanted: dict[str, str]) -> object:
    if not wanted.get("field"):
        raise InvalidValue(f"say which value: “correct the amount of {case.reference} to …”, or use its card")
    return commands.correct(session, case, asker, deps.clock(), deps.rules(), wanted["field"], wanted.get("text", ""))


def _chase(session: Session, case: Case, asker: Asker, deps: "SlackDeps", _wanted: dict[str, str]) -> object:
    return chasing.remind_now(session, case, asker, deps.rules(), deps.clock())


STEPS: dict[str, Step] = {
    "confirm": _confirm,
    "withdraw": _withdraw,
    "assign": _assign,
    "comment": _comment,
    "correct": _correct,
    "chase": _chase,
}
