"""How an outbox row becomes a Slack message: one renderer for each kind, and plain text where there is none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.slack import escaping
from cases.models import OutboxItem

ROUNDS = 3  # so often what is shown is looked at again: two who show it may have read it before and after a change


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to be posted. `text` is the notification; both are already escaped."""

    text: str
    blocks: list[dict[str, Any]]
    thread_ts: str | None = None
    ephemeral_to: str | None = None  # a Slack user id: only this person sees it
    replaces: tuple[str, str] | None = None  # ts and mark of a message of ours that is changed, none is posted
    seen: int = 0  # number of the last event that it takes into account


Renderer = Callable[[Session, OutboxItem], Rendered]


@dataclass
class Renderers:
    """Renderers by the outbox row's `kind`. A renderer reads in the given session and writes nothing."""

    by_kind: dict[str, Renderer] = field(default_factory=dict)

    def add(self, kind: str, renderer: Renderer) -> None:
        """Uses this renderer for rows of the kind."""
        self.by_kind[kind] = renderer

    def render(self, session: Session, item: OutboxItem) -> Rendered:
        """The message of a row."""
        renderer = self.by_kind.get(item.kind)
        return renderer(session, item) if renderer else as_text(item)


def as_text(item: OutboxItem) -> Rendered:
    """The row's text as it is."""
    title = [{"type": "header", "text": escaping.plain_text(item.subject, 150)}] if item.subject else []
    body = [escaping.rich(piece) for piece in escaping.pieces(item.text)[:4]]
    return Rendered(escaping.notice(item.subject or item.text, 300), [*title, *body])
