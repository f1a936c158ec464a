"""Open: a case of the home tab as a modal, with its buttons."""

from typing import TYPE_CHECKING

from bot.cards.reading import case_card, mail_card
from bot.handlers.acting import window
from bot.views.cards import buttons
from bot.views.modals import Place, case_modal
from bot.views.pieces import Block
from cases.database import read_session
from cases.queries import find_case, view_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

ACTION = "case_open"


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Listens to the button."""

    window(app, deps, ACTION, "see_message", case_view_of)


def case_view_of(deps: "SlackDeps", place: Place) -> Block:
    """The modal of a case as it is now."""
    with read_session(deps.database) as session:
        view = view_of(session, find_case(session, place.reference))
        message = place.message or message_of(deps, place.reference)
        card = mail_card(session, message, [place.reference])
        shown = Place(view.reference, card.seen, message, place.channel, place.ts)
        return case_modal(case_card(session, place.reference), buttons(card, card.cases[0]), shown)


def message_of(deps: "SlackDeps", reference: str) -> int | None:
    """The row of the mail that opened a case."""
    from sqlalchemy import select

    from cases.models import Case, CaseMessage

    with read_session(deps.database) as session:
        return session.scalar(
            select(CaseMessage.message_row_id)
            .join(Case, Case.id == CaseMessage.case_id)
            .where(Case.reference == reference)
            .order_by(CaseMessage.id)
            .limit(1)
        )
