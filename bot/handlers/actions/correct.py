"""Correct: the values in a modal, filled in."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards.reading import case_card
from bot.handlers.acting import window
from bot.views.modals import Place, correct_modal
from bot.views.pieces import Block
from cases.database import read_session
from cases.queries import find_case

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

ACTION = "case_correct"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the button."""

    window(app, deps, ACTION, "correct", _view)


def _view(deps: "SlackDeps", place: Place) -> Block:
    """The values as they are now, and the event up to which that holds."""
    with read_session(deps.database) as session:
        case = find_case(session, place.reference)
        return correct_modal(case, replace(place, seen=case_card(session, case.reference).seen))
