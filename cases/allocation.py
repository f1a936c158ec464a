"""Who gets a case: the team by rule, with the reason kept; within it whoever has least to do and is there."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import audit, lifecycle
from cases.conditions import RequestFacts, holds
from cases.documents import facts_of
from cases.models import Case, Person
from cases.people import underwriters_of
from cases.vocabulary import ENDED, Status
from config.desk import Allocation, DeskRules, When


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """A team and why."""

    team: str
    reason: str


def choose_team(allocation: Allocation, facts: RequestFacts, currency: str = "") -> TeamChoice:
    """The team of the first rule that holds; rules of which it cannot be told are passed over and named."""
    passed_over: list[str] = []
    for rule in allocation.rules:
        answer = holds(rule.when, facts)
        if answer:
            return TeamChoice(
                rule.team, f"rule “{rule.name}”: {_words(rule.when, facts, currency)}" + _left(passed_over)
            )
        if answer is None:
            passed_over.append(rule.name)
    return TeamChoice(allocation.otherwise, "no rule holds: the team for everything else" + _left(passed_over))


def _left(passed_over: list[str]) -> str:
    return f" (not known whether these hold: {', '.join(passed_over)})" if passed_over else ""


def _words(when: When, facts: RequestFacts, currency: str) -> str:
    said = []
    if when.amount_from is not None or when.amount_below is not None:
        said.append(f"amount {currency} {facts.amount:,.0f}".replace("  ", " "))
    if when.countries or when.not_countries:
        said.append(f"country {facts.country}")
    if when.request_types:
        said.append(f"type {facts.request_type}")
    if when.policyholders:
        said.append(f"policyholder {facts.policyholder}")
    if when.sectors:
        said.append(f"sector {facts.sector}")
    return ", ".join(said) or "holds always"


def set_team(session: Session, case: Case, rules: DeskRules, day: date) -> None:
    """Sets team and reason of a checked case."""
    choice = choose_team(rules.allocation, facts_of(session, case, rules, day), rules.reporting_currency)
    case.team, case.allocation_reason = choice.team, choice.reason


def choose_underwriter(session: Session, team: str, rules: DeskRules, on: date) -> Person | None:
    """The underwriter of the team with the fewest open cases who is there on the day; None: nobody is."""
    extra = next((t.members for t in rules.teams if t.name == team), ())
    people = underwriters_of(session, team, on, extra)
    if not people:
        return None
    session.flush()
    open_cases = (
        select(Case.assignee, func.count())
        .where(Case.assignee.in_([p.email for p in people]), Case.status.not_in([s.value for s in ENDED]))
        .group_by(Case.assignee)
    )
    held = {row[0]: row[1] for row in session.execute(open_cases)}
    return min(people, key=lambda p: (held.get(p.email, 0), p.email))


def allocate(session: Session, case: Case, rules: DeskRules, now: datetime, *, actor: str) -> bool:
    """Gives a ready case to an underwriter of its team; False where nobody is there (the case stays ready)."""
    assert case.team is not None
    today = now.date()
    person = choose_underwriter(session, case.team, rules, today)
    if person is None:
        case.next_action = f"no underwriter of {case.team} is there: assign somebody"
        case.next_action_due = today
        return False
    case.assignee, case.underwriter = person.email, person.name
    lifecycle.move(session, case, Status.ALLOCATED, actor=actor, at=now, cause=case.allocation_reason)
    audit.record(
        session,
        kind="CaseAllocated",
        actor=actor,
        at=now,
        case=case,
        after={"team": case.team, "assignee": person.email},
        cause=case.allocation_reason,
    )
    return True
