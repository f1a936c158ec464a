"""A furnished desk for the tests of filing: on SQLite by a copy of one prepared file, on both where it matters."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from cases.database import open_database
from tests.cases.desk import add_buyer, add_client, add_rate


def furnish(session: Session) -> Session:
    """The client Hartwell with a policy, the buyer Nordwind, a rate of the dollar."""
    add_client(session)
    add_buyer(session, vat_id="DE811907980")
    add_rate(session, "USD", 0.9)
    session.commit()
    return session


@pytest.fixture(scope="session")
def furnished_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished database in one file."""
    file = tmp_path_factory.mktemp("filing") / "desk.db"
    engine = open_database(f"sqlite:///{file}")
    with sessionmaker(engine)() as session:
        furnish(session)
    engine.dispose()
    whole = file.with_name("whole.db")
    copy = create_engine(f"sqlite:///{file}")
    with copy.connect() as connection:
        connection.exec_driver_sql(f"vacuum into '{whole}'")
    copy.dispose()
    return whole


@pytest.fixture
def desk(furnished_file: Path, tmp_path: Path) -> Iterator[Session]:
    """A session on a furnished SQLite desk of its own."""
    file = tmp_path / "desk.db"
    shutil.copy(furnished_file, file)
    engine = open_database(f"sqlite:///{file}")
    with sessionmaker(engine, expire_on_commit=False)() as session:
        yield session
    engine.dispose()


@pytest.fixture
def both(session: Session) -> Session:
    """The furnished desk on each kind of database."""
    return furnish(session)
