"""Killed after any of its effects and started again, the intake ends where an unbroken one ends."""

import os
import random
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DATABASES, POSTGRES_SLOW
from tests.faults.databases import command, copied, dropped, empty, prepared, rows
from tests.faults.nursery import KILLED, Ended, Nursery, nursery
from tests.faults.own_postgres import own_postgres
from tests.faults.small_disk import PAGE, small_disk
from tests.ingest.intake import mails as samples

AT_ONCE = 2  # starts beside each other: much of one is waiting
NOW = "2026-03-02T12:00:00Z"
# Ids of rows are left out, or counted: PostgreSQL leaves gaps in them where a transaction was rolled back.
_MESSAGE = "(select count(*) from messages where messages.id <= {0}.{1}) as message"
SHAPE = (
    "select reference, kind, status, buyer_name, amount, currency, policyholder_name from cases order by reference",
    f"select sequence, actor, events.kind, reference, {_MESSAGE.format('events', 'message_row_id')} from events left join cases on cases.id = case_id"
    " order by sequence",
    'select key, kind, channel, "to", state, subject, text from outbox order by key',
    "select digest, state, reason, intent, message_id from messages order by digest",
    f"select reference, {_MESSAGE.format('case_messages', 'message_row_id')}, position, relation from case_messages"
    " join cases on cases.id = case_id order by reference, message, position",
    "select reference, field, value, quote, start, field_evidence.state from field_evidence join cases on cases.id = case_id"
    " order by reference, field_evidence.id",
    f"select {_MESSAGE.format('attachments', 'message_id')}, filename, digest, type from attachments order by message, filename",
    "select reference, type, case_documents.state from case_documents join cases on cases.id = case_id order by reference, type",
)
TABLES = ("messages", "cases", "events", "outbox", "case_messages", "field_evidence", "case_documents", "workers")


@dataclass(frozen=True)
class Ground:
    """One kind of database, a prepared one to copy, and where children come from."""

    server: str
    source: str
    folder: Path
    children: list[Nursery]

    def intake(self, url: str, mails: Path, kill_at: int = 0, batch: int = 0, child: int = 0, **more: Any) -> Ended:
        """`creditdesk intake` in a process of its own."""
        words = ("--db", url, "--now", NOW, "--engine", "rules", "--json", "intake", str(mails))
        places = {"CREDITDESK_DATA_DIR": str(self.folder / "data")}
        ended = self.children[child].run(words, environment=places, kill_at=kill_at, batch=batch, **more)
        assert "Traceback" not in ended.said, ended.said[-2000:]
        return ended

    def copy(self) -> str:
        """A new database."""
        return copied(self.source, self.server, self.folder)

    def last(self, mails: Path) -> str:
        """A database that has taken the mails."""
        url = self.copy()
        assert self.intake(url, mails).code == 0
        return url


@pytest.fixture(params=DATABASES)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """Each kind of database."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else ""
    with ExitStack() as stack:
        children = [stack.enter_context(nursery()) for _ in range(AT_ONCE)]
        yield Ground(server, prepared(request.param, server, tmp_path), tmp_path, children)


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """One of each kind: requests, one with a file, a copy, a reply, an automatic mail, bytes that are no mail."""
    folder = tmp_path / "mails"
    folder.mkdir()
    copy = samples.request(1, Received="from other.example by mx.example; Mon, 2 Mar 2026 10:01:00 +0000")
    reply = samples.request(
        1,
        text="Please make that EUR 250,000 for Nordbach 1 GmbH.\n\nAnn\n",
        message_id="<second@client1-works.example>",
        In_Reply_To="<request-1@client1-works.example>",
    )
    raws = [samples.with_file(1), samples.request(2), copy, reply, samples.OUT_OF_OFFICE, b"\x00\xff"]
    for number, raw in enumerate([*raws, samples.request(1, text="Hello?")]):
        (folder / f"{number}.eml").write_bytes(raw)
    return folder


def changes(url: str) -> list[Any]:
    """Everything, times and versions too."""
    return [sorted(map(str, found)) for found in rows(url, *(f"select * from {table}" for table in TABLES))]


def faults(
    ground: Ground, mails: Path, points: Sequence[int], wanted: list[Any], batch: int, release: str = ""
) -> tuple[int, list[int]]:
    """Kills that happened, and the points where the end was another, or where a further run changed something.

    `release`: what a killed process leaves is finished by that release.
    """

    def fault(number: int) -> tuple[bool, bool]:
        point, child, url = points[number], number % AT_ONCE, ground.copy()
        killed = ground.intake(url, mails, point, batch, child).code == KILLED
        code = ground.intake(url, mails, 0, batch, child, release=release).code
        before = changes(url)
        again = ground.intake(url, mails, 0, batch, child)
        wrong = code != 0 or rows(url, *SHAPE) != wanted or bool(again.effects) or changes(url) != before
        dropped(url, ground.server)
        return killed, wrong

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(fault, range(len(points))))
    return sum(killed for killed, _ in found), [point for point, (_, wrong) in zip(points, found, strict=True) if wrong]


def unbroken(ground: Ground, mails: Path, batch: int) -> tuple[list[Any], int]:
    """What one run leaves that nobody kills, and how many effects it has."""
    url = ground.copy()
    ended = ground.intake(url, mails, batch=batch)
    assert ended.code == 0
    return rows(url, *SHAPE), len(ended.effects)


@pytest.mark.slow
@pytest.mark.parametrize("ground", POSTGRES_SLOW, indirect=True)
def test_killed_at_a_few_commits(ground: Ground, mails: Path) -> None:
    """Killed in the middle, an intake that is started again ends like an unbroken one."""
    wanted, effects = unbroken(ground, mails, batch=0)
    states = [row[1] for row in wanted[3]]
    assert (states.count("filed"), states.count("ignored"), states.count("quarantined")) == (5, 1, 1)
    assert faults(ground, mails, [effects // 3, effects * 2 // 3], wanted, batch=0) == (2, [])


def killed_everywhere(ground: Ground, mails: Path, batch: int, release: str = "") -> None:
    """Kills after each single effect; compares each end with that of an unbroken run."""
    wanted, effects = unbroken(ground, mails, batch)
    killed, wrong = faults(ground, mails, range(1, effects + 1), wanted, batch, release)
    print(f"{killed} kills at {effects} effects")
    assert wrong == []
    assert killed >= effects * 2 // 3


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_every_commit(ground: Ground, mails: Path) -> None:
    """Killed after each single effect: the same cases, events and outbox rows; a third run changes nothing.

    On SQLite the mails go together in one workflow, on PostgreSQL each in one of its own.
    """
    killed_everywhere(ground, mails, batch=1 if ground.server else 0)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_killed_at_every_commit_the_other_way(ground: Ground, mails: Path) -> None:
    """The same with workflows of one mail on SQLite and of all mails on PostgreSQL."""
    killed_everywhere(ground, mails, batch=0 if ground.server else 1)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_stopped_at_every_step_and_finished_by_the_next_release(ground: Ground, mails: Path) -> None:
    """Killed after each effect and started again in a release whose workflow has another first step: the same end."""
    killed_everywhere(ground, mails, batch=1 if ground.server else 0, release="2")


def told_and_mended(
    full: Ended, ground: Ground, url: str, mails: Path, child: int, wanted: list[Any]
) -> tuple[bool, bool]:
    """Whether one line said that there is no room, and whether the end with room again is another than `wanted`."""
    said = [line for line in full.said.splitlines() if line.startswith("creditdesk:")]
    told = full.code == 1 and len(said) == 1 and ("is full" in said[0] or "No space left" in said[0])
    ended = ground.intake(url, mails, 0, 0, child)
    return told, ended.code != 0 or rows(url, *SHAPE) != wanted


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("ground", ["sqlite"], indirect=True)
def test_no_room_at_every_page(mails: Path, ground: Ground) -> None:
    """No room for the n-th page, for all n of an intake: one line says so; with room again it ends like any other."""
    wanted, _ = unbroken(ground, mails, batch=0)
    before, after = [rows(url, "pragma page_count")[0][0][0] for url in (ground.source, ground.last(mails))]

    def fault(number: int) -> tuple[bool, bool]:
        child, url = number % AT_ONCE, ground.copy()
        full = ground.intake(url, mails, 0, 0, child, pages=before + number)
        return told_and_mended(full, ground, url, mails, child, wanted)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(fault, range(after - before)))
    print(f"{sum(told for told, _ in found)} full of {len(found)} points ({before} to {after} pages)")
    assert [number for number, (told, wrong) in enumerate(found) if wrong or not told] == []


def full_server(mails: Path, folder: Path, every: int) -> None:
    """The disk of a PostgreSQL (a real one that is full) takes no n-th page more, for every so many-th n."""
    with small_disk(200) as disk, own_postgres() as server, nursery() as child:
        shutil.chown(disk.path, server.user or os.getuid())
        ground = Ground(server.url, prepared("postgres", server.url, folder), folder, [child])
        command(server.url, f"CREATE TABLESPACE small LOCATION '{disk.path}'")
        wanted, _ = unbroken(ground, mails, batch=0)

        def fault(pages: int) -> tuple[bool, bool]:
            url = copied(ground.source, server.url, folder, tablespace="small")
            with disk.filled(pages):
                full = ground.intake(url, mails)
            found = told_and_mended(full, ground, url, mails, 0, wanted)
            dropped(url, server.url)
            return found

        url = copied(ground.source, server.url, folder, tablespace="small")
        before = disk.free
        assert ground.intake(url, mails).code == 0
        needed = (before - disk.free) // PAGE
        dropped(url, server.url)
        found = {pages: fault(pages) for pages in range(0, needed, every)}
    print(f"{sum(told for told, _ in found.values())} full of {len(found)} points ({needed} pages)")
    spare = 8  # pages that the server takes for itself or not
    assert [n for n, (told, wrong) in found.items() if wrong or (not told and n < needed - spare)] == []


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_no_room_at_every_page_of_a_server(mails: Path, tmp_path: Path) -> None:
    """The same on PostgreSQL."""
    full_server(mails, tmp_path, every=1)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_room_at_some_pages_of_a_server(mails: Path, tmp_path: Path) -> None:
    """Before a connection, while mails are stored, while work begins, while it is filed."""
    full_server(mails, tmp_path, every=19)


@pytest.mark.slow
def test_killed_while_the_database_is_made(ground: Ground, mails: Path) -> None:
    """Killed in the very first start, which makes the tables: the next one ends like an unbroken one."""
    wanted, _ = unbroken(ground, mails, batch=0)
    kind = "postgres" if ground.server else "sqlite"
    for point in (1, 3, 9):
        url = empty(kind, ground.server, ground.folder)
        assert ground.intake(url, mails, point).code == KILLED
        assert ground.intake(url, mails).code == 0
        assert rows(url, *SHAPE) == wanted


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_thirty_kills_in_one_backlog(ground: Ground, tmp_path: Path) -> None:
    """200 mails and 30 kills at random effects: nothing lost, nothing doubled, nobody parked."""
    folder = tmp_path / "mails"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}.eml").write_bytes(samples.request(number))
    wanted, effects = unbroken(ground, folder, batch=0)
    url, dice = ground.copy(), random.Random(11)
    killed = sum(ground.intake(url, folder, dice.randint(1, max(4, effects // 10))).code == KILLED for _ in range(30))
    assert ground.intake(url, folder).code == 0
    print(f"{killed} kills, {effects} effects")
    assert killed >= 15
    assert rows(url, *SHAPE) == wanted
