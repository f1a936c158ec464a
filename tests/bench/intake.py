"""Where a mail's time goes: `python -m tests.bench.intake`. Every figure is a ratio to something done in the same run.

One committed row stands for what any program must do that keeps a mail; the standard parser for what any must do that
reads one.
"""

import email
import email.policy
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from cases.clock import fixed_clock
from cases.database import open_database
from config.desk import load_desk_rules
from ingest import batches, ledger
from ingest.batches import IntakeDesk
from ingest.intake import Intake
from ingest.reading import read_message
from ingest.understand import Circumstances, Understood, understand_by_rules
from tests.ingest.intake.mails import request

MAILS = 200
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = Circumstances(NOW, frozenset(), "")


def _seconds(act: Callable[[bytes], object], mails: Sequence[bytes]) -> list[float]:
    """What each call took."""
    took = []
    for raw in mails:
        begun = time.perf_counter()
        act(raw)
        took.append(time.perf_counter() - begun)
    return took


def _row_with_commit(folder: Path, mails: Sequence[bytes]) -> float:
    """Seconds for one row with its commit, as safe on disk as ours."""
    engine = create_engine(f"sqlite:///{folder / 'plain.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma journal_mode = wal")
        connection.exec_driver_sql("pragma synchronous = full")
        connection.exec_driver_sql("create table mails (id integer primary key, raw blob)")
        connection.commit()

        def insert(raw: bytes) -> None:
            connection.exec_driver_sql("insert into mails (raw) values (?)", (raw,))
            connection.commit()

        took = statistics.median(_seconds(insert, mails))
    engine.dispose()
    return took


class _Understood:
    """Hands out what was understood before, so that only the intake is timed."""

    def __init__(self, mails: Sequence[bytes]) -> None:
        self._known = {raw: understand_by_rules(raw, HERE) for raw in mails}

    def __call__(self, raw: bytes, circumstances: Circumstances) -> "Future[Understood]":
        future: Future[Understood] = Future()
        future.set_result(self._known[raw])
        return future


def _whole_intake(folder: Path, mails: Sequence[bytes]) -> dict[str, float]:
    """Seconds for each mail: stored, filed (with checks, evidence, events, letters), and all with durable workflows."""
    understood = _Understood(mails)
    took = {}
    for name in ("steps", "durable"):
        database = open_database(f"sqlite:///{folder / name}.db")
        sessions = sessionmaker(database, expire_on_commit=False)
        desk = IntakeDesk(database, sessions, load_desk_rules(), fixed_clock(NOW), understood)
        begun = time.perf_counter()
        with sessions.begin() as session:
            ids = [ledger.store(session, raw, now=NOW).id for raw in mails]
        if name == "steps":
            took["stored"] = time.perf_counter() - begun
            begun = time.perf_counter()
            for start in range(0, len(ids), batches.BATCH):
                batches.read(desk, ids[start : start + batches.BATCH])
                with sessions.begin() as session:
                    batches.file(desk, session, ids[start : start + batches.BATCH])
            took["filed"] = time.perf_counter() - begun
        else:
            with Intake(database, desk, poll_seconds=0.02) as intake:
                intake.finish(ids)
            took["all"] = time.perf_counter() - begun
        database.dispose()
    return {what: seconds / len(mails) for what, seconds in took.items()}


def run() -> list[tuple[str, str]]:
    """What was compared, and the figure."""
    mails = [request(number) for number in range(MAILS)]
    understand_by_rules(mails[0], HERE)  # data files are read at the first mail
    with tempfile.TemporaryDirectory() as folder:
        row = _row_with_commit(Path(folder), mails)
        whole = _whole_intake(Path(folder), mails)
    parsed = statistics.median(
        _seconds(lambda raw: email.message_from_bytes(raw, policy=email.policy.default).get_body(), mails)
    )
    read = statistics.median(_seconds(read_message, mails))
    rules = sorted(_seconds(lambda raw: understand_by_rules(raw, HERE), mails))
    p50, p95 = rules[len(rules) // 2], rules[len(rules) * 95 // 100]
    durable = max(0.0, whole["all"] - whole["stored"] - whole["filed"])
    return [
        (
            "intake of a mail, understood before, beside one row with a commit",
            f"{whole['all'] / row:.0f} times ({whole['all'] * 1e3:.1f} ms: stored {whole['stored'] * 1e3:.1f},"
            f" noted and filed {whole['filed'] * 1e3:.1f}, durable work {durable * 1e3:.1f}; a row {row * 1e3:.2f} ms)",
        ),
        (
            "reading a mail beside the standard parser",
            f"{read / parsed:.1f} times ({read * 1e3:.2f} ms beside {parsed * 1e3:.2f} ms)",
        ),
        (
            "reading and understanding by rules beside the standard parser",
            f"p50 {p50 / parsed:.0f} times, p95 {p95 / parsed:.0f} times ({p50 * 1e3:.1f} ms, {p95 * 1e3:.1f} ms)",
        ),
    ]


if __name__ == "__main__":
    for what, figure in run():
        print(f"{what}: {figure}")
