"""Quiet hours: when nobody's telephone is to ring (desk.yaml: slack.quiet_from, quiet_until)."""

from datetime import datetime, timedelta

from cases.calendar import zone_of
from config.desk import DeskRules


def quiet_until(now: datetime, rules: DeskRules) -> datetime | None:
    """When the quiet hours end in which `now` lies; None: it is no quiet hour. Equal times: there are none."""
    start, end = rules.slack.quiet_from, rules.slack.quiet_until
    if start == end:
        return None
    zone = zone_of(rules.calendar)
    local = now.astimezone(zone)
    clock = local.time()
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not quiet:
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, zone)
