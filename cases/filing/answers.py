"""What goes out for a message that was filed: an answer to the client or a summary to the colleague, and the card."""

from datetime import date

from cases import audit, documents, letters, outgoing
from cases.calendar import add_working_days, local_day
from cases.filing.work import DESK, Work
from cases.letters import Owed
from cases.models import Case
from cases.outgoing import Letter
from cases.policies import domain_of
from cases.summary import to_colleague, two_sentences
from cases.texts import language_of
from cases.vocabulary import CaseKind, Intent, OutboxState, Status


def answer(work: Work) -> None:
    """Writes the outbox rows for the cases that the message opened or touched."""
    if not work.touched:
        return
    if work.facts.from_staff:
        _to_colleague(work)
    else:
        _to_client(work)
    _hand_over(work)
    if work.slack_channel:
        text = "\n".join(f"{c.reference}: {two_sentences(c)}" for c in work.touched[:20])
        outgoing.card(work.session, work.slack_channel, work.stored, work.touched, text, work.now)


def _to_colleague(work: Work) -> None:
    to = (work.facts.sender_address or "").lower()
    own = (*work.own_addresses, work.rules.desk.address)
    if work.facts.automatic or not work.rules.automatic_mail.summary_to_forwarder:
        return
    if not outgoing.is_answerable(to, own):
        return
    if not work.triage.forwarded and not outgoing.within_daily_cap(work.session, to, work.rules, work.now):
        return  # what a colleague forwards is always answered; anything else could be a loop
    proved = work.facts.authenticated or domain_of(to) in {d.lower() for d in work.rules.staff_domains}
    subject, text = to_colleague(work.touched, work.triage.unread, proved)
    parent, references = outgoing.thread_of(work.facts)
    letter = Letter(
        key=f"summary:{work.stored.digest}",
        kind="summary",
        to=to,
        subject=subject,
        text=text,
        language="en",
        case=work.touched[0],
        stored=work.stored,
        in_reply_to=parent,
        references=references,
        payload={"cases": [case.reference for case in work.touched]},
    )
    outgoing.write(work.session, letter, work.rules, work.now)


def _to_client(work: Work) -> None:
    to = work.reply_to
    if to is None or not work.rules.automatic_mail.acknowledge:
        return
    asked = _owed(work) if work.rules.automatic_mail.request_documents else []
    due = add_working_days(
        local_day(work.now, work.rules.calendar), work.rules.chasing.documents_due_days, work.rules.calendar
    )
    subject, text = _composed(work, asked, due)
    allowed = outgoing.within_daily_cap(work.session, to, work.rules, work.now)
    if not allowed and not asked:
        _skipped(work, to)
        return
    parent, references = outgoing.thread_of(work.facts)
    letter = Letter(
        key=f"acknowledgement:{work.stored.digest}",
        kind="acknowledgement",
        to=to,
        subject=subject,
        text=text,
        language=language_of(work.triage.language),
        state=OutboxState.WAITING if allowed else OutboxState.HELD,
        case=work.touched[0],
        stored=work.stored,
        in_reply_to=parent,
        references=references,
        payload={
            "cases": [case.reference for case in work.touched],
            "documents": {item.case.reference: item.types for item in asked},
        },
        error=None if allowed else outgoing.CAP_REASON,
    )
    outgoing.write(work.session, letter, work.rules, work.now)
    if allowed:
        _note_asked(work, asked, due)


def _owed(work: Work) -> list[Owed]:
    """What the client is asked for: of cases whose values stand and that wait for documents."""
    waiting = [case for case in work.touched if case.status == Status.AWAITING_DOCUMENTS]
    return [Owed(case, list(case.missing_documents)) for case in waiting if case.missing_documents]


def _composed(work: Work, asked: list[Owed], due: date) -> tuple[str, str]:
    language, name, rules = language_of(work.triage.language), work.triage.contact.name, work.rules
    if work.stored.truncated:
        return letters.too_large(language, name, work.opened, work.day, rules)
    if work.appeal_of is not None:
        return letters.plain_acknowledgement(
            language, "appeal", name, work.touched, rules, original=work.appeal_of.reference
        )
    if work.triage.intent is Intent.CREDIT_LIMIT_REQUEST and any(c.kind == CaseKind.REQUEST for c in work.touched):
        return letters.acknowledgement(language, name, work.touched, asked, due, rules)
    if work.opened:
        return letters.plain_acknowledgement(language, "enquiry", name, work.opened, rules)
    if work.files and (asked or work.completed):
        return letters.documents_received(language, name, work.touched, asked, due, rules)
    return letters.plain_acknowledgement(language, "reply", name, work.touched, rules)


def _note_asked(work: Work, asked: list[Owed], due: date) -> None:
    for item in asked:
        documents.mark_requested(work.session, item.case, due, work.now)
        audit.record(
            work.session,
            kind="DocumentsRequested",
            actor=DESK,
            at=work.now,
            case=item.case,
            message_row_id=work.stored.id,
            after={"documents": item.types, "due": due},
        )


def _skipped(work: Work, to: str) -> None:
    """Nothing is owed and today's mail is spent: the case remembers why nothing went out."""
    audit.record(
        work.session,
        kind="AcknowledgementSkipped",
        actor=DESK,
        at=work.now,
        case=work.touched[0],
        message_row_id=work.stored.id,
        cause=f"{outgoing.CAP_REASON}: {to}",
    )


def _hand_over(work: Work) -> None:
    """Tells a department of its new enquiries, where desk.yaml gives its address."""
    for case in work.opened:
        to = _department_address(work, case)
        if case.kind == CaseKind.ENQUIRY and outgoing.is_answerable(to, (*work.own_addresses, work.rules.desk.address)):
            letter = Letter(
                key=f"handover:{case.reference}",
                kind="handover",
                to=to,
                subject=f"{case.reference} for {case.team}",
                text=f"{two_sentences(case)}\n\nThe whole mail: `creditdesk cases show {case.reference}`\n",
                language="en",
                case=case,
                stored=work.stored,
            )
            outgoing.write(work.session, letter, work.rules, work.now)


def _department_address(work: Work, case: Case) -> str:
    return next((d.email for d in work.rules.departments.values() if d.email and d.team == case.team), "").lower()
