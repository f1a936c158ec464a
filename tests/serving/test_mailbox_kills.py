"""Killed after any change on the mail servers: a mail is marked once, sent once or again as the same mail, never lost."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DATABASES
from tests.doubles.imap_servers import ImapServer
from tests.doubles.smtp_sink import SmtpSink, smtp_sink
from tests.faults.databases import copied, dropped, prepared, rows
from tests.faults.nursery import KILLED, Ended, Nursery, nursery
from tests.ingest.intake import mails as samples
from tests.serving.conftest import environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

AT_ONCE = 3
FOLDERS = ("INBOX", "Done", "Odd")
SHAPE = (
    "select reference, kind, status, buyer_name, amount from cases order by reference",
    "select sequence, actor, kind, message_row_id from events order by sequence",
    'select key, kind, channel, "to", state, subject from outbox order by key',
    "select digest, state, reason from messages order by digest",
    "select folder, uid, marked, digest from mailbox_copies join messages on messages.id = mailbox_copies.message_id"
    " order by folder, uid",
)


@dataclass(frozen=True)
class Ground:
    """A prepared database to copy, a mail server, and for each child a sink of its own."""

    server: str
    source: str
    folder: Path
    imap: ImapServer
    children: list[tuple[Nursery, SmtpSink]]

    def place(self, name: str) -> "Place":
        """A new database, and a box of its own."""
        url = copied(self.source, self.server, self.folder)
        return Place(url, replace(self.imap, user=name, process=None))


@dataclass(frozen=True)
class Place:
    """One desk's database and mailbox."""

    url: str
    imap: ImapServer

    def run(self, child: tuple[Nursery, SmtpSink], *words: str, kill_at: int = 0, effect: str = "") -> Ended:
        """A pass over the mailbox, then all that is to be sent; or only the words given."""
        settings = {"CREDITDESK_DATABASE_URL": self.url} | environment(self.imap, child[1])
        folders = {"CREDITDESK_IMAP__DONE_FOLDER": "Done", "CREDITDESK_IMAP__QUARANTINE_FOLDER": "Odd"}
        commands = [words] if words else [("--engine", "rules", "poll", "--once"), ("send",)]
        moved = {} if self.imap.user.startswith("keyword") else folders
        ended = child[0].run(*commands, environment=settings | moved, kill_at=kill_at, effect=effect)
        assert "Traceback" not in ended.said, ended.said[-2000:]
        return ended

    def left(self) -> list[Any]:
        """Rows, and what lies on the server with which flags."""
        with self.imap.client() as client:
            there = [name for name in FOLDERS if client.folder_exists(name)]
        boxes = [list(zip(self.imap.bodies(name), self.imap.flags(name), strict=True)) for name in there]
        for box in boxes:
            box.sort(key=lambda mail: mail[0])
        return [*rows(self.url, *SHAPE), boxes]


@pytest.fixture(params=DATABASES)
def ground(request: pytest.FixtureRequest, imap: ImapServer, tmp_path: Path) -> Iterator[Ground]:
    """Each kind of database."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else ""
    with ExitStack() as stack:
        children = [(stack.enter_context(nursery()), stack.enter_context(smtp_sink())) for _ in range(AT_ONCE)]
        yield Ground(server, prepared(request.param, server, tmp_path), tmp_path, imap, children)


def sent(sink: SmtpSink, since: int = 0) -> "Counter[str]":
    """How often each mail came, by its Message-ID."""
    return Counter(str(mail["Message-ID"]) for _, mail in sink.mails[since:])


def test_killed_at_every_change_on_the_servers(ground: Ground) -> None:
    """Killed after each mark, move and mail sent, and each commit between: the end is that of an unbroken run."""
    killed_everywhere(ground, "keyword" if ground.server else "moved")


@pytest.mark.soak
def test_killed_at_every_change_the_other_way(ground: Ground) -> None:
    """The same with folders where there were keywords, and with keywords where there were folders."""
    killed_everywhere(ground, "moved" if ground.server else "keyword")


def killed_everywhere(ground: Ground, way: str) -> None:
    """Kills at each effect from the first on a server on, and early; compares each end with that of an unbroken run."""
    mails = [samples.with_file(1), samples.request(2), samples.OUT_OF_OFFICE, b"\x00\xff"]

    def faulty(number: int, point: int) -> tuple[bool, bool]:
        child = ground.children[number % AT_ONCE]
        place, before = ground.place(f"{way}-{number}"), len(child[1].mails)
        place.imap.put(*mails)
        first = place.run(child, kill_at=point)
        place.run(child)
        left = place.left()
        again = place.run(child)
        came, known = sent(child[1], before), {row[0] for row in rows(place.url, "select message_id from outbox")[0]}
        wrong = left != wanted or place.left() != wanted or bool(set(again.effects) - {"commit"}) or set(came) != known
        repeats = came.total() - len(came)
        dropped(place.url, ground.server)
        killed = first.code == KILLED
        return killed, wrong or repeats > int(killed and first.effects[-1] == "smtp data")

    whole = ground.place(f"{way}-whole")
    whole.imap.put(*mails)
    effects = whole.run(ground.children[0]).effects
    wanted = whole.left()
    assert effects.count("smtp data") == 2
    begun = next(number for number, name in enumerate(effects, 1) if name.startswith("imap"))
    points = [1, 2, *range(begun, len(effects) + 1)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(faulty, range(len(points)), points))
    kills = sum(killed for killed, _ in found)
    print(f"{kills} kills at {len(points)} of {len(effects)} effects: {effects[begun - 1 :]}")
    assert [point for point, (_, wrong) in zip(points, found, strict=True) if wrong] == []
    assert kills >= len(points) - 3


def test_a_hundred_kills_between_yes_and_mark(ground: Ground) -> None:
    """Killed a hundred times between the server's yes and the mark: nothing is lost, a repeat is the same mail."""
    place, child = ground.place("hundred"), ground.children[0]
    place.imap.put(*(samples.request(number) for number in range(101)))
    kills = int(place.run(child, kill_at=1, effect="smtp").code == KILLED)
    for _ in range(99):
        kills += place.run(child, "send", kill_at=2, effect="smtp").code == KILLED
    place.run(child, "send")
    came = sent(child[1])
    states = rows(place.url, "select message_id, state from outbox")[0]
    print(f"{kills} kills, {came.total() - len(came)} repeats of {len(came)} mails")
    assert kills == 100
    assert {state for _, state in states} == {"sent"}
    assert set(came) == {name for name, _ in states}
    assert len(came) == 101
    assert came.total() - len(came) <= kills
