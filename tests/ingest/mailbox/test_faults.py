"""Servers that hang, vanish, say nonsense or refuse: the poller comes back by itself and loses nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import fixed_clock
from cases.models import OutboxItem
from config.desk import load_desk_rules
from creditdesk import watch as watching
from creditdesk.watch import MailboxWatch
from ingest.mailbox.poller import Poller
from ingest.mailbox.sync import MailboxSync
from tests.doubles import imap_faults
from tests.doubles.imap_faults import Fault, FaultyImap, faulty_imap
from tests.doubles.imap_servers import ImapServer
from tests.ingest.intake.mails import request
from tests.ingest.mailbox.conftest import NOW, box_of, poller_of, stored

Sessions = sessionmaker[Session]
PATIENCE = 60.0


@pytest.fixture
def spoiled() -> Iterator[FaultyImap]:
    """A server to be spoiled."""
    with faulty_imap() as server:
        yield server


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits, shorter."""
    monkeypatch.setattr("ingest.mailbox.poller.LONGEST_WAIT", 0.2)
    monkeypatch.setattr("ingest.mailbox.poller.REFUSED_WAIT", 0.2)
    monkeypatch.setattr("ingest.mailbox.poller.REFUSED_FOLDERS_WAIT", 0.2)
    monkeypatch.setattr("ingest.mailbox.poller.OTHER_FOLDERS_EVERY", 0.5)
    monkeypatch.setattr("ingest.mailbox.connection.READ_SECONDS", 1.0)
    monkeypatch.setattr("ingest.mailbox.connection.CONNECT_SECONDS", 1.0)


@contextmanager
def polling(poller: Poller) -> Iterator[threading.Thread]:
    """The poller's thread at work."""
    stop = threading.Event()
    thread = threading.Thread(target=poller.run, args=(stop,), daemon=True)
    thread.start()
    yield thread
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def faulty_poller(spoiled: FaultyImap, sessions: Sessions) -> Poller:
    box = box_of(ImapServer(spoiled.port, "desk", "secret", [], None))  # type: ignore[arg-type]
    return Poller(MailboxSync("imap", box, sessions, fixed_clock(NOW)))


def wait_for(sessions: Sessions, mails: list[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while stored(sessions) != mails:
        assert time.monotonic() < deadline, f"{len(stored(sessions))} of {len(mails)} mails came"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("LOGIN", imap_faults.close),
        ("LOGIN", imap_faults.refuse),
        ("SELECT", imap_faults.silence),
        ("SELECT", imap_faults.garbage),
        ("SEARCH", imap_faults.refuse),
        ("FETCH", imap_faults.reset_in_a_literal),
        ("FETCH", imap_faults.garbage),
        ("FETCH", imap_faults.silence),
        ("IDLE", imap_faults.close_in_idle),
        ("IDLE", imap_faults.bye_in_idle),
        ("IDLE", imap_faults.split_line_in_idle),
        ("IDLE", imap_faults.refuse),
    ],
)
def test_the_poller_comes_back(command: str, fault: Fault, spoiled: FaultyImap, desk_sessions: Sessions) -> None:
    """Whatever a server does to one command, mail before and after it is in."""
    spoiled.faults[command] = [fault, fault]
    spoiled.deliver(request(1))
    reasons: list[str] = []
    poller = faulty_poller(spoiled, desk_sessions)
    poller.failed = reasons.append
    with polling(poller):
        wait_for(desk_sessions, [request(1)])
        deadline = time.monotonic() + PATIENCE
        while len(spoiled.met) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        spoiled.deliver(request(2))
        wait_for(desk_sessions, [request(1), request(2)])
    assert spoiled.met == [fault.__name__] * 2
    assert reasons


def test_a_dead_connection_burns_no_time(spoiled: FaultyImap, desk_sessions: Sessions) -> None:
    """A server that closes each IDLE at once is not asked more often than the waits allow."""
    spoiled.faults["IDLE"] = [imap_faults.close_in_idle] * 1000
    with polling(faulty_poller(spoiled, desk_sessions)):
        time.sleep(2)
    assert spoiled.connections < 20


def test_one_sick_box_does_not_hold_up_another(spoiled: FaultyImap, imap: ImapServer, desk_sessions: Sessions) -> None:
    """While one server hangs in every command, the mail of another box comes in."""
    spoiled.faults["SELECT"] = [imap_faults.silence] * 1000
    with polling(faulty_poller(spoiled, desk_sessions)), polling(poller_of(imap, desk_sessions, name="other")):
        imap.put(request(1))
        wait_for(desk_sessions, [request(1)])


def test_new_mail_in_any_folder_is_seen_while_waiting(imap: ImapServer, desk_sessions: Sessions) -> None:
    """IDLE on the first folder, a look at the others: mail in each of them comes in over the one connection."""
    imap.put(request(1), folder="Requests")
    with polling(poller_of(imap, desk_sessions, folders="INBOX,Requests")):
        wait_for(desk_sessions, [request(1)])
        for number, folder in ((2, "INBOX"), (3, "Requests"), (4, "INBOX")):
            imap.put(request(number), folder=folder)
            wait_for(desk_sessions, [request(n) for n in range(1, number + 1)])
        deadline = time.monotonic() + PATIENCE
        while imap.connections() != 1:  # the test's own have to end first
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_a_dropped_client_and_a_server_away(imap: ImapServer, desk_sessions: Sessions) -> None:
    """The server drops us, goes away and comes back: the mail that came meanwhile is in, nothing is twice."""
    with polling(poller_of(imap, desk_sessions)):
        imap.put(request(1))
        wait_for(desk_sessions, [request(1)])
        imap.kick()
        imap.put(request(2))
        wait_for(desk_sessions, [request(1), request(2)])
        imap.stop()
        time.sleep(1)
        imap.start()
        imap.put(request(3))
        wait_for(desk_sessions, [request(1), request(2), request(3)])


def test_the_alarm_is_given_once_for_each_outage(
    database: Engine, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A box not read for five minutes: one mail to those named in desk.yaml; read again and lost again: another."""
    now = [1000.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: now[0])
    rules = load_desk_rules().model_copy(update={"alarms": ["ops@insurer.example"]})
    clock = [NOW]
    watch = MailboxWatch(sessions, lambda: rules, lambda: clock[0])
    watch.add("imap")
    watch.add("other")

    def pass_(seconds: float) -> int:
        now[0] += seconds
        clock[0] = clock[0] + (watching.timedelta(seconds=seconds))
        watch.succeeded("other")
        watch.look()
        with sessions() as session:
            return session.query(OutboxItem).filter_by(kind="alarm").count()

    watch.failed("imap", "the server is gone")
    assert [pass_(200), pass_(99), pass_(2), pass_(5), pass_(4000)] == [0, 0, 1, 1, 1]
    watch.succeeded("imap")
    assert [pass_(200), pass_(150), pass_(10)] == [1, 2, 2]
    with sessions() as session:
        alarm = session.query(OutboxItem).filter_by(kind="alarm").first()
        assert alarm is not None
        assert (alarm.to, alarm.channel, alarm.state) == ("ops@insurer.example", "email", "waiting")
        assert "the server is gone" in alarm.text
