"""New databases of either kind that cost little: copies of one that is migrated, the durable engine's tables too."""

import shutil
import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from cases.database import open_database
from runtime.durable import Durable


def prepared(kind: str, server: str, folder: Path) -> str:
    """The address of a migrated database to be copied."""
    url = empty(kind, server, folder)
    engine = open_database(url)
    durable = Durable(engine, "slot-0", [])
    durable.launch()
    durable.stop()
    engine.dispose()
    return url


def empty(kind: str, server: str, folder: Path) -> str:
    """The address of a database that is not there yet."""
    name = f"k_{uuid.uuid4().hex[:12]}"
    if kind == "postgres":
        return server.replace("/postgres?", f"/{name}?")
    return f"sqlite:///{folder}/{name}/creditdesk.db"


def copied(source: str, server: str, folder: Path, tablespace: str = "pg_default") -> str:
    """The address of a copy; `tablespace` is where PostgreSQL keeps it."""
    kind = "sqlite" if source.startswith("sqlite") else "postgres"
    url = empty(kind, server, folder)
    if kind == "sqlite":
        files = Path(source.removeprefix("sqlite:///")).parent
        shutil.copytree(files, Path(url.removeprefix("sqlite:///")).parent)
        return url
    command(server, f"CREATE DATABASE {_name(url)} TEMPLATE {_name(source)} TABLESPACE {tablespace}")
    return url


def dropped(url: str, server: str) -> None:
    """Room for others: the database goes, with what is still connected to it."""
    if url.startswith("sqlite"):
        shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent)
    else:
        command(server, f"DROP DATABASE {_name(url)} WITH (FORCE)")


def rows(url: str, *queries: str) -> list[Any]:
    """What each query gives."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [[tuple(row) for row in connection.execute(text(query))] for query in queries]
    engine.dispose()
    return found


def _name(url: str) -> str:
    return str(make_url(url).database)


def command(server: str, words: str) -> None:
    """Has the server do something outside any transaction."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(words)
    admin.dispose()
