"""`creditdesk learned list | show | remove | export`: what confirmed corrections taught."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creditdesk.output import print_json, print_table, to_json
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cases.models import LearnedRule
    from cases.rights import Asker

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="""What corrections taught: rules for one client each, which anybody can read and take back.

Examples:

  creditdesk learned list

  creditdesk learned remove 7 --as m.vogel@insurer.example

  creditdesk learned export learned-set/""",
)

As = Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="The colleague who asks or acts.")]
Id = Annotated[int, typer.Argument(metavar="ID", help="Number of the rule, as `learned list` shows it.")]


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Those that were taken back too.")] = False,
    as_email: As = None,
) -> None:
    """List the rules in force.

    Example: creditdesk learned list --json
    """
    from cases import learning
    from cases.database import read_session
    from creditdesk.acting import seeing

    desk = wire()
    with read_session(desk.database) as session:
        seeing(session, as_email, "see_history")
        rules = learning.all_rules(session) if everything else learning.active(session)
        rows = [_as_json(session, rule) for rule in rules]
    if desk.options.json:
        print_json(rows)
        return
    columns = ("id", "kind", "says", "case", "by", "at", "taken back")
    shown = [
        (r["id"], r["kind"], r["says"], r["case"], r["created_by"], r["created_at"], r["removed_by"]) for r in rows
    ]
    print_table(columns, shown, empty="nothing was learned yet: corrections of cases teach")


@app.command()
def show(rule_id: Id, as_email: As = None) -> None:
    """Show a rule: what it says, for whom it holds, and the case that taught it.

    Example: creditdesk learned show 7
    """
    from cases import learning
    from cases.database import read_session
    from creditdesk.acting import seeing

    desk = wire()
    with read_session(desk.database) as session:
        seeing(session, as_email, "see_history")
        row = _as_json(session, learning.find_rule(session, rule_id), whole=True)
    if desk.options.json:
        print_json(row)
    else:
        print_table(("what", ""), [(name.replace("_", " "), _text(value)) for name, value in row.items()])


@app.command()
def remove(rule_id: Id, as_email: As = None) -> None:
    """Take a rule back: mails are read without it from now on.

    Example: creditdesk learned remove 7
    """
    from cases import learning
    from creditdesk.acting import doing

    desk = wire()
    now = desk.clock()

    def work(session: "Session", asker: "Asker") -> dict[str, object]:
        return _as_json(session, learning.remove(session, rule_id, asker, now))

    row = doing(desk.sessions, as_email, now, "manage_learned", None, work)
    if desk.options.json:
        print_json(row)
    else:
        typer.echo(f"{row['id']}: taken back ({row['says']})")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for eml/ and gold.jsonl.")], as_email: As = None
) -> None:
    """Write corrected messages as an evaluation set: the mails and what is right about them.

    Example: creditdesk learned export learned-set/
    """
    from cases import learning
    from cases.database import read_session
    from config.errors import DeskError
    from creditdesk.acting import seeing

    desk = wire()
    with read_session(desk.database) as session:
        seeing(session, as_email, "see_message")
        found = list(learning.regressions(session))
    try:
        (folder / "eml").mkdir(parents=True, exist_ok=True)
        lines = []
        for one in found:
            (folder / "eml" / f"{one.id}.eml").write_bytes(one.raw)
            lines.append(to_json({"id": one.id, **one.record}) + "\n")
        (folder / "gold.jsonl").write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise DeskError(f"{folder} cannot be written ({error.strerror}): choose another folder") from error
    if desk.options.json:
        print_json({"folder": str(folder), "messages": len(found)})
    else:
        typer.echo(f"{folder}: {len(found)} corrected messages")


def _as_json(session: "Session", rule: "LearnedRule", whole: bool = False) -> dict[str, object]:
    from cases.models import Case, Policyholder

    case = session.get(Case, rule.case_id) if rule.case_id is not None else None
    holder = session.get(Policyholder, rule.policyholder_id) if rule.policyholder_id is not None else None
    row: dict[str, object] = {
        "id": rule.id,
        "kind": rule.kind,
        "says": rule.sentence,
        "policy_number": rule.policy_number,
        "policyholder": holder.name if holder else None,
        "sender_domain": rule.sender_domain,
        "case": case.reference if case else None,
        "created_by": rule.created_by,
        "created_at": rule.created_at,
        "removed_by": rule.removed_by,
        "removed_at": rule.removed_at,
    }
    return row | {"payload": rule.payload} if whole else row


def _text(value: object) -> object:
    return to_json(value) if isinstance(value, dict) else value
