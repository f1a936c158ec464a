"""Durable work: the only module that knows the durable engine (DBOS).

A workflow is a plain function `body(steps, argument)`; what it does to the world it does through `steps`:
`steps.step` runs a function at least once and remembers its result, `steps.transaction` runs one in a database
transaction together with the note that it ran, so exactly once. Killed anywhere, a workflow goes on after the last
finished step. Bodies must be deterministic outside their steps; arguments and results are small JSON.

One engine a process. Its executor id is the slot of the process (runtime.slots); its version is VERSION below,
raised by hand when the order of steps changes: work of another version is begun anew under the present one.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from config.errors import Unavailable
from runtime.patience import Patience, patient_engine, tell_when_full

VERSION = "1"
RECOVERIES = 5  # a workflow that dies with its process more often is given up; the ledger decides what then
TICK = "@tick"
ACTIVE = ["PENDING", "ENQUEUED", "DELAYED"]

Json = Any  # what json.dumps takes; the engine's own type is no narrower


class Steps(Protocol):
    """How a workflow acts."""

    def step(self, name: str, function: Callable[..., Json], *args: Json) -> Json:
        """Runs it at least once; a finished one is not run again."""
        ...

    def transaction(self, name: str, function: Callable[..., Json], *args: Json) -> Json:
        """Runs `function(session, *args)`; its writes and the record of the step are one commit."""
        ...


@dataclass(frozen=True, slots=True)
class Workflow:
    """A kind of durable work.

    `anew`: work that a process of another version left behind is begun anew by the engine; without it that work is
    dropped here, because its owner keeps a ledger of what is unfinished.
    """

    name: str
    body: Callable[[Steps, Json], Json]
    anew: bool = True


@dataclass(frozen=True, slots=True)
class Tick:
    """A workflow that a clock starts: its argument is the ISO time of the tick, one run over all processes."""

    workflow: str
    cron: str
    timezone: str = "UTC"


def system_url(database: Engine) -> str:
    """Where the engine keeps its own tables: beside an SQLite file, inside a PostgreSQL database (schema dbos)."""
    if database.dialect.name == "postgresql":
        return database.url.render_as_string(hide_password=False)
    file = Path(database.url.database or "").absolute()
    name = "durable.db" if file.stem == "creditdesk" else f"{file.stem}-durable.db"
    return f"sqlite:///{file.with_name(name)}"


class Durable:
    """The durable engine of this process, from `launch` to `stop`."""

    def __init__(
        self,
        database: Engine,
        slot: str,
        workflows: Sequence[Workflow],
        *,
        ticks: Sequence[Tick] = (),
        version: str = VERSION,
        poll_seconds: float = 1.0,
        log_level: str = "CRITICAL",
    ) -> None:
        self._database = database
        self._slot = slot
        self._workflows = {workflow.name: workflow for workflow in workflows}
        self._ticks = ticks
        self._version = version
        self._poll_seconds = poll_seconds
        self._log_level = log_level
        self._functions: dict[str, Callable[..., Json]] = {}
        self._patience = Patience()
        self._own: Engine | None = None  # on PostgreSQL, for the engine's own tables

    def launch(self) -> None:
        """Starts the engine; interrupted work of this slot goes on by itself. Raises Unavailable."""
        from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SQLAlchemyDatasource

        for name in ("dbos", "alembic", "sqlalchemy"):
            logging.getLogger(name).setLevel(self._log_level)
        address = system_url(self._database)
        serializer = DBOSPortableJSONSerializer()
        try:
            _prepare_sqlite(address)
            DBOS.destroy(destroy_registry=True)
            config: DBOSConfig = {
                "name": "creditdesk",
                "system_database_url": address,
                "application_version": self._version,
                "executor_id": self._slot,
                "log_level": self._log_level,
                "serializer": serializer,
                "notification_listener_polling_interval_sec": self._poll_seconds,
                "enable_otlp": False,
            }
            if self._database.dialect.name == "postgresql":
                tell_when_full(self._database)
                self._own = config["system_database_engine"] = patient_engine(address, self._patience)
            DBOS(config=config)
            source = SQLAlchemyDatasource.create(
                self._database.url.render_as_string(hide_password=False),
                engine=self._database,
                sessionmaker=sessionmaker(expire_on_commit=False),
                serializer=serializer,
            )
            steps = _Steps(source, "SERIALIZABLE" if self._database.dialect.name == "sqlite" else "READ COMMITTED")
            for workflow in self._workflows.values():
                self._functions[workflow.name] = _registered(workflow, steps)
            for tick in self._ticks:
                self._functions[_tick_name(tick)] = _registered_tick(tick, self._workflows[tick.workflow], steps)
            DBOS.launch()
            self._apply_ticks()
            self._patience.begin()
        except DBAPIError as error:
            reason = " ".join(str(error.orig).split())[:160]
            raise Unavailable(
                f"durable work cannot start ({reason}): check room and rights of the data folder"
            ) from error

    def _apply_ticks(self) -> None:
        from dbos import DBOS

        if self._ticks:
            DBOS.apply_schedules(
                [
                    {
                        "schedule_name": tick.workflow,
                        "workflow_fn": self._functions[_tick_name(tick)],
                        "schedule": tick.cron,
                        "context": {},
                        "cron_timezone": tick.timezone,
                    }
                    for tick in self._ticks
                ]
            )

    def start(self, workflow: str, key: str, argument: Json) -> "Run":
        """Starts the workflow under a key of its own; a key used before gives that run, whatever the argument."""
        from dbos import DBOS, SetWorkflowID

        with SetWorkflowID(key):
            return Run(key, DBOS.start_workflow(self._functions[workflow], argument))

    def active(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose work has begun and not ended."""
        from dbos import DBOS

        wanted = list(keys)
        if not wanted:
            return set()
        found = DBOS.list_workflows(workflow_ids=wanted, status=ACTIVE, load_input=False, load_output=False)
        return {status.workflow_id for status in found if status.app_version == self._version}

    def holders(self) -> set[str]:
        """The slots that unfinished work belongs to."""
        from dbos import DBOS

        found = DBOS.list_workflows(status=ACTIVE, load_input=False, load_output=False)
        return {status.executor_id for status in found if status.executor_id}

    def adopt(self, slot: str) -> set[str]:
        """Takes up the unfinished work of a slot whose holder is dead, or of an older version in the own slot.

        Gives the keys that go on. Work of another version goes on under a fresh key, from its first step.
        """
        from dbos import DBOS

        keys = set()
        for status in DBOS.list_workflows(status=ACTIVE, executor_id=slot, load_input=False, load_output=False):
            if status.app_version == self._version:
                if slot != self._slot:  # the own slot's work goes on by itself
                    DBOS.resume_workflow(status.workflow_id)
                    keys.add(status.workflow_id)
                continue
            DBOS.cancel_workflow(status.workflow_id)
            kind = self._workflows.get(status.name.removesuffix(TICK))
            if kind and kind.anew:
                keys.add(DBOS.fork_workflow(status.workflow_id, 1, application_version=self._version).workflow_id)
        return keys

    def cancel(self, key: str) -> None:
        """Ends work that is not going on although it should."""
        from dbos import DBOS

        DBOS.cancel_workflow(key)

    def forget(self, before: datetime) -> int:
        """Deletes the records of work that ended before that time; gives their number."""
        from dbos import DBOS

        ended = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
        number = 0
        while found := DBOS.list_workflows(
            status=ended, completed_before=before.isoformat(), limit=500, load_input=False, load_output=False
        ):
            DBOS.delete_workflows([status.workflow_id for status in found])
            number += len(found)
        return number

    def stop(self, seconds: int = 0) -> None:
        """Stops the engine; running work gets so many seconds to end, the rest goes on at the next launch."""
        from dbos import DBOS

        self._patience.end()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=seconds)
        if self._own is not None:
            self._own.dispose()


class Run:
    """One run of a workflow."""

    def __init__(self, key: str, handle: Any) -> None:
        self.key = key
        self._handle = handle

    def result(self) -> Json:
        """Waits for the end; raises what the workflow raised."""
        return self._handle.get_result()


class _Steps:
    """`Steps` on the engine."""

    def __init__(self, source: Any, isolation: str) -> None:
        self._source = source
        self._isolation = isolation

    def step(self, name: str, function: Callable[..., Json], *args: Json) -> Json:
        from dbos import DBOS

        return DBOS.run_step({"name": name}, function, *args)

    def transaction(self, name: str, function: Callable[..., Json], *args: Json) -> Json:
        def in_session() -> Json:
            session: Session = self._source.sql_session()
            return function(session, *args)

        return self._source.run_tx_step({"name": name, "isolation_level": self._isolation}, in_session)


def _registered(workflow: Workflow, steps: Steps) -> Callable[..., Json]:
    from dbos import DBOS

    def run(argument: Json) -> Json:
        return workflow.body(steps, argument)

    return DBOS.workflow(name=workflow.name, max_recovery_attempts=RECOVERIES)(run)


def _tick_name(tick: Tick) -> str:
    return tick.workflow + TICK


def _registered_tick(tick: Tick, workflow: Workflow, steps: Steps) -> Callable[..., Json]:
    from dbos import DBOS

    def run(scheduled_at: datetime, context: Json) -> Json:
        return workflow.body(steps, scheduled_at.isoformat())

    return DBOS.workflow(name=_tick_name(tick), max_recovery_attempts=RECOVERIES)(run)


def _prepare_sqlite(address: str) -> None:
    """WAL, set once before the engine opens its file, stays in it."""
    if make_url(address).get_backend_name() != "sqlite":
        return
    engine = create_engine(address)
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma journal_mode = wal")
    engine.dispose()
