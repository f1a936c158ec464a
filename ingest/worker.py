"""Reading one mail in a worker process, for those who have no intake at hand: it can cost only so much time and memory."""

import os
import threading

from ingest.limits import DEFAULT, Limits
from ingest.message import Message
from runtime.workers import Workers, process_count


class Pool:
    """Workers that read, begun with the first mail."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers: Workers | None = None

    def read(self, raw: bytes, limits: Limits) -> Message:
        """Read one mail in a worker; raises WorkerFailed."""
        from ingest.reading import read_message

        message: Message = self._ready().submit(read_message, raw, limits, seconds=limits.seconds).result()
        return message

    def contents(self, raw: bytes) -> dict[str, bytes]:
        """The bytes of each file of a mail by their digest; raises WorkerFailed."""
        from ingest.reading import file_contents

        found: dict[str, bytes] = self._ready().submit(file_contents, raw, DEFAULT).result()
        return found

    def _ready(self) -> Workers:
        with self._lock:
            if self._workers is None:
                self._workers = Workers(
                    process_count(),
                    seconds=DEFAULT.seconds,
                    megabytes=DEFAULT.memory_bytes // 1_000_000,
                    preload=("ingest.reading",),
                    answers=("ingest.message",),
                )
            return self._workers

    def forget(self) -> None:
        """In a forked child: the workers belong to the parent."""
        self.__init__()  # type: ignore[misc]


POOL = Pool()
os.register_at_fork(after_in_child=POOL.forget)
