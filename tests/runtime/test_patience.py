"""Connections of the durable engine wait for a server that is away, while the desk runs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from runtime.patience import Patience, patient_engine
from tests.faults.own_postgres import own_postgres


def test_a_server_that_is_away_is_waited_for() -> None:
    """Before `begin` and after `end` a failure is told at once; between, the connection comes with the server."""
    patience = Patience()
    with own_postgres() as server, ThreadPoolExecutor(1) as pool:
        engine = patient_engine(server.url, patience)

        def ask() -> int:
            with engine.connect() as connection:
                return int(connection.execute(text("select 1")).scalar_one())

        assert ask() == 1
        server.stop()
        with pytest.raises(OperationalError):
            ask()
        patience.begin()
        asked = pool.submit(ask)
        server.start()
        assert asked.result(60) == 1
        server.stop()
        waits = pool.submit(ask)
        patience.end()
        with pytest.raises(OperationalError):
            waits.result(60)
        server.start()
        assert ask() == 1
        engine.dispose()
