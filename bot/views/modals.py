"""The modals of the desk: correct, decide, assign, reject, merge, a mail's text, a draft's text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from bot.cards.reading import CaseCard
from bot.slack import escaping
from bot.views import wording
from bot.views.cards import case_blocks
from bot.views.drafts import inputs_of
from bot.views.pieces import Block, actions, context, field, header, lines, modal, option, select, text_field
from cases.codes import REASONS
from cases.models import Case, Person
from cases.vocabulary import CaseKind, RequestType, Status

# What the modal offers, in the order in which a mail is read. All of them are fields of `cases correct`.
REQUEST_INPUTS = (
    "request_type", "amount", "currency", "payment_terms_days", "buyer_name", "buyer_country", "buyer_vat_id",
    "buyer_registration_number", "buyer_lei", "buyer_duns", "policyholder_name", "policy_number", "broker",
    "current_limit", "valid_from", "valid_until", "expected_turnover", "overdue_amount", "goods", "sector",
    "needed_by", "contact_name", "contact_email", "contact_phone", "sales_contact",
)  # fmt: skip
ENQUIRY_INPUTS = (
    "policyholder_name", "policy_number", "buyer_name", "buyer_country", "contact_name", "contact_email",
    "contact_phone", "needed_by", "sales_contact",
)  # fmt: skip
_HINTS = {
    "amount": "The total that should stand, as a number without the currency",
    "buyer_country": "ISO code, like DE",
    "valid_from": "2026-03-20",
    "valid_until": "2026-03-20",
    "needed_by": "2026-03-20",
}
_PAGE = 2_900  # characters of a mail's text in one block
_PAGES = 80


@dataclass(frozen=True, slots=True)
class Place:
    """Where a modal was opened, so that its result is told there: kept in its private_metadata."""

    reference: str
    seen: int = 0
    message: int | None = None
    channel: str = ""
    ts: str = ""
    other: str = ""  # the case to merge into
    outbox: int = 0

    def text(self) -> str:
        """As a view carries it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @staticmethod
    def of(text: str) -> "Place":
        """As it came back."""
        return Place(**json.loads(text))


def initial(case: Case, name: str) -> str:
    """A field as an input holds it: numbers plain, dates as ISO."""
    value = getattr(case, name)
    if value is None:
        return ""
    return wording.plain_number(value) if isinstance(value, Decimal) else str(value)


def correct_modal(case: Case, place: Place) -> Block:
    """Every value that may be corrected, filled in; a request type as a menu, the rest as text."""
    names = REQUEST_INPUTS if case.kind == CaseKind.REQUEST.value else ENQUIRY_INPUTS
    blocks = [context(f"{case.reference} · change what is wrong; an emptied field takes the value away")]
    for name in names:
        if name == "request_type":
            options = [option(wording.request_type(kind.value), kind.value) for kind in RequestType]
            menu = select("value", options, case.request_type)
            blocks.append(field(name, wording.label(name), menu, optional=False))
            continue
        long = name in ("goods",)
        blocks.append(
            text_field(
                name,
                wording.label(name),
                initial(case, name),
                hint=_HINTS.get(name, ""),
                multiline=long,
                optional=name != "buyer_name" or case.kind != CaseKind.REQUEST.value,
            )
        )
    return modal("case_correct", f"Correct {case.reference}", blocks, submit="Save", metadata=place.text())


def decide_modal(case: Case, card: CaseCard, place: Place) -> Block:
    """Outcome, amount, validity, reason, internal rationale, and the sentence that may be told."""
    asked = wording.money(case.amount, case.currency) or "an amount not stated"
    outcomes = [
        option("Approve what is requested", Status.APPROVED.value),
        option("Approve a part", Status.PARTIALLY_APPROVED.value),
        option("Decline", Status.DECLINED.value),
    ]
    reasons = [option(f"{code} {meaning}", code) for code, meaning in REASONS.items()]
    until: Block = {"type": "datepicker", "action_id": "value"}
    if case.valid_until:
        until["initial_date"] = case.valid_until.isoformat()
    blocks = [
        lines([[(card.reference, "bold"), f"  {card.title}"], [("Client ", "bold"), card.client], [f"Requested: {asked}"]]),
        field("outcome", "Decision", {"type": "radio_buttons", "action_id": "value", "options": outcomes}, optional=False),
        text_field(
            "amount", f"Amount ({case.currency or 'currency of the request'})", initial(case, "amount"),
            hint="For a part: what is approved. For a decline it does not count.",
        ),
        field("valid_until", "Valid until", until),
        field("reason", "Reason", select("value", reasons, placeholder="UN/EDIFACT 4509")),
        text_field("note", "Internal rationale", hint="Credit people only; never told", multiline=True),
        text_field("tell", "What may be told to the client", hint="One sentence; sales sees it", multiline=True, longest=1000),
    ]  # fmt: skip
    return modal("case_decide", "Decide", blocks, submit="Decide", metadata=place.text())


def assign_modal(case: Case, people: Sequence[Person], teams: Sequence[str], place: Place) -> Block:
    """A person, a team, or both."""
    persons = [option(f"{p.name} ({p.team or p.role})", p.email) for p in people]
    blocks = [context(f"{case.reference} is with {case.assignee or case.team or 'nobody'}")]
    if persons:
        blocks.append(field("person", "Person", select("value", persons, case.assignee)))
    if teams:
        blocks.append(field("team", "Team", select("value", [option(team, team) for team in teams], case.team)))
    return modal("case_assign", "Assign", blocks, submit="Assign", metadata=place.text())


def reject_modal(card: CaseCard, place: Place) -> Block:
    """Why this is no case."""
    blocks = [
        lines(
            [[(card.reference, "bold"), f"  {card.title}"], ["It ends as withdrawn; nothing is sent to the client."]]
        ),
        text_field("reason", "Reason", optional=False, multiline=True, longest=500),
    ]
    return modal("case_reject", "Reject", blocks, submit="Reject", metadata=place.text())


def merge_modal(card: CaseCard, into: CaseCard, place: Place) -> Block:
    """Both cases, one above the other, before one goes into the other."""
    blocks = [
        lines([[(card.reference, "bold"), " goes into ", (into.reference, "bold")], ["It can be undone with Split."]]),
        header(into.title),
        lines([[("Client ", "bold"), into.client], [wording.status(into.status.value)]]),
        header(card.title),
        lines([[("Client ", "bold"), card.client], [wording.status(card.status.value)]]),
    ]
    return modal("case_merge", "Merge", blocks, submit="Merge", metadata=place.text())


def case_modal(card: CaseCard, buttons: Sequence[Block], place: Place) -> Block:
    """A case as the home tab opens it, with its buttons."""
    blocks = [
        header(card.title),
        lines(
            [
                [(card.reference, "bold"), f"  ·  {wording.status(card.status.value)}"],
                [("Client ", "bold"), card.client],
            ]
        ),
        *case_blocks(card, as_table=False),
        *([actions(buttons)] if buttons else []),
    ]
    return modal("case_shown", card.reference, blocks, metadata=place.text())


def waiting_modal(title: str) -> Block:
    """Stands until what was asked for is read."""
    return modal("waiting", title, [context("One moment …")])


def mail_modal(subject: str, parts: Sequence[tuple[str, str]], notes: Sequence[str], reference: str) -> Block:
    """A mail's text part by part, as it was written; what does not fit is said so."""
    blocks = [header(subject or "(no subject)")]
    left = _PAGES
    for name, text in parts:
        pieces = escaping.pieces(text, _PAGE)
        blocks.append(lines([[(name, "bold")]]))
        blocks += [escaping.rich(piece) for piece in pieces[:left]]
        left -= min(left, len(pieces)) + 1
        if left <= 0:
            blocks.append(context("The rest is left out here: `creditdesk messages export` gives the whole mail"))
            break
    blocks += [context(note) for note in notes[:5]]
    return modal("mail_text", f"Mail of {reference}", blocks)


def draft_modal(text: str, title: str, place: Place) -> Block:
    """The exact text of an outgoing mail, to be changed."""
    pieces = inputs_of(text)
    shown = [
        text_field(name, "Text" if len(pieces) == 1 else f"Text, part {number} of {len(pieces)}", piece,
                   optional=len(pieces) > 1, multiline=True)
        for number, (name, piece) in enumerate(pieces, 1)
    ]  # fmt: skip
    return modal("draft_edit", "Edit", [context(title), *shown], submit="Save", metadata=place.text())


def answers_of(values: Mapping[str, Mapping[str, Mapping[str, object]]]) -> dict[str, str]:
    """What was sent in, by block: text, chosen value or date; empty where nothing was given."""
    found = {}
    for block, elements in values.items():
        state = next(iter(elements.values()), {})
        chosen = state.get("selected_option")
        given = chosen.get("value") if isinstance(chosen, dict) else state.get("value") or state.get("selected_date")
        found[block] = str(given or "").strip()
    return found


def is_past(day: str, today: date) -> bool:
    """Whether a picked date lies before today."""
    return bool(day) and date.fromisoformat(day) < today
