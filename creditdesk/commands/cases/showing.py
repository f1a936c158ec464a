"""`creditdesk cases show`, `history`, `files`: one case as an officer wants to see it."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy import select

from config.errors import Refused
from creditdesk.commands.cases.app import As, Reference, app
from creditdesk.output import console, print_json, print_table, safe, shown
from creditdesk.wiring import Wiring, wire

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cases.queries import CaseView, FieldView, HistoryEntry

Section = tuple[str, Sequence[str], list[Sequence[object]]]


@app.command()
def show(reference: Reference, as_email: As = None) -> None:
    """Show a case: values each with its quote and source, checks, documents, allocation, history.

    Example: creditdesk cases show CR-2026-000123
    """
    from cases.database import read_session

    desk = wire()
    with read_session(desk.database) as session:
        view = _view(session, desk, reference, as_email)
    if desk.options.json:
        from creditdesk.commands.cases.as_json import view_as_json

        print_json(view_as_json(view))
    else:
        _print(view)


@app.command()
def history(reference: Reference, as_email: As = None) -> None:
    """What happened to a case: who, when, before and after, and why; refusals too.

    Example: creditdesk cases history CR-2026-000123
    """
    from cases.database import read_session

    desk = wire()
    with read_session(desk.database) as session:
        view = _view(session, desk, reference, as_email, "see_history")
    if desk.options.json:
        from creditdesk.commands.cases.as_json import entry_as_json

        print_json([entry_as_json(entry) for entry in view.history])
    else:
        print_table(_HISTORY, _history_rows(view.history), empty="nothing happened yet")


@app.command()
def files(
    reference: Reference,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="DIR", help="Write the files into this folder; none is overwritten."),
    ] = None,
    as_email: As = None,
) -> None:
    """The files that came with a case's messages, and what each was taken for.

    Example: creditdesk cases files CR-2026-000123 --save papers
    """
    from cases.database import read_session
    from cases.models import Attachment, Case, CaseMessage, StoredMessage

    desk = wire()
    query = (
        select(Attachment.filename, Attachment.type, Attachment.media_type, Attachment.size, Attachment.unread_reason, StoredMessage.digest)
        .distinct()
        .join(StoredMessage, StoredMessage.id == Attachment.message_id)
        .join(CaseMessage, CaseMessage.message_row_id == StoredMessage.id)
        .join(Case, Case.id == CaseMessage.case_id)
    )  # fmt: skip
    with read_session(desk.database) as session:
        view = _view(session, desk, reference, as_email, "see_status" if save is None else "see_history")
        rows = session.execute(query.where(Case.reference == view.reference)).all()
        if save is not None:
            from creditdesk.commands.cases.saving import save_files

            save_files(session, view.reference, save)
    columns = ("filename", "type", "media_type", "size", "unread_reason", "message")
    if desk.options.json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_table(columns, rows, empty="no files came with this case")


def _view(
    session: "Session", desk: Wiring, reference: str, as_email: str | None, action: str = "see_status"
) -> "CaseView":
    from cases.queries import case_view
    from cases.rights import may, sees_confidential, sees_policyholder
    from creditdesk.acting import seeing

    asker = seeing(session, as_email, action)
    view = case_view(session, reference, confidential=sees_confidential(asker))
    if not sees_policyholder(asker, view.case.policyholder_name, desk.rules.rights):
        raise Refused(f"{asker.name} may see the cases of their own accounts only")
    return view if may(asker, "see_history") else replace(view, history=(), outbox=(), tasks=())


def _print(view: "CaseView") -> None:
    from rich.text import Text

    case = view.case
    out = console()
    head = Text(f"{case.reference}  {case.status}", style="bold")
    head.append(f"  since {shown(case.status_since)}", style="dim")
    out.print(head)
    out.print(Text(_headline(view)))
    if case.summary:
        out.print(Text(safe(case.summary)))
    for title, columns, rows in _sections(view):
        if rows:
            sys.stdout.flush()
            out.print()
            out.print(Text(title, style="bold"))
            print_table(columns, rows)


def _headline(view: "CaseView") -> str:
    case = view.case
    amount = f"{case.currency or ''} {shown(case.amount)}".strip() if case.amount is not None else ""
    buyer = f"{case.buyer_name} ({case.buyer_country or '?'})" if case.buyer_name else ""
    words = [case.request_type or case.intent, amount, buyer and f"on {buyer}", case.policyholder_name and f"for {case.policyholder_name}"]  # fmt: skip
    return safe(" ".join(word for word in words if word))


def _sections(view: "CaseView") -> Iterable[Section]:
    case = view.case
    yield "Values", ("field", "value", "state", "quote", "where"), [row for f in view.fields for row in _value_rows(f)]
    yield "Two readings", ("field", "readings", "sources"), [_mapped(c, "path", "readings", "sources") for c in case.conflicts or []]  # fmt: skip
    yield "Checks", ("check", "outcome", "found", "rule"), [_mapped(c, "name", "outcome", "detail", "rule") for c in case.checks or []]  # fmt: skip
    yield "May be the same", ("what", "which", "details"), [_candidate(c) for c in case.candidates or []]
    yield (
        "Documents",
        ("type", "state", "file", "due", "reminders", "why"),
        [(d.type, d.state, d.filename, d.due, d.reminders, d.reason) for d in view.documents],
    )
    yield "Allocation", ("team", "underwriter", "assignee", "why", "next action", "due"), [
        (case.team, case.underwriter, case.assignee, case.allocation_reason, case.next_action, case.next_action_due)
    ]  # fmt: skip
    yield "Decisions", ("outcome", "amount", "currency", "until", "reason", "may be told", "inside", "by", "at"), [
        (d.outcome, d.amount, d.currency, d.valid_until, d.reason_code, d.sentence, d.rationale if view.confidential else None, d.decided_by, d.decided_at)
        for d in view.decisions
    ]  # fmt: skip
    yield "Linked cases", ("relation", "case", "status"), [(x.relation, x.reference, x.status) for x in view.links]
    yield (
        "Messages",
        ("received", "from", "subject", "relation", "digest"),
        [(m.received_at, m.sender, m.subject, m.relation, m.digest[:16]) for m in view.messages],
    )
    yield "Notes", ("at", "by", "text"), [(n.created_at, n.author, n.text) for n in view.notes]
    yield "Tasks", ("what", "due", "who", "done"), [(t.text, t.due, t.assignee, t.done_at) for t in view.tasks]
    yield (
        "Outgoing",
        ("id", "kind", "channel", "to", "state", "sent"),
        [(o.id, o.kind, o.channel, o.to, o.state, o.sent_at) for o in view.outbox],
    )
    yield "History", _HISTORY, list(_history_rows(view.history))


def _value_rows(field: "FieldView") -> list[Sequence[object]]:
    if not field.evidence:
        return [(field.name, field.value, "", "", "")]
    rows: list[Sequence[object]] = []
    for number, seen in enumerate(field.evidence):
        state = seen.state if seen.set_by is None else f"{seen.state} by {seen.set_by}"
        quote = f"“{seen.quote}”" if seen.quote else ""
        where = f"{seen.part} {seen.start}-{seen.end}" if seen.quote else ""
        if seen.derived:
            where = f"{where} ({seen.derived})".strip()
        name, value = (field.name, field.value) if number == 0 else ("", "")
        rows.append((name, value, f"{state} ({seen.engine})" if seen.engine else state, quote, where))
    return rows


def _mapped(entry: Mapping[str, object], *keys: str) -> Sequence[object]:
    return [entry.get(key) for key in keys]


def _candidate(entry: Mapping[str, object]) -> Sequence[object]:
    which = entry.get("reference") or entry.get("name")
    rest = {k: v for k, v in entry.items() if k not in ("kind", "reference", "name") and v is not None}
    return (entry.get("kind"), which, ", ".join(f"{key} {shown(value)}" for key, value in rest.items()))


_HISTORY = ("at", "who", "what", "before", "after", "why")


def _history_rows(entries: Iterable["HistoryEntry"]) -> Iterable[Sequence[object]]:
    for entry in entries:
        who = entry.who if entry.who == entry.actor else f"{entry.who} <{entry.actor}>"
        why = "(erased)" if entry.erased else entry.cause
        yield (entry.at, who, entry.kind, _pairs(entry.before), _pairs(entry.after), why)


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {shown(value)}".strip() for key, value in values.items())
