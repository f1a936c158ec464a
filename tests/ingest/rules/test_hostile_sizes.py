"""Mails made to be slow: twice the text costs about twice the steps."""

import sys
from email.message import EmailMessage
from types import FrameType

import pytest

from ingest.engine import ReadingContext
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine
from ingest.values.found import Found, Taken, without_overlaps

_MOST = 2.5  # times the steps for twice the text; four times would be each piece against each other


def _mail(body: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Una Holt <una@holt.example>", "desk@halden-credit.example"
    mail["Date"] = "Tue, 03 Mar 2026 09:12:00 +0100"
    mail.set_content(body)
    return mail.as_bytes()


def _steps(body: str) -> int:
    """Calls and resumed generators while a mail is understood."""
    message, engine, count = read_message(_mail(body)), RulesEngine(), 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        engine.triage(message, ReadingContext())
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "unit", ["A1/", "from 80 to 120k ", "EUR 5 ", "60 days ", "a@b ", "Nord GmbH, "], ids=lambda unit: unit.strip()
)
def test_steps_grow_with_the_text(unit: str) -> None:
    _steps(unit * 10)  # word lists are read once
    assert _steps(unit * 600) < _MOST * _steps(unit * 300) + 20_000


def test_taken_stretches() -> None:
    """The quick answer is that of looking at each stretch, also where they overlap one another."""
    spans = [Found(0, 9, ""), Found(2, 4, ""), Found(12, 13, ""), Found(20, 30, "")]
    taken = Taken(spans)
    for start in range(32):
        for end in range(start + 1, 33):
            assert taken.overlaps(start, end) == any(one.overlaps(start, end) for one in spans)
    assert without_overlaps(spans) == [spans[0], spans[2], spans[3]]
