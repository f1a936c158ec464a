"""A schedule over several processes."""

import subprocess
import sys
from collections import Counter

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cases.models import KeyValue
from tests.conftest import ROOT


@pytest.mark.slow
def test_two_processes_tick_once(database: Engine) -> None:
    """With two processes alive, each tick's work is done by one of them."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.runtime.ticking", url]
    processes = [subprocess.Popen([*command, f"slot-{number}", "45"], cwd=ROOT) for number in range(2)]
    assert [process.wait(120) for process in processes] == [0, 0]
    with Session(database) as session:
        keys = [key.split() for key in session.scalars(select(KeyValue.key).where(KeyValue.key.startswith("tick ")))]
    ticks = Counter(key[1] for key in keys)
    assert len(ticks) >= 3
    assert set(ticks.values()) == {1}
