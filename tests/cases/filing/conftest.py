"""A furnished desk for the tests of filing: on SQLite by a copy of one migrated file, on both where it matters."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from cases.database import open_database
from tests.cases.desk import add_buyer, add_client, add_rate


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows."""
    file = tmp_path_factory.mktemp("filing") / "empty.db"
    engine = open_database(f"sqlite:///{file}")
    with engine.connect() as connection:
        connection.exec_driver_sql("select 1")
    engine.dispose()
    return file


@pytest.fixture
def light(empty_file: Path, tmp_path: Path) -> Iterator[Session]:
    """A session on a database of its own, SQLite, empty."""
    for file in empty_file.parent.glob("empty.db*"):
        shutil.copy(file, tmp_path / file.name)
    engine = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    with sessionmaker(engine, expire_on_commit=False)() as session:
        yield session
    engine.dispose()


def furnish(session: Session) -> Session:
    """The client Hartwell with a policy, the buyer Nordwind, a rate of the dollar."""
    add_client(session)
    add_buyer(session, vat_id="DE811907980")
    add_rate(session, "USD", 0.9)
    session.commit()
    return session


@pytest.fixture
def desk(light: Session) -> Session:
    """The furnished desk on SQLite."""
    return furnish(light)


@pytest.fixture
def both(session: Session) -> Session:
    """The furnished desk on each kind of database."""
    return furnish(session)
