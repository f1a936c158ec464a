"""Time limits of the states: when a case is due, and a warning before and at the breach, once each."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import audit
from cases.calendar import add_working_hours, is_open_at, local_day, working_hours_between
from cases.clock import system_clock
from cases.models import Case, Event, OutboxItem
from cases.outgoing import Letter, write
from cases.texts import one_line
from cases.vocabulary import ENDED, Channel, OutboxState
from config.desk import DeskRules


def due_at(case: Case, rules: DeskRules) -> datetime | None:
    """When the case's time in its present state is over (UTC); None: no limit, or paused."""
    hours = rules.sla.hours.get(case.status)
    if hours is None or case.status in rules.sla.paused_in:
        return None
    return add_working_hours(case.status_since, hours, rules.calendar)


def due_day(case: Case, rules: DeskRules) -> date | None:
    """The same as a day at the desk."""
    moment = due_at(case, rules)
    return None if moment is None else local_day(moment, rules.calendar)


def due_warnings(session: Session, rules: DeskRules, now: datetime, *, slack_channel: str = "") -> list[str]:
    """Warns of cases that have used 75 % or all of their time (`sla.warn_at`); once each, and only while open.

    Writes an event and, where there is somebody to tell, a mail or a Slack message. Returns the references.
    """
    if not is_open_at(now, rules.calendar):
        return []
    limited = [state for state in rules.sla.hours if state not in rules.sla.paused_in]
    query = select(Case).where(Case.status.in_(limited), Case.status.not_in([s.value for s in ENDED]))
    told = []
    for case in session.scalars(query.where(Case.status_since < now).order_by(Case.id)):
        used = working_hours_between(case.status_since, now, rules.calendar) / rules.sla.hours[case.status]
        reached = [share for share in sorted(rules.sla.warn_at) if used >= share]
        fresh = [share for share in reached if not _was_warned(session, case, share)]
        for share in fresh:
            cause = f"{share:.0%} of the time in {case.status} is used"
            audit.record(session, kind=_kind(share), actor="desk", at=now, case=case, cause=cause)
        if fresh:  # after a long pause one message says what counts now
            _tell(session, case, rules, now, fresh[-1], slack_channel)
            told.append(case.reference)
    return told


def _kind(share: float) -> str:
    return f"SlaWarning{round(share * 100)}"


def _was_warned(session: Session, case: Case, share: float) -> bool:
    query = select(Event.id).where(Event.case_id == case.id, Event.kind == _kind(share), Event.at >= case.status_since)
    return session.scalar(query.limit(1)) is not None


def _recipients(case: Case, rules: DeskRules) -> Iterable[str]:
    if case.assignee:
        return [case.assignee]
    desk = next((d.email for d in rules.departments.values() if d.email and d.team == case.team), "")
    return [desk] if desk else rules.alarms


def _tell(session: Session, case: Case, rules: DeskRules, now: datetime, share: float, slack_channel: str) -> None:
    when = f"{case.status_since:%Y-%m-%d %H:%M} UTC"
    over = "Its time is over" if share >= 1 else f"{share:.0%} of its time is used"
    buyer = one_line(case.buyer_name)
    text = f"{case.reference}{f' ({buyer})' if buyer else ''} has been in {case.status} since {when}. {over}.\n"
    key = f"sla:{case.reference}:{case.status}:{case.status_since.isoformat()}:{share}"
    for to in _recipients(case, rules):
        subject = f"{case.reference}: {over.lower()}"
        write(session, Letter(f"{key}:{to}", "sla_warning", to, subject, text, "en", case=case), rules, now)
    if slack_channel:
        _to_slack(session, f"{key}:slack", slack_channel, case, text, now)


def _to_slack(session: Session, key: str, channel: str, case: Case, text: str, now: datetime) -> None:
    if session.scalar(select(OutboxItem.id).where(OutboxItem.key == key)) is None:
        session.add(
            OutboxItem(
                key=key,
                kind="sla_warning",
                channel=Channel.SLACK.value,
                to=channel,
                case_id=case.id,
                state=OutboxState.WAITING.value,
                text=text,
                payload={"cases": [case.reference]},
                references=[],
                automatic=True,
                created_at=now,
                due_at=system_clock(),
            )
        )
        session.flush()
