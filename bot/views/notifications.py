"""Short messages about cases: to the sales contact, to who got a case, and in the morning. Nothing confidential."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack import escaping
from bot.views import wording
from bot.views.pieces import Block, actions, bullets, button, lines


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of a case."""

    reference: str
    seen: int
    title: str
    client: str
    status: str
    missing: Sequence[str]
    decision: str  # outcome, amount, validity, the sentence that may be told
    due: str = ""
    decidable: bool = False


def sentence(case: Told) -> str:
    """One line: where it stands now."""
    state = case.decision or wording.status(case.status)
    owed = f" – the client still owes: {', '.join(case.missing)}" if case.missing else ""
    due = f" – due {case.due}" if case.due else ""
    return f"{case.reference}: {case.title}, {case.client or 'client not recognised'} – {state}{owed}{due}"


def changed(case: Told) -> tuple[str, list[Block]]:
    """A state has changed: notification text and blocks."""
    state = case.decision or wording.status(case.status)
    rows: list[list[str | tuple[str, str]]] = [
        [(case.reference, "bold"), f"  {case.title}"],
        [("Client ", "bold"), case.client or "not recognised"],
        [("Now ", "bold"), state],
    ]
    if case.missing:
        rows.append([("The client still owes ", "bold"), ", ".join(case.missing)])
    return escaping.notice(sentence(case), 300), [lines(rows)]


def assigned(case: Told) -> tuple[str, list[Block]]:
    """A case is now with the reader."""
    _, blocks = changed(case)
    value = f"{case.reference}|{case.seen}|"
    buttons = [button("Open", "case_open", value)]
    if case.decidable:
        buttons.insert(0, button("Decide", "case_decide", value, "primary"))
    head = lines([["This case is now with you."]])
    return escaping.notice(f"With you: {sentence(case)}", 300), [head, *blocks, actions(buttons)]


def digest(title: str, cases: Sequence[Told], hidden: int = 0) -> tuple[str, list[Block]]:
    """Several cases, a line each."""
    more = [f"and {hidden} more: see the Home tab"] if hidden > 0 else []
    listed = bullets(title, [*map(sentence, cases), *more], most=21)
    return escaping.notice(f"{title}: {len(cases) + max(hidden, 0)} cases", 300), [listed]
