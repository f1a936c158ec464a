"""`creditdesk people`: who may ask and act, who is away."""

from typing import TYPE_CHECKING, Annotated

import typer

from creditdesk.output import print_json, print_table
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from cases.models import Person
    from cases.rights import Asker

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Colleagues.\n\nExample: creditdesk people absent i.solheim@insurer.example 2026-07-01 2026-07-14",
)

As = Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="The colleague who acts.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Address of the colleague.")]


def as_json(person: "Person") -> dict[str, object]:
    """A person as plain values."""
    return {
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "team": person.team,
        "slack_user_id": person.slack_user_id,
        "accounts": person.accounts,
        "active": person.active,
        "absences": person.absences,
    }


@app.command("list")
def list_(as_email: As = None) -> None:
    """List the colleagues.

    Example: creditdesk people list
    """
    from cases.database import read_session
    from cases.people import everyone
    from creditdesk.acting import seeing

    desk = wire()
    with read_session(desk.database) as session:
        seeing(session, as_email)
        people = everyone(session)
    if desk.options.json:
        print_json([as_json(person) for person in people])
        return
    rows = [
        (p.name, p.email, p.role, p.team, p.slack_user_id, len(p.accounts or []), p.active, _away(p)) for p in people
    ]
    columns = ("name", "email", "role", "team", "slack", "accounts", "active", "away")
    print_table(columns, rows, empty="nobody yet: creditdesk import-people FILE.csv")


def _away(person: "Person") -> str:
    return ", ".join(f"{span['from']} to {span['until']}" for span in person.absences or [])


@app.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="Full name.")],
    role: Annotated[str, typer.Option(help="sales, officer, underwriter, manager or admin.")],
    team: Annotated[str | None, typer.Option(help="Team.")] = None,
    slack: Annotated[str | None, typer.Option(help="Slack user id.")] = None,
    account: Annotated[list[str] | None, typer.Option(help="Policyholder of a sales person; repeatable.")] = None,
    as_email: As = None,
) -> None:
    """Add a colleague, or bring one back.

    Example: creditdesk people add n.berg@insurer.example --name "Nora Berg" --role officer
    """
    from cases import people

    def work(session: "Session", asker: "Asker") -> "Person":
        now = wire().clock()
        return people.add(
            session, asker, now, name=name, email=email, role=role, team=team, slack_user_id=slack, accounts=account or ()
        )  # fmt: skip

    _change("added", as_email, work)


@app.command()
def disable(email: Email, as_email: As = None) -> None:
    """Take all rights from a colleague; the history keeps the name.

    Example: creditdesk people disable n.berg@insurer.example
    """
    from cases import people

    _change("disabled", as_email, lambda session, asker: people.disable(session, asker, wire().clock(), email))


@app.command()
def absent(
    email: Email,
    first: Annotated[str, typer.Argument(metavar="FROM", help="First day away.")],
    last: Annotated[str, typer.Argument(metavar="UNTIL", help="Last day away.")],
    as_email: As = None,
) -> None:
    """Note that a colleague is away: no case is allocated to them on these days.

    Example: creditdesk people absent i.solheim@insurer.example 2026-07-01 2026-07-14
    """
    from cases import people
    from cases.values import parse_date

    begin, end = parse_date(first), parse_date(last)
    _change(
        f"away from {begin} to {end}",
        as_email,
        lambda session, asker: people.absent(session, asker, wire().clock(), email, begin, end),
    )


def _change(done: str, as_email: str | None, work: "Callable[[Session, Asker], Person]") -> None:
    from creditdesk.acting import doing

    desk = wire()
    person = doing(desk.sessions, as_email, desk.clock(), "manage_people", None, work)
    if desk.options.json:
        print_json(as_json(person))
    else:
        typer.echo(f"{person.name} <{person.email}>: {done}")
