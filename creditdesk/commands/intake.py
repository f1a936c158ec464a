"""`creditdesk intake`: e-mail files and folders, all the way into cases; running it again changes nothing."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import DeskError

if TYPE_CHECKING:
    from creditdesk.wiring import Wiring

TOGETHER = 64  # files stored in one commit
TOGETHER_BYTES = 16_000_000

app = typer.Typer(add_completion=False)


@app.command()
def intake(
    paths: Annotated[list[Path], typer.Argument(help="E-mail files, or folders of them.", show_default=False)],
) -> None:
    """Take e-mails into the register: stored, read, checked, filed as cases.

    Example: creditdesk intake inbox/ another.eml
    """
    from creditdesk.intake_parts import bar, carry
    from creditdesk.output import note
    from creditdesk.wiring import wire

    wiring = wire()
    files, faults = _files(paths)
    ids = _stored(wiring, files, faults)
    with bar("taking in", len(ids)) as progress:
        carry(wiring, ids, progress)
    report(wiring, ids)
    for fault in faults:
        note(f"creditdesk: {fault}")
    if faults:
        raise DeskError(f"{len(faults)} of the paths could not be read; the rest was taken in: correct them and repeat")


def _files(paths: list[Path]) -> tuple[list[Path], list[str]]:
    """Every file, folders recursively in the order of their paths; and what could not be read."""
    files: list[Path] = []
    faults: list[str] = []
    for path in paths:
        if path.is_dir():
            found: list[Path] = []
            for folder, _, names in os.walk(path, onerror=lambda error: faults.append(_fault(error))):
                found += [Path(folder, name) for name in names]
            files += sorted(file for file in found if file.is_file())
        else:
            files.append(path)
    return files, faults


def _fault(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}"


def _stored(wiring: "Wiring", files: list[Path], faults: list[str]) -> list[int]:
    """The bytes of all files in the ledger, on disk; the ids of their rows in the order given, each once."""
    from sqlalchemy.exc import DBAPIError

    from config.errors import Unavailable
    from ingest import ledger

    ids: list[int] = []
    try:
        for group in _groups(files, faults):
            with wiring.sessions.begin() as session:
                ids += ledger.store_all(session, [ledger.Incoming(raw) for raw in group], now=wiring.clock())
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())[:160]
        raise Unavailable(
            f"messages cannot be stored ({reason}): make room or correct the rights of the database, then repeat"
        ) from error
    return list(dict.fromkeys(ids))


def _groups(files: list[Path], faults: list[str]) -> Iterator[list[bytes]]:
    """The contents of the files, a few at a time."""
    group: list[bytes] = []
    size = 0
    for file in files:
        try:
            raw = file.read_bytes()
        except OSError as error:
            faults.append(_fault(error))
            continue
        if group and (len(group) >= TOGETHER or size + len(raw) > TOGETHER_BYTES):
            yield group
            group, size = [], 0
        group.append(raw)
        size += len(raw)
    if group:
        yield group


def report(wiring: "Wiring", ids: list[int]) -> None:
    """What became of each message."""
    from collections import Counter

    from cases.database import read_session
    from creditdesk.output import note, print_json_list, print_table
    from ingest.ledger_lists import LedgerFilter, ledger_rows

    wanted = set(ids)
    place = {row_id: number for number, row_id in enumerate(ids)}
    with read_session(wiring.database) as session:
        rows = [row for row in ledger_rows(session, LedgerFilter()) if row.id in wanted]
    rows.sort(key=lambda row: place[row.id])
    if wiring.options.json:
        print_json_list(
            {"digest": row.digest, "state": row.state, "cases": row.cases, "reason": row.reason} for row in rows
        )
        return
    print_table(
        ("id", "state", "intent", "cases", "subject", "reason"),
        ((row.id, row.state, row.intent, row.cases, (row.subject or "")[:60], row.reason) for row in rows),
        empty="no files there",
    )
    counts = Counter(row.state for row in rows)
    note(f"{len(rows)} messages: " + ", ".join(f"{number} {state}" for state, number in sorted(counts.items())))
