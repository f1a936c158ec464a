"""`creditdesk doctor`: every part, whether it works, and what mends it."""

import typer

from creditdesk.output import print_json, print_table
from creditdesk.wiring import wire

app = typer.Typer(add_completion=False)


@app.command()
def doctor() -> None:
    """Check configuration, database, mailboxes, mail out, Slack, model and knowledge base.

    Exits 1 where something is wrong; what is not in use is only named.

    Example: creditdesk doctor
    """
    from creditdesk.pings import findings

    desk = wire()
    found = findings(desk)
    if desk.options.json:
        print_json([{"part": f.part, "state": f.state, "text": f.text} for f in found])
    else:
        print_table(["part", "", "what was found, and what mends it"], [(f.part, f.state, f.text) for f in found])
    raise typer.Exit(1 if any(f.state == "bad" for f in found) else 0)
