"""Reject: this is no case; the reason in a modal."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards.reading import case_card
from bot.handlers.acting import window
from bot.views.modals import Place, reject_modal
from bot.views.pieces import Block
from cases.database import read_session

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

ACTION = "case_reject"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the button."""

    window(app, deps, ACTION, "reject", _view)


def _view(deps: "SlackDeps", place: Place) -> Block:
    with read_session(deps.database) as session:
        card = case_card(session, place.reference)
        return reject_modal(card, replace(place, seen=card.seen))
