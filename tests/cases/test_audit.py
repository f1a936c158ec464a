"""The audit chain names whatever row was touched."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Thread

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from cases import audit
from cases.models import AuditHead, Event, EventPayload

T0 = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def write(session: Session, count: int) -> list[Event]:
    """Records events one by one; gives the last ones of the chain, in their order."""
    for n in range(count):
        audit.record(
            session,
            kind="CaseCorrected",
            actor=f"person{n}@desk.example",
            at=T0 + timedelta(minutes=n),
            before={"amount": Decimal("100000.50"), "note": "ä\0é"},
            after={"amount": None, "when": T0.date(), "list": [1, "two"]},
            cause="click",
        )
    last = session.scalars(select(Event).order_by(Event.sequence.desc()).limit(count)).all()
    return list(reversed(last))


def test_gathered(session: Session) -> None:
    """Events gathered in a block are written at its end in their order; where it raises none is written."""
    write(session, 2)
    with audit.gathered(session):
        write(session, 3)
        assert audit.record_many(session, [audit.Draft("CaseNoted", "desk", T0)]) == 1
        assert session.scalar(select(func.count()).select_from(Event)) == 3
    with suppress(ZeroDivisionError), audit.gathered(session):
        write(session, 2)
        raise ZeroDivisionError
    write(session, 1)
    assert audit.verify(session) == []
    kinds = session.scalars(select(Event.kind).order_by(Event.sequence)).all()
    assert kinds == ["CaseCorrected"] * 2 + ["CaseNoted"] + ["CaseCorrected"] * 4


def test_untouched(session: Session) -> None:
    """A chain that nobody touched verifies, on either database, also when read back from it."""
    write(session, 12)
    session.commit()
    session.expire_all()
    assert audit.verify(session) == []


def test_empty(session: Session) -> None:
    """A desk without events verifies."""
    assert audit.verify(session) == []


ALTERATIONS = {
    "kind": {"kind": "CaseDeclined"},
    "actor": {"actor": "somebody@else.example"},
    "time": {"at": T0 + timedelta(days=1)},
    "payload digest": {"payload_digest": "1" * 64},
    "previous": {"previous_digest": "2" * 64},
    "digest": {"digest": "3" * 64},
    "actor digest": {"actor_digest": "4" * 64},
}


@contextmanager
def tampering(session: Session) -> Iterator[None]:
    """What is changed inside is undone at the end."""
    with session.no_autoflush:
        savepoint = session.begin_nested()
        yield
        savepoint.rollback()
        session.expunge_all()


def test_altered(session: Session) -> None:
    """Any one altered column of any one row is found, and the row is named."""
    write(session, 9)
    for position in range(1, 10):
        for column, values in ALTERATIONS.items():
            with tampering(session):
                session.execute(update(Event).where(Event.sequence == position).values(**values))
                faults = audit.verify(session)
                assert any(f"event {position} " in fault and "altered" in fault for fault in faults), column
    assert audit.verify(session) == []


def test_altered_and_digest_recomputed(session: Session) -> None:
    """A row that was altered together with its own digest is still named: its follower or the head gives it away."""
    write(session, 9)
    for position in range(1, 10):
        with tampering(session):
            [row] = session.scalars(select(Event).where(Event.sequence == position))
            link = audit._Link(*(getattr(row, name) for name in audit._Link._fields))._replace(kind="Forged")
            session.execute(update(Event).where(Event.id == row.id).values(kind="Forged", digest=link.digest()))
            assert any(f"event {position} (Forged" in fault for fault in audit.verify(session))


def test_dropped(session: Session) -> None:
    """A dropped row is named, the last one too."""
    events = {event.sequence: event.id for event in write(session, 9)}
    for position in range(1, 10):
        with tampering(session):
            session.execute(delete(EventPayload).where(EventPayload.event_id == events[position]))
            session.execute(delete(Event).where(Event.sequence == position))
            assert any(f"event {position} is missing" in fault for fault in audit.verify(session))


def test_swapped(session: Session) -> None:
    """Two rows that changed places are both named."""
    write(session, 9)
    for one, other in itertools.combinations(range(1, 10), 2):
        with tampering(session):
            for wrong, right in ((one, -1), (other, one), (-1, other)):
                session.execute(update(Event).where(Event.sequence == wrong).values(sequence=right))
            faults = " ".join(audit.verify(session))
            assert f"event {one} (" in faults
            assert f"event {other} (" in faults


def test_payload_altered_and_erased(session: Session) -> None:
    """An altered payload is named; an erased payload, or an erased actor with its salt, is no fault."""
    events = write(session, 5)
    session.execute(delete(EventPayload).where(EventPayload.event_id == events[1].id))
    session.execute(update(Event).where(Event.id == events[3].id).values(actor=audit.ERASED, actor_salt=None))
    session.expunge_all()
    assert audit.verify(session) == []
    session.execute(update(EventPayload).where(EventPayload.event_id == events[2].id).values(payload={"after": {}}))
    session.execute(update(Event).where(Event.id == events[3].id).values(actor="other@desk.example"))
    faults = audit.verify(session)
    assert [fault.split(" (")[0] for fault in faults] == ["event 3", "event 4"]


def test_head(session: Session) -> None:
    """A missing head, and a row put behind it, are found."""
    write(session, 3)
    head = session.execute(select(AuditHead.sequence, AuditHead.digest)).one()
    row = session.execute(select(Event.__table__).where(Event.sequence == 3)).mappings().one()
    session.execute(insert(Event).values({**row, "id": 99, "sequence": 4, "previous_digest": head.digest}))
    assert any("event 4" in fault for fault in audit.verify(session))
    session.execute(delete(Event).where(Event.sequence == 4))
    session.execute(delete(AuditHead))
    assert "head of the chain is missing" in audit.verify(session)[0]


def test_bulk_and_single_share_the_chain(session: Session) -> None:
    """Events written in bulk and one by one make one chain."""
    write(session, 2)
    drafts = [audit.Draft("CaseImported", "shell", T0, after={"line": n}) for n in range(300)]
    assert audit.record_many(session, drafts) == 300
    write(session, 2)
    session.commit()
    assert audit.verify(session) == []
    assert session.scalar(text("select count(*) from events")) == 304
    assert session.scalar(text("select count(*) from event_payloads")) == 304


def test_two_writers(sessions: "sessionmaker[Session]") -> None:
    """Writers at the same time wait for each other: no place is taken twice, the chain holds."""
    faults: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                with sessions.begin() as session:
                    write(session, 2)
        except BaseException as error:
            faults.append(error)

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        assert (faults, audit.verify(session)) == ([], [])
        assert session.scalar(text("select count(*) from events")) == 60
