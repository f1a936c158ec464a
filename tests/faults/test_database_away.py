"""PostgreSQL stops, crashes and loses answers: every mail is a case once, every question is answered or honestly not."""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from bot.assistant.answer import Assistant
from cases.rights import Asker
from cases.vocabulary import Role
from config.desk import load_desk_rules
from tests.doubles.imap_servers import ImapServer
from tests.doubles.smtp_sink import smtp_sink
from tests.faults.databases import copied, prepared, rows
from tests.faults.nursery import nursery
from tests.faults.own_postgres import OwnPostgres, lossy_way, monkey, own_postgres
from tests.ingest.intake import mails as samples
from tests.ingest.intake.test_kills import NOW, SHAPE
from tests.serving.conftest import Desk, environment, within

AT_ONCE = 3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    """A server that only this test hurts."""
    with own_postgres() as server:
        yield server


def test_answers_to_commits_are_lost(postgres: OwnPostgres, tmp_path: Path) -> None:
    """The server commits and nobody hears of it, at every fourth commit of an intake: its effects are there once."""
    answers_lost(postgres, tmp_path, stride=4)


@pytest.mark.soak
def test_each_answer_to_a_commit_is_lost_once(postgres: OwnPostgres, tmp_path: Path) -> None:
    """The same at each commit."""
    answers_lost(postgres, tmp_path, stride=1)


def answers_lost(postgres: OwnPostgres, tmp_path: Path, stride: int) -> None:
    """Loses the answer to one COMMIT in each of many intakes; compares each end with that of an unbroken one."""
    mails = tmp_path / "mails"
    mails.mkdir()
    for number in range(3):
        (mails / f"{number}.eml").write_bytes(samples.request(number))
    source = prepared("postgres", postgres.url, tmp_path)
    words = ("--now", NOW, "--engine", "rules", "intake", str(mails))
    places = {"CREDITDESK_DATA_DIR": str(tmp_path / "data")}

    def fault(number: int, point: int) -> tuple[int, str]:
        (child, way), url = pairs[number % AT_ONCE], copied(source, postgres.url, tmp_path)
        by_way = ("--db", way.url(url), *words)
        way.lose(point)
        first = child.run(by_way, environment=places, batch=1)
        lost = way.lost
        way.lose(0)
        second, again = (child.run(by_way, environment=places, batch=1) for _ in range(2))
        told = [line for line in first.said.splitlines() if line.startswith("creditdesk:")]
        honest = "Traceback" not in first.said and (first.code == 0 or (first.code == 1 and len(told) == 1))
        good = honest and second.code == 0 and not again.effects and rows(url, *SHAPE) == wanted
        return lost, "" if good else f"commit {point}: {first.code} {first.said[-300:]}"

    whole = copied(source, postgres.url, tmp_path)
    with ExitStack() as stack:
        pairs = [
            (stack.enter_context(nursery()), stack.enter_context(lossy_way(postgres.sockets))) for _ in range(AT_ONCE)
        ]
        child, way = pairs[0]
        assert child.run(("--db", way.url(whole), *words), environment=places, batch=1).code == 0
        wanted, points = rows(whole, *SHAPE), range(1, way.commits + 1, stride)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(fault, range(len(points)), points))
    lost = sum(number for number, _ in found)
    print(f"{lost} answers lost in {len(found)} intakes of {points[-1]} commits")
    assert [fault for _, fault in found if fault] == []
    assert lost >= len(found) * 2 // 3


def test_stopped_every_few_seconds_under_load(postgres: OwnPostgres, imap: ImapServer, tmp_path: Path) -> None:
    """The database goes away ten times while mails come and questions are asked: all is right in the end."""
    under_load(postgres, imap, tmp_path, downs=10, mails=200, at_once=5)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_stopped_under_a_thousand_mails_and_questions(postgres: OwnPostgres, imap: ImapServer, tmp_path: Path) -> None:
    """The same thirty times under a thousand of each."""
    under_load(postgres, imap, tmp_path, downs=30, mails=1000, at_once=10)


def under_load(
    postgres: OwnPostgres, imap: ImapServer, tmp_path: Path, *, downs: int, mails: int, at_once: int
) -> None:
    """Mails and as many questions, some at once, while the database goes away again and again."""
    dice = random.Random(10)

    def away() -> None:
        time.sleep(dice.uniform(2, 5))
        postgres.stop()
        time.sleep(dice.uniform(0.5, 2))
        postgres.start()

    with smtp_sink() as sink:
        url = postgres.url.replace("/postgres?", "/desk?")
        desk = Desk(tmp_path / "data", environment(imap, sink) | {"CREDITDESK_DATABASE_URL": url})
        engine = create_engine(url, pool_pre_ping=True)
        try:
            desk.start()
            with monkey(away, downs) as goes_on:
                asked, number = Counter[str](), 0
                while goes_on() or number < mails:
                    imap.put(*(samples.request(number + more) for more in range(at_once)))
                    number += at_once
                    time.sleep(0.5)
                    asked += questions(engine, at_once)
            imap.put(samples.request(number))
            begun, filed = time.monotonic(), _states(url)["filed"]
            within(lambda: _states(url)["filed"] > filed, "work goes on")
            resumed = time.monotonic() - begun
            within(lambda: _states(url)["filed"] > number, "the last mail is filed", 600)
            within(lambda: _unsent(url) == 0, "all is sent", 300)
            print(f"{number + 1} mails over {downs} stops, resumed after {resumed:.1f} s, questions: {dict(asked)}")
            assert _states(url) == {"filed": number + 1}
            assert len(desk.run("cases", "list", "--json")) == number + 1
            assert asked["answered"] > 0
            assert asked["wrong"] == 0
            got = Counter(str(mail["Message-ID"]) for _, mail in sink.mails)
            assert len(got) == number + 1
            assert got.total() - len(got) <= downs
            postgres.stop()
            told = _ask(desk)
            assert "does not answer" in told
            postgres.start()
            assert desk.process is not None
            assert desk.process.poll() is None
        finally:
            engine.dispose()
            desk.kill()


def questions(engine: "object", number: int) -> Counter[str]:
    """What became of some questions: answered, failed with the database, or answered wrongly."""
    assistant = Assistant(engine, load_desk_rules())  # type: ignore[arg-type]
    asker = Asker("oda@insurer.example", "Oda", Role.OFFICER)
    found = Counter[str]()
    for _ in range(number):
        try:
            answer = assistant.answer(asker, None, "How many cases are open?", datetime.now(UTC))
        except DBAPIError:
            found["away"] += 1
            time.sleep(0.2)
            continue
        found["answered" if any(letter.isdigit() for letter in answer.answer) else "wrong"] += 1
    return found


def _ask(desk: Desk) -> str:
    """What a person is told who asks while the database is away: one line."""
    words = desk._command("ask", "--as", "oda@insurer.example", "--role", "officer", "How many cases are open?")
    done = subprocess.run(words, env=desk._environment(), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


def _states(url: str) -> Counter[str]:
    return Counter(dict(rows(url, "select state, count(*) from messages group by 1")[0]))


def _unsent(url: str) -> int:
    return int(rows(url, "select count(*) from outbox where state in ('waiting', 'sending')")[0][0][0])


@pytest.mark.soak
def test_crashes_at_random_moments(postgres: OwnPostgres, imap: ImapServer, tmp_path: Path) -> None:
    """Every process of the server is killed at random moments: what is marked in the mailbox is in the ledger."""
    dice, crashes, url = random.Random(2), 25, postgres.url.replace("/postgres?", "/desk?")
    with smtp_sink() as sink:
        desk = Desk(tmp_path / "data", environment(imap, sink) | {"CREDITDESK_DATABASE_URL": url})
        try:
            desk.start()
            for number in range(crashes):
                imap.put(*(samples.request(number * 4 + more) for more in range(4)))
                time.sleep(dice.uniform(0.1, 1.5))
                postgres.kill()
                marked = [raw for raw, flags in zip(imap.bodies(), imap.flags(), strict=True) if _filed(flags)]
                postgres.start()
                stored = {bytes(raw) for (raw,) in rows(url, "select raw from messages")[0]}
                assert set(marked) <= stored, f"crash {number}"
            within(lambda: _states(url)["filed"] == crashes * 4, "all is filed")
            assert len(desk.run("cases", "list", "--json")) == crashes * 4
            assert len(imap.bodies()) == crashes * 4
            desk.signal(signal.SIGTERM)
        finally:
            desk.kill()


def _filed(flags: set[bytes]) -> bool:
    return b"$CreditdeskFiled" in flags
