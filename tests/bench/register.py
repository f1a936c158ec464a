"""Lists, status and statistics at growing registers, each metric beside SQL written by hand."""

import tempfile
from collections.abc import Iterator

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bot.assistant.answer import Assistant
from cases import status
from cases.database import open_database, read_session
from cases.people import asker_by_email
from cases.queries import CaseFilter, find_case, list_cases
from cases.statistics import StatisticsQuery, metrics
from cases.statistics import run as statistics
from tests.bench.filling import NOW, fill
from tests.bench.handwritten import SQL
from tests.bench.measuring import FULL, compared, cpu_times, ms, percentile, times
from tests.cases.desk import rules

SIZES = (1_000, 100_000, 1_000_000) if FULL else (1_000, 20_000)
ANSWERED = 100_000  # cases at which whole answers are measured
AIM = 1.2  # times the SQL by hand
BY_HAND_FROM = 0.002  # seconds: what is quicker than this is lost in what any call costs


def run() -> Iterator[tuple[str, str]]:
    """The figures."""
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            engine = open_database(f"sqlite:///{folder}/desk.db")
            fill(engine, size)
            yield from _look_ups(engine, size)
            if size == min(ANSWERED, SIZES[-1]):
                yield from _answers(engine, size)
            if size == SIZES[-1]:
                yield from _metrics(engine, size)
            engine.dispose()


def _look_ups(engine: Engine, size: int) -> Iterator[tuple[str, str]]:
    references = [f"CR-2000-{1 + 37 * n % min(size, 10_000):06d}" for n in range(60)]
    with read_session(engine) as session:
        for name, wanted in (
            ("newest 50", CaseFilter(limit=50)),
            ("newest 50 open ones of a team", CaseFilter(open_only=True, teams=("Overseas",), limit=50)),
            ("50 of a client", CaseFilter(policyholder=None, policy_number="TC-000123", limit=50)),
        ):
            taken = cpu_times(lambda w=wanted: list_cases(session, w), 7)  # type: ignore[misc]
            yield f"{size:,} cases: list, {name}", ms(percentile(taken, 0.5))
        taken = [cpu_times(lambda r=r: status.facts(session, find_case(session, r), NOW), 1)[0] for r in references]  # type: ignore[misc]
        yield f"{size:,} cases: status by reference, p95 (aim: 20 ms at 1,000,000)", ms(percentile(taken, 0.95))


def _answers(engine: Engine, size: int) -> Iterator[tuple[str, str]]:
    """Whole answers by rules; the index of names is made with the first one."""
    assistant = Assistant(engine, rules())
    with Session(engine) as session:
        asker = asker_by_email(session, "manager@desk.example")
        buyers = [row.buyer_name or "" for row in list_cases(session, CaseFilter(limit=40))]
    questions = [f"what is the status of CR-2000-{n * 7:06d}?" for n in range(1, 41)]
    questions += [f"where do we stand with {name}?" for name in buyers]
    yield f"{size:,} cases: first answer", ms(cpu_times(lambda: assistant.answer(asker, None, questions[0], NOW), 1)[0])
    taken = [cpu_times(lambda q=q: assistant.answer(asker, None, q, NOW), 1)[0] for q in questions]  # type: ignore[misc]
    yield f"{size:,} cases: status answers, p50", ms(percentile(taken, 0.5))
    yield f"{size:,} cases: status answers, p95 (aim: 50 ms)", ms(percentile(taken, 0.95))


def _metrics(engine: Engine, size: int) -> Iterator[tuple[str, str]]:
    """Every metric over the whole register; beside hand-written SQL where there is some."""
    desk, slowest = rules(), (0.0, "")
    with read_session(engine) as session:
        for name in metrics():
            query = StatisticsQuery((name,))
            written = text(SQL[name]) if name in SQL else None
            ours, by_hand = compared(
                lambda q=query: statistics(session, q, NOW, desk),  # type: ignore[misc]
                lambda w=written: session.execute(w).all() if w is not None else None,  # type: ignore[misc]
                AIM,
            )
            slowest = max(slowest, (ours, name))
            if written is None or by_hand < BY_HAND_FROM:
                yield f"{size:,} cases: {name}", ms(ours)
            else:
                yield f"{size:,} cases: {name}, {ms(ours)}, beside SQL by hand (aim: 1.2)", times(ours / by_hand)
        for by in ("month", "team", "country"):
            query = StatisticsQuery(("requests_received",), by=(by,))
            ours, by_hand = compared(
                lambda q=query: statistics(session, q, NOW, desk),  # type: ignore[misc]
                lambda b=by: session.execute(text(SQL[f"requests_received by {b}"])).all(),  # type: ignore[misc]
                AIM,
            )
            yield f"{size:,} cases: requests received by {by}, {ms(ours)}, beside SQL by hand", times(ours / by_hand)
    yield f"{size:,} cases: the slowest metric, {slowest[1]} (aim: 2 s)", ms(slowest[0])
