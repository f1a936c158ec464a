"""One message into cases: what it is decides where it goes; a second call changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cases import audit, outgoing, policies, replies
from cases.clock import Clock
from cases.filing import enquiries, opening, requests
from cases.filing.answers import answer
from cases.filing.work import Work
from cases.models import Case, CaseMessage, StoredMessage
from cases.policies import OnFile, Party
from cases.replies import Known
from cases.understanding import MessageFacts, Triage
from cases.vocabulary import ENDED, Intent, MessageState
from config.desk import DeskRules

_REFERENCES = (
    select(Case.reference)
    .join(CaseMessage, CaseMessage.case_id == Case.id)
    .where(CaseMessage.message_row_id == bindparam("message"))
)
_DONE = frozenset({MessageState.FILED.value, MessageState.IGNORED.value})


@dataclass(frozen=True, slots=True)
class FilingResult:
    """Where a message ended: its state, the references of its cases, and the reason where it opened none."""

    state: MessageState
    cases: list[str]
    reason: str | None = None


def file_message(
    session: Session,
    stored: StoredMessage,
    triage: Triage,
    facts: MessageFacts,
    rules: DeskRules,
    now: datetime,
    *,
    slack_channel: str = "",
    own_addresses: tuple[str, ...] = (),
) -> FilingResult:
    """Files a message in the caller's transaction. Idempotent: a message filed or ignored already stays as it is.

    `own_addresses` are never written to; `slack_channel` gets a review card. Filing waits for other filing, since
    order decides duplicates and joins.
    """
    session.flush()
    with session.no_autoflush, audit.gathered(session):  # objects are built first and written together at the end
        audit.lock(session)
        session.refresh(stored, ["state", "reason"])
        if stored.state in _DONE:
            return FilingResult(MessageState(stored.state), _references(session, stored), stored.reason)
        work = _work(session, stored, triage, facts, rules, now, slack_channel, own_addresses)
        state, reason = _file(work)
        return FilingResult(state, _references(session, stored), reason)


def file_messages(
    session: Session,
    messages: Iterable[tuple[StoredMessage, Triage, MessageFacts]],
    rules: DeskRules,
    clock: Clock,
    *,
    slack_channel: str = "",
    own_addresses: tuple[str, ...] = (),
) -> None:
    """Files several in their order, as `file_message` does; what they have in common is asked and written once.

    The caller has locked their rows, and read them since: none is filed or ignored yet.
    """
    messages = list(messages)
    if not messages:
        return
    session.flush()
    with session.no_autoflush, audit.gathered(session):
        audit.lock(session)
        on_file = policies.on_file(session, [asker for _, _, facts in messages if (asker := _asker(facts))])
        for stored, triage, facts in messages:
            _file(_work(session, stored, triage, facts, rules, clock(), slack_channel, own_addresses, on_file))


def _file(work: Work) -> tuple[MessageState, str | None]:
    """Files one message. What became of an ignored one may wait in the session: no other message looks at it."""
    reason = _ignored(work)
    if reason is not None:
        if work.attached:
            work.session.flush()
        return _finish(work, MessageState.IGNORED, reason)
    if work.stored.truncated:
        opening.open_enquiry(work, cause="larger than the desk takes: only its header was read")
    else:
        _dispatch(work, replies.find(work.session, work.triage, work.facts, work.party))
    answer(work)
    finished = _finish(work, MessageState.FILED, None)
    work.session.flush()
    return finished


def file_by_hand(
    session: Session,
    stored: StoredMessage,
    triage: Triage,
    facts: MessageFacts,
    rules: DeskRules,
    now: datetime,
    *,
    actor: str,
    to: Case | None = None,
) -> FilingResult:
    """A colleague puts a message where it belongs: to the case `to`, or into a case of its own. Nothing is sent."""
    audit.lock(session)
    work = _work(session, stored, triage, facts, rules, now, "", ())
    for link in session.scalars(select(CaseMessage).where(CaseMessage.message_row_id == stored.id)):
        if link.relation != "opened" and (to is None or link.case_id != to.id):
            session.delete(link)
    session.flush()
    if to is not None:
        requests.join_as_reply(work, Known(cases=[to], how=f"hand of {actor}"))
        if to.status in {s.value for s in ENDED}:
            work.attach(to, "reply")
    elif triage.intent is Intent.CREDIT_LIMIT_REQUEST:
        requests.file_requests(work, Known())
    else:
        opening.open_enquiry(work, cause=f"filed by {actor}")
    audit.record(
        session,
        kind="MessageFiledByHand",
        actor=actor,
        at=now,
        case=to or (work.opened[0] if work.opened else None),
        message_row_id=stored.id,
    )
    _, reason = _finish(work, MessageState.FILED, None)
    session.flush()
    return FilingResult(MessageState.FILED, _references(session, stored), reason)


def _work(
    session: Session,
    stored: StoredMessage,
    triage: Triage,
    facts: MessageFacts,
    rules: DeskRules,
    now: datetime,
    slack_channel: str,
    own_addresses: tuple[str, ...],
    on_file: OnFile | None = None,
) -> Work:
    return Work(
        session=session,
        stored=stored,
        triage=triage,
        facts=facts,
        rules=rules,
        now=now,
        party=_party(session, triage, facts, rules, on_file),
        reply_to=outgoing.client_address(facts, rules, own_addresses, triage.contact.email),
        own_addresses=own_addresses,
        slack_channel=slack_channel,
    )


def _party(
    session: Session, triage: Triage, facts: MessageFacts, rules: DeskRules, on_file: OnFile | None = None
) -> Party:
    """Whose mail it is."""
    return policies.identify(
        session,
        number=triage.policy_number,
        name=triage.policyholder_name,
        address=_asker(facts),
        rules=rules.checks,
        on_file=on_file,
    )


def _asker(facts: MessageFacts) -> str | None:
    """The address of the client who asks, never of the colleague who forwarded."""
    sender = (facts.sender_address or "").lower()
    asker = (facts.asker_address or ("" if facts.from_staff else sender)).lower()
    if facts.from_staff and asker == sender:
        return None
    return asker or None


def _ignored(work: Work) -> str | None:
    """Why the message opens nothing; None: it is to be filed."""
    triage = work.triage
    if work.facts.bounce_of:
        case = enquiries.file_bounce(work)
        return f"delivery report for a mail on {case.reference}" if case else "delivery report"
    if triage.intent is Intent.AUTO_REPLY:
        return f"automatic mail{_because(triage)}"
    if triage.intent is Intent.UNRELATED and not (work.stored.truncated and not work.facts.automatic):
        return f"nothing for the desk{_because(triage)}"
    return None


def _because(triage: Triage) -> str:
    return f": {' '.join(triage.intent_reason.split())[:200]}" if triage.intent_reason else ""


def _dispatch(work: Work, known: Known) -> None:
    match work.triage.intent:
        case Intent.CREDIT_LIMIT_REQUEST:
            requests.file_requests(work, known)
        case Intent.DOCUMENT_SUBMISSION:
            enquiries.file_submission(work, known)
        case Intent.DECISION_APPEAL:
            enquiries.file_appeal(work, known)
        case _:
            enquiries.file_enquiry(work, known)


def _references(session: Session, stored: StoredMessage) -> list[str]:
    return sorted(set(session.scalars(_REFERENCES, {"message": stored.id})))


def _finish(work: Work, state: MessageState, reason: str | None) -> tuple[MessageState, str | None]:
    """Notes in the message's row where it ended."""
    stored, triage = work.stored, work.triage
    stored.state, stored.reason, stored.filed_at = state.value, reason, work.now
    stored.intent, stored.engine = triage.intent.value, triage.engine.value
    stored.language = triage.language[:8] if triage.language else None
    stored.triage = _storable(triage.model_dump(mode="json", exclude={"parts"}))
    stored.parked = False
    if work.party.policyholder is not None and not work.party.contradiction:
        stored.policyholder_id = work.party.policyholder.id
    return state, reason


def _storable(tree: dict[str, object]) -> dict[str, object]:
    """Without what PostgreSQL cannot keep in JSON: NUL and halves of surrogate pairs."""
    import json

    text = json.dumps(tree, ensure_ascii=True)
    if "\\u0000" not in text and "\\ud" not in text:
        return tree
    cleaned = json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace").decode().replace("\\u0000", "\ufffd")
    result: dict[str, object] = json.loads(cleaned)
    return result
