"""What every test stands on: a closed network, a clean environment, a database of its own.

`CREDITDESK_TEST_DATABASE` picks `sqlite`, `postgres` or `both` (the default where PostgreSQL is at hand); `CREDITDESK_TEST_POSTGRES`
names the programs of another PostgreSQL than the packaged one (tests/doubles/postgres.py).
"""

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from cases.database import open_database
from tests.doubles.imap_servers import NO_DOVECOT, ImapServer, dovecot, has_dovecot
from tests.doubles.postgres import postgres

# No test measures time, and the same code gives the same result; `--hypothesis-profile explore` looks further.
hypothesis_settings.register_profile("desk", deadline=None, derandomize=True)
hypothesis_settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis_settings.load_profile("desk")

ROOT = Path(__file__).parent.parent
MANUAL = ROOT / "tests/evaluation_chat/manual"
MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30  # bytes that the folders of a run may need
# Where nothing waits for a disk; `--basetemp` and this variable choose another place.
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")
DATABASES = {"both": ["sqlite", "postgres"]}.get(
    os.environ.get("CREDITDESK_TEST_DATABASE", "both"), [os.environ.get("CREDITDESK_TEST_DATABASE", "sqlite")]
)
# For `parametrize("database_url", ..., indirect=True)`: where SQLite shows it quickly, PostgreSQL comes among the slow tests.
POSTGRES_SLOW = [
    pytest.param(kind, marks=[pytest.mark.slow] if kind == "postgres" and len(DATABASES) > 1 else [])
    for kind in DATABASES
]


@pytest.fixture(autouse=True, scope="session")
def _closed_network() -> Iterator[None]:
    """No test reaches beyond the loopback."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address}: only the loopback is allowed")
        real(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of the machine never leak into a test."""
    for name in list(os.environ):
        if name.startswith(("CREDITDESK_", "SLACK_", "OPENAI_")) and not name.startswith("CREDITDESK_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CREDITDESK_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URI of a PostgreSQL of our own; skips where the package is missing."""
    with postgres() as address:
        yield address


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database in one file, to be copied."""
    file = tmp_path_factory.mktemp("template") / "migrated.db"
    engine = open_database(f"sqlite:///{file}")
    engine.dispose()  # the last connection moves everything from the log into the file
    return file


@pytest.fixture
def desk_database(migrated_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """A migrated SQLite database, for what is the same on every kind."""
    shutil.copy(migrated_file, tmp_path / "desk.db")
    engine = open_database(f"sqlite:///{tmp_path / 'desk.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """The name of a migrated PostgreSQL database, to be copied."""
    name = "migrated"
    open_database(postgres_server.replace("/postgres?", f"/{name}?")).dispose()
    return name


@pytest.fixture(scope="session")
def manual_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder with an index of the chat evaluation's invented manual: to be opened or copied."""
    from knowledge.embedding import PackagedEmbedder
    from knowledge.indexing import index_paths

    home = tmp_path_factory.mktemp("manual")
    report = index_paths(home, [MANUAL], PackagedEmbedder(), now=datetime(2026, 11, 1, tzinfo=UTC))
    assert not report.faults
    return home


@contextmanager
def postgres_database(server: str, template: str = "") -> Iterator[str]:
    """The address of a new database, empty or a copy."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    yield server.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An address for a new database, on each kind: migrated for tests that want it so, else empty."""
    migrated = "database" in request.fixturenames
    if request.param == "sqlite":
        if migrated:
            shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "test.db")
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with postgres_database(server, request.getfixturevalue("migrated_postgres") if migrated else "") as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(database: Engine) -> "sessionmaker[Session]":
    """Makes sessions on the test database."""
    return sessionmaker(database, expire_on_commit=False)


@pytest.fixture
def session(sessions: "sessionmaker[Session]") -> Iterator[Session]:
    """One session, rolled back at the end unless the test commits."""
    with sessions() as session:
        yield session


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    """Dovecot with the desk's box; skips where it is not installed."""
    if not has_dovecot():
        pytest.skip(NO_DOVECOT)
    with dovecot() as server:
        yield server
