"""Assign: a person or team for the case, in a modal."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards.reading import case_card, colleagues
from bot.handlers.acting import window
from bot.views.modals import Place, assign_modal
from bot.views.pieces import Block
from cases.database import read_session
from cases.queries import find_case

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

ACTION = "case_assign"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the button."""

    window(app, deps, ACTION, "assign", _view)


def _view(deps: "SlackDeps", place: Place) -> Block:
    rules = deps.rules()
    with read_session(deps.database) as session:
        case = find_case(session, place.reference)
        seen = case_card(session, case.reference).seen
        teams = [*(team.name for team in rules.teams), *(d.team for d in rules.departments.values() if d.team)]
        people = colleagues(session)
        return assign_modal(case, people, list(dict.fromkeys(teams)), replace(place, seen=seen))
