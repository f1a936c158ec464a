"""Memory over a long run: `python -m tests.bench.memory 20000` takes so many small mails in, in one long-lived process.

Prints the resident memory of the desk and of its reading processes after each tenth of the mails. Not part of
`make bench`: 20,000 mails take a quarter of an hour.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy.orm import sessionmaker

from cases.clock import fixed_clock
from cases.database import open_database
from config.desk import load_desk_rules
from ingest import ledger
from ingest.batches import IntakeDesk
from ingest.intake import Intake
from ingest.readers import Readers
from ingest.rules.engine import RulesEngine
from tests.bench.measuring import below, resident

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STORED = 200  # mails in one commit, as a backlog would be fetched
ALLOWED = 0.1  # growth after the first tenth


def _mail(number: int) -> bytes:
    """A small mail of its own; every fourth asks for a limit."""
    text = f"Good day, thank you for note {number}; we will look into it next week."
    if number % 4 == 0:
        text = f"Please set a credit limit of EUR {1000 + number % 9000:,} for Nordwind {number} GmbH, Berlin, 30 days net."
    return (
        f"From: Person {number % 500} <p{number % 500}@example.com>\r\nTo: desk@example.org\r\n"
        f"Date: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <{number}@example.com>\r\n"
        f"Subject: note {number}\r\n\r\n{text}\r\n\r\nKind regards\r\n"
    ).encode()


def run(mails: int) -> Iterator[tuple[int, float, list[float]]]:
    """After each tenth: mails so far, megabytes of this process, and of each reading process."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/desk.db")
        sessions = sessionmaker(database, expire_on_commit=False)
        readers = Readers(RulesEngine())
        desk = IntakeDesk(database, sessions, load_desk_rules(), fixed_clock(NOW), readers.understand)
        shown = max(STORED, mails // 10)
        with Intake(database, desk) as intake:
            for first in range(0, mails, STORED):
                some = [ledger.Incoming(_mail(number)) for number in range(first, min(first + STORED, mails))]
                with sessions.begin() as session:
                    ids = ledger.store_all(session, some, now=NOW)
                intake.finish(ids)
                done = first + len(some)
                if done % shown < STORED:
                    yield done, resident("self"), [resident(process) for process in below("self")]
        readers.close()
        database.dispose()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    before = 0.0
    for count, own, reading in run(wanted):
        whole = own + sum(reading)
        before = before or whole
        parts = ", ".join(f"{one:.0f}" for one in reading)
        print(f"{count} mails: {own:.0f} MB, reading {parts} MB; {whole / before - 1:+.0%}", flush=True)
    sys.exit(whole > before * (1 + ALLOWED))
