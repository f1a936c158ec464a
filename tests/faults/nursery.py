"""Processes of the desk that start at once and can be killed at any effect: forked from one that has imported everything.

A forked child is a process like any other to the kernel, the database and the servers: SIGKILL takes its memory, its
locks and its connections. What is saved is only the time of imports. Messages are understood inside the child instead
of in worker processes, because reading changes nothing outside; everything else is the desk's own commands.

`Nursery` is the side of the test; `python -m tests.faults.nursery` is the parent of the children.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code (KILLED: killed), its effects in order, what it said on stderr."""

    code: int
    effects: list[str]
    said: str


@dataclass(frozen=True, slots=True)
class Nursery:
    """The parent process. One child at a time; a thread that asks meanwhile waits."""

    process: "subprocess.Popen[str]"
    turn: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self,
        *commands: Sequence[str],
        environment: dict[str, str],
        kill_at: int = 0,
        effect: str = "",
        batch: int = 0,
        release: str = "",
        pages: int = 0,
    ) -> Ended:
        """Runs commands one after the other in one child, which is killed right after its `kill_at`-th effect.

        `effect`: only effects whose name begins so are counted. `batch`: messages that one workflow carries at most.
        `release`: the child is of another release, whose intake has one step more. `pages`: an SQLite file has room
        for no more than so many pages.
        """
        wish = {
            "commands": [list(command) for command in commands],
            "environment": environment,
            "kill_at": kill_at,
            "effect": effect,
            "batch": batch,
            "release": release,
            "pages": pages,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.turn:
            self.process.stdin.write(json.dumps(wish) + "\n")
            self.process.stdin.flush()
            return Ended(**json.loads(self.process.stdout.readline()))


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Starts the parent and ends it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CREDITDESK_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


class Effects:
    """What a child does to the world, noted as it happens; kills the process after one of them."""

    def __init__(self, log: Path, kill_at: int, effect: str) -> None:
        self._log = log.open("ab", buffering=0)
        self._kill_at, self._effect, self._number = kill_at, effect, 0

    def note(self, name: str) -> None:
        """Something outside has changed."""
        self._log.write(name.encode() + b"\n")
        if name.startswith(self._effect):
            self._number += 1
            if self._number == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def after(self, owner: type, method: str, name: str) -> None:
        """Notes each return of a method."""
        real: Callable[..., Any] = getattr(owner, method)

        def noted(*args: Any, **options: Any) -> Any:
            result = real(*args, **options)
            self.note(name)
            return result

        setattr(owner, method, noted)

    def watch(self) -> None:
        """Commits that wrote something, what is changed on a mail server, mails that a mail server took."""
        import smtplib

        from imapclient import IMAPClient
        from sqlalchemy import Pool, event
        from sqlalchemy.engine.default import DefaultDialect

        real = DefaultDialect.do_commit
        changes: dict[int, int] = {}

        @event.listens_for(Pool, "connect")
        def connected(connection: Any, _record: Any) -> None:
            changes[id(connection)] = 0

        def commit(dialect: DefaultDialect, connection: Any) -> None:
            wrote = _wrote(connection, changes)
            real(dialect, connection)  # type: ignore[no-untyped-call]
            if wrote:
                self.note("commit")

        DefaultDialect.do_commit = commit  # type: ignore[method-assign]
        for method in ("add_flags", "move", "create_folder"):
            self.after(IMAPClient, method, f"imap {method}")
        self.after(smtplib.SMTP, "data", "smtp data")


def _wrote(connection: Any, changes: dict[int, int]) -> bool:
    """Whether the open transaction of this driver's connection has written something."""
    total = getattr(connection, "total_changes", None)
    if total is None:
        cursor = connection.cursor()
        cursor.execute("select pg_current_xact_id_if_assigned() is not null")
        return bool(cursor.fetchone()[0])
    before = changes.get(id(connection), 0)
    changes[id(connection)] = total
    return bool(total != before)


def _send_all() -> None:
    """What the outbox worker of `serve` does, to its end: `send` among the commands."""
    from creditdesk.intake_parts import intake_of
    from creditdesk.transports import smtp_transport
    from creditdesk.wiring import wire
    from runtime.outbox import Outbox

    desk = wire()
    transport = smtp_transport(desk)
    assert transport is not None
    with intake_of(desk) as intake:
        outbox = Outbox(desk.sessions, {"email": transport}, owner=intake.slot, clock=desk.clock)
        outbox.inherit()
        outbox.free_of_the_dead()
        outbox.once()
    transport.close()


def _other_release(version: str) -> None:
    """The intake of another release: work goes through one more step before all others."""
    from ingest.intake import Intake
    from runtime.durable import Json, Steps

    carry = Intake._carry

    def changed(self: Intake, steps: Steps, argument: Json) -> Json:
        steps.step("new in this release", str, version)
        return carry(self, steps, argument)

    Intake._carry = changed  # type: ignore[method-assign]
    assert Intake.__init__.__kwdefaults__ is not None
    Intake.__init__.__kwdefaults__["version"] = version


def _little_room(pages: int) -> None:
    """SQLite files that can grow no further, as on a full disk."""
    from sqlalchemy import Pool, event

    event.listen(Pool, "connect", lambda connection, _record: connection.execute(f"pragma max_page_count = {pages}"))


def _child(wish: dict[str, Any], log: Path, said: int) -> int:
    """The life of a child; gives its exit code."""
    from creditdesk.cli import main as creditdesk
    from ingest import batches

    os.setsid()
    os.dup2(said, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ.update(wish["environment"])
    batches.BATCH = wish["batch"] or batches.BATCH
    if wish["release"]:
        _other_release(wish["release"])
    if wish["pages"]:
        _little_room(wish["pages"])
    Effects(log, wish["kill_at"], wish["effect"]).watch()
    for command in wish["commands"]:
        if command == ["send"]:
            _send_all()
            continue
        try:
            creditdesk(command)
        except SystemExit as ended:
            if ended.code:
                return int(ended.code)
    return 0


def _fork(wish: dict[str, Any]) -> Ended:
    with tempfile.TemporaryDirectory(prefix="desk-child-") as folder:
        log, said = Path(folder, "effects"), Path(folder, "said")
        log.touch()
        with said.open("wb") as handle:
            child = os.fork()
            if child == 0:
                code = 70
                try:
                    code = _child(wish, log, handle.fileno())
                except BaseException:
                    traceback.print_exc()
                finally:
                    with suppress(Exception):
                        sys.stderr.flush()
                    os._exit(code)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        return Ended(code, log.read_text().splitlines(), said.read_text(errors="replace"))


def _grow_up() -> None:
    """Imports everything that a child will need, opens nothing."""
    from concurrent.futures import Future
    from datetime import UTC, datetime

    import alembic.command  # noqa: F401
    import dbos  # noqa: F401
    import psycopg  # noqa: F401

    import ingest.intake  # noqa: F401
    from ingest import readers
    from ingest.understand import Circumstances, understand_by_rules
    from tests.ingest.intake.mails import request

    class Here:
        """Runs calls in this process."""

        def __init__(self, *_: object, **__: object) -> None: ...

        def submit(self, function: Callable[..., Any], *args: object) -> "Future[Any]":
            future: Future[Any] = Future()
            try:
                future.set_result(function(*args))
            except Exception as error:
                future.set_exception(error)
            return future

        def close(self) -> None: ...

    setattr(readers, "Workers", Here)  # noqa: B010 - the name is imported there, not exported
    understand_by_rules(request(1), Circumstances(datetime(2026, 3, 2, tzinfo=UTC), frozenset(), "", ()))


def main() -> None:
    """A wish in, an ending out, until stdin closes."""
    _grow_up()
    for line in sys.stdin:
        ended = _fork(json.loads(line))
        sys.stdout.write(json.dumps({"code": ended.code, "effects": ended.effects, "said": ended.said}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
