"""A schedule over several processes."""

import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cases.models import KeyValue
from tests.conftest import ROOT


@pytest.mark.slow
def test_two_processes_tick_once(database: Engine) -> None:
    """With two processes alive, each tick's work is done by one of them."""
    ticks = _run(database, ["45"], ["45"])
    assert len(ticks) >= 3
    assert set(ticks.values()) == {1}


@pytest.mark.slow
def test_clocks_a_day_apart(database: Engine) -> None:
    """Beside a machine whose clock is a day ahead, each second's work of either day is done once."""
    ticks = _run(database, ["30"], ["30", "0:86400"])
    first = min(ticks)
    days = Counter((tick - first) > timedelta(hours=12) for tick in ticks)
    assert days[False] >= 3
    assert days[True] >= 3
    assert set(ticks.values()) == {1}


@pytest.mark.slow
def test_a_clock_that_jumps(database: Engine) -> None:
    """Set half a minute forward and back again, a clock makes no second's work be done twice, nor left out."""
    ticks = _run(database, ["60", "0:0,10:30,20:0"])
    assert set(ticks.values()) == {1}
    seconds = sorted(ticks)
    assert seconds == [seconds[0] + timedelta(seconds=number) for number in range(len(seconds))]
    assert len(seconds) >= 35


def _run(database: Engine, *arguments: list[str]) -> Counter[datetime]:
    """How often each tick's work was done by processes with these arguments."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.runtime.ticking", url]
    processes = [
        subprocess.Popen([*command, f"slot-{number}", *more], cwd=ROOT) for number, more in enumerate(arguments)
    ]
    assert [process.wait(150) for process in processes] == [0] * len(processes)
    with Session(database) as session:
        keys = [key.split() for key in session.scalars(select(KeyValue.key).where(KeyValue.key.startswith("tick ")))]
    return Counter(datetime.fromisoformat(key[1]) for key in keys)
