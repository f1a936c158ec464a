"""What a model's text may say: only figures, dates and references that the tools returned or the question held."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.assistant.checked_text import CheckedText
from bot.assistant.claims import Facts, sentences

NOW = datetime(2026, 10, 30, 12, tzinfo=UTC)
CASE = {
    "reference": "CR-2026-000123",
    "status": "in_review",
    "amount": Decimal("450000"),
    "currency": "EUR",
    "received_at": datetime(2026, 9, 14, 8, 5, tzinfo=UTC),
    "next_action_due": date(2026, 11, 3),
    "policy_number": "KP/7113",
    "held_days": {"desk": 12.7},
    "client": "Hall 24 Logistik GmbH",
}
OTHER = {"reference": "CR-2026-000200", "amount": Decimal("99000"), "next_action_due": date(2026, 12, 24)}


def facts() -> Facts:
    """The facts of one case, a rate and a question."""
    found = Facts(NOW)
    for value in (CASE, 0.625, "is the 80 k for Hall 24 approved, see https://desk.example/x"):
        found.add(value)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "CR-2026-000123 was received on 14 September 2026.", "Eingegangen am 14.09.2026.", "Reçu le 14 septembre 2026.",
        "It is worth EUR 450,000.", "450.000 EUR", "450 000 €", "EUR 450k", "EUR 0.45 million", "0,45 Mio. EUR",
        "The rate is 62.5 %.", "62,5 Prozent", "It waited 12.7 days, about 13 days.", "Due on 3 November.",
        "Policy KP/7113 of Hall 24 Logistik GmbH.", "You asked about 80,000.", "Received at 08:05.",
        "Received in September 2026.", "1. In review", "See https://desk.example/x", "Nothing is missing.",
    ],
)  # fmt: skip
def test_what_the_tools_returned_may_be_said(text: str) -> None:
    """In any usual way of writing it."""
    assert facts().holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "CR-2026-000124 is ready.", "It is worth EUR 451,000.", "EUR 460k", "The rate is 63.5 %.", "62.6 %",
        "Due on 4 November.", "Received on 14 September 2025.", "Received in August 2026.", "It waited 14 days.",
        "Policy KP/7114.", "See https://evil.example/x", "Write to x@evil.example", "Received at 09:05.",
        "seventeen of twelve cases", "USD 4,500,000", "It was limit 45.",
    ],
)  # fmt: skip
def test_what_they_did_not_return_is_not_said(text: str) -> None:
    """An invented figure, date, reference, code or link."""
    assert not facts().holds(text)


def checked(text: str, *, manual_only: bool = False) -> str:
    """What stays of a text about two cases and two passages."""
    checker = CheckedText(NOW, ["where are they?"])
    checker.add({"cases": [CASE, OTHER], "unknown": []})
    checker.add_passages(["Accounts may not be older than 18 months.", "An appeal takes 10 working days."])
    return checker.check(text, manual_only).text


def test_only_the_sentence_that_does_not_match_goes() -> None:
    """The rest stays as it was written."""
    text = "CR-2026-000123 is in review. It is worth EUR 777,000. The desk has it."
    assert checked(text) == "CR-2026-000123 is in review. The desk has it."


def test_a_case_does_not_get_anothers_figures() -> None:
    """A sentence about one case rests on that case."""
    assert checked("CR-2026-000123 is due on 2026-12-24. CR-2026-000200 is due on 2026-12-24.") == (
        "CR-2026-000200 is due on 2026-12-24."
    )


def test_claims_of_the_manual_carry_their_number() -> None:
    """Without a number, with a wrong one, or with another passage's figure, a claim is not said."""
    text = (
        "Accounts may not be older than 18 months [1]. An appeal takes 18 days [2]. Fees are waived. A fifth rule [5]."
    )
    assert checked(text, manual_only=True) == "Accounts may not be older than 18 months [1]."


def test_legal_forms_end_no_sentence() -> None:
    """Stops of legal forms and abbreviations leave the sentence whole, unless a small word begins another."""
    line = "Orsini S.p.A. Milano and Okna Sp. z o.o. are ready, as is Okna Ltd. The rest waits."
    assert sentences(line) == [line.removesuffix("The rest waits."), "The rest waits."]
