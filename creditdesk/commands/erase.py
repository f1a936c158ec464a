"""`creditdesk erase`: a client or a person, everywhere."""

from typing import TYPE_CHECKING, Annotated

import typer

from creditdesk.output import note, print_json
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from cases.erasure import Erasure
    from cases.rights import Asker

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help='Erase a client or a person.\n\nExample: creditdesk erase client "Ohio Castings LLC" --yes',
)

As = Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="The colleague who erases.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def client(
    name: Annotated[str, typer.Argument(help="Policyholder, as the register has the name.")],
    yes: Yes = False,
    as_email: As = None,
) -> None:
    """Erase a client: mails, files, quotes, texts, conversations, rules and policies. Figures stay without names.

    Example: creditdesk erase client "Ohio Castings LLC" --yes
    """
    from cases.erasure import erase_policyholder

    _erase(name, yes, as_email, lambda session, asker: erase_policyholder(session, name, asker, wire().clock()))


@app.command()
def person(
    email: Annotated[str, typer.Argument(help="Address of a contact or colleague.")],
    yes: Yes = False,
    as_email: As = None,
) -> None:
    """Erase a person: their mails and words, and their name wherever it stands.

    Example: creditdesk erase person j.pike@hartwell.example --yes
    """
    from cases.erasure import erase_person

    _erase(email, yes, as_email, lambda session, asker: erase_person(session, email, asker, wire().clock()))


def _erase(who: str, yes: bool, as_email: str | None, work: "Callable[[Session, Asker], Erasure]") -> None:
    from creditdesk.acting import doing

    if not yes:
        typer.confirm(f"Erase {who} everywhere? This cannot be undone.", abort=True, err=True)
    desk = wire()
    done = doing(desk.sessions, as_email, desk.clock(), "erase", None, work)
    _shrink()
    if desk.options.json:
        print_json(done.counts)
    else:
        typer.echo(", ".join(f"{number} {what}" for what, number in done.counts.items()))
    note("mail on the mail server, messages in Slack and backups are outside the desk: erase them there")


def _shrink() -> None:
    """Writes an SQLite file anew, so that nothing erased is left in its free pages or its journal."""
    desk = wire()
    if desk.database.dialect.name == "sqlite":
        with desk.database.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("vacuum")
            raw.execute("pragma wal_checkpoint(truncate)")
