"""Connections that wait for a PostgreSQL that is away, instead of failing.

The durable engine doubles its wait after each failed try, up to a minute and a half: after a long outage, or several
short ones, work would stand still for as long although the server is back. Here a connection is tried for every half
second, so that the engine seldom sees a failed one.

A server whose disk is full is another matter: the durable engine would try again for ever, and nobody would hear why.
It is told in a way that the engine gives up on, and so reaches who began the work.
"""

import threading
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

TRY_EVERY = 0.5  # seconds
AT_MOST = 60.0  # then the engine hears of it
CONNECTIONS = 20
DISK_FULL = "53100"  # the server's code for it
IDLE_SECONDS = 60  # the server ends a session that stays so long idle inside a transaction, and with it its locks


class NoRoom(Exception):
    """What a full server said."""

    sqlstate = DISK_FULL


class Patience:
    """Whether to wait: from `begin` to `end`; before and after, a failure is told at once."""

    def __init__(self) -> None:
        self._impatient = threading.Event()
        self._impatient.set()

    def begin(self) -> None:
        """From now on, wait."""
        self._impatient.clear()

    def end(self) -> None:
        """No longer; who waits is told."""
        self._impatient.set()

    def lost(self, seconds: float) -> bool:
        """Waits a little; whether it is over."""
        return self._impatient.wait(seconds)


def patient_engine(url: str, patience: Patience) -> Engine:
    """An engine for the durable engine's own tables on PostgreSQL."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"connect_timeout": 10}
    if "options" not in address.query:
        options["options"] = f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args=options,
    )

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: Any, args: Any, given: Any) -> Any:
        for _ in range(int(AT_MOST / TRY_EVERY)):
            try:
                return dialect.connect(*args, **given)
            except dialect.loaded_dbapi.OperationalError:
                if patience.lost(TRY_EVERY):
                    raise
        return dialect.connect(*args, **given)

    tell_when_full(engine)
    return engine


def tell_when_full(engine: Engine) -> None:
    """Has a full disk told at once, in the engine's transactions too. A second call changes nothing."""
    if not event.contains(engine, "handle_error", _give_up):
        event.listen(engine, "handle_error", _give_up)


def _give_up(context: ExceptionContext) -> OperationalError | None:
    """The error in the place of the driver's, which the durable engine would wait out."""
    if getattr(context.original_exception, "sqlstate", None) != DISK_FULL:
        return None
    return OperationalError(context.statement, None, NoRoom(context.original_exception), hide_parameters=True)
