"""Reminders of missing documents, and warnings before a time limit is over."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import chasing, filing, lifecycle, sla
from cases.models import Case, Event, OutboxItem
from cases.rights import Asker
from cases.vocabulary import Intent, Role, Status
from config.errors import Conflict, InvalidValue, Refused
from tests.cases.desk import NOW, STAFF, add_buyer, add_underwriter, facts, limit_request, rules, stored, triage
from tests.cases.filing.test_replies import our_message_id, submission
from tests.cases.filing.test_requests import file, letters, one

RULES = rules()
DAY = timedelta(days=1)


def waiting(session: Session, buyer: str = "Nordwind Antriebstechnik GmbH") -> Case:
    """A case that waits for accounts since Monday, 2 March."""
    return one(session, buyer, triage(limit_request(buyer_name=buyer, amount=Decimal(300_000))))


def reminders(session: Session, until: int) -> list[tuple[str, str]]:
    """Day and state of what is written when the reminders run every day at ten."""
    found = []
    for number in range(until):
        now = NOW + number * DAY
        for _ in range(2):  # twice a day changes nothing
            found += [(f"{now:%m-%d}", row.state) for row in chasing.due_reminders(session, RULES, now)]
    return found


def test_after_three_seven_and_ten_working_days(both: Session) -> None:
    """The client is reminded on the third, seventh and tenth working day after the request, then no more."""
    case = waiting(both)
    assert case.status == "awaiting_documents"
    assert reminders(both, 30) == [("03-05", "waiting"), ("03-11", "waiting"), ("03-16", "waiting")]
    [first, *_] = letters(both, "reminder")
    assert "annual financial statements" in first.text
    assert first.to == "j.pike@hartwell-bearings.example"


def test_later_ones_are_drafts(desk: Session) -> None:
    """Reminders after `draft_after` wait for a person."""
    waiting(desk)
    careful = rules(chasing__draft_after=1)
    states = [r.state for n in range(15) for r in chasing.due_reminders(desk, careful, NOW + n * DAY)]
    assert states == ["waiting", "draft", "draft"]


def test_a_person_may_remind_before_its_day(both: Session) -> None:
    """Who is first is named to the second; the rhythm goes on from there; who may not is refused, with nothing written."""
    case = waiting(both)
    officer = Asker("o@desk.example", "Olga", Role.OFFICER)
    with pytest.raises(Refused):
        chasing.remind_now(both, case, Asker("s@desk.example", "Sam", Role.SALES), RULES, NOW + DAY)
    row = chasing.remind_now(both, case, officer, RULES, NOW + DAY)
    assert (row.kind, row.state, row.to) == ("reminder", "waiting", "j.pike@hartwell-bearings.example")
    with pytest.raises(Conflict, match=r"o@desk\.example was first"):
        chasing.remind_now(both, case, replace(officer, email="p@desk.example"), RULES, NOW + DAY)
    assert len(letters(both, "reminder")) == 1
    careful = rules(chasing__draft_after=1)
    assert chasing.remind_now(both, case, officer, careful, NOW + 2 * DAY).state == "draft"


def test_nothing_to_remind_of(desk: Session) -> None:
    """A case that waits for nothing says so."""
    case = waiting(desk)
    lifecycle.move(desk, case, Status.WITHDRAWN, actor="x", at=NOW)
    for row in case.documents:
        row.state = "received"
    with pytest.raises(InvalidValue, match="nothing to remind of"):
        chasing.remind_now(desk, case, Asker("o@desk.example", "Olga", Role.OFFICER), RULES, NOW + DAY)


def test_one_mail_a_client(desk: Session) -> None:
    """Two cases of one client are reminded of in one mail."""
    add_buyer(desk, "Elbtal Stahl GmbH")
    row = stored(desk, "both")
    asked = [
        limit_request(buyer_name=n, amount=Decimal(300_000))
        for n in ("Nordwind Antriebstechnik GmbH", "Elbtal Stahl GmbH")
    ]
    first, second = file(desk, row, triage(*asked), facts(row))
    assert len(reminders(desk, 5)) == 1
    [letter] = letters(desk, "reminder")
    assert first.reference in letter.text
    assert second.reference in letter.text


def test_stops_on_arrival(desk: Session) -> None:
    """When the documents are here nobody is reminded."""
    case = waiting(desk)
    one(desk, "accounts", submission(), in_reply_to=[our_message_id(desk)])
    assert case.missing_documents == []
    assert reminders(desk, 20) == []


def test_stops_on_withdrawal(desk: Session) -> None:
    """A withdrawn case is not chased."""
    case = waiting(desk)
    lifecycle.move(desk, case, Status.WITHDRAWN, actor=STAFF, at=NOW)
    assert reminders(desk, 20) == []


def test_stops_on_bounce(desk: Session) -> None:
    """An address that could not be reached is not chased, until something comes from it."""
    waiting(desk)
    row = stored(desk, "bounce")
    known = facts(row, sender="mailer-daemon@mx.example", automatic=True, bounce_of=our_message_id(desk))
    filing.file_message(desk, row, triage(intent=Intent.AUTO_REPLY), known, RULES, NOW)
    assert reminders(desk, 8) == []
    stored(desk, "alive", sender="j.pike@hartwell-bearings.example", stored_at=NOW + 8 * DAY)
    assert [chasing.due_reminders(desk, RULES, NOW + n * DAY) != [] for n in (8, 9, 10)] == [True, False, False]


def test_request_that_a_person_sent_counts_from_then(desk: Session) -> None:
    """Documents asked for by a held mail are chased only after a person let it go."""
    one(desk, "first", triage(limit_request(buyer_name="Alpha GmbH")))
    case = waiting(desk)
    held = letters(desk)[1]
    assert held.state == "held"
    assert reminders(desk, 10) == []
    held.state, held.sent_at = "sent", NOW + 10 * DAY
    assert [day for day, _ in reminders(desk, 18)] == ["03-17"]
    assert case.documents[0].state == "requested"


def test_time_limits(both: Session) -> None:
    """A case is warned of at three quarters and at the end of its time, once each, while the desk is open."""
    add_underwriter(both, "Ada", "Domestic")
    case = one(both, "m", triage(limit_request()))
    assert case.status == "allocated"
    assert case.next_action_due == (NOW + 2 * DAY).date()
    moments = [NOW + timedelta(hours=h) for h in range(72)]
    told = [m for m in moments for _ in sla.due_warnings(both, RULES, m, slack_channel="C0DESK")]
    assert [f"{m:%d %H}" for m in told] == ["03 14", "04 10"]
    kinds = both.scalars(select(Event.kind).where(Event.kind.startswith("SlaWarning")).order_by(Event.id)).all()
    assert kinds == ["SlaWarning75", "SlaWarning100"]
    rows = both.scalars(select(OutboxItem).where(OutboxItem.kind == "sla_warning")).all()
    assert [(r.channel, r.to) for r in rows] == [("email", "ada@insurer.example"), ("slack", "C0DESK")] * 2


def test_no_warning_outside_hours(desk: Session) -> None:
    """At night nobody is warned; waiting for the client has no limit."""
    case = waiting(desk)
    assert sla.due_at(case, RULES) is None
    late = datetime(2026, 3, 6, 22, tzinfo=NOW.tzinfo)
    assert sla.due_warnings(desk, RULES, late) == []
