"""`creditdesk cases merge | split | link | unlink`."""

from typing import Annotated

import typer

from creditdesk.commands.cases.app import As, Reference, Version, app, change

Other = Annotated[str, typer.Argument(metavar="OTHER", help="Reference of the other case.")]


@app.command()
def merge(reference: Reference, into: Other, version: Version = None, as_email: As = None) -> None:
    """Merge a case into another one; `split` undoes it.

    Example: creditdesk cases merge CR-2026-000124 CR-2026-000123
    """
    from cases import commands
    from cases.queries import find_case

    change(
        "merge",
        reference,
        as_email,
        lambda s, c, a, d: commands.merge(s, c, a, d.clock(), d.rules, find_case(s, into)),
        version,
    )


@app.command()
def split(
    reference: Reference,
    message: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="The message that leaves for a case of its own.")
    ] = None,
    version: Version = None,
    as_email: As = None,
) -> None:
    """Undo a merge, or take a message out into a new linked case.

    Example: creditdesk cases split CR-2026-000124
    """
    from cases import commands

    change(
        "split", reference, as_email, lambda s, c, a, d: commands.split(s, c, a, d.clock(), d.rules, message), version
    )


@app.command()
def link(
    reference: Reference,
    other: Other,
    relation: Annotated[str, typer.Option(help="related, duplicate, split or appeal.")] = "related",
    as_email: As = None,
) -> None:
    """Note that two cases belong together.

    Example: creditdesk cases link CR-2026-000124 CR-2026-000123
    """
    from cases import commands
    from cases.queries import find_case

    change(
        "link",
        reference,
        as_email,
        lambda s, c, a, d: commands.link(s, c, a, d.clock(), d.rules, find_case(s, other), relation),
    )


@app.command()
def unlink(reference: Reference, other: Other, as_email: As = None) -> None:
    """Take a link between two cases away.

    Example: creditdesk cases unlink CR-2026-000124 CR-2026-000123
    """
    from cases import commands
    from cases.queries import find_case

    change(
        "link",
        reference,
        as_email,
        lambda s, c, a, d: commands.unlink(s, c, a, d.clock(), d.rules, find_case(s, other)),
    )
