"""What the clock starts in a running desk. Each tick runs once, however many processes are alive."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.reports import send_report
from cases import chasing, sla
from cases.erasure import forget_messages
from cases.models import ConversationTurn, ModelCall, SeenDelivery
from config.desk import ScheduledReport
from creditdesk.wiring import Wiring
from runtime.schedules import Schedule

log = logging.getLogger("creditdesk.schedules")
DELIVERIES_DAYS = 14  # Slack repeats a delivery within an hour


def desk_schedules(desk: Wiring) -> list[Schedule]:
    """Reminders and time limits in working hours, retention at night."""

    def remind(session: Session, _at: datetime) -> None:
        chasing.due_reminders(session, desk.rules, desk.clock())

    def warn(session: Session, _at: datetime) -> None:
        sla.due_warnings(session, desk.rules, desk.clock(), slack_channel=desk.slack_channel)

    def retain(session: Session, _at: datetime) -> None:
        forget_old(session, desk, desk.clock())

    zone = desk.rules.calendar.timezone
    standing = [
        Schedule(f"report-{number}", report.cron, _report(desk, report), zone)
        for number, report in enumerate(desk.rules.reports)
        if report.to
    ]
    return [
        Schedule("reminders", "*/10 * * * *", remind, zone),
        Schedule("time-limits", "*/5 * * * *", warn, zone),
        Schedule("retention", "30 3 * * *", retain, zone),
        *standing,
        *(_slack_schedules(desk) if desk.settings.slack_bot_token.get_secret_value() else []),
    ]


def _slack_schedules(desk: Wiring) -> list[Schedule]:
    """News of cases every minute, and the morning's digest."""
    from bot.notifications import morning, news

    def tell(session: Session, _at: datetime) -> None:
        news.tell(session, desk.rules, desk.clock(), desk.slack_channel)

    def greet(session: Session, _at: datetime) -> None:
        morning.greet(session, desk.rules, desk.clock())

    zone = desk.rules.calendar.timezone
    return [
        Schedule("slack-news", "* * * * *", tell, zone),
        Schedule("slack-morning", morning.cron(desk.rules), greet, zone),
    ]


def _report(desk: Wiring, report: ScheduledReport) -> Callable[[Session, datetime], None]:
    def send(session: Session, at: datetime) -> None:
        for reason in send_report(session, report, desk.rules, desk.clock(), at):
            log.warning("report %s: one recipient is left out (%s)", report.name, reason.partition(": ")[2])

    return send


def forget_old(session: Session, desk: Wiring, now: datetime) -> None:
    """Deletes what desk.yaml keeps for a time only: mails, conversations, cached answers of the model, delivery ids."""
    keep = desk.rules.retention
    if keep.messages_days:
        forget_messages(session, now - timedelta(days=keep.messages_days), now)
    if keep.conversations_days:
        session.execute(
            delete(ConversationTurn).where(ConversationTurn.at < now - timedelta(days=keep.conversations_days))
        )
    if keep.model_calls_days:
        session.execute(delete(ModelCall).where(ModelCall.at < now - timedelta(days=keep.model_calls_days)))
    session.execute(delete(SeenDelivery).where(SeenDelivery.at < now - timedelta(days=DELIVERIES_DAYS)))
