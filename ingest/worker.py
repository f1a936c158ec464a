"""Reading in processes of its own, so that a mail can cost only so much time and memory.

`python -m ingest.worker` reads frames from its standard input (length, raw message) and answers with the
pickled `Message`. A worker serves many mails; one that hangs, crashes or grows is ended and replaced.
Its answer is unpickled with a closed list of classes, since a document may have taken the worker over.
"""

import atexit
import contextlib
import io
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from ingest.limits import DEFAULT, Limits
from ingest.message import Message

BROKE_OFF = "reading broke off"
FRAME = struct.Struct(">Q")
START_SECONDS = 60.0  # a cold import on a busy machine
TRUSTED = {
    ("ingest.message", name)
    for name in ("Address", "Span", "Part", "Cell", "Table", "Letter", "FileInfo", "Message")
} | {("datetime", "datetime"), ("datetime", "timedelta"), ("datetime", "timezone")}  # fmt: skip


class ReadingStopped(Exception):
    """A worker did not finish: `reason` is a phrase for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Closed(pickle.Unpickler):
    """Builds messages and nothing else."""

    def find_class(self, module: str, name: str) -> object:
        """Only the classes of a message."""
        if (module, name) in TRUSTED:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a message")


class _Worker:
    """One process and its pipes."""

    def __init__(self) -> None:
        root = str(Path(__file__).parent.parent)
        known = os.environ.get("PYTHONPATH", "")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ingest.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a signal to our group stops us, not the mail that is being read
            env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{known}" if known else root},
        )
        self.ready = False

    def ask(self, raw: bytes, limits: Limits) -> bytes:
        """Send one mail and wait for its answer; raises ReadingStopped."""
        if not self.ready:
            self._receive(START_SECONDS)
            self.ready = True
        request = pickle.dumps(limits) if limits is not DEFAULT else b""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(FRAME.pack(len(request)) + request + FRAME.pack(len(raw)))
            self.process.stdin.write(raw)
            self.process.stdin.flush()
        except OSError as error:
            raise ReadingStopped(BROKE_OFF) from error
        return self._receive(limits.seconds)

    def _receive(self, seconds: float) -> bytes:
        assert self.process.stdout is not None
        handle = self.process.stdout.fileno()
        deadline = time.monotonic() + seconds
        data = bytearray()
        wanted = FRAME.size
        while len(data) < wanted:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([handle], [], [], left)[0]:
                raise ReadingStopped("reading stopped at the time limit")
            piece = os.read(handle, 1 << 20)
            if not piece:
                raise ReadingStopped(BROKE_OFF)
            data += piece
            if wanted == FRAME.size and len(data) >= wanted:
                wanted += FRAME.unpack_from(data)[0]
        return bytes(data[FRAME.size : wanted])

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                continue  # a broken pipe cannot be flushed; it is closed all the same
        self.process.wait()


class WorkerPool:
    """Workers that are used again; as many at once as there are processors, at most four."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._idle: list[_Worker] = []
        self._busy = 0
        self._most = max(1, min(4, os.cpu_count() or 1))

    def read(self, raw: bytes, limits: Limits) -> Message:
        """Read one mail in a worker; raises ReadingStopped.

        A worker that breaks off may have been ended from outside, so the mail gets a second one.
        """
        try:
            return self._read(raw, limits)
        except ReadingStopped as stopped:
            if stopped.reason != BROKE_OFF:
                raise
            return self._read(raw, limits)

    def _read(self, raw: bytes, limits: Limits) -> Message:
        worker = self._take()
        sound = False
        try:
            answer = worker.ask(raw, limits)
            sound = answer[:1] == b"+"
        finally:
            self._give(worker, sound)
        if not sound:
            raise ReadingStopped(answer[1:].decode("utf-8", "replace") or BROKE_OFF)
        try:
            message = _Closed(io.BytesIO(answer[1:])).load()
        except (pickle.UnpicklingError, EOFError, AttributeError, ValueError, TypeError) as error:
            raise ReadingStopped("reading gave no message") from error
        if not isinstance(message, Message):
            raise ReadingStopped("reading gave no message")
        return message

    def _take(self) -> _Worker:
        with self._free:
            while not self._idle and self._busy >= self._most:
                self._free.wait()
            self._busy += 1
            while self._idle:
                worker = self._idle.pop()
                if worker.process.poll() is None:
                    return worker
                worker.end()  # ended from outside while it waited
        try:
            return _Worker()
        except OSError as error:
            with self._free:
                self._busy -= 1
                self._free.notify()
            raise ReadingStopped("no process could be started for reading") from error

    def _give(self, worker: _Worker, sound: bool) -> None:
        if not sound:
            worker.end()
        with self._free:
            self._busy -= 1
            if sound:
                self._idle.append(worker)
            self._free.notify()

    def close(self) -> None:
        """End the idle workers."""
        with self._free:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def forget(self) -> None:
        """In a forked child: the workers belong to the parent."""
        self.__init__()  # type: ignore[misc]


POOL = WorkerPool()
atexit.register(POOL.close)
os.register_at_fork(after_in_child=POOL.forget)


def _limit_memory(extra: int) -> None:
    """Let the process grow by `extra` bytes of address space and no further."""
    import resource

    now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = now + extra
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def _serve() -> None:
    """Answer frames until the pipe closes."""
    from ingest.reading import read_message

    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what libraries print goes nowhere
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    with contextlib.suppress(OSError, ImportError, ValueError):  # no such limits here: the time limit still holds
        _limit_memory(DEFAULT.memory_bytes)
    _answer(sink, b"+")
    while True:
        size = source.read(FRAME.size)
        if len(size) < FRAME.size:
            return
        wanted = source.read(FRAME.unpack(size)[0])
        limits: Limits = pickle.loads(wanted) if wanted else DEFAULT
        raw = source.read(FRAME.unpack(source.read(FRAME.size))[0])
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + 2)  # ends us should the parent be gone
        try:
            answer = b"+" + pickle.dumps(read_message(raw, limits), pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            answer = b"-reading stopped at the memory limit"
        except RecursionError:
            answer = b"-nested too deeply to be read"
        signal.setitimer(signal.ITIMER_REAL, 0)
        del raw
        _answer(sink, answer)


def _answer(sink: io.BufferedWriter, data: bytes) -> None:
    sink.write(FRAME.pack(len(data)))
    sink.write(data)
    sink.flush()


if __name__ == "__main__":
    _serve()
