"""Questions about cases, rights, several candidates and what is not there, on an invented register."""

import json
import re

import pytest

from tests.evaluation_chat.cases import CLARIFY, PERMISSION, STATUS, TALK, UNKNOWN, CaseQuestion
from tests.evaluation_chat.checking import REFERENCE
from tests.evaluation_chat.conftest import Desk


def _name(one: CaseQuestion) -> str:
    return re.sub(r"[^ -~]", "?", " > ".join(one.turns))[:60]


def faults(desk: Desk, question: CaseQuestion) -> list[str]:
    """What is wrong with the answer."""
    answer = desk.ask(question.user, *question.turns)
    everything = answer.answer + "\n" + json.dumps(answer.data, ensure_ascii=False)
    named, wrong = set(REFERENCE.findall(everything)), []
    wanted = question.pick(desk.frame) if question.pick else None
    references = set(wanted.reference) if wanted is not None else set()
    if missing := references - named:
        wrong.append(f"not named: {sorted(missing)}")
    if question.only and named - references:
        wrong.append(f"too many: {sorted(named - references)}")
    if wanted is not None and "decided_at" in question.facts:
        wrong += [day for day in wanted.decided_at.str[:10] if day not in everything]
    if "risk_grade" in question.facts and "risk_grade" not in answer.data["columns"]:
        wrong.append("no grade")
    wrong += [f"leaks {text}" for text in question.absent if text.casefold() in everything.casefold()]
    if question.kind and answer.kind != question.kind:
        wrong.append(f"kind {answer.kind}")
    if question.refused is not None and answer.refused is not question.refused:
        wrong.append(f"refused {answer.refused}")
    offered = answer.answer + json.dumps([action.as_json() for action in answer.actions], ensure_ascii=False)
    wrong += [f"not offered: {name}" for name in question.offers if name not in offered]
    return [*wrong, answer.answer] if wrong else []


@pytest.mark.parametrize("question", STATUS, ids=_name)
def test_status(desk: Desk, question: CaseQuestion) -> None:
    """The right cases are told, by name, part of a name, typo, policy, or as the asker's own."""
    assert faults(desk, question) == []


@pytest.mark.parametrize("question", PERMISSION, ids=_name)
def test_permission(desk: Desk, question: CaseQuestion) -> None:
    """Nobody is told what his role may not see, whatever he says he is."""
    assert faults(desk, question) == []


@pytest.mark.parametrize("question", CLARIFY, ids=_name)
def test_clarify(desk: Desk, question: CaseQuestion) -> None:
    """Where several names fit, the answer asks which, naming them."""
    assert faults(desk, question) == []


@pytest.mark.parametrize("question", UNKNOWN + TALK, ids=_name)
def test_unknown_and_small_talk(desk: Desk, question: CaseQuestion) -> None:
    """What is not there is said not to be there; nothing is invented."""
    assert faults(desk, question) == []
