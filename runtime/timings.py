"""How long the steps of this process take: a count and a sum of seconds for each, as `/metrics` shows them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_totals: dict[str, tuple[int, float]] = {}


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Adds the time of the block to the step's total, whether it succeeds or not."""
    begun = time.monotonic()
    try:
        yield
    finally:
        took = time.monotonic() - begun
        with _lock:
            count, seconds = _totals.get(step, (0, 0.0))
            _totals[step] = (count + 1, seconds + took)


def totals() -> dict[str, tuple[int, float]]:
    """Runs and seconds of each step since this process began."""
    with _lock:
        return dict(_totals)
