"""`creditdesk messages`: the ledger: list, show, retry, export, file."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cases.vocabulary import MessageState
from config.errors import WrongUse

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cases.models import StoredMessage
    from cases.rights import Asker

app = typer.Typer(add_completion=False, no_args_is_help=True)

MessageNumber = Annotated[int, typer.Argument(metavar="ID", show_default=False)]
ActingAs = Annotated[
    str | None, typer.Option("--as", metavar="EMAIL", help="Who does it; the shell's operator without.")
]


@app.command("list")
def list_messages(
    state: Annotated[MessageState | None, typer.Option(help="Only messages in this state.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many, the newest.")] = None,
) -> None:
    """Every message that came in, and what became of it.

    Example: creditdesk messages list --state quarantined
    """
    from cases.database import read_session
    from creditdesk.output import print_json_list, print_table
    from creditdesk.wiring import wire
    from ingest.ledger_lists import LedgerFilter, ledger_rows

    wiring = wire()
    with read_session(wiring.database) as session:
        rows = ledger_rows(session, LedgerFilter(state, limit, newest_first=limit is not None))
        if wiring.options.json:
            print_json_list(rows)
            return
        print_table(
            ("id", "received", "state", "intent", "cases", "sender", "subject", "reason"),
            (
                (r.id, r.received_at, r.state, r.intent, r.cases, r.sender, (r.subject or "")[:60], r.reason)
                for r in rows
            ),
            empty="the ledger is empty: creditdesk intake PATH fills it",
        )


@app.command()
def show(number: MessageNumber) -> None:
    """One message: intent and why, parts read and not read, its cases.

    Example: creditdesk messages show 12
    """
    from cases.database import read_session
    from creditdesk.output import print_json, safe
    from creditdesk.wiring import wire
    from ingest.ledger import find

    wiring = wire()
    with read_session(wiring.database) as session:
        told = _told(session, find(session, number))
    if wiring.options.json:
        print_json(told)
        return
    for name, value in told.items():
        if isinstance(value, list):
            for line in value:
                sys.stdout.write(f"{name:<12} {safe(_line(line))}\n")
        elif value not in (None, ""):
            sys.stdout.write(f"{name:<12} {safe(value)}\n")


def _line(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{item}" for item in value.values() if item not in (None, ""))
    return str(value)


def _told(session: "Session", row: "StoredMessage") -> dict[str, object]:
    """What is known of a message, in the order in which people want it."""
    from cases.understanding import Triage
    from ingest.ledger import references_of

    triage = Triage.model_validate(row.triage) if row.triage else None
    return {
        "id": row.id,
        "digest": row.digest,
        "message_id": row.message_id,
        "subject": row.subject,
        "sender": row.sender,
        "received_at": row.received_at,
        "state": row.state,
        "reason": row.reason,
        "intent": row.intent,
        "because": triage.intent_reason if triage else None,
        "engine": row.engine,
        "summary": triage.summary if triage else None,
        "cases": references_of(session, [row.id])[row.id],
        "size": row.size,
        "attempts": row.attempts,
        "read": [
            {"file": file.filename, "type": file.type or "no document", "bytes": file.size}
            for file in row.attachments
            if not file.unread_reason
        ],
        "not_read": [
            {"file": file.filename, "reason": file.unread_reason} for file in row.attachments if file.unread_reason
        ]
        + (list(triage.unread) if triage else []),
        "warnings": triage.warnings if triage else [],
        "values": [
            {"field": proof.path, "value": proof.value, "quote": f"“{proof.quote}”", "part": proof.part}
            for proof in (triage.evidence if triage else [])
        ],
        "dropped": [
            {"field": d.path, "value": d.value, "reason": d.reason} for d in (triage.dropped if triage else [])
        ],
    }


@app.command()
def retry(
    numbers: Annotated[list[int], typer.Argument(metavar="ID…", help="Messages in quarantine.", show_default=False)],
    as_email: ActingAs = None,
) -> None:
    """Take messages up again that were quarantined, ignored or given up.

    Example: creditdesk messages retry 12 15
    """
    from creditdesk.acting import doing
    from creditdesk.commands.intake import report
    from creditdesk.intake_parts import bar, carry
    from creditdesk.wiring import wire
    from ingest.ledger import begin_again

    wiring = wire()
    ids = list(dict.fromkeys(numbers))
    doing(
        wiring.sessions, as_email, wiring.clock(), "retry_message", None, lambda session, _: begin_again(session, ids)
    )
    with bar("trying again", len(ids)) as progress:
        carry(wiring, ids, progress)
    report(wiring, ids)


@app.command()
def export(number: MessageNumber) -> None:
    """The bytes that came in, to stdout.

    Example: creditdesk messages export 12 > mail.eml
    """
    from cases.database import read_session
    from creditdesk.wiring import wire
    from ingest.ledger import find

    wiring = wire()
    with read_session(wiring.database) as session:
        raw = find(session, number).raw
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


@app.command("file")
def file_message(
    number: MessageNumber,
    to: Annotated[str | None, typer.Option("--to", metavar="REF", help="The case that it belongs to.")] = None,
    new: Annotated[bool, typer.Option("--new", help="A case of its own.")] = False,
    as_email: ActingAs = None,
) -> None:
    """Put a message where it belongs: rescue one from quarantine, or move one to another case.

    Example: creditdesk messages file 12 --to CR-2026-000123 --as officer@insurer.example
    """
    from creditdesk.acting import doing
    from creditdesk.output import note, print_json
    from creditdesk.wiring import wire

    if (to is None) == (not new):
        raise WrongUse("say where to: --to REF, or --new")
    wiring = wire()
    now = wiring.clock()

    def work(session: "Session", asker: "Asker") -> list[str]:
        from ingest.by_hand import file_by_hand

        return file_by_hand(session, number, to, asker, wiring.rules, now)

    references = doing(wiring.sessions, as_email, now, "file_message", to, work)
    if wiring.options.json:
        print_json({"id": number, "cases": references})
    else:
        note(f"message {number} belongs to {', '.join(references)} now")
