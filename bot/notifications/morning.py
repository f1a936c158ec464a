"""The morning's digest: what waits for each colleague today, on working days, at the end of the quiet hours."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards.home_reading import home_of
from bot.notifications import rows
from cases.calendar import is_working_day, local_day
from cases.clock import system_clock
from cases.models import Person
from cases.people import is_absent, to_asker
from config.desk import DeskRules


def greet(session: Session, rules: DeskRules, now: datetime) -> int:
    """Writes a row for everybody who has something due; gives their number. Once a day, however often it is called."""
    today = local_day(now, rules.calendar)
    if not is_working_day(today, rules.calendar):
        return 0
    told = 0
    for person in session.scalars(select(Person).where(Person.active).order_by(Person.id)):
        if is_absent(person, today):
            continue
        home = home_of(session, to_asker(person), rules, now, "due")
        if home.chosen != "due" or not home.total:
            continue
        to = person.slack_user_id or person.email
        payload: dict[str, object] = {"cases": [entry.reference for entry in home.entries], "total": home.total}
        rows.write(session, f"morning:{person.id}:{today}", "morning", to, f"{home.total} due", payload, now, system_clock())  # fmt: skip
        told += 1
    return told


def cron(rules: DeskRules) -> str:
    """When it comes, as a cron line in the desk's time zone."""
    return f"{rules.slack.quiet_until.minute} {rules.slack.quiet_until.hour} * * *"
