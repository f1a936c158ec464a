"""A mailbox on a real server, read into a database of the test's own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import fixed_clock
from cases.models import MailboxCopy, StoredMessage
from config.settings import MailboxSettings
from ingest.mailbox.poller import Poller
from ingest.mailbox.sync import MailboxSync
from tests.doubles.imap_servers import HOST, NO_DOVECOT, ImapServer, dovecot, has_dovecot, pymap

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def desk_sessions(desk_database: Engine) -> "sessionmaker[Session]":
    """Sessions on it."""
    return sessionmaker(desk_database, expire_on_commit=False)


@pytest.fixture(params=["pymap", "dovecot"])
def server(request: pytest.FixtureRequest) -> Iterator[ImapServer]:
    """Each kind of server, with an empty box."""
    if request.param == "dovecot" and not has_dovecot():
        pytest.skip(NO_DOVECOT)
    with pymap() if request.param == "pymap" else dovecot() as running:
        yield running


def box_of(server: ImapServer, **values: object) -> MailboxSettings:
    """The settings of a box on a test server."""
    fields: dict[str, object] = {
        "host": HOST,
        "port": server.port,
        "user": server.user,
        "password": server.password,
        "tls": "none",
    }
    return MailboxSettings.model_validate(fields | values)


def poller_of(server: ImapServer, sessions: "sessionmaker[Session]", name: str = "imap", **values: object) -> Poller:
    """A poller of that box."""
    return Poller(MailboxSync(name, box_of(server, **values), sessions, fixed_clock(NOW)))


def stored(sessions: "sessionmaker[Session]") -> list[bytes]:
    """The bytes in the ledger, in order."""
    with sessions() as session:
        return list(session.scalars(select(StoredMessage.raw).order_by(StoredMessage.id)))


def copies(sessions: "sessionmaker[Session]") -> int:
    """Places on servers that the ledger knows."""
    with sessions() as session:
        return len(session.scalars(select(MailboxCopy)).all())


Finish = Callable[[str], None]


@pytest.fixture
def finish(desk_sessions: "sessionmaker[Session]") -> Finish:
    """Brings every message in progress to a state."""

    def finish(state: str) -> None:
        with desk_sessions.begin() as session:
            for row in session.scalars(select(StoredMessage).where(StoredMessage.state == "in_progress")):
                row.state = state

    return finish
