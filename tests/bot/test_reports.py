"""Standing reports: one mail a recipient and tick, within the recipient's rights."""

import base64
from datetime import UTC, datetime
from io import BytesIO

from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.reports import send_report
from cases.models import OutboxItem, Person
from config.desk import ScheduledReport, load_desk_rules
from runtime.letters import compose

NOW = datetime(2026, 10, 30, 7, 0, tzinfo=UTC)
REPORT = ScheduledReport(
    name="Week in figures",
    metrics=("requests_received", "decided"),
    by=("team",),
    to=("manager@desk.example", "nobody@desk.example"),
)


def _manager(session: Session) -> None:
    session.add(Person(name="Mara Chief", email="manager@desk.example", role="manager", accounts=[], absences=[]))
    session.flush()


def test_each_recipient_gets_one_mail_with_the_figures_as_workbooks(session: Session) -> None:
    """The mail holds the text of every metric and a workbook each; unknown addresses are left out and named."""
    _manager(session)
    left_out = send_report(session, REPORT, load_desk_rules(), NOW, NOW)
    [row] = session.scalars(select(OutboxItem))
    assert (row.to, row.kind, row.state) == ("manager@desk.example", "report", "waiting")
    assert left_out == ["nobody@desk.example: unknown to the desk"]
    files = list(compose(row, "desk@desk.example", "Desk").iter_attachments())
    assert [file.get_filename() for file in files] == ["requests_received.xlsx", "decided.xlsx"]
    assert load_workbook(BytesIO(base64.b64decode(row.payload["attachments"][0]["base64"]))).sheetnames  # type: ignore[index]


def test_the_same_tick_again_writes_nothing(session: Session) -> None:
    """A tick that is run twice (after a kill) sends one mail."""
    _manager(session)
    for _ in range(2):
        send_report(session, REPORT, load_desk_rules(), NOW, NOW)
    assert len(session.scalars(select(OutboxItem)).all()) == 1


def test_sales_get_no_figures_that_are_not_for_them(session: Session) -> None:
    """A report by colleague is not sent to somebody who may not see it."""
    session.add(Person(name="Sal", email="sal@desk.example", role="sales", accounts=[], absences=[]))
    session.flush()
    report = REPORT.model_copy(update={"by": ("underwriter",), "to": ("sal@desk.example",)})
    [reason] = send_report(session, report, load_desk_rules(), NOW, NOW)
    assert reason.startswith("sal@desk.example: ")
    assert session.scalars(select(OutboxItem)).all() == []
