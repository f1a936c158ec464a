"""The life of a case: one table of transitions; every move writes an event."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from cases import audit
from cases.models import Case
from cases.vocabulary import DECIDED, ENDED, CaseKind, Status
from config.errors import IllegalTransition

_S = Status

TRANSITIONS: Mapping[CaseKind, Mapping[Status, frozenset[Status]]] = {
    CaseKind.REQUEST: {
        _S.RECEIVED: frozenset({_S.IN_REVIEW, _S.WITHDRAWN}),
        _S.IN_REVIEW: frozenset({_S.AWAITING_DOCUMENTS, _S.READY, _S.WITHDRAWN}),
        _S.AWAITING_DOCUMENTS: frozenset({_S.READY, _S.WITHDRAWN}),
        _S.READY: frozenset({_S.AWAITING_DOCUMENTS, _S.ALLOCATED, _S.WITHDRAWN}),
        _S.ALLOCATED: frozenset({_S.AWAITING_DOCUMENTS, _S.IN_UNDERWRITING, _S.WITHDRAWN}),
        _S.IN_UNDERWRITING: frozenset(
            {_S.AWAITING_DOCUMENTS, _S.APPROVED, _S.PARTIALLY_APPROVED, _S.DECLINED, _S.WITHDRAWN}
        ),
        _S.APPROVED: frozenset(),
        _S.PARTIALLY_APPROVED: frozenset(),
        _S.DECLINED: frozenset(),
        _S.WITHDRAWN: frozenset({_S.IN_REVIEW}),  # only where a merge is undone: see MERGED_ONLY
    },
    CaseKind.ENQUIRY: {
        _S.RECEIVED: frozenset({_S.ASSIGNED, _S.WITHDRAWN}),
        _S.ASSIGNED: frozenset({_S.ANSWERED, _S.CLOSED, _S.WITHDRAWN}),
        _S.ANSWERED: frozenset({_S.ASSIGNED, _S.CLOSED}),
        _S.CLOSED: frozenset(),
        _S.WITHDRAWN: frozenset({_S.ASSIGNED}),  # only where a merge is undone
    },
}
MERGED_ONLY = frozenset({_S.WITHDRAWN})  # states that only a case merged into another may leave


def allowed(case: Case) -> frozenset[Status]:
    """The states that the case may go to now."""
    status = Status(case.status)
    if status in MERGED_ONLY and case.merged_into_id is None:
        return frozenset()
    return TRANSITIONS[CaseKind(case.kind)].get(status, frozenset())


def move(
    session: Session,
    case: Case,
    to: Status,
    *,
    actor: str,
    at: datetime,
    cause: str | None = None,
    message_row_id: int | None = None,
) -> None:
    """Moves the case one step and writes StatusChanged. Raises IllegalTransition naming the steps there are."""
    before = Status(case.status)
    if to not in allowed(case):
        steps = ", ".join(sorted(allowed(case))) or "none"
        raise IllegalTransition(f"{case.reference} cannot go from {before} to {to}: from here it may go to {steps}")
    case.status, case.status_since = to.value, at
    if to in DECIDED:
        case.decided_at = at
    if to in ENDED:
        case.next_action = case.next_action_due = None
    audit.record(
        session,
        kind="StatusChanged",
        actor=actor,
        at=at,
        case=case,
        message_row_id=message_row_id,
        before={"status": before},
        after={"status": to},
        cause=cause,
    )


def route(kind: CaseKind, start: Status, end: Status) -> tuple[Status, ...] | None:
    """The shortest legal way from one state to another, without `start`; None where there is none."""
    ways: list[tuple[Status, ...]] = [(start,)]
    seen = {start}
    while ways:
        way = ways.pop(0)
        if way[-1] == end:
            return way[1:]
        if way[-1] in MERGED_ONLY:
            continue
        for step in sorted(TRANSITIONS[kind].get(way[-1], ())):
            if step not in seen:
                seen.add(step)
                ways.append((*way, step))
    return None


def path_to_underwriting(status: Status) -> tuple[Status, ...]:
    """The steps from a checked case to where it can be decided, for one who decides it at once."""
    way = (_S.READY, _S.ALLOCATED, _S.IN_UNDERWRITING)
    return way[way.index(status) + 1 :] if status in way else ()


def is_open(case: Case) -> bool:
    """Whether work remains: not decided, withdrawn, answered or closed."""
    return Status(case.status) not in ENDED
