"""Understanding messages in worker processes, so that neither their time nor their memory can hurt the desk."""

from concurrent.futures import Future, ThreadPoolExecutor

from cases.vocabulary import EngineName
from ingest.engine import Engine
from ingest.understand import Circumstances, Understood, interpret, understand_by_rules
from runtime.workers import Workers

READERS = 2  # reading processes
READ_SECONDS = 15.0
READ_MEGABYTES = 500
PRELOAD = ("ingest.understand", "ingest.reading", "ingest.rules.engine")


def readers(count: int = READERS) -> Workers:
    """Processes that read messages under limits of time and memory."""
    return Workers(count, seconds=READ_SECONDS, megabytes=READ_MEGABYTES, preload=PRELOAD)


class Understanding:
    """Reads in worker processes; rules triage runs there too, a model is asked from threads of this process."""

    def __init__(self, engine: Engine, workers: Workers, parallel: int = 4) -> None:
        self._engine = engine
        self._workers = workers
        self._askers = ThreadPoolExecutor(parallel, thread_name_prefix="triage")

    def __call__(self, raw: bytes, circumstances: Circumstances) -> "Future[Understood]":
        """Begins to understand one message."""
        if self._engine.name == EngineName.RULES:
            return self._workers.submit(understand_by_rules, raw, circumstances)
        return self._askers.submit(self._ask, raw, circumstances)

    def _ask(self, raw: bytes, circumstances: Circumstances) -> Understood:
        from ingest.reading import read_message

        return interpret(self._workers.submit(read_message, raw).result(), self._engine, circumstances)

    def close(self) -> None:
        """Ends threads and processes."""
        self._askers.shutdown(wait=False, cancel_futures=True)
        self._workers.close()
