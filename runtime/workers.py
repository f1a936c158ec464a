"""Worker processes for code that reads strangers' bytes: each call has a limit of time and of memory.

A call that runs too long, takes too much memory or crashes its process fails alone; the process is replaced
and the next call goes on. The processes end with their parent, also when it is killed.
"""

import multiprocessing
import queue
import resource
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

GRACE = 5.0  # seconds beyond the limit of the first call, in which a new process starts up


class WorkerFailed(Exception):
    """The call did not come back: too slow, too large, or its process died. The text is for people."""


class Workers:
    """A fixed number of processes that run plain functions; `preload` names modules that they import first.

    `megabytes` is what a process may take beyond what it has at its start.
    """

    def __init__(self, count: int, *, seconds: float, megabytes: int, preload: Sequence[str] = ()) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]] | None] = (
            queue.SimpleQueue()
        )
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
            thread.join(timeout=self._seconds + GRACE)

    def _serve(self) -> None:
        """One thread for each process: gives it calls, watches its clock, replaces it."""
        process, pipe = self._start()
        fresh = True
        while (call := self._calls.get()) is not None:
            future, function, args = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                pipe.send((function, args))
                if not pipe.poll(self._seconds + (GRACE if fresh else 0)):
                    raise WorkerFailed(f"stopped after {self._seconds:g} seconds")
                good, value = pipe.recv()
                fresh = False
            except (WorkerFailed, EOFError, OSError) as error:
                process.kill()
                process.join()
                reason = str(error) if isinstance(error, WorkerFailed) else "the reading process died"
                process, pipe = self._start()
                fresh = True
                future.set_exception(WorkerFailed(reason))
                continue
            if good:
                future.set_result(value)
            elif isinstance(value, MemoryError):
                future.set_exception(WorkerFailed(f"stopped at {self._megabytes} MB of memory"))
            else:
                future.set_exception(value)
        pipe.close()
        process.join(timeout=1)
        process.kill()

    def _start(self) -> tuple[BaseProcess, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._megabytes), daemon=True)
        process.start()
        theirs.close()
        return process, ours


def _work(pipe: Connection, megabytes: int) -> None:
    """The loop of a worker process: a call in, an answer out, until the parent closes or dies."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the pipe
    limit = _data_size() + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
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
