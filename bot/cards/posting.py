"""Cards as messages: how an outbox row becomes one, and what it shows when things change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.cards.reading import mail_card
from bot.slack.outgoing import ROUNDS, Rendered, Renderers, as_text
from bot.views import cards, drafts
from cases.database import read_session
from cases.models import Case, CaseMessage, OutboxItem, Person, SlackCard
from config.desk import DeskRules
from config.errors import NotFound

if TYPE_CHECKING:
    from bot.slack.deps import SlackDeps

REVIEW, DRAFT = "review_card", "draft_card"  # kinds of outbox rows and of cards
Rules = Callable[[], DeskRules]


@dataclass(frozen=True, slots=True)
class Update:
    """A card that stands in Slack, and what it is to show now."""

    team: str
    channel: str
    ts: str
    mark: str
    text: str
    blocks: list[dict[str, Any]]
    card: int = 0
    seen: int = 0


def add_renderers(renderers: Renderers, rules: Rules) -> None:
    """Says how review cards and drafts become messages."""
    renderers.add(REVIEW, lambda session, item: review_message(session, item, rules()))
    renderers.add(DRAFT, lambda session, item: draft_message(session, item))


def review_message(session: Session, item: OutboxItem, rules: DeskRules, wanted: str = "") -> Rendered:
    """The review card of a mail, as its cases are now."""
    named = item.payload.get("cases")
    references = [str(one) for one in named] if isinstance(named, list) else []
    try:
        card = mail_card(session, item.message_row_id, references)
    except NotFound:  # erased meanwhile
        return as_text(item)
    return Rendered(cards.notice(card), cards.review_card(card, rules.calendar, wanted), seen=card.seen)


def draft_message(session: Session, item: OutboxItem) -> Rendered:
    """The exact text of a mail that waits, and what became of it."""
    draft = session.get(OutboxItem, _draft_of(item))
    if draft is None:
        return as_text(item)
    reference = session.scalar(select(Case.reference).where(Case.id == draft.case_id))
    by = draft.approved_by or ""
    who = session.scalar(select(Person.name).where(Person.email == by)) if by else None
    return Rendered(drafts.notice(draft, reference), drafts.draft_card(draft, reference, who or by))


def _draft_of(item: OutboxItem) -> int:
    number = item.payload.get("outbox")
    return number if isinstance(number, int) else 0


def cards_of(session: Session, case_ids: Sequence[int]) -> list[SlackCard]:
    """The review cards that show any of these cases (a card shows all cases of its mail)."""
    messages = select(CaseMessage.message_row_id).where(CaseMessage.case_id.in_(case_ids))
    query = select(SlackCard).where(
        SlackCard.kind == REVIEW, SlackCard.message_row_id.in_(messages) | SlackCard.case_id.in_(case_ids)
    )
    return list(session.scalars(query.order_by(SlackCard.id)))


def updates(session: Session, shown: Sequence[SlackCard], rules: DeskRules, wanted: str = "") -> list[Update]:
    """What these cards are to show now. `wanted`: the case that a card of several shows in full."""
    found = []
    for card in shown:
        item = session.get(OutboxItem, card.outbox_id) if card.outbox_id else None
        if item is None:
            continue
        made = review_message(session, item, rules, wanted) if card.kind == REVIEW else draft_message(session, item)
        found.append(
            Update(
                card.team_id, card.channel, card.ts, f"outbox:{item.key}", made.text, made.blocks, card.id, made.seen
            )
        )
    return found


async def refresh(deps: "SlackDeps", references: Sequence[str], patience: float = 60.0) -> None:
    """Shows everybody the cases as they are now. A deleted message or channel is no fault."""
    await _show_all(deps, lambda: _of_cases(deps, references), patience)


async def refresh_draft(deps: "SlackDeps", outbox_id: int, patience: float = 60.0) -> None:
    """Shows everybody what became of a draft."""
    await _show_all(deps, lambda: _of_draft(deps, outbox_id), patience)


def _of_cases(deps: "SlackDeps", references: Sequence[str]) -> list[Update]:
    with read_session(deps.database) as session:
        ids = session.scalars(select(Case.id).where(Case.reference.in_(references))).all()
        return updates(session, cards_of(session, ids), deps.rules())


def _of_draft(deps: "SlackDeps", outbox_id: int) -> list[Update]:
    with read_session(deps.database) as session:
        return updates(session, draft_cards(session, outbox_id), deps.rules())


def draft_cards(session: Session, outbox_id: int) -> list[SlackCard]:
    """The cards that show a draft."""
    rows = select(SlackCard, OutboxItem).join(OutboxItem, OutboxItem.id == SlackCard.outbox_id)
    return [
        card
        for card, item in session.execute(
            rows.where(SlackCard.kind == DRAFT, OutboxItem.key.startswith(f"{DRAFT}:{outbox_id}:"))
        )
    ]


async def _show_all(deps: "SlackDeps", read: Callable[[], list[Update]], patience: float) -> None:
    """Shows what is read, and again what has changed while it was being shown."""
    sent: list[Update] = []
    for _ in range(ROUNDS):
        found = await deps.in_thread(read)
        for one in found:
            if one not in sent:
                await show(deps, one, patience)
        if sent == found:
            return
        sent = found


async def show(deps: "SlackDeps", one: Update, patience: float = 60.0) -> None:
    """Replaces one card. What people have deleted is left alone."""
    from bot.slack.sending import SlackRefusal

    try:
        await deps.sender.update(
            one.channel, one.ts, text=one.text, blocks=one.blocks, mark=one.mark, team=one.team, patience=patience
        )
    except SlackRefusal as refusal:
        if refusal.code not in ("message_not_found", "channel_not_found", "is_archived", "cant_update_message"):
            raise
    await deps.in_thread(_note_shown, deps, one)


def _note_shown(deps: "SlackDeps", one: Update) -> None:
    newer = (SlackCard.id == one.card, SlackCard.shown < one.seen)
    with deps.sessions.begin() as session:
        session.execute(update(SlackCard).where(*newer).values(shown=one.seen))
