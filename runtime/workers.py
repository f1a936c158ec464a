"""Worker processes for code that reads strangers' bytes: each call has a limit of time and of memory.

A call that runs too long, takes too much memory or crashes its process fails alone; the process is replaced and the
next call goes on. A worker is a new interpreter that inherits no handles and none of the desk's secrets, and it ends
with its parent, also when that is killed.
"""

import os
import queue
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

START_SECONDS = 60.0  # for a new process to import what it needs, on a busy machine
SECRETS = ("CREDITDESK_", "SLACK_", "OPENAI_")

_Call = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]


class WorkerFailed(Exception):
    """The call did not come back: too slow, too large, or its process died. The text is for people."""


class Workers:
    """A fixed number of processes that run plain functions; `preload` names modules that they import first.

    `seconds` is what a call may take, `megabytes` what a process may take beyond what it has at its start.
    """

    def __init__(self, count: int, *, seconds: float, megabytes: int, preload: Sequence[str] = ()) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._preload = list(preload)
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._serve, daemon=True, name=f"worker-{n}") for n in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, function: Callable[..., Any], *args: object) -> "Future[Any]":
        """Runs `function(*args)` in a worker; its own exceptions come back as they were raised.

        The future raises WorkerFailed when the limits end the call.
        """
        future: Future[Any] = Future()
        self._calls.put((future, function, args))
        return future

    def close(self) -> None:
        """Ends the processes; calls still waiting are not run."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join(timeout=self._seconds + 1)

    def _serve(self) -> None:
        """One thread for each process: gives it calls, watches its clock, replaces it."""
        worker = _Worker(self._megabytes, self._preload)
        while (call := self._calls.get()) is not None:
            future, function, args = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                good, value = worker.run(function, args, self._seconds)
            except WorkerFailed as failure:
                worker.kill()
                worker = _Worker(self._megabytes, self._preload)
                future.set_exception(failure)
                continue
            if good:
                future.set_result(value)
            elif isinstance(value, MemoryError):
                future.set_exception(WorkerFailed(f"stopped at {self._megabytes} MB of memory"))
            else:
                future.set_exception(value)
        worker.kill()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, megabytes: int, preload: list[str]) -> None:
        ours, theirs = socket.socketpair()
        code = f"from runtime.workers import work; work({theirs.fileno()}, {megabytes}, {preload!r})"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=[theirs.fileno()],
            env=environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        self._pipe = Connection(ours.detach())
        self._fresh = True

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> tuple[bool, Any]:
        """(True, result) or (False, what it raised). Raises WorkerFailed."""
        try:
            if self._fresh:
                if not self._pipe.poll(START_SECONDS):
                    raise WorkerFailed(f"no worker process came up within {START_SECONDS:g} seconds")
                self._fresh = not self._pipe.recv()
            self._pipe.send((function, args))
            if not self._pipe.poll(seconds):
                raise WorkerFailed(f"stopped after {seconds:g} seconds")
            answer: tuple[bool, Any] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerFailed("the reading process died") from error
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._pipe.close()


def work(handle: int, megabytes: int, preload: list[str]) -> None:
    """The life of a worker process: a call in, an answer out, until the parent closes or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the pipe
    for module in preload:
        import_module(module)
    limit = _data_size() + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    pipe = Connection(handle)
    pipe.send(True)  # ready
    while True:
        try:
            function, args = pipe.recv()
        except (EOFError, OSError):
            return
        answer: tuple[bool, object]
        try:
            answer = (True, function(*args))
        except BaseException as error:
            answer = (False, error)
        try:
            pipe.send(answer)
        except OSError:
            return
        except Exception as error:  # an answer or an exception that cannot be sent
            pipe.send((False, WorkerFailed(f"{type(error).__name__}: {error}")))


def _data_size() -> int:
    """Bytes of private memory that this process has mapped by now."""
    with Path("/proc/self/status").open() as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmData")), 0)
