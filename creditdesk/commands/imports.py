"""`creditdesk import-register | import-fx | import-people | import-policies`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creditdesk.output import note, print_json
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from cases.imports import ImportResult, Sheet
    from cases.rights import Asker

register = typer.Typer(add_completion=False)
fx = typer.Typer(add_completion=False)
people = typer.Typer(add_completion=False)
policies = typer.Typer(add_completion=False)

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV (any usual delimiter, UTF-8 or Windows-1252) or XLSX.")]
As = Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="The colleague who imports.")]


@register.command()
def import_register(file: File, as_email: As = None) -> None:
    """Import a register of cases; the same file again changes nothing.

    Columns: reference received_at channel request_type status policy_number policyholder broker buyer buyer_country
    buyer_vat_id sector currency amount_requested amount_approved decided_at team underwriter sales_contact
    missing_documents next_action_due payment_terms_days risk_grade underwriter_note.

    Import policies and people first: limits need the policy, owners the person.

    Example: creditdesk import-register register.csv
    """
    from cases.imports import import_register as take

    _run(file, as_email, "cases", take)


@fx.command()
def import_fx(file: File, as_email: As = None) -> None:
    """Import exchange rates. Columns: currency eur_per_unit date.

    Example: creditdesk import-fx fx.csv
    """
    from cases.imports import import_fx as take

    _run(file, as_email, "rates", take)


@people.command()
def import_people(file: File, as_email: As = None) -> None:
    """Import colleagues. Columns: name email role team slack_user_id accounts (policyholders joined by ;).

    Example: creditdesk import-people people.csv
    """
    from cases.imports import import_people as take

    _run(file, as_email, "people", take, "manage_people")


@policies.command()
def import_policies(file: File, as_email: As = None) -> None:
    """Import policies and their policyholders.

    Columns: policy_number policyholder broker status currency maximum_liability covered_countries
    discretionary_limit max_terms_days overdue_reporting_days maximum_extension_days valid_from valid_until.

    Example: creditdesk import-policies policies.csv
    """
    from cases.imports import import_policies as take

    _run(file, as_email, "policies", take)


def _run(
    file: Path,
    as_email: str | None,
    what: str,
    take: "Callable[[Session, Sheet, datetime, str], ImportResult]",
    action: str = "import",
) -> None:
    from cases.imports import read_sheet
    from cases.rights import require
    from creditdesk.acting import doing

    desk = wire()
    sheet = read_sheet(file)
    now = desk.clock()

    def work(session: "Session", asker: "Asker") -> "ImportResult":
        require(asker, action)
        return take(session, sheet, now, asker.email)

    result = doing(desk.sessions, as_email, now, action, None, work)
    for fault in result.faults:
        note(f"{file}: {fault}")
    if desk.options.json:
        print_json(result.as_json())
    else:
        typer.echo(f"{what}: {result.added} added, {result.changed} changed, {result.unchanged} unchanged")
    if result.faults:
        note(f"creditdesk: {len(result.faults)} rows were left out: correct them and import the file again")
        raise typer.Exit(1)
