"""`creditdesk cases confirm | correct | decide | withdraw | assign | note | new | …`."""

from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import WrongUse
from creditdesk.commands.cases.app import As, Because, Reference, Version, app, change, told
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cases.rights import Asker

Pairs = Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…", help="What is right; - takes a value away.")]


def _fields(pairs: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise WrongUse(f"{pair!r} is no FIELD=VALUE: write it like amount=250000")
        found[name.strip()] = value
    return found


@app.command()
def confirm(reference: Reference, version: Version = None, as_email: As = None) -> None:
    """Say that what the desk understood is right; the case goes on.

    Example: creditdesk cases confirm CR-2026-000123 --as m.vogel@insurer.example
    """
    from cases import commands

    change("confirm", reference, as_email, lambda s, c, a, d: commands.confirm(s, c, a, d.clock(), d.rules), version)


@app.command()
def correct(reference: Reference, pairs: Pairs, version: Version = None, as_email: As = None) -> None:
    """Set fields right. No machine overwrites them afterwards.

    Example: creditdesk cases correct CR-2026-000123 amount=250000 currency=EUR
    """
    from cases.commands.review import correct_all

    fields = _fields(pairs)
    change("correct", reference, as_email, lambda s, c, a, d: correct_all(s, c, a, d.clock(), d.rules, fields), version)


@app.command()
def decide(
    reference: Reference,
    outcome: Annotated[str, typer.Argument(help="approved, partially_approved or declined.")],
    amount: Annotated[str | None, typer.Option(help="Limit that stands afterwards, in the case's currency.")] = None,
    valid_until: Annotated[str | None, typer.Option(metavar="DATE", help="Last day of cover.")] = None,
    reason: Annotated[str | None, typer.Option(help="Reason: UN/EDIFACT 4509 code or its words.")] = None,
    tell: Annotated[str | None, typer.Option(help="The sentence that may be told to the client.")] = None,
    note: Annotated[str | None, typer.Option(help="The reason inside the house; confidential.")] = None,
    version: Version = None,
    as_email: As = None,
) -> None:
    """Decide a request.

    Example: creditdesk cases decide CR-2026-000123 partially_approved --amount 150000 --reason "credit limit full"
    """
    from cases import commands
    from cases.values import parse_amount, parse_date

    granted = parse_amount(amount) if amount is not None else None
    until = parse_date(valid_until) if valid_until is not None else None
    change(
        "decide",
        reference,
        as_email,
        lambda s, c, a, d: commands.decide(
            s, c, a, d.clock(), d.rules, outcome=outcome, amount=granted, valid_until=until, reason=reason, tell=tell, note=note
        ),
        version,
    )  # fmt: skip


@app.command()
def withdraw(reference: Reference, because: Because = "", version: Version = None, as_email: As = None) -> None:
    """Take a request back.

    Example: creditdesk cases withdraw CR-2026-000123 --because "client sells elsewhere"
    """
    from cases import commands

    change(
        "withdraw", reference, as_email, lambda s, c, a, d: commands.withdraw(s, c, a, d.clock(), d.rules, because), version
    )  # fmt: skip


@app.command()
def reject(reference: Reference, because: Because = "", version: Version = None, as_email: As = None) -> None:
    """Say that this is no case: misread, or for somebody else.

    Example: creditdesk cases reject CR-2026-000123 --because "newsletter"
    """
    from cases import commands

    change(
        "reject", reference, as_email, lambda s, c, a, d: commands.reject(s, c, a, d.clock(), d.rules, because), version
    )


@app.command()
def assign(
    reference: Reference,
    to: Annotated[str | None, typer.Option(help="Person: e-mail or full name.")] = None,
    team: Annotated[str | None, typer.Option(help="Team.")] = None,
    version: Version = None,
    as_email: As = None,
) -> None:
    """Give a case to a person or a team.

    Example: creditdesk cases assign CR-2026-000123 --to "Ingrid Solheim"
    """
    from cases import commands

    if to is None and team is None:
        raise WrongUse("say who gets it: --to PERSON or --team TEAM")
    change("assign", reference, as_email, lambda s, c, a, d: commands.assign(s, c, a, d.clock(), d.rules, to=to, team=team), version)  # fmt: skip


@app.command()
def note(
    reference: Reference,
    text: Annotated[str, typer.Argument(help="What to write.")],
    public: Annotated[bool, typer.Option("--public", help="For everybody who sees the case, sales too.")] = False,
    as_email: As = None,
) -> None:
    """Write a note on a case: inside the credit teams, or for all.

    Example: creditdesk cases note CR-2026-000123 "Client sends the accounts on Friday" --public
    """
    from cases import commands

    change(
        "comment" if public else "note",
        reference,
        as_email,
        lambda s, c, a, d: commands.note(s, c, a, d.clock(), d.rules, text, internal=not public),
    )


@app.command()
def take(reference: Reference, version: Version = None, as_email: As = None) -> None:
    """Begin to work on an allocated request, as its underwriter.

    Example: creditdesk cases take CR-2026-000123 --as i.solheim@insurer.example
    """
    from cases import commands

    change("take_up", reference, as_email, lambda s, c, a, d: commands.take_up(s, c, a, d.clock(), d.rules), version)


@app.command("return")
def return_(reference: Reference, because: Because = "", version: Version = None, as_email: As = None) -> None:
    """Send a request back for more documents.

    Example: creditdesk cases return CR-2026-000123 --because "interim accounts are older than six months"
    """
    from cases import commands

    change(
        "return_for_documents",
        reference,
        as_email,
        lambda s, c, a, d: commands.return_for_documents(s, c, a, d.clock(), d.rules, because),
        version,
    )


@app.command()
def answer(reference: Reference, because: Because = "", version: Version = None, as_email: As = None) -> None:
    """Note that an enquiry was answered.

    Example: creditdesk cases answer EN-2026-000012 --because "told by phone"
    """
    from cases import commands

    change(
        "answer", reference, as_email, lambda s, c, a, d: commands.answer(s, c, a, d.clock(), d.rules, because), version
    )


@app.command()
def close(reference: Reference, because: Because = "", version: Version = None, as_email: As = None) -> None:
    """Close an enquiry that needs nothing more.

    Example: creditdesk cases close EN-2026-000012
    """
    from cases import commands

    change(
        "close", reference, as_email, lambda s, c, a, d: commands.close(s, c, a, d.clock(), d.rules, because), version
    )


@app.command()
def appeal(reference: Reference, as_email: As = None) -> None:
    """Reopen a decided request as a linked case.

    Example: creditdesk cases appeal CR-2026-000123
    """
    from cases import commands

    change("appeal", reference, as_email, lambda s, c, a, d: commands.appeal(s, c, a, d.clock(), d.rules))


@app.command()
def new(
    pairs: Pairs,
    kind: Annotated[str, typer.Option(help="request or enquiry.")] = "request",
    channel: Annotated[str, typer.Option(help="How it came: email, slack or portal.")] = "portal",
    as_email: As = None,
) -> None:
    """Open a case by hand.

    Example: creditdesk cases new buyer_name="Nordlicht Metall AG" request_type=new amount=90000 currency=EUR
    """
    from cases import commands
    from cases.vocabulary import CaseKind, Channel
    from creditdesk.acting import doing

    if kind not in list(CaseKind) or channel not in list(Channel):
        raise WrongUse(f"--kind is one of {', '.join(CaseKind)}, --channel one of {', '.join(Channel)}")
    fields, desk = _fields(pairs), wire()

    def work(session: "Session", asker: "Asker") -> str:
        return commands.new_case(
            session, asker, desk.clock(), desk.rules, kind=CaseKind(kind), fields=fields, channel=Channel(channel)
        ).reference

    told(desk, doing(desk.sessions, as_email, desk.clock(), "new_case", None, work))
