"""The shapes of answers: tables and their text, what is over Slack's limits, and what a missing scope holds up."""

from typing import Any

import pytest
from sqlalchemy import Engine, update

from bot.assistant.draft import Draft
from cases.clock import system_clock
from cases.models import OutboxItem
from tests.bot.slack.scene import DESK, NOW, OFFICER, Scene, scene_of
from tests.doubles.slack.people import read

LINES = "\n".join(f"• team {number}: {number}" for number in range(3))
FIGURES = Draft(f"Requests by team:\n{LINES}\nAs of today.", "statistics", ["team", "requests_received"],
                [[f"team {number}", number] for number in range(3)])  # fmt: skip
MANY = Draft(
    "Requests by buyer.", "statistics", ["buyer", "n"], [[f"=Buyer {number}", number] for number in range(150)]
)
LONG = Draft("\n".join(f"Line {number} of a long answer." for number in range(700)), "procedure")


def answering(draft: Draft) -> Any:
    """A model that always says the same."""
    return lambda *_question: draft


@pytest.mark.parametrize("takes", [True, False], ids=["tables", "no tables"])
async def test_figures_are_a_table_or_their_text(desk_database: Engine, takes: bool) -> None:
    """The table block holds every row; where Slack does not take it, the text tells the rows, and nothing is lost."""
    async with scene_of(desk_database, agent=answering(FIGURES)) as scene:
        if not takes:
            scene.slack.without.add("table")
        root = await scene.people.mentions(OFFICER, DESK, "requests by team")
        await scene.until(lambda: scene.slack.answers(DESK, root))
        await scene.settled()
        (answer,) = scene.slack.answers(DESK, root)
        tables = [block for block in answer["blocks"] if block["type"] == "table"]
        assert len(tables) == takes
        assert answer["text"].startswith("Requests by team")
        assert ("team 2: 2" in read(answer)) != takes
        for number in range(3):
            assert f"team {number}" in read(answer)


async def test_more_rows_than_a_table_takes_come_as_a_file_too(desk_database: Engine) -> None:
    """The block ends at Slack's limit and says so; the file has all rows, and no cell begins a formula."""
    async with scene_of(desk_database, agent=answering(MANY)) as scene:
        root = await scene.people.mentions(OFFICER, DESK, "requests by buyer")
        await scene.until(lambda: len(scene.slack.answers(DESK, root)) == 2)
        (file,) = scene.slack.files.values()
        rows = file["content"].decode("utf-8-sig").splitlines()
        assert (file["name"], len(rows), rows[150]) == ("rows.csv", 151, "'=Buyer 149,149")
        assert "150" in read(scene.slack.answers(DESK, root)[0])
        assert not scene.slack.refused()


async def test_a_long_answer_is_split_in_order(desk_database: Engine) -> None:
    """Over Slack's limit an answer is several messages: nothing lost, nothing twice, feedback on the last."""
    async with scene_of(desk_database, agent=answering(LONG)) as scene:
        root = await scene.people.mentions(OFFICER, DESK, "which documents?")
        await scene.until(lambda: len(scene.slack.answers(DESK, root)) == 3)
        await scene.settled()
        parts = scene.slack.answers(DESK, root)
        told = "\n".join(read(one) for one in parts)
        places = [told.index(f"Line {number} of a") for number in range(700)]
        assert places == sorted(places)
        assert told.count("of a long answer.") == 700
        assert ["feedback" in str(one["blocks"]) for one in parts] == [False, False, True]
        assert not scene.slack.refused()


async def test_a_missing_scope_is_told_and_holds_nothing_for_good(scene: Scene) -> None:
    """The row waits and says how it is mended; when the app has the scope, it goes out."""
    scene.slack.denied["chat.postMessage"] = "missing_scope"
    with scene.sessions.begin() as session:
        session.add(
            OutboxItem(
                key="test:1", kind="remark", channel="slack", to="olga@insurer.example", state="waiting", text="It is done.",
                payload={}, references=[], automatic=True, created_at=NOW, due_at=NOW,
            )
        )  # fmt: skip
    await scene.sent()
    with scene.sessions.begin() as session:
        (row,) = session.query(OutboxItem)
        assert (row.state, "install the app again" in str(row.error)) == ("waiting", True)
        session.execute(update(OutboxItem).values(due_at=system_clock()))
    scene.slack.denied.clear()
    await scene.sent()
    assert [read(one) for one in scene.slack.answers("D" + OFFICER[1:])] == ["It is done."]
