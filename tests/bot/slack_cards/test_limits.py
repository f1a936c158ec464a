"""Whatever a case holds, Slack takes its card, its modals and the home tab."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.home_reading import Entry, Home
from bot.cards.reading import CaseCard, CheckLine, MailCard, ValueLine
from bot.views.cards import MARKS, buttons, notice, review_card
from bot.views.home import home_view
from bot.views.modals import Place, case_modal, mail_modal, merge_modal, reject_modal
from bot.views.notifications import Told, assigned, changed, digest
from cases.vocabulary import CaseKind, Role, Status
from config.desk import BusinessCalendar
from tests.doubles.slack.blocks import faults_of_message, faults_of_view

LONG = "x<!channel>*ü*" * 230
TEXT = st.one_of(st.text(max_size=30), st.just(LONG), st.just(""), st.just("\u202e\u200b"))
LISTS = st.lists(TEXT, max_size=20)

CASES = st.builds(
    CaseCard,
    reference=st.just("CR-2026-000001"),
    seen=st.integers(0, 10**9),
    kind=st.sampled_from(CaseKind),
    status=st.sampled_from(Status),
    is_open=st.booleans(),
    title=TEXT,
    client=TEXT,
    policy_number=TEXT,
    urgent=TEXT,
    needed_by=st.none() | st.just(date(2026, 11, 5)),
    summary=TEXT,
    values=st.lists(st.builds(ValueLine, TEXT, TEXT, TEXT, TEXT), max_size=40),
    checks=st.lists(st.builds(CheckLine, st.just("buyer_known"), st.sampled_from(list(MARKS)), TEXT), max_size=30),
    passed=st.integers(0, 20),
    conflicts=LISTS,
    missing=LISTS,
    received=LISTS,
    buyers_offered=LISTS,
    duplicates=st.dictionaries(st.sampled_from([f"CR-2026-00000{n}" for n in range(2, 9)]), TEXT),
    team=TEXT,
    holder=TEXT,
    next_action=TEXT,
    next_due=st.none() | st.just(date(2026, 11, 5)),
    confirmed=st.none(),
    last=st.none(),
    decision=TEXT,
)
MAILS = st.builds(
    MailCard,
    message=st.none() | st.integers(1, 10**9),
    subject=TEXT,
    sender=TEXT,
    received_at=st.none() | st.just(datetime(2026, 10, 30, tzinfo=UTC)),
    source=st.sampled_from(["file", "slack"]),
    warnings=LISTS,
    unread=LISTS,
    cases=st.lists(CASES, min_size=1, max_size=3),
)


@settings(max_examples=25)
@given(MAILS)
def test_every_card_is_within_slacks_limits(card: MailCard) -> None:
    """Blocks, texts, cells and buttons of a card, whatever the mail holds."""
    blocks = review_card(card, BusinessCalendar())
    assert not faults_of_message(blocks)
    assert 0 < len(notice(card)) <= 300
    shown = replace(card.cases[0], seen=1)
    assert not faults_of_view(case_modal(shown, buttons(card, shown), Place(shown.reference)))
    assert not faults_of_view(reject_modal(shown, Place(shown.reference)))
    assert not faults_of_view(merge_modal(shown, shown, Place(shown.reference)))


@settings(max_examples=15)
@given(st.lists(st.tuples(TEXT, st.one_of(TEXT, st.just("line\n" * 30_000))), max_size=8), LISTS, TEXT)
def test_every_mail_opens(parts: list[tuple[str, str]], notes: list[str], subject: str) -> None:
    """A mail's text fits into a modal, or says that there is more."""
    assert not faults_of_view(mail_modal(subject, parts, notes, "CR-2026-000001"))


@settings(max_examples=25)
@given(
    st.lists(st.builds(Entry, st.just("CR-2026-000001"), TEXT, TEXT, st.sampled_from(Status), st.none(), st.booleans(), TEXT, LISTS), max_size=20),
    st.sampled_from(Role),
    st.lists(st.tuples(TEXT, st.integers(0, 99), st.integers(0, 9)), max_size=12),
)  # fmt: skip
def test_every_home_is_within_slacks_limits(
    entries: list[Entry], role: Role, teams: list[tuple[str, int, int]]
) -> None:
    """The tab of each role, whatever its cases hold."""
    home = Home("N", role, "mine", ("mine", "due"), entries, 99, [("due", 1)], [("received", "2")], teams, True)
    assert not faults_of_view(home_view(home))


@settings(max_examples=15)
@given(st.builds(Told, st.just("CR-2026-000001"), st.just(1), TEXT, TEXT, st.sampled_from(Status), LISTS, TEXT, TEXT))
def test_every_notification_is_within_slacks_limits(case: Told) -> None:
    """Direct messages and digests, whatever the case holds."""
    for text, blocks in (changed(case), assigned(case), digest("Due", [case] * 20, 4)):
        assert text
        assert not faults_of_message(blocks)
