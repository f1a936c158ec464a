"""A breaker in front of the model: after five failures in a row it stays open for a minute, then one probe decides.

Written here because the packaged one holds its lock while a call runs, which would put parallel calls in a queue.
"""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Says whether a call may be made, and learns how calls ended. Safe between threads."""

    def __init__(
        self, failures: int = 5, pause: float = 60.0, enabled: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._pause, self._enabled, self._clock = failures, pause, enabled, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._opened: float | None = None
        self._probing = False

    def allows(self) -> bool:
        """Whether a call may be made now; after the pause it lets exactly one through until its end is known."""
        with self._lock:
            if not self._enabled or self._opened is None:
                return True
            if self._probing or self._clock() - self._opened < self._pause:
                return False
            self._probing = True
            return True

    def succeeded(self) -> None:
        """A call was answered."""
        with self._lock:
            self._failed, self._opened, self._probing = 0, None, False

    def given_back(self) -> None:
        """The call that was allowed was not made; another may probe in its place."""
        with self._lock:
            self._probing = False

    def failed(self) -> None:
        """A call was not answered, or with nonsense."""
        with self._lock:
            self._failed += 1
            if self._probing or self._failed >= self._limit:
                self._opened = self._clock()
            self._probing = False
