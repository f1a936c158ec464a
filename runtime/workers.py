"""Worker processes for code that reads strangers' bytes: each call has a limit of time and of memory.

A call that runs too long, takes too much memory or crashes its process fails alone; the process is replaced and the
next call goes on. Workers are forked from a nursery: a new interpreter that has imported what they need, inherits no
handles and none of the desk's secrets. It ends with the desk, and they with it, also when it is killed. An answer is
unpickled with a closed list of classes, since a document may have taken the worker over.
"""

import builtins
import io
import os
import pickle
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from runtime.nursery import Nursery

LARGEST_ANSWER = 500_000_000  # bytes
PLAIN = ("datetime", "decimal")  # modules of which answers may always hold values

_Call = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...], float]


class WorkerFailed(Exception):
    """The call did not come back: too slow, too large, or its process died. The text is for people."""


class _Died(WorkerFailed):
    """The process ended in the middle: perhaps the call's fault, perhaps somebody ended it from outside."""


class Workers:
    """A fixed number of processes that run plain functions; `preload` names modules that they import first.

    `seconds` is what a call may take, `megabytes` what a process may take beyond what it has at its start. `answers`
    are the modules of whose classes results may be made, beside plain values; `nursery`: one begun earlier, which ends
    with these workers.
    """

    def __init__(
        self,
        count: int,
        *,
        seconds: float,
        megabytes: int,
        preload: Sequence[str] = (),
        answers: Sequence[str] = (),
        nursery: Nursery | None = None,
    ) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._trusted = frozenset(PLAIN) | frozenset(answers)
        self._nursery = nursery or Nursery(preload)
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._serve, daemon=True, name=f"worker-{n}") for n in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, function: Callable[..., Any], *args: object, seconds: float | None = None) -> "Future[Any]":
        """Runs `function(*args)` in a worker; the builtin exceptions it raises come back as such.

        The future raises WorkerFailed when the limits end the call. `seconds`: another limit for this call.
        """
        future: Future[Any] = Future()
        self._calls.put((future, function, args, self._seconds if seconds is None else seconds))
        return future

    def close(self) -> None:
        """Ends the processes; calls still waiting are not run."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join(timeout=self._seconds + 1)
        self._nursery.close()

    def _serve(self) -> None:
        """One thread for each process, which is forked for its first call: gives it calls, watches its clock."""
        worker: _Worker | None = None
        while (call := self._calls.get()) is not None:
            future, function, args, seconds = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                worker, value = self._run(worker, function, args, seconds)
            except Exception as error:
                worker = None
                future.set_exception(error)
                continue
            if isinstance(value, MemoryError):
                future.set_exception(WorkerFailed(f"stopped at {self._megabytes} MB of memory"))
            elif isinstance(value, Exception):
                future.set_exception(value)
            else:
                future.set_result(value)
        if worker is not None:
            worker.end()

    def _run(
        self, worker: "_Worker | None", function: Callable[..., Any], args: tuple[Any, ...], seconds: float
    ) -> tuple["_Worker", Any]:
        """The worker that ran the call, and its result or exception. Raises WorkerFailed.

        A worker that ended in the middle may have been ended from outside, so the call gets a second one.
        """
        for last in (False, True):
            if worker is not None and worker.ended():
                worker.end()
                worker = None
            worker = worker or _Worker(self._nursery, self._megabytes, self._trusted)
            try:
                return worker, worker.run(function, args, seconds)
            except BaseException as failure:
                worker.end()
                worker = None
                if last or not isinstance(failure, _Died):
                    raise
        raise AssertionError("unreachable")


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, nursery: Nursery, megabytes: int, trusted: frozenset[str]) -> None:
        self._nursery = nursery
        self._trusted = trusted
        try:
            self.pid, self._pipe = nursery.born(megabytes)
        except OSError as error:
            raise WorkerFailed(f"no process could be started ({error.strerror or error})") from error

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> Any:
        """What the function gave or raised. Raises WorkerFailed."""
        try:
            self._pipe.send((function, args))
            if not self._pipe.poll(seconds):
                raise WorkerFailed(f"stopped after {seconds:g} seconds")
            data = self._pipe.recv_bytes(LARGEST_ANSWER)
        except (EOFError, OSError) as error:
            raise _Died("the reading process died") from error
        try:
            good, value = _Closed(io.BytesIO(data), self._trusted).load()
            return value if good else _raised(*value)
        except WorkerFailed:
            raise
        except Exception as error:  # whatever a worker that was taken over may send
            raise WorkerFailed("the reading process gave no answer") from error

    def ended(self) -> bool:
        """Whether the process ended while it had nothing to do."""
        return self._pipe.poll(0)

    def end(self) -> None:
        """Ends the process."""
        self._pipe.close()
        self._nursery.end(self.pid)


class _Closed(pickle.Unpickler):
    """Builds values of the classes that the trusted modules define, and no others."""

    def __init__(self, source: io.BytesIO, trusted: frozenset[str]) -> None:
        super().__init__(source)
        self._trusted = trusted

    def find_class(self, module: str, name: str) -> object:
        """Only classes, and only where they are defined."""
        if module in self._trusted:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an answer")


def _raised(kind: str, text: str) -> Exception:
    """An exception of a worker, by its name and text."""
    found = getattr(builtins, str(kind), None)
    if isinstance(found, type) and issubclass(found, Exception):
        return found(str(text))
    return WorkerFailed(f"{kind}: {text}")


def work(pipe: Connection) -> None:
    """The life of a worker process: a call in, an answer out, until the parent closes or dies."""
    while True:
        try:
            function, args = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = pickle.dumps((True, function(*args)), pickle.HIGHEST_PROTOCOL)
        except BaseException as error:
            answer = pickle.dumps((False, (type(error).__name__, str(error))))
        try:
            pipe.send_bytes(answer)
        except OSError:
            return


def data_size() -> int:
    """Bytes of private memory that this process has mapped by now."""
    with Path("/proc/self/status").open(encoding="ascii") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmData")), 0)


def process_count() -> int:
    """How many worker processes can run at once here, at most four."""
    return max(1, min(4, os.cpu_count() or 1))
