"""Questions put in Slack, and where their answers stand."""

from tests.bot.slack.scene import (
    DESK,
    GONE,
    GUEST,
    MIXED,
    NOTE,
    OFFICER,
    OUTSIDE,
    PARTNER,
    ROBOT,
    SALES,
    SECOND,
    STRANGER,
    UNDERWRITER,
    Scene,
)
from tests.doubles.slack.people import read


async def test_a_mention_is_answered_once_in_its_thread(scene: Scene) -> None:
    """A mention in a channel gets one answer, in the thread of the question."""
    root = await scene.people.mentions(OFFICER, DESK, f"status of {scene.references[0]}")
    await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.settled()
    (answer,) = scene.slack.answers(DESK)
    assert answer["thread_ts"] == root
    assert "Ostwall Pumpen GmbH" in read(answer)
    assert not scene.slack.refused()


async def test_mention_and_message_are_one_question(scene: Scene) -> None:
    """Slack delivers a mention as two events, each perhaps several times: there is one answer."""
    people = scene.people
    event = people.message(OFFICER, DESK, f"<@{scene.slack.bot}> status of {scene.references[0]}", kind="app_mention")
    again = event | {"type": "message", "channel_type": "channel"}
    for one in (event, again, event, again):
        await people.deliver("events_api", people.event(one, "Ev00000001" if one is event else ""))
    await scene.until(lambda: scene.slack.answers(DESK))
    await scene.settled()
    assert len(scene.slack.answers(DESK)) == 1


async def test_a_direct_message_is_answered_in_its_thread(scene: Scene) -> None:
    """A direct message needs no mention."""
    root = await scene.people.writes(SALES, f"where is {scene.references[1]}?")
    (answer,) = await scene.until(lambda: scene.slack.answers("D" + SALES[1:], root))
    assert "Ahorn Logistik GmbH" in read(answer)


async def test_a_thread_goes_on_without_a_mention(scene: Scene) -> None:
    """Who asked in a thread asks on in it by plain words, and the subject is kept."""
    root = await scene.people.mentions(OFFICER, DESK, f"status of {scene.references[1]}")
    await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.people.says(OFFICER, DESK, "and since when?", root)
    answers = await scene.until(lambda: len(found := scene.slack.answers(DESK, root)) > 1 and found)
    assert scene.references[1] in read(answers[1])


async def test_talk_that_asks_nothing_is_left_alone(scene: Scene) -> None:
    """Messages in a channel, to others in a thread, edits and joins are no questions."""
    people = scene.people
    await people.says(OFFICER, DESK, f"status of {scene.references[0]}?")
    root = await people.mentions(OFFICER, DESK, f"status of {scene.references[0]}")
    await scene.until(lambda: scene.slack.answers(DESK, root))
    await people.says(OFFICER, DESK, f"<@{SECOND}> what do you think of it?", root)
    await people.says(SECOND, DESK, "I think it is fine", root)
    await people.says(OFFICER, DESK, "thanks", root)
    await people.says(OFFICER, DESK, f"<@{scene.slack.bot}> hello", subtype="message_changed")
    await people.says(ROBOT, DESK, f"<@{scene.slack.bot}> status of {scene.references[0]}", bot_id="B0ROBOT")
    await scene.settled()
    assert len(scene.slack.answers(DESK)) == 1


async def test_people_without_rights_get_a_polite_word_and_nothing_else(scene: Scene) -> None:
    """Strangers, guests and people of other companies are refused, even where the desk lists them."""
    for user in (STRANGER, GUEST, PARTNER):
        await scene.people.mentions(user, OUTSIDE, f"status of {scene.references[0]}")
        await scene.people.writes(user, "how many requests are open?")
        told = await scene.until(lambda user=user: len(found := scene.slack.told(user)) > 1 and found)
        assert not any("Ostwall" in read(one) or scene.references[0] in read(one) for one in told)
    assert not scene.slack.answers(OUTSIDE)


async def test_bots_and_deactivated_people_get_nothing(scene: Scene) -> None:
    """Not even a refusal: nobody waits for it."""
    for user in (ROBOT, GONE):
        await scene.people.writes(user, f"status of {scene.references[0]}")
    await scene.settled()
    assert not [call for call in scene.slack.calls if call.method.startswith("chat.")]


async def test_rights_end_when_slack_says_so(scene: Scene) -> None:
    """A person who is deactivated is refused from the moment that Slack tells it."""
    root = await scene.people.writes(OFFICER, "how many requests are open?")
    await scene.until(lambda: scene.slack.answers("D" + OFFICER[1:], root))
    scene.slack.users[OFFICER]["deleted"] = True
    changed = {"type": "user_change", "user": scene.slack.users[OFFICER], "event_ts": "1.2"}
    await scene.people.deliver("events_api", scene.people.event(changed))
    await scene.people.writes(OFFICER, "how many requests are open?")
    await scene.settled()
    assert len(scene.slack.answers("D" + OFFICER[1:])) == 1


async def test_what_is_confidential_is_whispered_where_sales_read_along(scene: Scene) -> None:
    """An underwriter's note is shown to him alone; sharing shows the others what they may see."""
    root = await scene.people.mentions(UNDERWRITER, MIXED, f"underwriter note of {scene.references[0]}")
    (whisper,) = await scene.until(lambda: scene.slack.told(UNDERWRITER))
    assert NOTE in read(whisper)
    assert not scene.slack.answers(MIXED)
    await scene.people.presses(UNDERWRITER, whisper, "share_answer")
    await scene.settled()
    shown = "\n".join(read(one) for one in scene.slack.answers(MIXED, root))
    assert NOTE not in shown
    assert NOTE not in "\n".join(read(one) for one in scene.slack.told(SALES))


async def test_figures_are_whispered_where_somebody_may_not_ask_for_them(scene: Scene) -> None:
    """A count of the register is private in a channel with sales; shared is what sales may see: the total."""
    root = await scene.people.mentions(OFFICER, MIXED, "how many requests were received this month?")
    (whisper,) = await scene.until(lambda: scene.slack.told(OFFICER))
    assert not scene.slack.answers(MIXED)
    await scene.people.presses(OFFICER, whisper, "share_answer")
    (shared,) = await scene.until(lambda: scene.slack.answers(MIXED, root))
    assert "Olga Officer" in read(shared)
    assert "3" in read(shared)


async def test_a_share_that_sales_may_not_see_is_refused(scene: Scene) -> None:
    """Nobody's click shows others what they may not ask for."""
    await scene.people.mentions(OFFICER, MIXED, "requests received this month by underwriter")
    (whisper,) = await scene.until(lambda: scene.slack.told(OFFICER))
    await scene.people.presses(OFFICER, whisper, "share_answer")
    await scene.until(lambda: len(scene.slack.told(OFFICER)) > 1)
    assert not scene.slack.answers(MIXED)


async def test_nothing_of_the_register_stands_where_outsiders_read(scene: Scene) -> None:
    """In a channel with guests or other companies even a status is for the asker alone."""
    await scene.people.mentions(OFFICER, OUTSIDE, f"status of {scene.references[0]}")
    (whisper,) = await scene.until(lambda: scene.slack.told(OFFICER))
    assert "Ostwall" in read(whisper)
    assert not scene.slack.answers(OUTSIDE)


async def test_candidates_are_buttons(scene: Scene) -> None:
    """A name that fits several companies offers them; a click answers for the one."""
    root = await scene.people.mentions(OFFICER, DESK, "status of Ahorn")
    (answer,) = await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.people.presses(OFFICER, answer, "ask:1")
    answers = await scene.until(lambda: len(found := scene.slack.answers(DESK, root)) > 1 and found)
    assert any(reference in read(answers[1]) for reference in scene.references[1:])


async def test_a_chart_comes_as_a_file(scene: Scene) -> None:
    """Excel and chart of the figures before are put into the thread."""
    root = await scene.people.mentions(OFFICER, DESK, "requests received this month by team")
    (answer,) = await scene.until(lambda: scene.slack.answers(DESK, root))
    await scene.people.presses(OFFICER, answer, "ask:1")
    await scene.until(lambda: any(one.get("files") for one in scene.slack.answers(DESK, root)), 30)
    assert [file["name"] for file in scene.slack.files.values()] == ["figures.xlsx"]
    assert not scene.slack.refused()


async def test_feedback_is_stored_with_the_answer(scene: Scene) -> None:
    """A press on the thumbs is kept at the turn of the conversation."""
    from cases.models import ConversationTurn

    root = await scene.people.mentions(OFFICER, DESK, f"status of {scene.references[0]}")
    (answer,) = await scene.until(lambda: scene.slack.answers(DESK, root))
    element = next(block for block in answer["blocks"] if block["type"] == "context_actions")["elements"][0]
    value = element["negative_button"]["value"]
    await scene.people.presses(OFFICER, answer, "feedback", value=value)
    await scene.settled()
    with scene.sessions() as session:
        assert [turn.feedback for turn in session.query(ConversationTurn)] == ["bad"]


async def test_the_pane_opens_with_prompts_of_the_role(scene: Scene) -> None:
    """Sales are offered no figures, which they may not ask for."""
    for user in (SALES, OFFICER):
        thread = scene.slack.said(scene.slack.bot, "D" + user[1:], "hello")
        place = {"user_id": user, "channel_id": "D" + user[1:], "thread_ts": thread, "context": {}}
        event = {"type": "assistant_thread_started", "assistant_thread": place, "event_ts": thread}
        await scene.people.deliver("events_api", scene.people.event(event))
    calls = await scene.until(
        lambda: len(found := scene.slack.made("assistant.threads.setSuggestedPrompts")) > 1 and found
    )
    by_user = {call.args["channel_id"]: [one["message"] for one in call.args["prompts"]] for call in calls}
    assert not any("month" in text for text in by_user["D" + SALES[1:]])
    assert any("month" in text for text in by_user["D" + OFFICER[1:]])
