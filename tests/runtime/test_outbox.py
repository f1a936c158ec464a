"""The outbox worker sends each row, waits where it is told to, and never loses one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import fixed_clock
from cases.models import KeyValue, OutboxItem
from runtime.outbox import TRIES, Failed, Outbox, Outcome, Retry, Sent

NOW = datetime(2026, 3, 2, tzinfo=UTC)
Write = Callable[..., int]


class Recording:
    """A transport that keeps what it was given and answers as told."""

    def __init__(self, *answers: Outcome | Exception) -> None:
        self.sent: list[str] = []
        self._answers = list(answers)

    def send(self, item: OutboxItem) -> Outcome:
        self.sent.append(item.key)
        answer = self._answers.pop(0) if self._answers else Sent()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def write(sessions: "sessionmaker[Session]") -> Write:
    """Writes a row; gives its id."""

    def write(key: str, **values: object) -> int:
        fields: dict[str, object] = {
            "kind": "acknowledgement",
            "channel": "email",
            "to": "ann@client.example",
            "state": "waiting",
            "text": "hello",
            "created_at": NOW,
            "due_at": NOW,
        }
        with sessions.begin() as session:
            item = OutboxItem(key=key, **(fields | values))
            session.add(item)
            session.flush()
            return item.id

    return write


def states(sessions: "sessionmaker[Session]") -> dict[str, str]:
    with sessions() as session:
        return {item.key: item.state for item in session.query(OutboxItem)}


def outbox(sessions: "sessionmaker[Session]", transport: Recording, owner: str = "slot-0") -> Outbox:
    return Outbox(sessions, {"email": transport, "slack": transport}, owner, fixed_clock(NOW))


def test_waiting_rows_are_sent_once_in_order(sessions: "sessionmaker[Session]", write: Write) -> None:
    """What waits is sent, in order; drafts, held and later rows are left."""
    for key, values in {"a": {}, "b": {}, "draft": {"state": "draft"}, "held": {"state": "held"}}.items():
        write(key, **values)
    write("later", due_at=datetime.now(UTC) + timedelta(hours=1))
    transport = Recording()
    worker = outbox(sessions, transport)
    assert (worker.once(), worker.once()) == (2, 0)
    assert transport.sent == ["a", "b"]
    assert states(sessions) == {"a": "sent", "b": "sent", "draft": "draft", "held": "held", "later": "waiting"}


def test_retry_waits_as_long_as_told(sessions: "sessionmaker[Session]", write: Write) -> None:
    """A row that is to be tried again is not due before its time; others go on."""
    write("a")
    write("b")
    transport = Recording(Retry("451 later", after=3600))
    worker = outbox(sessions, transport)
    worker.once()
    worker.once()
    assert transport.sent == ["a", "b"]
    with sessions() as session:
        item = session.query(OutboxItem).filter_by(key="a").one()
        assert (item.state, item.error) == ("waiting", "451 later")
        assert item.due_at > datetime.now(UTC) + timedelta(minutes=50)


def test_failures_end_and_faults_do_not(sessions: "sessionmaker[Session]", write: Write) -> None:
    """A refusal for good is the end; a fault of the transport is tried again, until it was tried often enough."""
    write("refused")
    write("broken")
    write("worn", attempts=TRIES)
    worker = outbox(sessions, Recording(Failed("550 no such user"), OSError("gone"), Retry("again", after=0)))
    worker.once()
    assert states(sessions) == {"refused": "failed", "broken": "waiting", "worn": "failed"}


def test_slack_keeps_its_order(sessions: "sessionmaker[Session]", write: Write) -> None:
    """While an earlier card waits, a later one to the same channel waits too; other channels do not."""
    write("first", channel="slack", to="C1")
    write("second", channel="slack", to="C1")
    write("elsewhere", channel="slack", to="C2")
    transport = Recording(Retry("429", after=600))
    outbox(sessions, transport).once()
    assert transport.sent == ["first", "elsewhere"]


def test_a_lease_ends(sessions: "sessionmaker[Session]", write: Write) -> None:
    """A row left behind by a killed process is sent when its lease ends, or at once by the next holder of its slot."""
    past, future = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (-1, 1))
    write("old", state="sending", lease_until=past, lease_owner="slot-3")
    write("live", state="sending", lease_until=future, lease_owner="slot-4")
    transport = Recording()
    outbox(sessions, transport).once()
    assert transport.sent == ["old"]
    heir = outbox(sessions, transport, owner="slot-4")
    heir.inherit()
    heir.once()
    assert transport.sent == ["old", "live"]


def test_what_a_transport_records_is_kept_with_the_mark(sessions: "sessionmaker[Session]", write: Write) -> None:
    """The place where a card was posted is stored in the commit that marks it as sent."""
    write("card", channel="slack", to="C1")
    sent = Sent(record=lambda session: session.add(KeyValue(key="ts", value="1.2", at=NOW)))
    outbox(sessions, Recording(sent)).once()
    with sessions() as session:
        assert session.get_one(KeyValue, "ts").value == "1.2"
