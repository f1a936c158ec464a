"""Opening the database: SQLite (WAL) or PostgreSQL, created and migrated on first use."""

import logging
import select
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from cases.migrations import HEAD
from config.errors import ConfigurationError, Unavailable

# Threads that write to an SQLite file take turns here: waiting for each other in the file itself they would sleep, and
# often far longer than the other writes. After this time they try all the same.
TURN_SECONDS = 30.0
_TURN, _READS, _RESTS_SINCE = "turn", "reads", "rests since"
SHORT_REST_SECONDS = 1.0  # so soon a connection is used again without asking
MIGRATION_LOCK = 0x43524544  # advisory lock key on PostgreSQL


def open_database(url: str) -> Engine:
    """An engine on a database at the newest schema.

    Raises ConfigurationError for an address that is none, Unavailable where the database does not answer
    or the file is no database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            f"database URL {url!r} cannot be read: write sqlite:////path/file.db or postgresql://user@host/name"
        ) from error
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite(url, Path(parsed.database or ":memory:"))
    elif parsed.get_backend_name() == "postgresql":
        engine = _postgres(url)
    else:
        raise ConfigurationError(f"database {parsed.get_backend_name()!r} is not supported: use sqlite or postgresql")
    try:
        _migrate(engine)
    except DatabaseError as error:
        if "does not exist" in str(error) and engine.dialect.name == "postgresql" and _create_postgres(url):
            _migrate(engine)
        else:
            raise Unavailable(_advice(url, error)) from error
    return engine


def _advice(url: str, error: DBAPIError) -> str:
    shown = make_url(url).render_as_string(hide_password=True)
    reason = " ".join(str(error.orig).split())[:200]
    if "not a database" in reason:
        return f"{shown} is not a database: give another file with --db or CREDITDESK_DATABASE_URL"
    if "No space left" in reason:
        return f"database {shown} has no room ({reason}): make room on its disk, then repeat"
    return f"database {shown} does not answer ({reason}): check that it runs and the address is right"


def _sqlite(url: str, file: Path) -> Engine:
    if str(file) != ":memory:":
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"{file.parent} cannot be made ({error.strerror}): choose another --data-dir"
            ) from error
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transaction control would begin too late (or commit DDL by itself): we begin ourselves.
        connection.isolation_level = None
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma synchronous = full")
        connection.execute("pragma busy_timeout = 30000")

    turn = threading.Lock()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE: two writers wait for each other instead of failing when a read turns into a write.
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        held = connection.connection.record_info
        if mode == "IMMEDIATE" and held is not None and _TURN not in held and turn.acquire(timeout=TURN_SECONDS):
            held[_TURN] = True
        if mode == "DEFERRED" and held is not None:
            held[_READS] = True
            connection.exec_driver_sql("pragma query_only = on")
        connection.exec_driver_sql(f"BEGIN {mode}")

    @event.listens_for(engine, "checkin")
    def _give_turn(connection: sqlite3.Connection | None, record: ConnectionPoolEntry) -> None:
        if (record.record_info or {}).pop(_READS, False) and connection is not None:
            connection.execute("pragma query_only = off")
        if (record.record_info or {}).pop(_TURN, False):
            turn.release()

    return engine


def _postgres(url: str) -> Engine:
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # what it warns of ends in an error that is told
    engine = create_engine(url, hide_parameters=True, connect_args={"connect_timeout": 10})
    ask_after_rest(engine)
    return engine


def ask_after_rest(engine: Engine) -> None:
    """Whether the server still has a pooled connection (PostgreSQL) is asked only where it could have been lost.

    To ask before every use, as the pool itself would, is a round trip for each transaction.
    """
    driver: Any = engine.dialect.loaded_dbapi

    @event.listens_for(engine, "checkin")
    def _rests(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        since = record.info.get(_RESTS_SINCE)  # a connection just made has none
        if since is None or (time.monotonic() - since < SHORT_REST_SECONDS and not _told(connection)):
            return
        try:
            engine.dialect.do_ping(connection)
        except driver.Error as error:
            raise InvalidatePoolError from error


def _told(connection: Any) -> bool:
    """Whether the server said something unasked: it does so when it ends the connection."""
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    return bool(watch.poll(0))


def reading(engine: Engine) -> Engine:
    """The same database for reading only: no write lock is taken, and a write is refused."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(sqlite_begin="DEFERRED")
    return engine.execution_options(postgresql_readonly=True)


@contextmanager
def read_session(engine: Engine) -> Iterator[Session]:
    """A session that can only read, on either database; after `commit` it holds no connection until it reads again."""
    with sessionmaker(reading(engine), expire_on_commit=False)() as session:
        yield session
        session.commit()  # after a rollback the driver would throw away the statements it has prepared


def schema_version(connection: Connection) -> str | None:
    """The migration at which the database stands; None: an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    """To the newest schema, in one transaction; others wait."""
    with engine.connect().execution_options(sqlite_begin="DEFERRED") as connection:
        if schema_version(connection) == HEAD:
            return
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # persists in the file; not possible inside a transaction
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("pragma journal_mode = wal")
    from alembic import command
    from alembic.config import Config

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        if schema_version(connection) == HEAD:
            return
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _create_postgres(url: str) -> bool:
    """Creates the database of the URL; False where that is not possible."""
    target = make_url(url)
    admin = create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            quoted = connection.dialect.identifier_preparer.quote(target.database or "")
            connection.exec_driver_sql(f"CREATE DATABASE {quoted}")
    except DBAPIError as error:
        return "already exists" in str(error)  # another process was first
    finally:
        admin.dispose()
    return True
