"""`creditdesk poll`: the mailboxes into cases, without mail out, Slack or HTTP."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from creditdesk.wiring import Wiring
    from ingest.mailbox.poller import Poller

app = typer.Typer(add_completion=False)


@app.command()
def poll(
    once: Annotated[bool, typer.Option("--once", help="One pass over every mailbox, then end.")] = False,
) -> None:
    """Read the configured mailboxes and take what is new into cases.

    Without --once it goes on until it is stopped. What would be sent waits in the outbox for `serve`.

    Example: creditdesk poll --once
    """
    from creditdesk.wiring import wire

    desk = wire()
    if not desk.settings.all_mailboxes():
        raise ConfigurationError("no mailbox is configured: set CREDITDESK_IMAP__HOST, __USER and __PASSWORD")
    if once:
        _once(desk)
    else:
        _until_stopped(desk)


def _until_stopped(desk: "Wiring") -> None:
    from creditdesk.intake_parts import intake_of
    from creditdesk.process import DeskProcess
    from runtime.logs import configure_logs

    configure_logs(desk.settings.log_level)
    with intake_of(desk, poll_seconds=1.0) as intake:
        process = DeskProcess(desk, intake)
        process.add_intake()
        process.add_mailboxes(watch=None)
        process.run()


def _once(desk: "Wiring") -> None:
    """Stores what is new in every box, carries it into cases meanwhile, marks it on the server."""
    from ingest.nursery import begin

    nursery = begin()  # before the imports that take this process a second
    from creditdesk.commands.intake import report
    from creditdesk.fetching import alongside
    from creditdesk.intake_parts import bar
    from creditdesk.output import note

    faults = list[str]()
    with alongside(desk, nursery) as intake:
        pollers = _pollers(desk, intake.stored)
        for name, poller in pollers.items():
            _reach(name, poller.once, faults)
        ids = intake.ids()
        with bar("taking in", len(ids)) as progress:
            intake.finish(ids, progress)
    for name, poller in pollers.items():
        if not any(fault.startswith(f"mailbox {name}:") for fault in faults):
            _reach(name, poller.mark_once, faults)
    report(desk, ids)
    for fault in faults:
        note(f"creditdesk: {fault}")
    if faults:
        raise Unavailable(f"{len(faults)} of {len(pollers)} mailboxes could not be read: creditdesk doctor says why")


def _pollers(desk: "Wiring", stored: Callable[[], None]) -> "dict[str, Poller]":
    from ingest.mailbox.poller import Poller
    from ingest.mailbox.sync import MailboxSync

    return {
        name: Poller(MailboxSync(name, box, desk.sessions, desk.clock, stored=stored))
        for name, box in desk.settings.all_mailboxes().items()
    }


def _reach(name: str, act: Callable[[], int], faults: list[str]) -> None:
    from sqlalchemy.exc import DBAPIError

    from config.errors import DeskError
    from ingest.mailbox.connection import DROPPED
    from ingest.mailbox.poller import first_words

    try:
        act()
    except (*DROPPED, DeskError) as error:
        faults.append(f"mailbox {name}: {error}")
    except DBAPIError as error:
        faults.append(f"mailbox {name}: the database cannot take mail ({first_words(error)}): make room, then repeat")
