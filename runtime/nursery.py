"""Where worker processes are forked: an interpreter of its own that has imported and prepared what they need.

It is single-threaded and holds nothing of the desk: no handle but the socket to it, no secret, no database. A worker
forked from it is ready within milliseconds and shares its memory.
"""

import gc
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection

START_SECONDS = 60.0  # for a new process to import what it needs, on a busy machine
FORK_SECONDS = 15.0  # for one that has answered before: a fork is a matter of milliseconds
SECRETS = ("CREDITDESK_", "SLACK_", "OPENAI_")
PLAIN = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # only a process of one thread can be forked safely
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # they are for the desk, with which these processes end
WORD = 64  # bytes of a message between the desk and its nursery
PR_SET_PDEATHSIG = 1


class Nursery:
    """The desk's end: asks for workers and ends them. A nursery that died is replaced.

    `preload` names modules that are imported before workers are forked, `warm` a function ("module:function") that is
    then called once, so that what it prepares is there in each.
    """

    def __init__(self, preload: Sequence[str], warm: str = "") -> None:
        self._preload, self._warm = list(preload), warm
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            code = f"from runtime.nursery import nurse; nurse({theirs.fileno()}, {self._preload!r}, {self._warm!r})"
            environment = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                pass_fds=[theirs.fileno()],
                env=environment | PLAIN | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a signal to our group stops us, not the mail that is being read
            )
        self._socket.settimeout(START_SECONDS)

    def born(self, megabytes: int) -> tuple[int, Connection]:
        """A new worker: its process and the pipe to it. Raises OSError where none can be started."""
        with self._lock:
            for last in (False, True):
                try:
                    return self._ask(megabytes)
                except (
                    ConnectionError,
                    TimeoutError,
                ):  # ended from outside, or stuck: a late answer would mislead the next
                    self._stop()
                    self._start()
                    if last:
                        raise
            raise AssertionError("unreachable")

    def _ask(self, megabytes: int) -> tuple[int, Connection]:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._socket, [f"new {megabytes}".encode()], [theirs.fileno()])
            answer = self._socket.recv(WORD).decode()
            if not answer.isdigit():
                raise ConnectionError("the process that starts the others ended")
            self._socket.settimeout(FORK_SECONDS)
        except OSError:
            ours.close()
            raise
        return int(answer), Connection(ours.detach())

    def end(self, pid: int) -> None:
        """Ends a worker. Where the nursery is gone, the worker went with it."""
        with self._lock, suppress(OSError):
            self._socket.send(f"end {pid}".encode())

    def close(self) -> None:
        """Ends the nursery and all its workers."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()


def nurse(handle: int, preload: list[str], warm: str) -> None:
    """The life of the nursery: forks a worker or ends one as asked, until the desk closes the socket or dies."""
    for name in IGNORED:
        signal.signal(name, signal.SIG_IGN)
    desk = socket.socket(fileno=handle)
    for module in ("ctypes", "runtime.workers", *preload):
        import_module(module)
    if warm:
        module, _, function = warm.partition(":")
        getattr(import_module(module), function)()
    gc.collect()
    gc.freeze()  # what is here by now stays: no worker need look through it, nor copy it by looking
    workers: set[int] = set()
    own = os.getpid()
    while True:
        message, handles, _, _ = socket.recv_fds(desk, WORD, 1)
        word, _, number = message.decode().partition(" ")
        if not word:
            return
        if word == "new":
            pid = os.fork()
            if pid == 0:
                desk.close()
                _live(Connection(handles[0]), int(number), own)
            os.close(handles[0])
            workers.add(pid)
            desk.send(str(pid).encode())
        elif int(number) in workers:
            workers.remove(int(number))
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)
            os.waitpid(int(number), 0)  # not before: until then its number is nobody else's


def _live(pipe: Connection, megabytes: int, parent: int) -> None:
    """A worker's life, from the fork to the end of the process."""
    from runtime.workers import data_size, work

    try:
        _die_with(parent)
        limit = data_size() + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        work(pipe)
    finally:
        os._exit(0)


def _die_with(parent: int) -> None:
    """The kernel ends this process when its parent ends, also when that is killed."""
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
