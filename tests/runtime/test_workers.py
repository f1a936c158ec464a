"""Calls in worker processes have limits, and fail alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime import nursery
from runtime.workers import WorkerFailed, Workers
from tests.runtime import calls


@pytest.fixture
def workers() -> Iterator[Workers]:
    """One worker with tight limits."""
    workers = Workers(1, seconds=2.0, megabytes=60)
    yield workers
    workers.close()


def test_results_and_errors_come_back(workers: Workers) -> None:
    """A result comes back, and so does an exception, as it was raised."""
    assert workers.submit(calls.double, 21).result() == 42
    with pytest.raises(ValueError, match="no"):
        workers.submit(calls.refuse, "no").result()


def test_a_bad_call_fails_alone(workers: Workers) -> None:
    """Too slow, too large, or deadly: the call says so, and the next one is answered."""
    for function, argument, words in (
        (calls.sleep, (60,), "stopped after 2 seconds"),
        (calls.eat, (500,), "stopped at 60 MB"),
        (calls.die, (), "process died"),
    ):
        failing, following = workers.submit(function, *argument), workers.submit(calls.double, 4)
        with pytest.raises(WorkerFailed, match=words):
            failing.result()
        assert following.result() == 8


def _gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has waited for yet has ended too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def _becomes(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


def test_what_was_ended_from_outside_is_replaced(workers: Workers) -> None:
    """A worker that ended while idle, and the process from which workers are forked: neither costs a call."""
    first, parent = workers.submit(calls.process).result(), workers.submit(calls.parent).result()
    os.kill(first, signal.SIGKILL)
    second = workers.submit(calls.process).result()
    assert second != first
    os.kill(parent, signal.SIGKILL)
    assert _becomes(lambda: _gone(second))
    assert workers.submit(calls.parent).result() != parent


def test_a_stuck_nursery_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nursery that gives no worker in time is replaced: its late answer reaches nobody."""
    monkeypatch.setattr(nursery, "FORK_SECONDS", 2.0)
    stuck = nursery.Nursery(())
    worker, pipe = stuck.born(100)
    pipe.close()
    os.kill(int(Path(f"/proc/{worker}/stat").read_text().split()[3]), signal.SIGSTOP)
    other, pipe = stuck.born(100)
    pipe.close()
    assert other != worker
    assert _becomes(lambda: _gone(worker))
    stuck.close()


def test_an_answer_holds_no_foreign_class(workers: Workers) -> None:
    """A worker that was taken over cannot make the desk build, or call, what it likes."""
    with pytest.raises(WorkerFailed, match="gave no answer"):
        workers.submit(calls.foreign).result()
    assert workers.submit(calls.double, 4).result() == 8


def test_workers_end_with_their_parent() -> None:
    """A process that is killed leaves neither workers nor the process that forks them."""
    code = (
        "from runtime.workers import Workers; from tests.runtime import calls; import os;"
        "w = Workers(1, seconds=5, megabytes=60);"
        "print(w.submit(calls.process).result(), w.submit(calls.parent).result(), flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    worker, parent = map(int, done.stdout.split())
    assert _becomes(lambda: _gone(worker) and _gone(parent))


def test_a_worker_sees_no_secrets(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that reads strangers' bytes cannot read the desk's passwords from its environment."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with_secrets = Workers(1, seconds=5, megabytes=60)
    assert with_secrets.submit(calls.secrets).result() == []
    with_secrets.close()
