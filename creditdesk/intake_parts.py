"""Builds the intake of one process from its wiring; `intake`, `messages`, `poll` and `serve` all take it from here."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from creditdesk.wiring import Wiring
    from ingest.intake import Intake
    from runtime.durable import Tick, Workflow
    from runtime.nursery import Nursery


@contextmanager
def intake_of(
    wiring: "Wiring",
    *,
    workflows: "Sequence[Workflow]" = (),
    ticks: "Sequence[Tick]" = (),
    poll_seconds: float = 0.05,
    authserv_id: str = "",
    nursery: "Nursery | None" = None,
) -> "Iterator[Intake]":
    """An intake at work; its reading processes are forked from the nursery given. Raises Unavailable."""
    from ingest.batches import IntakeDesk
    from ingest.intake import Intake
    from ingest.readers import Readers

    settings = wiring.settings
    reading = Readers(wiring.filing_engine, parallel=settings.llm.parallel, nursery=nursery)
    desk = IntakeDesk(
        wiring.database,
        wiring.sessions,
        wiring.rules,
        wiring.clock,
        reading.understand,
        slack_channel=settings.slack.desk_channel or wiring.rules.slack.desk_channel,
        authserv_id=authserv_id or settings.imap.authserv_id,
        own_addresses=_own_addresses(wiring),
    )
    try:
        with Intake(
            wiring.database, desk, slot=settings.slot, workflows=workflows, ticks=ticks, poll_seconds=poll_seconds
        ) as intake:
            yield intake
    finally:
        reading.close()


def _own_addresses(wiring: "Wiring") -> tuple[str, ...]:
    """The desk's own addresses, lower case: mail to them would be mail to ourselves."""
    from email.utils import parseaddr

    users = [box.user for box in wiring.settings.all_mailboxes().values()]
    named = [wiring.settings.smtp.sender, wiring.rules.desk.address, *users]
    return tuple(sorted({address for name in named if "@" in (address := parseaddr(name)[1].lower())}))


def carry(wiring: "Wiring", ids: Sequence[int], progress: Callable[[int], None] | None = None) -> None:
    """Carries messages, and all that waits before them, until none of these is in progress.

    Nothing is started where nothing waits, so that a repeated call changes nothing at all.
    """
    import logging

    from sqlalchemy import func, select

    from cases.database import read_session
    from ingest import ledger

    logging.getLogger("creditdesk").addHandler(logging.NullHandler())  # the ledger tells what went wrong
    with read_session(wiring.database) as session:
        waits = session.scalar(select(func.count()).where(*ledger.waiting())) or 0
    if waits:
        with intake_of(wiring) as intake:
            intake.finish(ids, progress)
    elif progress:
        progress(len(ids))


@contextmanager
def bar(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal; nothing elsewhere. Yields a function that takes the number done."""
    import sys

    if not sys.stderr.isatty() or total < 2:
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=total)
        yield lambda done: shown.update(task, completed=done)
