"""A week's load at once: `python -m tests.bench.week 20000` (half an hour; not part of `make bench`).

So many invented mails lie in a mailbox of Dovecot; three `serve` processes share one PostgreSQL; meanwhile an officer
asks in Slack (a double of it, HTTP mode) for the status of cases, now this process, now that one.
Prints mails a second and the resident memory of each process after each tenth, then the times to an answer, and checks
that every mail is done with once and every letter sent once.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from tests.bench.measuring import below, percentile, resident
from tests.doubles.imap_servers import HOST, dovecot
from tests.doubles.slack.people import SECRET, OverHttp, People
from tests.doubles.slack.people import read as read_slack
from tests.doubles.slack.server import serving
from tests.doubles.slack.workspace import Workspace
from tests.doubles.smtp_sink import SmtpSink, smtp_sink
from tests.faults.databases import rows
from tests.faults.own_postgres import own_postgres
from tests.ingest.intake import mails as samples
from tests.serving.conftest import OFFICER, PEOPLE, POLICIES, Desk, environment, within

WORKERS = 3
QUESTIONS_AN_HOUR = 600  # three times the load asked for, so that a short run has enough of them
PATIENCE = 60.0  # seconds for one answer
MAILS_A_SECOND, STATUS_SECONDS, GROWTH = 5.0, 2.0, 0.1  # the bars
ASKER = "U0OFFICER"


def mail(number: int) -> bytes:
    """One of the week: of twenty mails ten are requests (two with a file), two are replies, one is automatic."""
    kind = number % 20
    if kind < 8:
        return samples.request(number)
    if kind < 10:
        return samples.with_file(number)
    if kind < 12:
        before = number - 10
        asked = f"<request-{before}@client{before}-works.example>"
        text = "Dear team,\n\nplease note that the terms will be 45 days.\n\nKind regards\nAnn Client\n"
        return samples.request(before, text=text, message_id=f"<reply-{number}@example.com>", In_Reply_To=asked)
    if kind == 12:
        return samples.OUT_OF_OFFICE.replace(b"away@", f"away-{number}@".encode())
    return (
        f"From: Person {number % 500} <p{number % 500}@example.com>\r\nTo: desk@insurer.example\r\n"
        f"Date: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <note-{number}@example.com>\r\n"
        f"Subject: note {number}\r\n\r\nGood day,\r\n\r\nthank you for note {number}; we look into it.\r\n"
    ).encode()


@dataclass
class Week:
    """What runs, and what was measured of it."""

    url: str
    desks: list[Desk]
    mails: int
    begun: float = field(default_factory=time.monotonic)
    took: list[float] = field(default_factory=list)  # seconds to each answer
    failed: list[str] = field(default_factory=list)  # questions without one
    sizes: list[list[float]] = field(default_factory=list)  # after each tenth: megabytes of each process's tree

    def states(self) -> Counter[str]:
        """Messages by state."""
        return Counter(dict(rows(self.url, "select state, count(*) from messages group by 1")[0]))

    def references(self) -> list[str]:
        """Some cases that one can ask for."""
        return [str(row[0]) for row in rows(self.url, "select reference from cases order by id desc limit 200")[0]]

    def unsent(self) -> int:
        """Letters under way."""
        return int(rows(self.url, "select count(*) from outbox where state in ('waiting', 'sending')")[0][0][0])

    def show(self, done: int) -> None:
        """One line, and the sizes kept."""
        trees = []
        for desk in self.desks:
            assert desk.process is not None
            own = desk.process.pid
            trees.append([resident(own), *(resident(child) for child in below(own))])
        self.sizes.append([sum(tree) for tree in trees])
        rate = done / (time.monotonic() - self.begun)
        memory = "; ".join(" + ".join(f"{size:.0f}" for size in tree) for tree in trees)
        print(f"{done} mails, {rate:.1f} a second, {len(self.took)} answers; MB: {memory}", flush=True)

    async def watched(self) -> None:
        """Until every mail is done with and every letter sent."""
        shown = self.mails // 10
        while True:
            states = await asyncio.to_thread(self.states)
            done = states.total() - states["in_progress"]
            if done >= shown:
                await asyncio.to_thread(self.show, done)
                shown += self.mails // 10
            if done >= self.mails:
                break
            await asyncio.sleep(2)
        print(f"mails are done after {time.monotonic() - self.begun:.0f} s: {dict(states)}", flush=True)
        while await asyncio.to_thread(self.unsent):
            await asyncio.sleep(1)
        print(f"letters are sent after {time.monotonic() - self.begun:.0f} s", flush=True)

    async def asked(self, people: Sequence[People]) -> None:
        """Asks in turn, until it is cancelled."""
        dice = random.Random(31)
        while True:
            await asyncio.sleep(3600 / QUESTIONS_AN_HOUR)
            if references := await asyncio.to_thread(self.references):
                await self._ask(people[len(self.took) % len(people)], dice.choice(references))

    async def _ask(self, asking: People, reference: str) -> None:
        begun, channel = time.monotonic(), "D" + ASKER[1:]
        try:
            root = await asking.writes(ASKER, f"status of {reference}")
        except httpx.HTTPError as error:
            self.failed.append(f"{reference}: {error!r}")
            return
        while time.monotonic() - begun < PATIENCE:
            told = [read_slack(message) for message in asking.slack.answers(channel, root)]
            if any(reference in text for text in told):
                self.took.append(time.monotonic() - begun)
                return
            await asyncio.sleep(0.02)
        self.failed.append(f"{reference}: {told}")

    def results(self, lasted: float) -> list[tuple[str, float, float]]:
        """Each figure with its bar; the figure may not be above it."""
        took = self.took or [PATIENCE]
        first, last = self.sizes[0], self.sizes[-1]
        growth = [later / before - 1 for before, later in zip(first, last, strict=True)]
        return [
            ("seconds a mail", lasted / self.mails, 1 / MAILS_A_SECOND),
            ("status p50 seconds", percentile(took, 0.5), STATUS_SECONDS),
            ("status p95 seconds", percentile(took, 0.95), STATUS_SECONDS),
            ("questions without an answer", len(self.failed), 0),
            *((f"growth of process {number}", share, GROWTH) for number, share in enumerate(growth)),
        ]

    def counts(self, sink: SmtpSink) -> list[tuple[str, float, float]]:
        """What must be there once: mails, cases, letters; found beside wanted."""
        requests = sum(number % 20 < 10 for number in range(self.mails))
        queries = (
            "select count(*) from messages where state in ('filed', 'ignored')",
            "select count(*) from cases",
            "select count(*) from outbox where state = 'sent' and channel = 'email'",
        )
        settled, cases, letters = (int(found[0][0]) for found in rows(self.url, *queries))
        return [
            ("mails filed or ignored", settled, self.mails),
            ("cases", cases, requests),
            ("letters taken by the mail server", len(sink.mails), letters),
            ("different letters", len({str(one["Message-ID"]) for _, one in sink.mails}), letters),
        ]


def _ready(desk: Desk) -> bool:
    return desk.get("/readyz")[0] == 200


@asynccontextmanager
async def talking(desks: Sequence[Desk], slack: Workspace) -> AsyncIterator[list[People]]:
    """The officer's ways to the processes."""
    clients = [httpx.AsyncClient(base_url=f"http://{HOST}:{desk._port}", timeout=PATIENCE) for desk in desks]
    yield [People(slack, OverHttp(client)) for client in clients]
    for client in clients:
        await client.aclose()


async def run(mails: int, folder: Path) -> bool:
    """Measures and prints; whether every bar is held."""
    slack = Workspace()
    slack.person(ASKER, "Oda Lind", OFFICER)
    async with serving(slack):
        with ExitStack() as stack:
            postgres, imap = stack.enter_context(own_postgres()), stack.enter_context(dovecot())
            sink = stack.enter_context(smtp_sink())
            url = postgres.url.replace("/postgres?", "/desk?")
            places = {
                "CREDITDESK_DATABASE_URL": url,
                "CREDITDESK_SLACK__MODE": "http",
                "CREDITDESK_SLACK__API_URL": slack.address + "/api/",
                "SLACK_BOT_TOKEN": slack.token,
                "SLACK_SIGNING_SECRET": SECRET,
            }
            desks = [Desk(folder / str(number), environment(imap, sink) | places) for number in range(WORKERS)]
            for desk in desks:
                stack.callback(desk.kill)
            for name, content in (("policies", POLICIES), ("people", PEOPLE)):
                (folder / f"{name}.csv").write_text(content, encoding="utf-8")
                desks[0].run(f"import-{name}", str(folder / f"{name}.csv"))
            await asyncio.to_thread(imap.put, *map(mail, range(mails)))
            week = Week(url, desks, mails)
            for desk in desks:
                desk.launch()
            for desk in desks:
                await asyncio.to_thread(within, partial(_ready, desk), "ready")
            async with talking(desks, slack) as people:
                asking = asyncio.create_task(week.asked(people))
                await week.watched()
                asking.cancel()
            lasted = time.monotonic() - week.begun
            return report(week, lasted, sink)


def report(week: Week, lasted: float, sink: SmtpSink) -> bool:
    """Prints the figures; whether every bar is held."""
    good = True
    for name, figure, bar in week.results(lasted):
        print(f"{name}: {figure:.2f} (at most {bar:.2f})")
        good &= figure <= bar
    for name, found, wanted in week.counts(sink):
        print(f"{name}: {found} of {wanted}")
        good &= found == wanted
    for question in week.failed[:5]:
        print(f"no answer: {question}")
    return good


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="desk-week-") as place:
        held = asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, Path(place)))
    sys.exit(not held)
