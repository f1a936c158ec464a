"""Merging, splitting and linking cases. All of it can be undone; references are never used again."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cases import audit, lifecycle
from cases.commands.opening import copy_of
from cases.commands.review import run_checks
from cases.models import Case, CaseLink, CaseMessage, StoredMessage
from cases.rights import Asker, require
from cases.vocabulary import CaseKind, Status
from config.desk import DeskRules
from config.errors import Conflict, IllegalTransition, InvalidValue, NotFound

MERGED = "merged"  # relation of the messages that a merge brought along
RELATIONS = ("related", "duplicate", "split", "appeal")


def merge(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, into: Case) -> Case:
    """The case goes into another one, which gets its messages; it ends as withdrawn until `split` undoes it.

    Raises Refused, Conflict (same case, other kind, other policyholder, merged already), IllegalTransition.
    """
    require(asker, "merge")
    _mergeable(case, into)
    held = set(session.scalars(select(CaseMessage.message_row_id).where(CaseMessage.case_id == into.id)))
    rows = session.execute(
        select(CaseMessage.message_row_id, CaseMessage.position)
        .where(CaseMessage.case_id == case.id)
        .order_by(CaseMessage.id)
    ).all()
    for message, position in rows:
        if message not in held:
            held.add(message)
            session.add(CaseMessage(case_id=into.id, message_row_id=message, position=position, relation=MERGED))
    case.merged_into_id, case.needs_review = into.id, False
    _add_link(session, case, into, "duplicate")
    cause = f"merged into {into.reference}"
    audit.record(session, kind="CaseMerged", actor=asker.email, at=now, case=case, after={"into": into.reference})
    lifecycle.move(session, case, Status.WITHDRAWN, actor=asker.email, at=now, cause=cause)
    audit.record(session, kind="CaseJoined", actor=asker.email, at=now, case=into, after={"joined": case.reference})
    return into


def _mergeable(case: Case, into: Case) -> None:
    if case.id == into.id:
        raise Conflict(f"{case.reference} cannot be merged into itself: name another case")
    if case.merged_into_id is not None:
        raise Conflict(f"{case.reference} is merged already: `cases split {case.reference}` undoes it")
    if into.merged_into_id is not None:
        raise Conflict(f"{into.reference} was itself merged: merge into the case that it went to")
    if case.kind != into.kind:
        raise Conflict(f"{case.reference} is a {case.kind}, {into.reference} a {into.kind}: link them instead")
    if case.policyholder_id and into.policyholder_id and case.policyholder_id != into.policyholder_id:
        raise Conflict(
            f"{case.reference} and {into.reference} belong to different policyholders: they cannot be merged"
        )


def split(
    session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, message: str | None = None
) -> Case:
    """Undoes a merge; or, with a message's digest (or its beginning), takes that message into a new linked case.

    Returns the case that stands by itself afterwards. Raises Refused, NotFound, Conflict, InvalidValue.
    """
    require(asker, "split")
    if case.merged_into_id is not None and message is None:
        return _undo_merge(session, case, asker, now, rules)
    if message is None:
        raise InvalidValue(
            f"{case.reference} was not merged: to split it, name the message that leaves it with --message DIGEST"
        )
    return _split_off(session, case, asker, now, rules, message)


def _undo_merge(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules) -> Case:
    into = session.get_one(Case, case.merged_into_id)
    own = select(CaseMessage.message_row_id).where(CaseMessage.case_id == case.id)
    session.execute(
        delete(CaseMessage).where(
            CaseMessage.case_id == into.id, CaseMessage.relation == MERGED, CaseMessage.message_row_id.in_(own)
        )
    )
    session.execute(
        delete(CaseLink).where(
            CaseLink.case_id == case.id, CaseLink.other_id == into.id, CaseLink.relation == "duplicate"
        )
    )
    back = Status.IN_REVIEW if case.kind == CaseKind.REQUEST.value else Status.ASSIGNED
    cause = f"no longer merged into {into.reference}"
    lifecycle.move(session, case, back, actor=asker.email, at=now, cause=cause)
    case.merged_into_id, case.needs_review = None, True
    for one, other in ((case, into), (into, case)):
        after = {"from": other.reference}
        audit.record(session, kind="MergeUndone", actor=asker.email, at=now, case=one, after=after)
    run_checks(session, case, rules, now, asker.email)
    return case


def _split_off(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, message: str) -> Case:
    if not lifecycle.is_open(case):
        raise IllegalTransition(f"{case.reference} is {case.status}: only an open case can be split")
    rows = session.scalars(
        select(CaseMessage)
        .join(StoredMessage, StoredMessage.id == CaseMessage.message_row_id)
        .where(CaseMessage.case_id == case.id, StoredMessage.digest.startswith(message.lower(), autoescape=True))
    ).all()
    if not rows:
        raise NotFound(f"{case.reference} has no message {message}: `cases show {case.reference}` lists them")
    total = session.scalars(select(CaseMessage.id).where(CaseMessage.case_id == case.id)).all()
    if len({row.message_row_id for row in rows}) > 1:
        raise Conflict(f"{message} fits several messages of {case.reference}: give more of the digest")
    if len(rows) == len(total):
        raise Conflict(f"this is the only message of {case.reference}: there is nothing to split")
    twin = copy_of(session, case, now)
    for row in rows:
        row.case_id = twin.id
    _add_link(session, twin, case, "split")
    audit.record(
        session, kind="CaseSplit", actor=asker.email, at=now, case=twin, after={"from": case.reference},
        message_row_id=rows[0].message_row_id,
    )  # fmt: skip
    audit.record(session, kind="CaseSplit", actor=asker.email, at=now, case=case, after={"into": twin.reference})
    if twin.kind == CaseKind.REQUEST.value:
        lifecycle.move(session, twin, Status.IN_REVIEW, actor=asker.email, at=now)
        run_checks(session, twin, rules, now, asker.email)
    return twin


def link(
    session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, other: Case, relation: str = "related"
) -> Case:
    """Notes that two cases belong together. Raises Refused, InvalidValue, Conflict where they are linked so."""
    require(asker, "link")
    if relation not in RELATIONS:
        raise InvalidValue(f"{relation!r} is no relation: choose one of {', '.join(RELATIONS)}")
    if case.id == other.id:
        raise Conflict(f"{case.reference} cannot be linked to itself: name another case")
    if not _add_link(session, case, other, relation):
        raise Conflict(f"{case.reference} and {other.reference} are linked as {relation} already")
    _record_link(session, "CasesLinked", case, other, relation, asker, now)
    return case


def unlink(session: Session, case: Case, asker: Asker, now: datetime, rules: DeskRules, other: Case) -> Case:
    """Takes a link away that a person made. Raises Refused, NotFound."""
    require(asker, "link")
    rows = [row for row in _links(session, case, other) if row.relation in ("related", "duplicate")]
    if not rows or case.merged_into_id == other.id or other.merged_into_id == case.id:
        raise NotFound(f"{case.reference} and {other.reference} have no link that can be taken away")
    for row in rows:
        session.delete(row)
        _record_link(session, "LinkRemoved", case, other, row.relation, asker, now)
    return case


def _record_link(
    session: Session, kind: str, case: Case, other: Case, relation: str, asker: Asker, now: datetime
) -> None:
    for one, to in ((case, other), (other, case)):
        after = {"other": to.reference, "relation": relation}
        audit.record(session, kind=kind, actor=asker.email, at=now, case=one, after=after)


def _links(session: Session, case: Case, other: Case) -> list[CaseLink]:
    pair = (case.id, other.id)
    query = select(CaseLink).where(CaseLink.case_id.in_(pair), CaseLink.other_id.in_(pair)).order_by(CaseLink.id)
    return list(session.scalars(query))


def _add_link(session: Session, case: Case, other: Case, relation: str) -> bool:
    if any(row.relation == relation for row in _links(session, case, other)):
        return False
    session.add(CaseLink(case_id=case.id, other_id=other.id, relation=relation))
    session.flush()
    return True
