"""`creditdesk audit verify`: was the history touched?"""

from typing import Annotated

import typer

from creditdesk.output import note, print_json
from creditdesk.wiring import wire

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The audit chain.")


@app.callback()
def _group() -> None:
    """The audit chain: every act is bound to the one before it."""


@app.command()
def verify(
    as_email: Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="The colleague who asks.")] = None,
) -> None:
    """Check that no event was altered, dropped or swapped; exit 1 and the row's name where one was.

    Example: creditdesk audit verify
    """
    from sqlalchemy import func, select

    from cases import audit
    from cases.database import read_session
    from cases.models import Event
    from creditdesk.acting import seeing

    desk = wire()
    with read_session(desk.database) as session:
        seeing(session, as_email, "verify_audit")
        faults = audit.verify(session)
        count = session.scalar(select(func.count()).select_from(Event)) or 0
    if desk.options.json:
        print_json({"events": count, "faults": faults})
    elif not faults:
        typer.echo(f"{count} events, none altered")
    else:
        for fault in faults:
            typer.echo(fault)
    if faults:
        number = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        note(f"creditdesk: the audit chain has {number}: restore the rows from a backup and find out who")
        raise typer.Exit(1)
