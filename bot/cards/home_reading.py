"""What the home tab of a person shows: his work, what is due, what clients owe, figures of the week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import Session

from bot.cards.reading import title_of
from cases.calendar import local_day, zone_of
from cases.models import Case, OutboxItem
from cases.outbox import PENDING
from cases.queries import CaseFilter, count_cases
from cases.rights import Asker, limited_to
from cases.vocabulary import DECIDED, ENDED, Role, Status
from config.desk import DeskRules

Filter = Literal["desk", "mine", "due", "review", "documents", "team"]
FILTERS: dict[Filter, str] = {
    "review": "Waits for confirmation",
    "mine": "Mine",
    "due": "Due today or before",
    "documents": "Waiting for documents",
    "team": "My team's",
    "desk": "All open cases of the desk",
}
SHOWN = 20  # cases in the list
_UNDERWRITING = (Status.READY, Status.ALLOCATED, Status.IN_UNDERWRITING)


@dataclass(frozen=True, slots=True)
class Entry:
    """A case in a list of the home tab; nothing confidential."""

    reference: str
    title: str
    client: str
    status: Status
    due: date | None
    overdue: bool
    holder: str
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Home:
    """A person's home tab."""

    name: str
    role: Role
    chosen: Filter
    filters: Sequence[Filter]
    entries: Sequence[Entry]
    total: int  # cases of the chosen filter
    counts: Sequence[tuple[str, int]]  # what waits
    week: Sequence[tuple[str, str]]  # figures of this week
    teams: Sequence[tuple[str, int, int]]  # team, open, overdue (for managers)
    can_open: bool  # whether a case may be opened here


def default_filter(role: Role) -> Filter:
    """What a role sees first."""
    return {Role.OFFICER: "review", Role.MANAGER: "due"}.get(role, "mine")  # type: ignore[return-value]


def filters_of(asker: Asker) -> tuple[Filter, ...]:
    """The filters that make sense for a role."""
    if asker.role is Role.SALES:
        return ("mine", "documents", "due")
    if asker.role is Role.UNDERWRITER:
        return ("mine", "team", "due", "documents", "desk") if asker.team else ("mine", "due", "documents", "desk")
    return ("review", "mine", "due", "documents", "desk")


def home_of(session: Session, asker: Asker, rules: DeskRules, now: datetime, chosen: str = "") -> Home:
    """The home tab of a person as things are now."""
    offered = filters_of(asker)
    first = default_filter(asker.role)
    active: Filter = next((one for one in offered if one == chosen), first if first in offered else offered[0])
    today = local_day(now, rules.calendar)
    query = _conditions(active, asker, rules, today)
    rows = session.scalars(
        select(Case).where(*query).order_by(Case.next_action_due.is_(None), Case.next_action_due, Case.id).limit(SHOWN)
    ).all()
    total = session.scalar(select(func.count()).select_from(Case).where(*query)) or 0
    return Home(
        name=asker.name,
        role=asker.role,
        chosen=active,
        filters=offered,
        entries=[_entry(case, today) for case in rows],
        total=total,
        counts=_counts(session, asker, rules, today),
        week=_week(session, asker, rules, now),
        teams=_teams(session, today) if asker.role in (Role.MANAGER, Role.ADMIN) else (),
        can_open=asker.role in (Role.OFFICER, Role.UNDERWRITER, Role.MANAGER),
    )


def _entry(case: Case, today: date) -> Entry:
    return Entry(
        case.reference,
        title_of(case),
        case.policyholder_name or "",
        Status(case.status),
        case.next_action_due,
        case.next_action_due is not None and case.next_action_due < today,
        case.assignee or case.underwriter or case.team or "",
        tuple(case.missing_documents or ()),
    )


def _conditions(active: Filter, asker: Asker, rules: DeskRules, today: date) -> list[ColumnElement[bool]]:
    open_ones: list[ColumnElement[bool]] = [Case.status.not_in([s.value for s in ENDED]), Case.merged_into_id.is_(None)]
    held = [*open_ones, *(_own(asker, rules) if asker.role is Role.SALES else ())]
    if active == "mine" and asker.role is not Role.SALES:
        mine = Case.assignee == asker.email
        held.append(mine | (Case.underwriter == asker.name) if asker.name else mine)
    elif active == "team":
        held += [Case.team == asker.team, Case.status.in_([s.value for s in _UNDERWRITING])]
    elif active == "due":
        held.append(Case.next_action_due <= today)
    elif active == "review":
        held += [Case.needs_review, Case.status.in_([Status.RECEIVED.value, Status.IN_REVIEW.value])]
    elif active == "documents":
        held.append(Case.status == Status.AWAITING_DOCUMENTS.value)
    return held


def _own(asker: Asker, rules: DeskRules) -> list[ColumnElement[bool]]:
    """A sales person's cases: those he is the contact of, and those of his accounts."""
    contact = Case.sales_contact == asker.email
    own = contact | Case.policyholder_name.in_(asker.accounts) if asker.accounts else contact
    accounts = limited_to(asker, rules.rights)
    return [own] if accounts is None else [own, Case.policyholder_name.in_(accounts)]


def _counts(session: Session, asker: Asker, rules: DeskRules, today: date) -> list[tuple[str, int]]:
    def count(active: Filter) -> int:
        query = select(func.count()).select_from(Case).where(*_conditions(active, asker, rules, today))
        return session.scalar(query) or 0

    if asker.role is Role.SALES:
        return [("open cases of my accounts", count("mine")), ("wait for the client", count("documents"))]
    if asker.role is Role.UNDERWRITER:
        return [("with me", count("mine")), ("due", count("due"))]
    drafts = session.scalar(select(func.count()).select_from(OutboxItem).where(OutboxItem.state.in_(PENDING)))
    return [
        ("wait for confirmation", count("review")),
        ("due", count("due")),
        ("wait for documents", count("documents")),
        ("mails wait for approval", drafts or 0),
    ]


def _week(session: Session, asker: Asker, rules: DeskRules, now: datetime) -> list[tuple[str, str]]:
    """Figures since Monday, in the desk's time zone. Sales: of their own accounts."""
    zone = zone_of(rules.calendar)
    today = now.astimezone(zone).date()
    start = datetime.combine(today - timedelta(days=today.weekday()), time(), zone)
    own = _own(asker, rules) if asker.role is Role.SALES else []
    if not own:
        received = count_cases(session, CaseFilter(received_from=start, include_merged=False))
    else:
        mine = select(func.count()).select_from(Case).where(Case.received_at >= start, *own)
        received = session.scalar(mine) or 0
    outcomes: dict[str, int] = {}
    decided = select(Case.status, func.count()).where(
        Case.decided_at >= start, Case.status.in_([s.value for s in DECIDED]), *own
    )
    if asker.role is Role.UNDERWRITER:
        decided = decided.where(Case.underwriter == asker.name)
    for status, number in session.execute(decided.group_by(Case.status)):
        outcomes[status] = number
    total = sum(outcomes.values())
    granted = outcomes.get("approved", 0) + outcomes.get("partially_approved", 0)
    figures = [
        ("received", str(received)),
        ("decided" if asker.role is not Role.UNDERWRITER else "decided by me", str(total)),
    ]
    return [*figures, ("approved", f"{granted / total:.0%}")] if total else figures


def _teams(session: Session, today: date) -> list[tuple[str, int, int]]:
    late = func.sum(func.coalesce(cast(Case.next_action_due < today, Integer), 0))
    rows = session.execute(
        select(Case.team, func.count(), late)
        .where(Case.status.not_in([s.value for s in ENDED]), Case.merged_into_id.is_(None))
        .group_by(Case.team)
        .order_by(func.count().desc())
        .limit(12)
    )
    return [(team or "no team yet", number, int(over or 0)) for team, number, over in rows]
