"""A mail that waits for a person, in the desk's channel."""

from hypothesis import given
from hypothesis import strategies as st

from bot.views.drafts import INPUT, inputs_of, text_of
from cases.clock import system_clock
from cases.models import OutboxItem
from tests.bot.slack.scene import DESK, NOW, OFFICER, SALES, SECOND, Scene
from tests.bot.slack_cards.desk import history_of, modal_of, outbox
from tests.bot.slack_cards.test_news import look
from tests.doubles.slack.people import read

TEXT = "Dear Mr Pike,\n\nthe accounts of <Nordwind> are still missing.\n"


async def draft(scene: Scene, text: str = TEXT) -> tuple[int, dict]:  # type: ignore[type-arg]
    """A reminder that waits, and its message."""
    with scene.sessions.begin() as session:
        item = OutboxItem(
            key=f"reminder:{len(text)}", kind="reminder", channel="email", to="j.pike@hartwell.example", state="draft",
            subject="Reminder", text=text, payload={}, references=[], automatic=False, created_at=NOW,
            due_at=system_clock(), message_id=f"<{len(text)}@x>", case_id=1,
        )  # fmt: skip
        session.add(item)
        session.flush()
        number = item.id
    look(scene)
    look(scene)
    await scene.sent()
    (card,) = [one for one in scene.slack.answers(DESK) if "Waits for approval" in read(one)]
    return number, card


def item_of(scene: Scene, number: int) -> OutboxItem:
    """The row as it is now."""
    with scene.sessions() as session:
        return session.get_one(OutboxItem, number)


async def test_the_exact_text_comes_once_and_goes_out_with_a_click(scene: Scene) -> None:
    """The text is shown as it stands; Send lets it go in the clicker's name, and the message says so."""
    number, card = await draft(scene)
    assert TEXT.strip() in read(card)
    assert len(outbox(scene, "draft_card")) == 1
    await scene.people.presses(OFFICER, card, "draft_send")
    await scene.settled()
    item = item_of(scene, number)
    assert (item.state, item.approved_by) == ("waiting", "olga@insurer.example")
    assert "Let go by Olga Officer" in read(scene.slack.messages[DESK][card["ts"]])
    assert ("Olga Officer", "OutboxApproved") in history_of(scene, scene.references[0])


async def test_a_second_send_is_told_who_was_first(scene: Scene) -> None:
    """Nothing goes out twice."""
    _, card = await draft(scene)
    stale = dict(card)
    await scene.people.presses(OFFICER, card, "draft_send")
    await scene.settled()
    await scene.people.presses(SECOND, stale, "draft_send")
    await scene.settled()
    assert any("olga@insurer.example" in read(one) for one in scene.slack.told(SECOND))


async def test_the_text_can_be_changed_and_still_waits(scene: Scene) -> None:
    """Edit opens the text; what is saved is shown and is what goes out."""
    number, card = await draft(scene)
    view = await modal_of(scene, OFFICER, card, "draft_edit")
    await scene.people.submits(OFFICER, view, {"text_0_3": "Dear Joanna, please send the accounts."})
    await scene.until(lambda: "Dear Joanna" in read(scene.slack.messages[DESK][card["ts"]]))
    item = item_of(scene, number)
    assert (item.text, item.state) == ("Dear Joanna, please send the accounts.", "draft")


async def test_a_long_text_is_changed_in_several_inputs(scene: Scene) -> None:
    """Slack's inputs end at 3,000 characters: a longer text stands in parts and is one text again, whole and in order."""
    paragraphs = [f"Paragraph {number}: {'a line of text, ' * 30}".strip() for number in range(12)]
    text = "\n\n".join(paragraphs)
    number, card = await draft(scene, text)
    view = await modal_of(scene, OFFICER, card, "draft_edit")
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert len(inputs) > 1
    assert "part 1 of" in inputs[0]["label"]["text"]
    await scene.people.submits(OFFICER, view, {inputs[0]["block_id"]: "Dear Joanna,"})
    await scene.until(lambda: "Dear Joanna" in read(scene.slack.messages[DESK][card["ts"]]))
    changed = item_of(scene, number).text.split("\n\n")
    assert changed[0] == "Dear Joanna,"
    assert changed[1:] == paragraphs[-len(changed) + 1 :]
    assert not scene.slack.refused()


@given(st.text(st.sampled_from("ab, .\n"), max_size=9_000))
def test_a_text_in_parts_is_the_same_text(text: str) -> None:
    """Whatever a text holds, its parts fit Slack's inputs and make the same words in the same order."""
    parts = inputs_of(text)
    assert all(len(piece) <= INPUT for _, piece in parts)
    assert text_of({name: piece.strip() for name, piece in reversed(parts)}).split() == text.split()


async def test_a_text_too_long_for_a_window_is_not_cut(scene: Scene) -> None:
    """What a window of Slack cannot hold is not offered to be changed there: the card names the command."""
    number, card = await draft(scene, "A long line of text.\n" * 1_200)
    assert "draft_edit" not in str(card["blocks"])
    assert f"creditdesk outbox edit {number}" in read(card)
    assert not scene.slack.refused()


async def test_sales_may_not_let_mail_go(scene: Scene) -> None:
    """The refusal is told and kept."""
    number, card = await draft(scene)
    await scene.people.presses(SALES, card, "draft_send")
    await scene.until(lambda: scene.slack.told(SALES))
    assert item_of(scene, number).state == "draft"
