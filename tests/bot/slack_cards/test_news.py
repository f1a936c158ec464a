"""What is told when cases change: once, to whom it concerns, and not at night."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from bot.notifications import morning, news
from bot.notifications.quiet import quiet_until
from cases import lifecycle
from cases.commands import assign, confirm
from cases.models import Case, OutboxItem, Person
from cases.people import to_asker
from cases.queries import find_case
from cases.vocabulary import Status
from tests.bot.slack.scene import DESK, GONE, GUEST, NOTE, NOW, OFFICER, PARTNER, SALES, UNDERWRITER, Scene, fill
from tests.bot.slack_cards.desk import card_of, outbox, rules
from tests.doubles.slack.people import read

SHIPPED = rules()
NIGHT = datetime(2026, 10, 30, 22, 30, tzinfo=UTC)


def look(scene: Scene, now: datetime = NOW) -> int:
    """One look at the news, as the schedule does it."""
    with scene.sessions.begin() as session:
        return news.tell(session, rules(), now, DESK)


def decline(scene: Scene, reference: str, now: datetime = NOW) -> None:
    """A case that Sam Sales is the contact of is declined, step by step."""
    with scene.sessions.begin() as session:
        case = find_case(session, reference)
        case.sales_contact = "sam@insurer.example"
        case.status = Status.IN_UNDERWRITING.value
        session.flush()
        lifecycle.move(session, case, Status.DECLINED, actor="uma@insurer.example", at=now, cause="weak equity")


def to(scene: Scene, user: str) -> list[str]:
    """What a person was told in the direct message."""
    return [read(one) for one in scene.slack.answers("D" + user[1:])]


async def test_what_was_before_the_app_came_is_no_news(scene: Scene) -> None:
    """The first look only notes where the history stands."""
    decline(scene, scene.references[0])
    look(scene)
    look(scene)
    await scene.sent()
    assert not to(scene, SALES)


async def test_the_sales_contact_hears_a_decision_once_and_nothing_internal(scene: Scene) -> None:
    """One direct message, with the outcome; no note, no grade, no internal reason."""
    look(scene)
    decline(scene, scene.references[0])
    look(scene)
    look(scene)
    await scene.sent()
    (told,) = to(scene, SALES)
    assert scene.references[0] in told
    assert "declined" in told
    assert NOTE not in told
    assert "weak equity" not in told
    assert not scene.slack.refused()


async def test_a_look_that_is_rolled_back_tells_nothing_and_the_next_tells_all(scene: Scene) -> None:
    """Rows and the note of how far it looked are one commit."""
    look(scene)
    decline(scene, scene.references[0])
    with scene.sessions() as session:
        news.tell(session, rules(), NOW, DESK)
        session.rollback()
    assert not outbox(scene, "notification")
    look(scene)
    assert len(outbox(scene, "notification")) == 1


async def test_in_quiet_hours_the_news_wait_for_the_morning_as_one_digest(scene: Scene) -> None:
    """Two decisions in the night are one message that is due when the quiet hours end."""
    look(scene)
    for reference in scene.references[:2]:
        decline(scene, reference, NIGHT)
        look(scene, NIGHT)
    assert not outbox(scene, "notification")
    (row,) = outbox(scene, "digest")
    assert row.payload["cases"] == scene.references[:2]
    wait = row.due_at - datetime.now(UTC)
    assert timedelta(hours=7, minutes=20) < wait < timedelta(hours=7, minutes=40)


async def test_a_case_that_is_given_to_an_underwriter_comes_with_its_buttons(scene: Scene) -> None:
    """The new holder hears of it, and can decide from there."""
    look(scene)
    with scene.sessions.begin() as session:
        officer = to_asker(session.query(Person).filter_by(slack_user_id=OFFICER).one())
        case = find_case(session, scene.references[0])
        case.status = Status.READY.value
        session.flush()
        assign(session, case, officer, NOW, rules(), to="uma@insurer.example")
    look(scene)
    await scene.sent()
    (message,) = scene.slack.answers("D" + UNDERWRITER[1:])
    assert "now with you" in read(message)
    await scene.people.presses(UNDERWRITER, message, "case_decide")
    await scene.until(lambda: scene.slack.modals)


async def test_a_change_in_the_shell_changes_the_card_and_is_told_in_its_thread(scene: Scene) -> None:
    """The card shows what happened elsewhere; its thread has a line on the new state."""
    look(scene)
    (reference,), card = await card_of(scene)
    look(scene)
    await scene.sent()
    assert not scene.slack.made("chat.update"), "a card that shows everything is left alone"
    with scene.sessions.begin() as session:
        officer = to_asker(session.query(Person).filter_by(slack_user_id=OFFICER).one())
        confirm(session, find_case(session, reference), officer, NOW, rules())
    look(scene)
    await scene.sent()
    assert "Confirmed by Olga Officer" in read(scene.slack.messages[DESK][card["ts"]])
    (line,) = scene.slack.answers(DESK, card["ts"])
    assert "in review →" in read(line)
    assert "Olga Officer" in read(line)


async def test_a_click_that_changed_its_card_is_not_repeated_by_the_news(scene: Scene) -> None:
    """One update for one click."""
    look(scene)
    _, card = await card_of(scene)
    await scene.people.presses(OFFICER, card, "case_confirm")
    await scene.settled()
    look(scene)
    await scene.sent()
    assert len(scene.slack.made("chat.update")) == 1


async def test_the_morning_tells_each_colleague_what_is_due_once(scene: Scene) -> None:
    """Whoever has something due gets one message a day; the others none."""
    with scene.sessions.begin() as session:
        session.execute(update(Case).values(next_action_due=NOW.date()))
    for _ in range(2):
        with scene.sessions.begin() as session:
            morning.greet(session, rules(), NOW)
    await scene.sent()
    (told,) = to(scene, OFFICER)
    assert all(reference in told for reference in scene.references)
    assert not to(scene, SALES)
    assert not scene.slack.refused()


async def test_whom_slack_shuts_out_is_told_nothing(scene: Scene) -> None:
    """Guests, people of other companies and deactivated users get no direct message, even where the desk lists them."""
    with scene.sessions.begin() as session:
        session.execute(update(Case).values(next_action_due=NOW.date()))
        morning.greet(session, rules(), NOW)
    await scene.sent()
    assert not [one for user in (GUEST, GONE, PARTNER) for one in to(scene, user)]
    assert [row.state for row in outbox(scene, "morning")].count("failed") == 3


@settings(max_examples=50)
@given(st.integers(0, 365 * 24 * 60), st.times(), st.times())
def test_quiet_hours_end_when_they_should(minutes: int, start: time, end: time) -> None:
    """Within them the end lies ahead, at most a day (and a clock change) away, and is itself no quiet moment."""
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    slack = SHIPPED.slack.model_copy(update={"quiet_from": start, "quiet_until": end})
    desk = SHIPPED.model_copy(update={"slack": slack})
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    until = quiet_until(now, desk)
    if until is None:
        return
    assert now < until <= now + timedelta(hours=25)
    assert until.timetz().replace(tzinfo=None) == end


def test_drafts_and_decisions_are_told_on_every_database(sessions: sessionmaker[Session]) -> None:
    """The news are written once on SQLite and PostgreSQL alike."""
    (reference, *_) = fill(sessions)
    with sessions.begin() as session:
        news.tell(session, SHIPPED, NOW, DESK)
    with sessions.begin() as session:
        case = find_case(session, reference)
        case.sales_contact, case.status = "sam@insurer.example", Status.IN_UNDERWRITING.value
        session.flush()
        lifecycle.move(session, case, Status.DECLINED, actor="uma@insurer.example", at=NOW)
        session.add(
            OutboxItem(
                key="reminder:1", kind="reminder", channel="email", to="a@b.example", state="held", text="Hello",
                payload={}, references=[], created_at=NOW, due_at=NOW,
            )
        )  # fmt: skip
    for _ in range(2):
        with sessions.begin() as session:
            news.tell(session, SHIPPED, NOW, DESK)
    with sessions() as session:
        kinds = session.scalars(select(OutboxItem.kind).where(OutboxItem.channel == "slack").order_by(OutboxItem.kind))
        assert list(kinds) == ["draft_card", "notification"]
