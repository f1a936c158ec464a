"""`creditdesk outbox`: what will be or was sent."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import InvalidValue, WrongUse
from creditdesk.output import print_json, print_table, safe
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from cases.models import OutboxItem
    from cases.rights import Asker

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Outgoing mail and Slack messages.\n\nExample: creditdesk outbox list --state draft",
)

As = Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="The colleague who asks or acts.")]
Id = Annotated[int, typer.Argument(metavar="ID", help="Number of the outgoing message.")]


def as_json(item: "OutboxItem", reference: str | None) -> dict[str, object]:
    """An outgoing message by the keys that `outbox list --json` promises, and a few more."""
    return {
        "id": item.id,
        "kind": item.kind,
        "channel": item.channel,
        "to": item.to,
        "case": reference,
        "state": item.state,
        "text": item.text,
        "created_at": item.created_at,
        "sent_at": item.sent_at,
        "message_id": item.message_id,
        "subject": item.subject,
        "in_reply_to": item.in_reply_to,
        "attempts": item.attempts,
        "error": item.error,
        "approved_by": item.approved_by,
    }


@app.command("list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help="waiting, sent, draft, held, failed, …; repeatable.")] = None,
    case: Annotated[str | None, typer.Option(metavar="REF", help="Only those of a case.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many; without it all.")] = None,
    as_email: As = None,
) -> None:
    """List what will be or was sent.

    Example: creditdesk outbox list --state draft --state held
    """
    from cases import outbox
    from cases.database import read_session
    from cases.queries.lists import normal_reference
    from cases.vocabulary import OutboxState
    from creditdesk.acting import seeing

    desk = wire()
    if odd := next((word for word in state or () if word not in list(OutboxState)), None):
        raise WrongUse(f"--state {odd!r} is none: choose one of {', '.join(OutboxState)}")
    with read_session(desk.database) as session:
        seeing(session, as_email, "see_outbox")
        reference = normal_reference(case) if case else None
        items = outbox.list_items(session, states=tuple(state or ()), reference=reference, limit=limit)
    if desk.options.json:
        print_json([as_json(item, reference) for item, reference in items])
        return
    rows = [
        (item.id, item.kind, item.channel, item.to, reference, item.state, item.created_at, item.sent_at, item.error)
        for item, reference in items
    ]
    columns = ("id", "kind", "channel", "to", "case", "state", "created", "sent", "error")
    print_table(columns, rows, empty="nothing goes out")


@app.command()
def show(item_id: Id, as_email: As = None) -> None:
    """Show one with its exact text.

    Example: creditdesk outbox show 12
    """
    from cases import outbox
    from cases.database import read_session
    from cases.models import Case
    from creditdesk.acting import seeing

    desk = wire()
    with read_session(desk.database) as session:
        seeing(session, as_email, "see_outbox")
        item = outbox.find_item(session, item_id)
        case = session.get(Case, item.case_id) if item.case_id is not None else None
    if desk.options.json:
        print_json(as_json(item, case.reference if case else None))
        return
    facts = {
        "Kind": item.kind,
        "State": item.state,
        "Channel": item.channel,
        "To": item.to,
        "Case": case.reference if case else "",
        "Subject": item.subject,
        "Sent": item.sent_at or "",
        "Error": item.error or "",
    }
    for name, value in facts.items():
        if value:
            typer.echo(f"{name + ':':<9}{safe(value)}")
    typer.echo("\n" + safe(item.text))


@app.command()
def approve(ids: Annotated[list[int], typer.Argument(metavar="ID…")], as_email: As = None) -> None:
    """Let drafts go out as they stand.

    Example: creditdesk outbox approve 12 --as m.vogel@insurer.example
    """
    from cases import outbox

    for item_id in ids:
        _change(item_id, as_email, "approve_outbox", lambda s, i, a: outbox.approve(s, i, a, wire().clock()))


@app.command()
def edit(
    item_id: Id,
    text: Annotated[str | None, typer.Option(help="The new text.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file with the new text.")] = None,
    as_email: As = None,
) -> None:
    """Change the text of a draft; it still waits for approval.

    Example: creditdesk outbox edit 12 --file reply.txt
    """
    from cases import outbox

    if (text is None) == (file is None):
        raise WrongUse("give the new text with --text or --file")
    words = text if text is not None else _read(file or Path())
    _change(item_id, as_email, "edit_outbox", lambda s, i, a: outbox.edit(s, i, a, wire().clock(), words))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{file} cannot be read as text ({error}): give a UTF-8 file") from error


@app.command()
def reject(ids: Annotated[list[int], typer.Argument(metavar="ID…")], as_email: As = None) -> None:
    """Stop outgoing messages for good.

    Example: creditdesk outbox reject 12
    """
    from cases import outbox

    for item_id in ids:
        _change(item_id, as_email, "reject_outbox", lambda s, i, a: outbox.reject(s, i, a, wire().clock()))


def _change(
    item_id: int, as_email: str | None, action: str, work: "Callable[[Session, OutboxItem, Asker], OutboxItem]"
) -> None:
    from cases.database import read_session
    from cases.models import Case
    from cases.outbox import find_item
    from creditdesk.acting import doing

    desk = wire()
    with read_session(desk.database) as session:
        item = find_item(session, item_id)
        case = session.get(Case, item.case_id) if item.case_id is not None else None
    reference = case.reference if case else None
    item = doing(
        desk.sessions, as_email, desk.clock(), action, reference, lambda s, a: work(s, find_item(s, item_id), a)
    )
    if desk.options.json:
        print_json(as_json(item, reference))
    else:
        typer.echo(f"{item.id}: {item.kind} to {safe(item.to)} is {item.state}")
