"""`creditdesk cases list`."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cases.vocabulary import ENDED, CaseKind, Status
from config.errors import WrongUse
from creditdesk.commands.cases.app import As, app
from creditdesk.output import note, print_json_list, print_table, write_xlsx
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from cases.queries import CaseRow
    from cases.rights import Asker
    from config.desk import DeskRules

_COLUMNS = ("reference", "status", "type", "buyer", "country", "policyholder", "amount", "currency", "team", "assignee", "due", "missing")  # fmt: skip
_XLSX_COLUMNS = (
    "reference",
    "kind",
    "received_at",
    "channel",
    "request_type",
    "status",
    "policy_number",
    "policyholder_name",
    "broker",
    "buyer_name",
    "buyer_country",
    "sector",
    "currency",
    "amount",
    "amount_approved",
    "decided_at",
    "team",
    "underwriter",
    "assignee",
    "sales_contact",
    "missing_documents",
    "next_action_due",
    "payment_terms_days",
)
_WORDS = {"open": [s for s in Status if s not in ENDED], "ended": [s for s in Status if s in ENDED]}


@app.command("list")
def list_(
    status: Annotated[list[str] | None, typer.Option(help="State, or open / ended; repeatable, commas too.")] = None,
    team: Annotated[list[str] | None, typer.Option(help="Team; repeatable.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Those of the person of --as.")] = False,
    due: Annotated[
        str | None, typer.Option(metavar="DAY", help="Next action due by then: a date, today, overdue, week.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="request or enquiry.")] = None,
    buyer: Annotated[str | None, typer.Option(help="Buyer, in any spelling or in part.")] = None,
    policyholder: Annotated[str | None, typer.Option(help="Policyholder, or a part of the name.")] = None,
    text: Annotated[str | None, typer.Option(help="Words in reference, names or policy number.")] = None,
    order: Annotated[str, typer.Option(help="newest, oldest, due or reference.")] = "newest",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many; without it all.")] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help="Write an Excel file instead.")] = None,
    as_email: As = None,
) -> None:
    """List cases: all, or those that fit.

    Example: creditdesk cases list --status open --due overdue --team Export
    """
    from cases.database import read_session
    from cases.queries import CaseFilter, iter_cases
    from creditdesk.acting import seeing

    desk = wire()
    if mine and as_email is None:
        raise WrongUse("--mine needs --as EMAIL: say whose cases")
    if order not in ("newest", "oldest", "due", "reference"):
        raise WrongUse(f"--order {order!r} is none: choose newest, oldest, due or reference")
    with read_session(desk.database) as session:
        asker = seeing(session, as_email)
        wanted = CaseFilter(
            kind=_kind(kind),
            statuses=_statuses(status or []),
            teams=tuple(team or ()),
            mine=asker if mine else None,
            due_by=_due_by(due, desk.clock().date()),
            buyer=buyer,
            policyholder=policyholder,
            text=text,
            policyholders_only=_limited(asker, desk.rules),
            order=order,  # type: ignore[arg-type]  # checked above
            limit=limit,
        )
        rows = iter_cases(session, wanted)
        if xlsx is not None:
            count = write_xlsx(xlsx, _XLSX_COLUMNS, ([getattr(row, name) for name in _XLSX_COLUMNS] for row in rows))
            note(f"{count} cases written to {xlsx}")
        elif desk.options.json:
            print_json_list(row.as_json() for row in rows)
        else:
            print_table(_COLUMNS, map(_cells, rows), empty="no case fits")


def _limited(asker: "Asker", rules: "DeskRules") -> tuple[str, ...] | None:
    """The policyholders that a sales person is held to, where desk.yaml says so."""
    from cases.rights import limited_to

    return limited_to(asker, rules.rights)


def _cells(row: "CaseRow") -> tuple[object, ...]:
    return (
        row.reference,
        row.status,
        row.request_type or row.intent,
        row.buyer_name,
        row.buyer_country,
        row.policyholder_name,
        row.amount,
        row.currency,
        row.team,
        row.underwriter or row.assignee,
        row.next_action_due,
        row.missing_documents,
    )


def _kind(word: str | None) -> CaseKind | None:
    if word is None:
        return None
    try:
        return CaseKind(word.lower())
    except ValueError as error:
        raise WrongUse(f"--kind {word!r} is none: choose request or enquiry") from error


def _statuses(words: list[str]) -> tuple[Status, ...]:
    found: list[Status] = []
    for word in re.split(r"[,\s]+", ",".join(words)):
        if word.lower() in _WORDS:
            found += _WORDS[word.lower()]
        elif word:
            try:
                found.append(Status(word.lower()))
            except ValueError as error:
                raise WrongUse(
                    f"--status {word!r} is none: choose open, ended or one of {', '.join(Status)}"
                ) from error
    return tuple(found)


def _due_by(word: str | None, today: date) -> date | None:
    if word is None:
        return None
    known = {"today": today, "overdue": today - timedelta(days=1), "week": today + timedelta(days=6 - today.weekday())}
    if (day := known.get(word.lower())) is not None:
        return day
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise WrongUse(f"--due {word!r} is no day: write 2026-03-20, today, overdue or week") from error
