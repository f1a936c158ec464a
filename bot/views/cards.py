"""The review card of a mail: what was understood, each value with its quote, what is doubtful, and what can be done."""

from collections.abc import Sequence
from datetime import date

from bot.cards.reading import CaseCard, CheckLine, MailCard
from bot.slack import escaping
from bot.views import wording
from bot.views.pieces import Block, Piece, actions, bullets, button, context, header, lines, table, within
from cases.vocabulary import CaseKind, CheckOutcome
from config.desk import BusinessCalendar

MARKS = {CheckOutcome.FAIL: "✗", CheckOutcome.WARN: "!", CheckOutcome.UNKNOWN: "?"}
_CHECKS = 5  # told in full
_LISTED = 12  # cases of one mail that its card lists


def target(case: CaseCard, message: int | None, *more: str) -> str:
    """What a button carries: which case, as of which event, from which mail."""
    return "|".join([case.reference, str(case.seen), str(message or ""), *more])


def focus_of(card: MailCard, wanted: str = "") -> CaseCard:
    """The case that a card of several shows in full: the wanted one, else the first that needs a person."""
    chosen = next((case for case in card.cases if case.reference == wanted), None)
    return chosen or next((case for case in card.cases if case.needs_confirmation), card.cases[0])


def notice(card: MailCard) -> str:
    """The notification of a card."""
    first = card.cases[0]
    more = f" and {len(card.cases) + card.more - 1} more" if len(card.cases) + card.more > 1 else ""
    client = f", {first.client}" if first.client else ""
    return escaping.notice(f"{first.reference}: {first.title}{client}{more}", 300)


def review_card(card: MailCard, calendar: BusinessCalendar, wanted: str = "") -> list[Block]:
    """The message's blocks (at most 25)."""
    case = focus_of(card, wanted)
    blocks = [header(case.title), _facts(case)]
    if len(card.cases) > 1:
        blocks.append(_overview(card, case))
    if card.warnings:
        blocks.append(bullets("⚠ Look out: ", [*card.warnings], most=5))
    blocks += case_blocks(case)
    if card.unread:
        blocks.append(bullets("Not read", [*card.unread], most=5))
    if possible := buttons(card, case):
        blocks.append(actions(possible))
    return within([*blocks, context(*_footer(card, case, calendar))])


def case_blocks(case: CaseCard, *, as_table: bool = True) -> list[Block]:
    """Values, checks, conflicts, documents and possible duplicates of a case."""
    blocks: list[Block] = []
    if case.values:
        blocks.append(_value_table(case) if as_table else _value_lines(case))
    if case.conflicts:
        blocks.append(bullets("Two readings", [*case.conflicts]))
    if case.checks:
        blocks.append(bullets(f"To look at ({case.passed} checks passed)", _to_look_at(case.checks)))
    elif case.kind is CaseKind.REQUEST and case.passed:
        blocks.append(lines([[f"✓ All {case.passed} checks passed"]]))
    if case.missing:
        blocks.append(bullets("Missing documents", [*case.missing]))
    if case.received:
        blocks.append(bullets("Documents that came", [*case.received], most=5))
    if case.buyers_offered:
        blocks.append(bullets("The buyer may be", [*case.buyers_offered], most=5))
    if case.duplicates:
        blocks.append(
            bullets("May be the same as", [f"{ref}: {what}" for ref, what in case.duplicates.items()], most=5)
        )
    if case.decision:
        blocks.append(lines([[("Decision ", "bold"), case.decision]]))
    return blocks


def _facts(case: CaseCard) -> Block:
    state = wording.status(case.status.value)
    first: list[Piece] = [(case.reference, "bold"), f"  ·  {state}"]
    if case.team or case.holder:
        first.append(f"  ·  with {case.holder or case.team}" + (f" ({case.team})" if case.holder and case.team else ""))
    second: list[Piece] = [("Client ", "bold"), case.client or "not recognised"]
    if case.policy_number:
        second.append(f"  ·  policy {case.policy_number}")
    rows: list[list[Piece]] = [first, second]
    if case.urgent:
        rows.append([("Urgent ", "bold"), case.urgent])
    if case.needed_by:
        rows.append([("Needed by ", "bold"), wording.day(case.needed_by)])
    if case.next_action and case.is_open:
        rows.append([("Next ", "bold"), case.next_action, _by(case.next_due)])
    return lines(rows)


def _by(day: date | None) -> str:
    return f" (by {wording.day(day)})" if day else ""


def _overview(card: MailCard, shown: CaseCard) -> Block:
    rows = []
    for case in card.cases[:_LISTED]:
        sign = "☐" if case.needs_confirmation else "☑"
        here = " ◀" if case.reference == shown.reference else ""
        rows.append(f"{sign} {case.reference} · {case.title} · {wording.status(case.status.value)}{here}")
    hidden = len(card.cases) + card.more - len(rows)
    return bullets(
        f"{len(card.cases) + card.more} cases in this mail",
        [*rows, *([f"and {hidden} more"] if hidden else [])],
        most=14,
    )


def _value_table(case: CaseCard) -> Block:
    rows = [(wording.label(v.name), v.value, _proof(v.quote, v.by)) for v in case.values]
    return table(("Field", "Value", "In the mail"), rows[:30])


def _value_lines(case: CaseCard) -> Block:
    return lines(
        [
            [(f"{wording.label(v.name)}  ", "bold"), v.value, (f"  {_proof(v.quote, v.by)}", "italic")]
            for v in case.values
        ],
        most=160,
    )


def _proof(quote: str, by: str) -> str:
    if by:
        return f"set by {by}"
    return f"“{escaping.cut(quote, 120)}”" if quote else ""


def _to_look_at(checks: Sequence[CheckLine]) -> list[str]:
    """What failed or is odd in full; of what cannot be told the first in full, the rest by name."""
    order = list(MARKS)
    ranked = sorted(checks, key=lambda one: order.index(one.outcome))
    shown, rest = ranked[:_CHECKS], ranked[_CHECKS:]
    found = [_check(one) for one in shown]
    if rest:
        found.append("also not settled: " + ", ".join(one.name.replace("_", " ") for one in rest))
    return found


def _check(check: CheckLine) -> str:
    return f"{MARKS.get(check.outcome, '·')} {check.name.replace('_', ' ')}: {check.detail}"


def buttons(card: MailCard, case: CaseCard) -> list[Block]:
    """What can be done with the case now; who may do it is looked at when it is pressed."""
    value = target(case, card.message)
    found = []
    if case.needs_confirmation:
        found.append(button("Confirm", "case_confirm", value, "primary"))
    if case.is_open:
        found.append(button("Correct", "case_correct", value))
    if case.is_open and case.can_be_decided:
        found.append(button("Decide", "case_decide", value, "" if case.needs_confirmation else "primary"))
    if case.is_open:
        found.append(button("Assign", "case_assign", value))
    if case.is_open and case.kind is CaseKind.ENQUIRY:
        found.append(button("Mark answered", "case_answered", value))
    if card.message is not None:
        found.append(button("Open mail", "case_open_mail", value))
    if case.is_open:
        for number, reference in enumerate(list(case.duplicates)[:2]):
            goal = target(case, card.message, reference)
            found.append(button(f"Merge with {reference}", f"case_merge_{number}", goal))
        found.append(button("Reject", "case_reject", value, "danger"))
    if len(card.cases) > 1:
        found.append(button("Open next", "case_next", value))
    return found


def next_case(card: MailCard, after: str) -> str:
    """The reference of the case that follows in the card: those that need a person first."""
    order = [case.reference for case in card.cases]
    start = order.index(after) + 1 if after in order else 0
    around = [*card.cases[start:], *card.cases[:start]]
    waiting = next((c for c in around if c.needs_confirmation and c.reference != after), None)
    return (waiting or around[0]).reference


def _footer(card: MailCard, case: CaseCard, calendar: BusinessCalendar) -> list[str]:
    found = []
    if card.received_at is not None:
        source = "Slack message" if card.source == "slack" else "Mail"
        found.append(f"{source} from {card.sender or 'unknown'}, {wording.moment(card.received_at, calendar)}")
        if card.subject:
            found.append(f"“{escaping.cut(card.subject, 150)}”")
    if case.confirmed:
        found.append(f"✓ Confirmed by {case.confirmed.who}, {wording.moment(case.confirmed.at, calendar)}")
    if case.last and (case.confirmed is None or case.last.at > case.confirmed.at):
        found.append(f"{case.last.who} {case.last.what}, {wording.moment(case.last.at, calendar)}")
    return found or [case.reference]
