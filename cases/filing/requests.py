"""Credit limit requests: each becomes a case of its own, or joins the open one that asks the same."""

from cases import audit, policies
from cases.filing import evidence, opening, progress
from cases.filing.work import CLIENT, DESK, Work
from cases.models import Case, CaseLink
from cases.names import name_key
from cases.replies import Known
from cases.summary import two_sentences
from cases.vocabulary import CaseKind, Status


def file_requests(work: Work, known: Known) -> None:
    """Files every request of the message; one without any request is an enquiry, so that nothing is lost."""
    if not work.triage.requests:
        if known.open:
            join_as_reply(work, known)
        else:
            opening.open_enquiry(work, cause="a request in which no buyer was understood")
        return
    continued = known.open if known.how in ("thread", "case number") else []
    thread = [case.id for case in continued]
    for index, request in enumerate(work.triage.requests):
        if index:
            work.session.flush()  # the next request is compared with what became of this one
        if request.buyer_name is None and len(continued) == 1 and continued[0].kind == CaseKind.REQUEST:
            values = evidence.shared_values(work) | evidence.request_values(work, index)
            _join(work, continued[0], index, f"same {known.how}, no other buyer named", values)
        else:
            _file_one(work, index, thread)


def _file_one(work: Work, index: int, thread: list[int]) -> None:
    values = evidence.shared_values(work) | evidence.request_values(work, index)
    case = opening.draft(work, CaseKind.REQUEST, values)
    siblings = frozenset(other.id for other in work.opened)
    ground, likeness = progress.look(work.session, case, work.rules, work.party, thread)
    if likeness.same is not None:
        _join(work, likeness.same, index, likeness.why, values)
        return
    likeness.offered = [other for other in likeness.offered if other.id not in siblings]
    ground.duplicates = [other.reference for other in likeness.offered]
    rule = progress.judge(ground)
    opening.enter(work, case, values, index)
    work.session.add_all(
        CaseLink(case_id=case.id, other_id=other.id, relation="duplicate?") for other in likeness.offered
    )
    if rule is not None:
        evidence.derive(work.session, case, "request_type", case.request_type, rule, work.now)
    _adopt_only_policy(work, case)
    files = work.files if len(work.triage.requests) == 1 else _files_for(work, case)
    progress.list_documents(work.session, case, work.rules, work.now, files, work.stored.id, new=True)
    settle(work, case)


def settle(work: Work, case: Case) -> None:
    """Takes a new or changed request as far as its values are trusted."""
    reasons = progress.doubts(work.session, case, work.rules, remarks(work))
    progress.note_doubts(case, reasons)
    progress.proceed(
        work.session,
        case,
        work.rules,
        work.now,
        actor=DESK,
        settled=not reasons,
        cause="every key value is trusted",
        message_row_id=work.stored.id,
    )
    case.summary = two_sentences(case)


def remarks(work: Work) -> tuple[str, ...]:
    """What in the message itself asks for a person: warnings, values dropped, files not read."""
    triage = work.triage
    key = tuple(f".{field}" for field in progress.KEY_FIELDS)
    dropped = [f"{d.path} dropped: {d.reason}" for d in triage.dropped if d.path.endswith(key)]
    return (*triage.warnings, *dropped, *(f"not read: {text}" for text in triage.unread))


def _adopt_only_policy(work: Work, case: Case) -> None:
    """The only policy of a known policyholder is the case's where the message names none."""
    party = work.party
    if party.policy is not None and case.policy_number is None and not party.contradiction:
        rule = "only active policy of the policyholder in the register"
        evidence.derive(work.session, case, "policy_number", party.policy.number, rule, work.now)


def _files_for(work: Work, case: Case) -> list[tuple[str, str]]:
    """Of several requests in one mail, the files whose name tells this buyer's."""
    words = (case.buyer_name_key or "").split()
    return [
        (kind, name)
        for kind, name in work.files
        if words and f" {words[0]} " in f" {name_key(name.replace('_', ' ').replace('-', ' ').replace('.', ' '))} "
    ]


def _join(work: Work, case: Case, index: int, why: str, values: dict[str, object]) -> None:
    relation = "reply" if "thread" in why else "joined"
    work.attach(case, relation, index)
    audit.record(
        work.session,
        kind="MessageJoined",
        actor=CLIENT,
        at=work.now,
        case=case,
        message_row_id=work.stored.id,
        cause=why,
    )
    evidence.update(work, case, values, index)
    work.joined.append(case)
    reassess(work, case, work.files if len(work.triage.requests) == 1 else _files_for(work, case))


def reassess(work: Work, case: Case, files: list[tuple[str, str]]) -> None:
    """Checks a case again after a later message touched it, ticks what came, and moves it on where that completed it."""
    before = case.status
    party = policies.identify_case(work.session, case, work.rules.checks)
    siblings = frozenset(c.id for c in work.touched if c.id != case.id)
    progress.assess(
        work.session,
        case,
        work.rules,
        work.now,
        party,
        ignore=siblings,
        files=files,
        message_row_id=work.stored.id,
    )
    settle(work, case)
    if before == Status.AWAITING_DOCUMENTS and case.status != before:
        work.completed.append(case)


def join_as_reply(work: Work, known: Known) -> None:
    """Adds a message to the open cases that it continues; documents that were owed are ticked."""
    for case in known.open:
        work.attach(case, "documents" if work.files else "reply")
        audit.record(
            work.session,
            kind="ReplyReceived",
            actor=CLIENT,
            at=work.now,
            case=case,
            message_row_id=work.stored.id,
            after={"documents": [kind for kind, _ in work.files]} if work.files else None,
            cause=f"by {known.how}",
        )
        work.joined.append(case)
        if case.kind != CaseKind.REQUEST:
            continue
        files = work.files if len(known.open) == 1 else _files_for(work, case)
        reassess(work, case, files)
        if work.files and not files:
            case.next_action = "documents came for several cases: say which belongs to which"
