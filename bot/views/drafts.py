"""A mail that waits for a person: its exact text, with Send, Edit and Stop."""

from collections.abc import Mapping, Sequence

from bot.slack import escaping
from bot.views.pieces import Block, actions, button, context, header, lines
from cases.models import OutboxItem
from cases.outbox import PENDING

EDITABLE = 20_000  # characters that are shown in a window, in inputs of at most INPUT
INPUT = 3_000  # characters that an input of Slack takes
_BETWEEN = ("\n\n", "\n", " ", "")  # where a text is taken apart, best first
_SHOWN = 3  # pieces of text in a message


def title_of(item: OutboxItem) -> str:
    """What waits: "Reminder to a@b.example"."""
    return f"{item.kind.replace('_', ' ').capitalize()} to {item.to}"


def notice(item: OutboxItem, reference: str | None) -> str:
    """The notification."""
    return escaping.notice(f"Waits for approval: {title_of(item)}{f' ({reference})' if reference else ''}", 300)


def draft_card(item: OutboxItem, reference: str | None, who: str = "") -> list[Block]:
    """The message's blocks. `who`: name of the person who let it go or stopped it."""
    waits = item.state in PENDING
    first = f"{'Waits for approval' if waits else item.state.capitalize()}{f' · {reference}' if reference else ''}"
    rows: list[Sequence[str | tuple[str, str]]] = [[(first, "bold")]]
    if item.error and waits:
        rows.append([item.error])
    rows.append([("Subject ", "bold"), item.subject or "(none)"])
    blocks = [header(title_of(item)), lines(rows)]
    pieces = escaping.pieces(item.text)
    blocks += [escaping.rich(piece, style="quote") for piece in pieces[:_SHOWN]]
    if len(pieces) > _SHOWN:
        change = "" if len(item.text) <= EDITABLE else f"; it is changed with `creditdesk outbox edit {item.id}`"
        blocks.append(context(f"The rest of the text: `creditdesk outbox show {item.id}`{change}"))
    if waits:
        blocks.append(actions(_buttons(item)))
    elif who:
        blocks.append(context(f"{'Stopped' if item.state == 'rejected' else 'Let go'} by {who}"))
    return blocks


def inputs_of(text: str) -> list[tuple[str, str]]:
    """A text in pieces that an input takes, each with its block id, which tells `text_of` what stood behind it."""
    found: list[tuple[str, str]] = []
    rest = text
    while len(rest) > INPUT:
        if best := [(at, n) for n, mark in enumerate(_BETWEEN[:3]) if (at := rest.rfind(mark, INPUT // 2, INPUT)) > 0]:
            place, kind = best[0]
        else:
            place, kind = INPUT, 3
        found.append((f"text_{len(found)}_{kind}", rest[:place]))
        rest = rest[place + len(_BETWEEN[kind]) :]
    return [*found, (f"text_{len(found)}_3", rest)]


def text_of(answers: Mapping[str, str]) -> str:
    """The text put together again from what was sent in, in whatever order."""
    parts = sorted((int(name.split("_")[1]), int(name.split("_")[2]), said) for name, said in answers.items())
    last = len(parts) - 1
    return "".join(said + (_BETWEEN[kind] if place < last and said else "") for place, kind, said in parts)


def _buttons(item: OutboxItem) -> list[Block]:
    found = [button("Send", "draft_send", str(item.id), "primary")]
    if len(item.text) <= EDITABLE:
        found.append(button("Edit", "draft_edit", str(item.id)))
    return [*found, button("Stop", "draft_stop", str(item.id), "danger")]
