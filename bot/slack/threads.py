"""Threads for work that may take long: unlike those of a pool, they do not hold up the end of the process."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_Job = Callable[[], None]


class DaemonThreads:
    """At most so many threads, begun as they are needed and kept."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._count = 0
        self._busy = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Does the work in a thread; waits while all are busy. Called on one event loop only."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(outcome: Callable[[], None]) -> None:
            self._busy -= 1
            if not done.done():
                outcome()

        def job() -> None:
            try:
                result = work()
            except BaseException as error:
                failure = error

                def outcome() -> None:
                    done.set_exception(failure)
            else:

                def outcome() -> None:
                    done.set_result(result)

            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile: nobody waits any more
                loop.call_soon_threadsafe(settle, outcome)

        self._busy += 1
        if self._count < min(self._busy, self._most):
            self._count += 1
            threading.Thread(target=self._work, name=f"{self._name} {self._count}", daemon=True).start()
        self._jobs.put(job)
        return await done

    def _work(self) -> None:
        while True:
            self._jobs.get()()
