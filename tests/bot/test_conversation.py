"""Conversations last over restarts and belong to one person; figures come as workbook and picture."""

import json
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.orm import Session

from bot.assistant.answer import Answer, Assistant
from bot.assistant.conversation import load_state, said_before
from cases.people import asker_by_email
from creditdesk.cli import main
from knowledge.search import Knowledge
from tests.evaluation_chat.conftest import Desk
from tests.evaluation_chat.world import NOW

MANAGER, OFFICER, SALES = "p.sand@desk.example", "i.maurer@desk.example", "j.reuter@desk.example"


def ask(desk: Desk, user: str, thread: str, text: str) -> Answer:
    """Asked by an assistant that was just started: nothing is remembered but what the database holds."""
    fresh = Assistant(desk.assistant.database, desk.assistant.rules)
    with Session(fresh.database) as session:
        asker = asker_by_email(session, user)
    return fresh.answer(asker, thread, text, NOW)


def test_a_conversation_survives_a_restart(desk: Desk) -> None:
    """A follow-up after a restart goes on from the question before."""
    ask(desk, MANAGER, "t1", "requests last month by team")
    assert "country" in ask(desk, MANAGER, "t1", "and by country?").data["columns"]


def test_another_person_in_the_thread_starts_anew(desk: Desk) -> None:
    """What one person asked is not told to another in the same thread."""
    ask(desk, MANAGER, "t2", "status of Tarvos Steel")
    assert ask(desk, OFFICER, "t2", "since when?").kind != "status"


def test_another_person_has_his_own_rights(desk: Desk) -> None:
    """In a thread where a manager was told a grade, sales are refused it, and nothing of it is remembered for them."""
    reference = str(desk.frame.reference.iloc[0])
    told = ask(desk, MANAGER, "t4", f"risk grade of {reference}")
    assert told.confidential
    asked = ask(desk, SALES, "t4", "and the risk grade?")
    assert asked.refused
    with Session(desk.assistant.database) as session:
        assert reference not in json.dumps(load_state(session, SALES, "t4"))
        assert told.answer not in json.dumps(load_state(session, MANAGER, "t4"), ensure_ascii=False)


def test_short_questions_go_on_with_the_manual(desk: Desk, manual: Knowledge) -> None:
    """A bare pronoun, a country or "why?" is about what the manual was just asked; a question of its own is not."""
    assistant = Assistant(desk.assistant.database, desk.assistant.rules, knowledge=manual)
    with Session(assistant.database) as session:
        asker = asker_by_email(session, MANAGER)
    first = "until what time does an application still count for today?"
    for follow in ("is it the same on Fridays?", "why?", "et pour la Turquie ?"):
        _, state = assistant.reply(asker, first, NOW, {})
        answer, state = assistant.reply(asker, follow, NOW, state)
        assert answer.citations[0]["section"] == "Time of receipt", follow
        assert state["question"] == f"{first} {follow}"
    _, state = assistant.reply(asker, first, NOW, {})
    assert assistant.reply(asker, "how many requests last month?", NOW, state)[0].kind == "statistics"


def test_old_turns_become_a_summary(desk: Desk) -> None:
    """Beyond the window the oldest turns stand in the summary, shortened."""
    for number in range(23):
        ask(desk, MANAGER, "t3", f"requests in week {number + 1}")
    with Session(desk.assistant.database) as session:
        summary, turns = said_before(load_state(session, MANAGER, "t3"))
    assert (len(turns), summary.count("→")) == (12, 11)
    assert summary.startswith("requests in week 1 ")


def test_excel_holds_numbers_and_no_formulas(desk: Desk) -> None:
    """The workbook has summary, rows and definitions; amounts are numbers, text is never a formula."""
    answer = desk.ask(MANAGER, "amount approved by country in 2026", "as Excel")
    book = openpyxl.load_workbook(BytesIO(answer.files[0].content))
    assert book.sheetnames == ["Summary", "Rows", "Definitions"]
    assert isinstance(book["Summary"]["B2"].value, int | float)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_chart_is_a_picture(desk: Desk) -> None:
    """A chart comes as PNG beside its figures."""
    answer = desk.ask(MANAGER, "requests per month this year", "as a chart")
    assert answer.files[0].content.startswith(b"\x89PNG")
    assert answer.data["rows"]


def test_batch_keeps_conversations_apart(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line is a conversation of its own; a faulty line is told and the rest is answered."""
    lines = [
        {"id": "a", "role": "manager", "user": MANAGER, "turns": ["requests last month", "and by team?"]},
        {"id": "b", "role": "manager", "user": MANAGER, "turns": ["and by team?"]},
        {"id": "c", "user": MANAGER},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    url = str(desk.assistant.database.url)
    with pytest.raises(SystemExit) as stopped:
        main(["--db", url, "--now", NOW.isoformat(), "--engine", "rules", "ask", "--batch", str(file), "--json"])
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert stopped.value.code == 1
    assert [one["id"] for one in answers] == ["a", "b"]
    assert answers[0]["data"]["columns"][0] == "team"
    assert answers[1]["kind"] == "unknown"


def test_unknown_metric_names_the_nearest(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong metric is wrong use, told with the nearest names."""
    with pytest.raises(SystemExit) as stopped:
        main(["--db", str(desk.assistant.database.url), "stats", "aproval_rate"])
    assert stopped.value.code == 2
    assert "approval_rate" in capsys.readouterr().err
