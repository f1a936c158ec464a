"""How many calls a minute: a caller waits for its turn, but never beyond its own deadline."""

import threading
import time
from collections import deque
from collections.abc import Callable

MINUTE = 60.0


class Pace:
    """Lets so many calls begin in any minute; 0: as many as come. Safe between threads."""

    def __init__(
        self,
        calls: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._calls, self._clock, self._sleep = calls, clock, sleep
        self._begun: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, deadline: float) -> bool:
        """Waits until a call may begin; False where that is later than `deadline` (on the same clock)."""
        if self._calls <= 0:
            return True
        while True:
            with self._lock:
                now = self._clock()
                while self._begun and self._begun[0] <= now - MINUTE:
                    self._begun.popleft()
                if len(self._begun) < self._calls:
                    self._begun.append(now)
                    return True
                wait = self._begun[0] + MINUTE - now
            if now + wait >= deadline:
                return False
            self._sleep(wait)
