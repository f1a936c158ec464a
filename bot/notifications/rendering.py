"""How the rows of notifications become messages: read when they are sent, so that they say what is true then."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.cards.posting import updates
from bot.cards.reading import case_card
from bot.slack import escaping
from bot.slack.outgoing import Rendered, Renderers, as_text
from bot.views import notifications, wording
from bot.views.notifications import Told
from cases.models import OutboxItem, SlackCard
from config.desk import DeskRules
from config.errors import NotFound

Rules = Callable[[], DeskRules]


def add_renderers(renderers: Renderers, rules: Rules) -> None:
    """Says how each kind becomes a message."""
    renderers.add("notification", lambda session, item: _one(session, item, notifications.changed))
    renderers.add("assigned", lambda session, item: _one(session, item, notifications.assigned))
    renderers.add("digest", lambda session, item: _several(session, item, "Since the quiet hours began"))
    renderers.add("morning", lambda session, item: _several(session, item, "Due today or before"))
    renderers.add("case_news", _in_thread)
    renderers.add("card_update", lambda session, item: _update(session, item, rules()))


def _one(session: Session, item: OutboxItem, view: Callable[[Told], tuple[str, list[dict[str, object]]]]) -> Rendered:
    try:
        text, blocks = view(told(session, str(item.payload.get("case"))))
    except NotFound:  # erased meanwhile
        return as_text(item)
    return Rendered(text, blocks)


def _several(session: Session, item: OutboxItem, title: str) -> Rendered:
    found = []
    for reference in _list(item, "cases")[:20]:
        try:
            found.append(told(session, reference))
        except NotFound:
            continue
    total = item.payload.get("total")
    hidden = (total if isinstance(total, int) else len(_list(item, "cases"))) - len(found)
    text, blocks = notifications.digest(title, found, hidden)
    return Rendered(text, blocks)


def _in_thread(session: Session, item: OutboxItem) -> Rendered:
    card = session.get(SlackCard, _number(item, "card"))
    return Rendered(escaping.notice(item.text, 300), [escaping.rich(item.text)], thread_ts=card.ts if card else None)


def _update(session: Session, item: OutboxItem, rules: DeskRules) -> Rendered:
    card = session.get(SlackCard, _number(item, "card"))
    found = updates(session, [card], rules) if card is not None else []
    if not found:
        return as_text(item)
    one = found[0]
    return Rendered(one.text, one.blocks, replaces=(one.ts, one.mark))


def told(session: Session, reference: str) -> Told:
    """What may be told of a case. Raises NotFound."""
    card = case_card(session, reference)
    return Told(
        reference=card.reference,
        seen=card.seen,
        title=card.title,
        client=card.client,
        status=card.status.value,
        missing=card.missing if card.is_open else (),
        decision=card.decision,
        due=wording.day(card.next_due) if card.next_due and card.is_open else "",
        decidable=card.is_open and card.can_be_decided,
    )


def _number(item: OutboxItem, key: str) -> int:
    value = item.payload.get(key)
    return value if isinstance(value, int) else 0


def _list(item: OutboxItem, key: str) -> list[str]:
    value = item.payload.get(key)
    return [str(one) for one in value] if isinstance(value, list) else []
