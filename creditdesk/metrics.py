"""What `/metrics` shows: read from the database at each scrape, so that every process tells the same."""

from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cases.database import read_session
from cases.models import Case, KeyValue, ModelCall, OutboxItem, StoredMessage, Worker
from cases.vocabulary import MessageState, OutboxState
from runtime.timings import totals

POLL_FACT = "last_poll:"  # key prefix in desk_facts, one for each mailbox


class DeskCollector(Collector):
    """Counts and ages of the desk."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """All of it; where the database does not answer, `creditdesk_up 0` and the steps of this process."""
        yield _steps()
        try:
            found = list(self._from_database())
        except SQLAlchemyError:
            found = []
        yield GaugeMetricFamily("creditdesk_up", "1 while the database answers", value=int(bool(found)))
        yield from found

    def _from_database(self) -> Iterator[GaugeMetricFamily]:
        now = datetime.now(UTC)
        with read_session(self._database) as session:
            yield from _mails(session, now)
            yield from _outbox(session, now)
            yield from _model(session)
            yield _polls(session, now)
            yield _workers(session, now)
            cases = GaugeMetricFamily("creditdesk_cases", "Cases by state", labels=["status"])
            for status, number in session.execute(select(Case.status, func.count()).group_by(Case.status)):
                cases.add_metric([status], number)
            yield cases


def _steps() -> Metric:
    steps = SummaryMetricFamily(
        "creditdesk_step_seconds", "Runs and time of each step of this process", labels=["step"]
    )
    for step, (count, seconds) in sorted(totals().items()):
        steps.add_metric([step], count_value=count, sum_value=seconds)
    return steps


def _mails(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    mails = GaugeMetricFamily("creditdesk_mails", "Messages in the ledger by state", labels=["state"])
    for state, number in session.execute(select(StoredMessage.state, func.count()).group_by(StoredMessage.state)):
        mails.add_metric([state], number)
    yield mails
    oldest = session.scalar(
        select(func.min(StoredMessage.stored_at)).where(StoredMessage.state == MessageState.IN_PROGRESS)
    )
    yield GaugeMetricFamily("creditdesk_intake_age_seconds", "Age of the oldest unfinished message", _age(oldest, now))


def _outbox(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    rows = GaugeMetricFamily("creditdesk_outbox", "Outgoing rows by channel and state", labels=["channel", "state"])
    query = select(OutboxItem.channel, OutboxItem.state, func.count()).group_by(OutboxItem.channel, OutboxItem.state)
    for channel, state, number in session.execute(query):
        rows.add_metric([channel, state], number)
    yield rows
    waiting = (OutboxState.WAITING, OutboxState.SENDING)
    oldest = session.scalar(select(func.min(OutboxItem.created_at)).where(OutboxItem.state.in_(waiting)))
    yield GaugeMetricFamily("creditdesk_outbox_age_seconds", "Age of the oldest row not yet sent", _age(oldest, now))


def _model(session: Session) -> Iterator[GaugeMetricFamily]:
    calls = GaugeMetricFamily("creditdesk_model_calls", "Calls of the model by purpose", labels=["purpose"])
    tokens = GaugeMetricFamily("creditdesk_model_tokens", "Tokens by direction", labels=["purpose", "direction"])
    cost = GaugeMetricFamily("creditdesk_model_cost", "Cost in the currency of the price list", labels=["purpose"])
    seconds = GaugeMetricFamily("creditdesk_model_seconds", "Seconds spent in calls", labels=["purpose"])
    query = select(
        ModelCall.purpose,
        func.count(),
        func.sum(ModelCall.input_tokens),
        func.sum(ModelCall.output_tokens),
        func.sum(ModelCall.cost),
        func.sum(ModelCall.milliseconds),
    ).group_by(ModelCall.purpose)
    for purpose, number, read, written, millionths, milliseconds in session.execute(query):
        calls.add_metric([purpose], number)
        tokens.add_metric([purpose, "input"], read)
        tokens.add_metric([purpose, "output"], written)
        cost.add_metric([purpose], float(millionths) / 1e6)
        seconds.add_metric([purpose], float(milliseconds) / 1e3)
    yield from (calls, tokens, cost, seconds)


def _polls(session: Session, now: datetime) -> GaugeMetricFamily:
    polls = GaugeMetricFamily("creditdesk_last_poll_age_seconds", "Since the last whole poll", labels=["mailbox"])
    for row in session.scalars(select(KeyValue).where(KeyValue.key.startswith(POLL_FACT))):
        polls.add_metric([row.key.removeprefix(POLL_FACT)], _age(row.at, now))
    return polls


def _workers(session: Session, now: datetime) -> GaugeMetricFamily:
    beats = GaugeMetricFamily("creditdesk_heartbeat_age_seconds", "Since a process last gave sign", labels=["slot"])
    for row in session.scalars(select(Worker)):
        beats.add_metric([row.slot], _age(row.heartbeat, now))
    return beats


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def exposition(database: Engine) -> bytes:
    """The metrics as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DeskCollector(database))
    return generate_latest(registry)
