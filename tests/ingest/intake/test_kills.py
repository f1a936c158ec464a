"""Killed before any of its commits and started again, the intake ends where an unbroken one ends."""

import os
import random
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import DATABASES, ROOT
from tests.ingest.intake.mails import OUT_OF_OFFICE, request

SHAPE = (
    "select reference, kind, status, buyer_name, amount, currency, policyholder_name from cases order by id",
    "select sequence, actor, kind, case_id, message_row_id from events order by sequence",
    'select key, kind, channel, "to", state, subject, text from outbox order by key',
    "select digest, state, reason, intent, message_id from messages order by id",
    "select case_id, message_row_id, position, relation from case_messages order by id",
    "select case_id, field, value, quote, start, state from field_evidence order by id",
)


def place(kind: str, server: str, folder: Path) -> str:
    """A database that is not there yet."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/{uuid.uuid4().hex[:8]}/creditdesk.db"
    return server.replace("/postgres?", f"/k_{uuid.uuid4().hex[:12]}?")


def run(number: int, url: str, mails: Path) -> tuple[int, int]:
    """Exit code and number of commits (0 when killed)."""
    environment = os.environ | {"CREDITDESK_DATA_DIR": str(mails.parent / "data"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.ingest.intake.killed", str(number), url, str(mails)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    commits = [int(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("commits ")]
    return done.returncode, commits[0] if commits else 0


def shape(url: str) -> list[Any]:
    """All that an intake leaves behind, without times."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [[tuple(row) for row in connection.execute(text(query))] for query in SHAPE]
    engine.dispose()
    return rows


def changes(url: str) -> list[Any]:
    """Everything, times and versions too."""
    tables = ("messages", "cases", "events", "outbox", "case_messages", "field_evidence", "case_documents", "workers")
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [sorted(map(str, connection.execute(text(f"select * from {table}")))) for table in tables]
    engine.dispose()
    return rows


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """Requests, a copy, an automatic mail, bytes that are no mail."""
    folder = tmp_path / "mails"
    folder.mkdir()
    copy = request(1, Received="from other.example by mx.example; Mon, 2 Mar 2026 10:01:00 +0000")
    for number, raw in enumerate([request(1), request(2), copy, OUT_OF_OFFICE, b"\x00\xff", request(1, text="Hello?")]):
        (folder / f"{number}.eml").write_bytes(raw)
    return folder


def check(points: list[int], kind: str, server: str, mails: Path, wanted: list[Any]) -> list[int]:
    """The points at which a killed intake, started again, ends elsewhere or a third run changes something."""
    wrong = []
    for point in points:
        url = place(kind, server, mails.parent)
        code, _ = run(point, url, mails)
        assert code == -9, f"not killed at commit {point}"
        code, _ = run(0, url, mails)
        before = changes(url)
        run(0, url, mails)
        if code != 0 or shape(url) != wanted or changes(url) != before:
            wrong.append(point)
    return wrong


def reference(kind: str, server: str, mails: Path) -> tuple[list[Any], int]:
    """What one unbroken run leaves, and how many commits it takes."""
    url = place(kind, server, mails.parent)
    code, commits = run(0, url, mails)
    assert code == 0
    return shape(url), commits


@pytest.mark.parametrize("kind", DATABASES)
def test_killed_at_a_few_commits(kind: str, mails: Path, request: pytest.FixtureRequest) -> None:
    """Killed in the middle of filing, an intake that is started again ends like an unbroken one."""
    server = request.getfixturevalue("postgres_server") if kind == "postgres" else ""
    wanted, commits = reference(kind, server, mails)
    assert len(wanted[0]) >= 2
    points = [commits * 2 // 3] if kind == "postgres" else [commits // 3, commits * 3 // 4]
    assert check(points, kind, server, mails, wanted) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", DATABASES)
def test_killed_at_every_commit(kind: str, mails: Path, request: pytest.FixtureRequest) -> None:
    """Killed before each single commit: the same cases, events and outbox rows; a third run changes nothing."""
    server = request.getfixturevalue("postgres_server") if kind == "postgres" else ""
    wanted, commits = reference(kind, server, mails)
    assert check(list(range(1, commits + 1)), kind, server, mails, wanted) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", DATABASES)
def test_thirty_kills_in_one_backlog(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """200 mails and 30 kills at random commits: nothing lost, nothing doubled, nobody parked."""
    from tests.ingest.intake import mails as samples

    server = request.getfixturevalue("postgres_server") if kind == "postgres" else ""
    folder = tmp_path / "mails"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}.eml").write_bytes(samples.request(number))
    wanted, commits = reference(kind, server, folder)
    url, dice = place(kind, server, tmp_path), random.Random(11)
    killed = sum(run(dice.randint(3, max(4, commits // 8)), url, folder)[0] == -9 for _ in range(30))
    code, _ = run(0, url, folder)
    assert killed >= 15
    assert code == 0
    assert shape(url) == wanted
