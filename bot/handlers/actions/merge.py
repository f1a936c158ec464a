"""Merge with another case: both are shown in a modal before it is done."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards.reading import case_card
from bot.handlers.acting import window
from bot.views.modals import Place, merge_modal
from bot.views.pieces import Block
from cases.database import read_session

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

ACTION = re.compile(r"case_merge_\d")  # one button for each case that may be the same


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the buttons."""

    window(app, deps, ACTION, "merge", _view)


def _view(deps: "SlackDeps", place: Place) -> Block:
    with read_session(deps.database) as session:
        card = case_card(session, place.reference)
        return merge_modal(card, case_card(session, place.other), replace(place, seen=card.seen))
