"""Asking a client for documents after a person has looked: one mail by fixed text, or a draft where no mail may go."""

from datetime import datetime

from sqlalchemy.orm import Session

from cases import audit, documents, letters, outgoing
from cases.calendar import add_working_days, local_day
from cases.models import Case, OutboxItem
from cases.vocabulary import OutboxState
from config.desk import DeskRules


def request_documents(
    session: Session, case: Case, rules: DeskRules, now: datetime, *, actor: str
) -> OutboxItem | None:
    """Writes the request for what the case lacks; None where nothing is owed or nobody can be asked.

    A person has let the case go on, so it leaves at once to a client who wrote to the desk; where only a colleague
    forwarded, it waits as a draft.
    """
    owed = documents.owed(session, case)
    to = case.reply_address or case.asker_address or case.contact_email
    if not owed or not to or not outgoing.is_answerable(to, (rules.desk.address,)):
        return None
    language = outgoing.client_language(case)
    due = add_working_days(local_day(now, rules.calendar), rules.chasing.documents_due_days, rules.calendar)
    types = [row.type for row in owed]
    subject, text = letters.asking(
        language, "document_request", case.contact_name, [letters.Owed(case, types)], due, rules
    )
    direct = case.reply_address is not None and rules.automatic_mail.request_documents
    parent = outgoing.last_message_id(session, case)
    letter = outgoing.Letter(
        key=f"document_request:{case.reference}:{'+'.join(sorted(types))}"[:200],
        kind="document_request",
        to=to,
        subject=subject,
        text=text,
        language=language,
        state=OutboxState.WAITING if direct else OutboxState.DRAFT,
        automatic=False,
        case=case,
        in_reply_to=parent,
        references=(parent,) if parent else (),
        payload={"documents": {case.reference: types}},
        approved_by=actor if direct else None,
    )
    row = outgoing.write(session, letter, rules, now)
    if direct:
        documents.mark_requested(session, case, due, now)
        audit.record(
            session, kind="DocumentsRequested", actor=actor, at=now, case=case, after={"documents": types, "due": due}
        )
    return row
