"""How the benchmarks take time, and how they write it."""

import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

FULL = os.environ.get("CREDITDESK_BENCH_SIZE", "small").lower() == "full"


def processor() -> str:
    """The machine in a few words."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def cpu_times(run: Callable[[], object], times: int) -> list[float]:
    """CPU seconds of this process for each of so many runs."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return taken


def alternating(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The least CPU seconds of two ways that take turns, so that other load on the machine meets both."""
    first, second = [], []
    for _ in range(rounds):
        first += cpu_times(one, 1)
        second += cpu_times(other, 1)
    return min(first), min(second)


def compared(one: Callable[[], object], other: Callable[[], object], aim: float) -> tuple[float, float]:
    """As `alternating`, in three rounds; five more where the first is beyond `aim` times the other, to tell it from noise."""
    first, second = alternating(one, other, 3)
    if first <= aim * second:
        return first, second
    again, beside = alternating(one, other, 5)
    return min(first, again), min(second, beside)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:.1f} ms"


def times(ratio: float) -> str:
    """A ratio."""
    return f"{ratio:.2f} ×"


def resident(process: int | str) -> float:
    """Megabytes that a process has in memory; 0 for one that ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def below(process: int | str) -> list[int]:
    """All processes that a process began, and those they began."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        try:
            children = [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
        except OSError:  # the thread ended
            continue
        for child in children:
            found += [child, *below(child)]
    return found
