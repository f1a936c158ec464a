"""`creditdesk serve` as a process of its own, beside a real mail server and a mail sink."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cases.database import open_database
from cases.imports import import_people, import_policies, read_sheet
from tests.conftest import ROOT
from tests.doubles.imap_servers import HOST, ImapServer, free_port
from tests.doubles.smtp_sink import SmtpSink, smtp_sink
from tests.faults.databases import rows

PATIENCE = 120.0  # for anything that must come; the machine may be busy
DESK = "desk@insurer.example"
OFFICER = "oda@insurer.example"
PEOPLE = f"name,email,role,team\nOda Lind,{OFFICER},officer,Credit Back Office\n"
POLICIES = """policy_number,policyholder,broker,status,currency,maximum_liability,covered_countries,max_terms_days,valid_from,valid_until
TC-204511,Hartwell Bearings Ltd,,active,EUR,5000000,DE;FR,90,2026-01-01,2026-12-31
"""


def within(question: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The first true answer; fails after the time."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return answer


@dataclass
class Desk:
    """One data folder, and the processes on it."""

    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    _port: int = 0

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", "from creditdesk.cli import main; main()", *words]

    def _environment(self) -> dict[str, str]:
        ours = {"CREDITDESK_DATA_DIR": str(self.folder), "PYTHONPATH": str(ROOT)}
        return os.environ | ours | self.environment

    def run(self, *words: str, now: str = "") -> Any:
        """Runs a command to its end; gives what it printed as JSON, if that is what it printed."""
        clock = ["--now", now] if now else []
        done = subprocess.run(
            self._command(*clock, *words),
            env=self._environment(),
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{words}: {done.stderr[-800:]}"
        return json.loads(done.stdout) if "--json" in words else done.stdout

    def start(self, **more: str) -> None:
        """Starts `serve` and waits until it is ready."""
        self.launch(**more)
        within(
            lambda: self.process is None or self.process.poll() is not None or self.get("/readyz")[0] == 200, "ready"
        )
        assert self.process is not None
        assert self.process.poll() is None, self.said()[-2000:]

    def launch(self, **more: str) -> None:
        """Starts `serve`."""
        self._port = free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command("serve"),
                env=self._environment() | {"CREDITDESK_HTTP__PORT": str(self._port)} | more,
                cwd=self.folder.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "creditdesk.db"

    @property
    def log(self) -> Path:
        """What `serve` wrote."""
        return self.folder.parent / f"{self.folder.name}.log"

    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(encoding="utf-8")

    def get(self, path: str) -> tuple[int, str]:
        """Status and body over HTTP; (0, "") while nobody listens."""
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(HOST, self._port, timeout=10)
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        return 0, ""

    def signal(self, number: int) -> None:
        """Sends a signal to `serve`."""
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process = None
        return code

    def kill(self) -> None:
        """SIGKILL for `serve` and its reading processes."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def settled(self, number: int) -> bool:
        """Whether so many messages came and none is in progress."""
        database = self.environment.get("CREDITDESK_DATABASE_URL", f"sqlite:///{self.database}")
        (found,) = rows(database, "select state from messages")
        return len(found) >= number and all(state != "in_progress" for (state,) in found)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """Where the desk's mail goes."""
    with smtp_sink() as running:
        yield running


def environment(imap: ImapServer, sink: SmtpSink) -> dict[str, str]:
    """The settings of a desk on these servers."""
    return {
        "CREDITDESK_IMAP__HOST": HOST,
        "CREDITDESK_IMAP__PORT": str(imap.port),
        "CREDITDESK_IMAP__USER": imap.user,
        "CREDITDESK_IMAP__PASSWORD": imap.password,
        "CREDITDESK_IMAP__TLS": "none",
        "CREDITDESK_SMTP__HOST": HOST,
        "CREDITDESK_SMTP__PORT": str(sink.port),
        "CREDITDESK_SMTP__TLS": "none",
        "CREDITDESK_SMTP__FROM": DESK,
    }


@pytest.fixture
def desk(imap: ImapServer, sink: SmtpSink, migrated_file: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk that knows one client and one officer."""
    running = Desk(tmp_path / "data", environment(imap, sink))
    running.folder.mkdir()
    shutil.copy(migrated_file, running.database)
    engine = open_database(f"sqlite:///{running.database}")
    for table, take in ((POLICIES, import_policies), (PEOPLE, import_people)):
        (tmp_path / "table.csv").write_text(table, encoding="utf-8")
        with Session(engine) as session, session.begin():
            assert not take(session, read_sheet(tmp_path / "table.csv"), datetime.now(UTC), "shell").faults
    engine.dispose()
    yield running
    running.kill()
