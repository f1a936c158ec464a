"""Understanding messages in worker processes, so that neither their time nor their memory can hurt the desk."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from cases.understanding import Triage
from cases.vocabulary import EngineName
from ingest.engine import Engine
from ingest.limits import DEFAULT
from ingest.message import Message
from ingest.nursery import begin
from ingest.understand import (
    Circumstances,
    Understood,
    interpret,
    triage_by_rules,
    triage_of,
    understand_by_rules,
)
from runtime.nursery import Nursery
from runtime.workers import WorkerFailed, Workers

READERS = 2  # reading processes
READ_SECONDS = 15.0
READ_MEGABYTES = 450
ANSWERS = ("ingest.message", "ingest.understand", "cases.understanding", "cases.vocabulary")

R = TypeVar("R")
P = ParamSpec("P")


class Readers:
    """Reads in worker processes; rules triage runs there too, a model is asked from threads of this process.

    `failed` calls back with a note for people when a model was to answer and the rules did.
    """

    def __init__(self, engine: Engine, count: int = READERS, parallel: int = 4, nursery: Nursery | None = None) -> None:
        self._by_rules = engine.name == EngineName.RULES
        self._engine = engine
        self._workers = Workers(
            count,
            seconds=READ_SECONDS,
            megabytes=READ_MEGABYTES,
            answers=ANSWERS,
            nursery=nursery or begin(),
        )
        self._askers = ThreadPoolExecutor(parallel, thread_name_prefix="triage")

    def understand(self, raw: bytes, circumstances: Circumstances) -> "Future[Understood]":
        """Begins to understand one message; the future raises WorkerFailed where the limits ended it."""
        if self._by_rules:
            return self._workers.submit(understand_by_rules, _bounded(raw), circumstances)
        return self._askers.submit(self._read_then, raw, interpret, self._engine, circumstances)

    def triage(self, raw: bytes, circumstances: Circumstances) -> "Future[Triage]":
        """The same, but only what it says, with the texts of its parts."""
        if self._by_rules:
            return self._workers.submit(triage_by_rules, _bounded(raw), circumstances)
        return self._askers.submit(self._read_then, raw, triage_of, self._engine, circumstances)

    def _read_then(
        self, raw: bytes, function: Callable[Concatenate[Message, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        from ingest.reading import read_message

        message: Message = self._workers.submit(read_message, _bounded(raw)).result()
        return function(message, *args, **kwargs)

    def close(self) -> None:
        """Ends threads and processes."""
        self._askers.shutdown(wait=False, cancel_futures=True)
        self._workers.close()


def _bounded(raw: bytes) -> bytes:
    """No more than reading would look at, and one byte, by which it knows that there was more."""
    return raw if len(raw) <= DEFAULT.message_bytes else raw[: DEFAULT.message_bytes + 1]


def understand_head(raw: bytes, circumstances: Circumstances, failure: WorkerFailed) -> Understood:
    """What the header alone says, where the message was too much for its reader."""
    from dataclasses import replace

    end = min((place for mark in (b"\r\n\r\n", b"\n\n") if (place := raw.find(mark, 0, 400_000)) >= 0), default=20_000)
    head = understand_by_rules(raw[: end + 4], circumstances)
    return replace(head, unreadable=f"could not be read: {failure}", files=())
