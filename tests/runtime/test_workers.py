"""Calls in worker processes have limits, and fail alone."""

from collections.abc import Iterator

import pytest

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


def test_a_worker_sees_no_secrets(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that reads strangers' bytes cannot read the desk's passwords from its environment."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with_secrets = Workers(1, seconds=5, megabytes=60)
    assert with_secrets.submit(calls.secrets).result() == []
    with_secrets.close()
