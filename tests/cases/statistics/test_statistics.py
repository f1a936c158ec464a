"""Every metric by every dimension on both databases, against pandas where it can be said in a line."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack

import pandas as pd
import pytest
from sqlalchemy import Engine

from cases.database import open_database, read_session
from cases.periods import parse_period
from cases.statistics import Bound, StatisticsQuery, case_lines, dimensions, metrics, run
from cases.statistics.limits import LIMIT_COLUMNS
from config.desk import load_desk_rules
from config.errors import WrongUse
from tests.conftest import DATABASES, postgres_database
from tests.evaluation_chat.loading import load
from tests.evaluation_chat.world import NOW, write

YEAR = parse_period("2026", NOW)
RULES = load_desk_rules()


@pytest.fixture(scope="module", params=DATABASES)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, pd.DataFrame]]:
    """The invented register on this kind of database, and as a frame; the tests only read it."""
    folder = tmp_path_factory.mktemp("world")
    frame = write(folder)
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'desk.db'}"
        if request.param == "postgres":
            url = stack.enter_context(postgres_database(request.getfixturevalue("postgres_server")))
        engine = open_database(url)
        load(engine, folder)
        yield engine, frame
        engine.dispose()


def test_figures_equal_pandas_on_both_databases(world: tuple[Engine, pd.DataFrame]) -> None:
    """Counts, sums, rates, percentiles, weeks and totals are pandas' own."""
    engine, frame = world
    year = frame[(frame.decided >= "2026-01-01") & frame.is_decided]
    received = frame[frame.received >= "2026-01-01"]
    with read_session(engine) as session:

        def figures(*names: str, by: str, **more: object) -> dict[str, tuple[float, ...]]:
            query = StatisticsQuery(names, by=(by,), period=YEAR, **more)  # type: ignore[arg-type]
            result = run(session, query, NOW, RULES)
            return {str(row[0]): tuple(row[1:]) for row in result.rows}

        times = figures("turnaround_median", "turnaround_p90", "turnaround_mean", by="team")
        for team, group in year.groupby("team"):
            wanted = (group.days.median(), group.days.quantile(0.9), group.days.mean())
            assert times[str(team)] == pytest.approx(wanted, abs=1e-4)
        weeks = {week: value[0] for week, value in figures("requests_received", by="week").items()}
        assert weeks == received.received.dt.strftime("%G-W%V").value_counts().to_dict()
        amounts = {code: value[0] for code, value in figures("amount_approved", by="country").items()}
        assert amounts == pytest.approx(year.groupby("buyer_country").eur_approved.sum().to_dict())
        missing = frame[frame.missing_documents != ""].missing_documents.str.split(";").explode().value_counts()
        by_kind = run(session, StatisticsQuery(("missing_documents",), by=("missing_document",)), NOW, RULES)
        assert {row[0]: row[1] for row in by_kind.rows} == missing.to_dict()
        rate = run(session, StatisticsQuery(("approval_rate",), by=("team",), period=YEAR), NOW, RULES)
        assert rate.total["approval_rate"] == pytest.approx(year.ok.mean(), abs=1e-5)


def runs(engine: Engine, names: Collection[str], cuts: Collection[str]) -> None:
    """Each of these metrics by each of these dimensions."""
    with read_session(engine) as session:
        for name in names:
            for cut in cuts:
                if metrics()[name].basis == "limits" and cut not in LIMIT_COLUMNS:
                    continue
                assert run(session, StatisticsQuery((name,), by=(cut,), period=YEAR), NOW, RULES).columns[0] == cut


def test_every_metric_and_every_dimension_runs(world: tuple[Engine, pd.DataFrame]) -> None:
    """Every metric runs by one dimension, and one metric by every dimension."""
    runs(world[0], list(metrics()), ["team"])
    runs(world[0], ["requests_received"], list(dimensions()))


@pytest.mark.slow
def test_every_metric_by_every_dimension_runs(world: tuple[Engine, pd.DataFrame]) -> None:
    """Every metric runs by every dimension."""
    runs(world[0], list(metrics()), list(dimensions()))


def test_rows_behind_a_figure(world: tuple[Engine, pd.DataFrame]) -> None:
    """The cases behind a figure are as many as the figure says, with filters, bounds and exclusions."""
    engine, frame = world
    query = StatisticsQuery(
        ("requests_received",),
        where={"channel": ("email",), "missing_document": ()},
        exclude={"country": ("DE",)},
        bounds=(Bound("amount", ">", 100_000),),  # type: ignore[arg-type]
        period=YEAR,
    ).with_(where={"channel": ("email",)})
    wanted = frame[
        (frame.received >= "2026-01-01")
        & (frame.channel == "email")
        & (frame.buyer_country != "DE")
        & (frame.eur > 100_000)
    ]
    with read_session(engine) as session:
        lines, count = case_lines(session, query, NOW, RULES, limit=5)
        result = run(session, query, NOW, RULES)
    assert (len(lines), count, result.total["requests_received"]) == (5, len(wanted), len(wanted))


def test_a_limit_has_no_such_dimension(world: tuple[Engine, pd.DataFrame]) -> None:
    """What limits cannot be cut by is told, with what they can."""
    engine, _ = world
    with read_session(engine) as session, pytest.raises(WrongUse, match="limits cannot be cut by channel"):
        run(session, StatisticsQuery(("exposure",), by=("channel",)), NOW, RULES)
