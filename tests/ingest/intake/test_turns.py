"""Turns to file: what came first is filed first, and nothing is begun beyond need."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session, sessionmaker

from cases.models import StoredMessage
from cases.vocabulary import MessageState
from ingest import batches, ledger
from ingest.turns import Turns
from tests.ingest.intake.mails import request

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOON = 30.0


def stored(sessions: "sessionmaker[Session]", number: int) -> list[int]:
    """So many messages in progress."""
    with sessions.begin() as session:
        return ledger.store_all(session, [ledger.Incoming(request(one)) for one in range(number)], now=NOW)


def change(sessions: "sessionmaker[Session]", row_id: int, **values: object) -> None:
    """Writes into the row of a message."""
    with sessions.begin() as session:
        session.execute(update(StoredMessage).where(StoredMessage.id == row_id).values(**values))


def test_whoever_waits_for_a_carried_message_begins_no_more(
    database: Engine, sessions: "sessionmaker[Session]"
) -> None:
    """Only a message that nobody carries is a reason to begin it; both batches go on when the first one is done with."""
    first, second, third = stored(sessions, 3)
    changed = threading.Condition()
    turns = Turns(database, changed)
    ended: list[str] = []

    def carry(key: str, row_id: int) -> None:
        turns.wait(key, row_id)
        ended.append(key)
        change(sessions, row_id, state=MessageState.FILED)
        turns.leave(key)

    def until(test: Callable[[], bool]) -> None:
        with changed:
            for _ in range(int(SOON / 0.05)):
                if test():
                    return
                changed.wait(0.05)
        raise AssertionError("it did not happen")

    threads = [threading.Thread(target=carry, args=pair) for pair in (("b", third), ("a", second))]
    for thread in threads:
        thread.start()
    until(lambda: turns.held_up(["a", "b"]))
    assert not turns.held_up(["a", "b", "c"])
    change(sessions, first, claim_slot="slot-9", claim_key="intake:other")
    until(lambda: not turns.held_up(["a", "b"]))
    assert ended == []
    change(sessions, first, state=MessageState.FILED)
    for thread in threads:
        thread.join(SOON)
    assert ended == ["a", "b"]


def test_a_database_that_was_away_costs_no_try(sessions: "sessionmaker[Session]") -> None:
    """Messages whose end could not be noted are free again, as if they had not been begun; others keep their tries."""
    one, two = stored(sessions, 2)
    change(sessions, one, claim_slot="slot-0", claim_key="intake:away", attempts=3)
    change(sessions, two, claim_slot="slot-0", claim_key="intake:killed", attempts=3)
    with sessions.begin() as session:
        batches.let_go(session, {"intake:away", "intake:killed"}, refund={"intake:away"})
    with sessions() as session:
        rows = [session.get_one(StoredMessage, row_id) for row_id in (one, two)]
    assert [(row.claim_slot, row.claim_key, row.attempts) for row in rows] == [(None, None, 2), (None, None, 3)]
