"""The Typer app of `creditdesk cases`, and the options that its commands share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from creditdesk.output import print_json
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cases.models import Case
    from cases.rights import Asker
    from creditdesk.wiring import Wiring

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""The register of cases.

Examples:

  creditdesk cases list --status awaiting_documents --team Export

  creditdesk cases show CR-2026-000123

  creditdesk cases confirm CR-2026-000123 --as m.vogel@insurer.example

Without --as the operator of the shell acts, with the rights of a manager: who can run the command can open the
database anyway. The history then names "shell".""",
)

As = Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="The colleague who asks or acts.")]
Reference = Annotated[str, typer.Argument(metavar="REF", help="Reference of the case, like CR-2026-000123.")]
Version = Annotated[
    int | None, typer.Option("--version", help="Version that you looked at; refused where the case moved on since.")
]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; kept in the history.")]


def change(
    action: str,
    reference: str,
    as_email: str | None,
    work: "Callable[[Session, Case, Asker, Wiring], Case]",
    version: int | None = None,
) -> None:
    """Runs a command on a case and prints where the case stands then."""
    from cases.queries import find_case
    from creditdesk.acting import doing

    desk = wire()
    now = desk.clock()

    def on_case(session: "Session", asker: "Asker") -> str:
        case = find_case(session, reference, version=version)
        return work(session, case, asker, desk).reference

    told(desk, doing(desk.sessions, as_email, now, action, reference, on_case))


def told(desk: "Wiring", reference: str) -> None:
    """One line (or the JSON row) about a case after a change."""
    from cases.database import read_session
    from cases.queries import find_row

    with read_session(desk.database) as session:
        row = find_row(session, reference)
    if desk.options.json:
        print_json(row.as_json())
        return
    missing = f", missing {', '.join(row.missing_documents)}" if row.missing_documents else ""
    owner = row.assignee or row.team
    typer.echo(f"{row.reference}: {row.status}{f', with {owner}' if owner else ''}{missing} (version {row.version})")
