"""Giving a case to a person or team, and writing on it."""

from datetime import datetime

from sqlalchemy.orm import Session

from cases import audit, lifecycle
from cases.models import Case, Note
from cases.people import find_person
from cases.rights import Asker, require
from cases.vocabulary import CaseKind, Role, Status
from config.desk import DeskRules
from config.errors import Conflict, IllegalTransition, InvalidValue

_LONGEST_NOTE = 10_000


def assign(
    session: Session,
    case: Case,
    asker: Asker,
    now: datetime,
    rules: DeskRules,
    *,
    to: str | None = None,
    team: str | None = None,
) -> Case:
    """Gives the case to a person (e-mail or full name), to a team, or both.

    A ready request that gets an underwriter is allocated; an enquiry that gets anybody is assigned.
    Raises Refused, NotFound, InvalidValue, Conflict where it is theirs already, IllegalTransition when it has ended.
    """
    require(asker, "assign")
    if not lifecycle.is_open(case):
        raise IllegalTransition(f"{case.reference} is {case.status}: there is nothing left to assign")
    if not to and not team:
        raise InvalidValue("say who gets it: a person (--to) or a team (--team)")
    person = find_person(session, to) if to else None
    if person is not None and person.email == case.assignee and team in (None, case.team):
        raise Conflict(f"{case.reference} is with {person.name} already")
    before = {"assignee": case.assignee, "underwriter": case.underwriter, "team": case.team}
    if person is not None:
        case.assignee = person.email
        if person.role == Role.UNDERWRITER and case.kind == CaseKind.REQUEST.value:
            case.underwriter = person.name
            case.team = team or person.team or case.team
    elif case.assignee:
        case.assignee = case.underwriter = None  # the new team's people get it
    if team:
        case.team = team
    case.allocation_reason = f"assigned by {asker.name or asker.email}"
    after = {"assignee": case.assignee, "underwriter": case.underwriter, "team": case.team}
    audit.record(session, kind="CaseAssigned", actor=asker.email, at=now, case=case, before=before, after=after)
    if case.kind == CaseKind.ENQUIRY.value and case.status == Status.RECEIVED.value:
        lifecycle.move(session, case, Status.ASSIGNED, actor=asker.email, at=now)
    to_underwriter = person is not None and person.role == Role.UNDERWRITER
    if to_underwriter and case.kind == CaseKind.REQUEST.value and case.status == Status.READY.value:
        lifecycle.move(session, case, Status.ALLOCATED, actor=asker.email, at=now)
    return case


def note(
    session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, text: str, *, internal: bool = True
) -> Case:
    """Writes a note on the case: internal ones are for credit people, the others for everybody who sees the case.

    Raises Refused, InvalidValue for an empty or too long text.
    """
    require(asker, "note" if internal else "comment")
    words = text.replace("\0", "").strip()
    if not words or len(words) > _LONGEST_NOTE:
        raise InvalidValue(f"a note has between 1 and {_LONGEST_NOTE:,} characters: this one has {len(words):,}")
    entry = Note(case_id=case.id, author=asker.email, text=words, internal=internal, created_at=now)
    session.add(entry)
    session.flush()
    after = {"note": entry.id, "internal": internal}
    audit.record(session, kind="NoteAdded", actor=asker.email, at=now, case=case, after=after)
    return case
