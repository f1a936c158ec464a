"""Grounding keeps what the message shows, drops the rest and says so; offsets always hold."""

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.understanding import Contact, Evidence, LimitRequest, SubmittedDocument, Triage
from cases.vocabulary import Department, DocumentType, Intent, RequestType
from ingest.engine import ReadingContext
from ingest.fields import paths
from ingest.grounding import ground
from ingest.message import Address, FileInfo, Letter, Message, Part, Span
from ingest.rules.engine import RulesEngine
from ingest.support import supports_email, supports_reference
from tests.ingest.llm.mails import worked
from tests.ingest.values.strategies import NOISE

WRITTEN = datetime(2026, 11, 24, 9, tzinfo=UTC)


def message_of(text: str, filename: str = "") -> Message:
    """A message with this text as its body."""
    sender = Address("Rhona Pell", "r.pell@pell.example")
    files = (FileInfo(filename, "application/pdf", 10, "0" * 64, False, None),) if filename else ()
    letter = Letter("outer", 0, sender, (), "Limit", WRITTEN, (Span(1, 0, len(text)),))
    parts = (Part("subject", "subject", "Limit"), Part("body", "body", text))
    return Message("0" * 64, None, (), "Limit", sender, None, (), (), WRITTEN, {}, parts, (letter,), attachments=files)


def triage_of(**request: object) -> Triage:
    """A triage with one request."""
    return Triage(
        intent=Intent.CREDIT_LIMIT_REQUEST,
        department=Department.UNDERWRITING,
        requests=[LimitRequest.model_validate({"buyer_name": "Perlbach AG"} | request)],
    )


def shown(triage: Triage, *quotes: tuple[str, str], at: int = 0) -> Triage:
    """The triage with a quote for each (field, words) of its request."""
    named = [("buyer_name", "Perlbach AG"), *quotes]
    triage.evidence = [
        Evidence(path=f"requests[0].{field}", quote=words, part="body", start=at, end=at + len(words))
        for field, words in named
    ]
    return triage


CASES = [
    ("amount", Decimal(250_000), ["EUR 250k"], "exact"),
    ("amount", Decimal(150_000), ["by 50k", "EUR 100k"], "derived"),
    ("amount", Decimal(400_000), ["double the EUR 200k"], "derived"),
    ("amount", Decimal(120_000), ["120", "all in T€"], "derived"),
    ("amount", Decimal(240_000), ["EUR 20,000 a month"], "derived"),
    ("amount", Decimal(500_000), ["EUR 250k"], None),  # nobody says double
    ("amount", Decimal(777), ["EUR 250k"], None),
    ("amount", Decimal(0), ["please cancel it"], None),  # no cancellation
    ("valid_until", date(2026, 11, 27), ["by Friday"], "derived"),
    ("valid_until", date(2026, 12, 31), ["31.12.2026"], "exact"),
    ("valid_until", date(2026, 12, 30), ["31.12.2026"], None),
    ("currency", "EUR", ["250 €"], "exact"),
    ("currency", "USD", ["250 €"], None),
    ("payment_terms_days", 60, ["60 days net"], "exact"),
    ("payment_terms_days", 0, ["cash in advance"], "exact"),
    ("payment_terms_days", 60, ["EUR 60,000"], None),
    ("buyer_vat_id", "DE136695976", ["DE 136 695 976"], "exact"),
    ("buyer_vat_id", "PL7812409361", ["781-240-93-61"], "derived"),
    ("buyer_vat_id", "DE136695977", ["DE136695976"], None),
    ("buyer_country", "DE", ["Germany"], "exact"),
    ("buyer_country", "DE", ["D-20095"], "derived"),
    ("buyer_country", "FR", ["Germany"], None),
    ("goods", "steel screws", ["steel  Screws"], "aligned"),
    ("goods", "moon dust", ["steel screws"], None),
    ("goods", "X", ["From: Jonas <j.weil@desk.ex>"], None),  # the end of a word is no name
    ("goods", "钢铁", ["买方需要钢铁材料"], "aligned"),  # Chinese writes no blanks between words
    ("buyer_registration_number", "HRB 1234", ["HRB 123456"], None),  # a part of a longer number
    ("buyer_registration_number", "123456", ["HRB 123 456"], "exact"),
]


@pytest.mark.parametrize(
    ("value", "quote", "stands"),
    [
        ("TC-204518", "policy TC 204518.", True),
        ("TC-2045", "policy TC-204518", False),
        ("8", "TC-204518", False),
    ],
)
def test_a_policy_number_is_whole(value: str, quote: str, stands: bool) -> None:
    """Fewer digits than the mail has are another number."""
    assert (supports_reference(value, [quote]) == "exact") is stands


@pytest.mark.parametrize(
    ("value", "quote", "stands"),
    [
        ("j.weil@desk.example", "<J.Weil@desk.example>", True),
        ("weil@desk.example", "<j.weil@desk.example>", False),
        ("j.weil@desk", "<j.weil@desk.example>", False),
    ],
)
def test_an_address_is_whole(value: str, quote: str, stands: bool) -> None:
    """The end or the beginning of an address is another address."""
    assert (supports_email(value, [quote]) == "exact") is stands


@pytest.mark.parametrize(("field", "value", "quotes", "how"), CASES)
def test_a_value_stays_only_where_its_quotes_give_it(
    field: str, value: object, quotes: list[str], how: str | None
) -> None:
    """The quote is read again: exact, aligned (names only), derived by a rule whose words are quoted, or dropped."""
    message = message_of("Perlbach AG: " + " / ".join(quotes))
    triage = shown(triage_of(**{field: value}), *((field, words) for words in quotes))
    grounded = ground(triage, message)
    kept = getattr(grounded.requests[0], field)
    assert kept == (value if how else None)
    assert [one.path for one in grounded.dropped] == ([] if how else [f"requests[0].{field}"])
    assert {one.how for one in grounded.evidence if one.path.endswith(field)} == ({how} if how else set())


def test_a_cancellation_leaves_nothing() -> None:
    """0 follows from the words that cancel, for a cancellation only."""
    triage = triage_of(request_type=RequestType.CANCELLATION, amount=Decimal(0))
    grounded = ground(shown(triage, ("amount", "please cancel")), message_of("Perlbach AG: please cancel"))
    assert grounded.requests[0].amount == 0


@given(NOISE, NOISE, st.integers(min_value=-50, max_value=500))
def test_offsets_hold_after_grounding(before: str, between: str, wrong: int) -> None:
    """Wrong offsets are mended, composed or decomposed letters, emoji and all; every quote stands where it says."""
    name = "Vitrerie é Müller 🙂 AG"
    text = f"{before} {unicodedata.normalize('NFD', name)} {between} EUR 250k"
    triage = triage_of(buyer_name=name, amount=Decimal(250_000))
    at = max(0, wrong)
    triage.evidence = [
        Evidence(path="requests[0].buyer_name", quote=name, part="body", start=at, end=at + 3),
        Evidence(path="requests[0].amount", quote="eur 250K", part="body", start=at, end=at + 8),
    ]
    grounded = ground(triage, message_of(text))
    assert grounded.requests[0].buyer_name == name
    assert grounded.requests[0].amount == 250_000
    assert all(text[one.start : one.end] == one.quote for one in grounded.evidence)


def test_what_has_no_quote_is_dropped_and_said_so() -> None:
    """No evidence, an unknown part, a quote that stands nowhere: dropped, each with its reason."""
    triage = triage_of(amount=Decimal(5), goods="screws")
    triage.policy_number = "TC-1"
    triage.contact = Contact(name="Ann Other")
    triage.case_references = ["CR-2026-000001", "CR-2026-000002"]
    triage.documents = [SubmittedDocument(type=DocumentType.INVOICE, filename="made-up.pdf")]
    shown(triage, ("goods", "bolts"))
    triage.evidence += [
        Evidence(path="policy_number", quote="TC-1", part="no such part", start=0, end=4),
        Evidence(path="case_references[1]", quote="CR-2026-000002", part="body", start=0, end=0),
    ]
    grounded = ground(triage, message_of("Perlbach AG, re CR-2026-000002", "real.pdf"))
    assert [one.path for one in grounded.dropped] == [
        "policy_number", "contact.name", "case_references[0]", "requests[0].amount", "requests[0].goods", "documents",
    ]  # fmt: skip
    assert grounded.case_references == ["CR-2026-000002"]
    assert [one.path for one in grounded.evidence] == ["case_references[0]", "requests[0].buyer_name"]
    assert grounded.documents == []


def test_a_request_of_which_nothing_is_left_goes() -> None:
    """An invented buyer with an invented amount is no request."""
    triage = shown(triage_of(buyer_name="Phantom AG", amount=Decimal(7)), ("amount", "EUR 7"))
    assert ground(triage, message_of("nothing of the kind")).requests == []


@pytest.mark.parametrize("index", range(3))
def test_the_rules_engine_needs_no_dropping(index: int) -> None:
    """What the rules read is grounded already."""
    message, _ = worked(index)
    triage = RulesEngine().triage(message, ReadingContext(frozenset({"desk.example"})))
    grounded = ground(triage, message)
    assert grounded.dropped == triage.dropped
    assert list(paths(grounded)) == list(paths(triage))
