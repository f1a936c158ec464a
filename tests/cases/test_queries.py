"""Lists and views of the register."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from cases import commands
from cases.models import CaseMessage, OutboxItem, StoredMessage
from cases.queries import CaseFilter, case_view, count_cases, find_case, find_row, list_cases
from cases.rights import CONFIDENTIAL_FIELDS
from cases.vocabulary import CaseKind, Status
from config.errors import NotFound
from tests.cases.support import NOW, OFFICER, SALES, UNDERWRITER, enquiry, furnish, request, rules

CONTRACT = {
    "reference", "kind", "status", "request_type", "buyer_name", "buyer_country", "policyholder_name", "policy_number",
    "amount", "currency", "team", "assignee", "missing_documents", "next_action_due", "messages", "version",
}  # fmt: skip


@pytest.fixture
def desk(session: Session) -> Session:
    """A session on a furnished desk."""
    furnish(session)
    return session


@contextmanager
def counting(session: Session) -> Iterator[list[str]]:
    """The statements that run inside."""
    seen: list[str] = []
    bind = session.get_bind()

    def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(bind, "before_cursor_execute", note)
    yield seen
    event.remove(bind, "before_cursor_execute", note)


def test_rows_hold_the_contract(desk: Session) -> None:
    """A row has the promised keys, and the digests of its messages in the order they came, each once."""
    case = request(desk)
    for number, digest in enumerate(["b" * 64, "a" * 64]):
        message = StoredMessage(digest=digest, raw=b"", size=0, received_at=NOW, stored_at=NOW, state="filed")
        desk.add(message)
        desk.flush()
        for position in range(number + 1):
            desk.add(CaseMessage(case_id=case.id, message_row_id=message.id, position=position, relation="opened"))
    desk.flush()
    [row] = list_cases(desk)
    assert row.as_json().keys() >= CONTRACT
    assert row.messages == ["b" * 64, "a" * 64]


def test_one_query(desk: Session) -> None:
    """A list takes one query, however many cases it has."""
    for _ in range(30):
        request(desk)
    desk.flush()
    with counting(desk) as seen:
        assert len(list_cases(desk)) == 30
    assert len(seen) == 1


def test_view_takes_few_queries(desk: Session) -> None:
    """One case with everything takes the same few queries whatever hangs on it."""
    case = request(desk)
    commands.confirm(desk, case, OFFICER, NOW, rules())
    reference = case.reference
    desk.flush()
    desk.expire_all()
    with counting(desk) as seen:
        view = case_view(desk, reference)
    assert len(view.history) > 2
    assert len(seen) <= 12


def test_filters(desk: Session) -> None:
    """Each filter keeps what it names."""
    ready = request(desk, Status.READY)
    ready.team, ready.assignee, ready.next_action_due = "Export", UNDERWRITER.email, date(2026, 3, 1)
    ready.sales_contact = SALES.email
    done = request(desk, Status.APPROVED)
    done.next_action_due = date(2026, 2, 1)
    question = enquiry(desk)
    question.received_at = NOW - timedelta(days=3)
    desk.flush()

    def found(**fields: object) -> list[str]:
        return [row.reference for row in list_cases(desk, CaseFilter(**fields))]  # type: ignore[arg-type]

    assert found(statuses=(Status.READY,)) == [ready.reference]
    assert found(kind=CaseKind.ENQUIRY) == [question.reference]
    assert set(found(open_only=True)) == {ready.reference, question.reference}
    assert found(teams=("export",)) == [ready.reference]
    assert found(mine=UNDERWRITER) == found(mine=SALES) == [ready.reference]
    assert found(mine=OFFICER) == []
    assert found(due_by=date(2026, 3, 5)) == [ready.reference]
    assert set(found(buyer="BIRKE bau")) == set(found(text="alder")) == {ready.reference, done.reference}
    assert found(text="no such") == []
    assert found(policyholders_only=()) == []
    assert found(references=("cr 2026 1",)) == [ready.reference]
    assert found(order="oldest", limit=1) == [question.reference]
    assert found(received_until=NOW) == [question.reference]
    assert count_cases(desk, CaseFilter(open_only=True)) == 2


def test_percent_signs_are_text(desk: Session) -> None:
    """What a person searches for is text, never a pattern."""
    request(desk)
    assert list_cases(desk, CaseFilter(text="%")) == list_cases(desk, CaseFilter(text="_")) == []


def test_not_found(desk: Session) -> None:
    """An unknown reference is told in one sentence; a word that is none, too."""
    case = request(desk)
    assert find_row(desk, " cr-2026-1 ").reference == find_case(desk, case.reference).reference
    with pytest.raises(NotFound, match=r"no case CR-2026-000099 \(the nearest before it is CR-2026-000001\)"):
        find_case(desk, "CR-2026-000099")
    with pytest.raises(NotFound, match="write it like"):
        find_case(desk, "Nordwind")


def test_views_for_others_hold_nothing_confidential(desk: Session) -> None:
    """Without the right, grades, notes, and their traces in the history are not in the view."""
    case = request(desk, Status.READY)
    commands.correct(desk, case, OFFICER, NOW, rules(), "risk_grade", "7")
    commands.correct(desk, case, OFFICER, NOW, rules(), "underwriter_note", "Shaky group")
    commands.note(desk, case, OFFICER, NOW, rules(), "Shaky indeed")
    desk.add(
        OutboxItem(key="k", kind="reminder", channel="email", to="x@y.example", case_id=case.id, state="draft", text="t", created_at=NOW, due_at=NOW)
    )  # fmt: skip
    desk.flush()
    view = case_view(desk, case.reference)
    assert not CONFIDENTIAL_FIELDS & {field.name for field in view.fields}
    assert "Shaky" not in repr([view.history, view.notes, view.fields])
    full = case_view(desk, case.reference, confidential=True)
    assert {"risk_grade", "underwriter_note"} <= {field.name for field in full.fields}
    assert len(full.outbox) == 1
