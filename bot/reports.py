"""Standing reports: the figures of desk.yaml's `reports`, to each recipient within his own rights."""

import base64
from datetime import datetime

from sqlalchemy.orm import Session

from bot.assistant import statistics_text
from bot.assistant.wording import Say
from bot.exports.workbook import workbook
from bot.tools import ToolContext
from bot.tools.statistics import StatisticsArguments, lines, statistics, to_query
from cases.name_index import NameIndex
from cases.outgoing import Letter, write
from cases.people import asker_by_email
from cases.rights import Asker
from cases.vocabulary import OutboxState
from config.desk import DeskRules, ScheduledReport
from config.errors import Refused

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 20_000  # cases listed in a workbook


def send_report(
    session: Session, report: ScheduledReport, rules: DeskRules, now: datetime, tick: datetime
) -> list[str]:
    """Writes one mail for each recipient; a tick has one mail a recipient, however often it is run.

    Returns the recipients left out, with the reason (unknown, or without the right to the figures).
    """
    left_out = []
    for address in report.to:
        asker = asker_by_email(session, address)
        if asker is None:
            left_out.append(f"{address}: unknown to the desk")
            continue
        try:
            _write(session, report, asker, rules, now, tick)
        except Refused as refusal:
            left_out.append(f"{address}: {refusal}")
    return left_out


def _write(
    session: Session, report: ScheduledReport, asker: Asker, rules: DeskRules, now: datetime, tick: datetime
) -> None:
    context = ToolContext(asker, session, now, rules, NameIndex())
    texts, files = [], []
    for metric in report.metrics:
        arguments = StatisticsArguments(metrics=[metric], by=list(report.by), period=report.period)
        result = statistics(context, to_query(context, arguments))
        texts.append(statistics_text.text(result, Say("en"), {}))
        cases, count = lines(context, result.query, limit=MOST_ROWS)
        content = workbook(result, cases, count, author=asker.name)
        files.append(
            {
                "filename": f"{metric}.xlsx",
                "media_type": EXCEL,
                "base64": base64.b64encode(content).decode("ascii"),
            }
        )
    letter = Letter(
        key=f"report:{report.name}:{tick.isoformat()}:{asker.email}",
        kind="report",
        to=asker.email,
        subject=f"{report.name}: {report.period}",
        language="en",
        text="\n\n".join(texts) + "\n",
        state=OutboxState.WAITING,
        payload={"attachments": files},
    )
    write(session, letter, rules, now)
