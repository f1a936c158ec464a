"""Several processes, and processes that are killed: all is done, once."""

import json
import os
import random
import signal
import subprocess
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.doubles.imap_servers import ImapServer
from tests.doubles.smtp_sink import SmtpSink
from tests.serving.conftest import Desk, environment, within

pytestmark = pytest.mark.timeout(1800)


def on(kind: str, asked: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of a new database of that kind."""
    if kind == "sqlite":
        return {}
    server = asked.getfixturevalue("postgres_server")
    return {"CREDITDESK_DATABASE_URL": server.replace("/postgres?", f"/s_{uuid.uuid4().hex[:12]}?")}


def shape(desk: Desk) -> Counter[str]:
    """Cases and outgoing rows, without numbers and times."""
    cases = desk.run("cases", "list", "--json")
    rows = desk.run("outbox", "list", "--json")
    return Counter(
        [json.dumps([c["kind"], c["status"], c["buyer_name"], c["amount"], sorted(c["messages"])]) for c in cases]
        + [json.dumps([row["kind"], row["channel"], row["to"]]) for row in rows]
    )


def sent_once(desk: Desk, sink: SmtpSink, repeats: int) -> None:
    """Every row is sent; no mail without its row; a mail comes again only for a kill, and is the same mail."""
    rows = {row["message_id"]: row for row in desk.run("outbox", "list", "--json")}
    assert {row["state"] for row in rows.values()} == {"sent"}
    got = Counter(str(mail["Message-ID"]) for _, mail in sink.mails)
    assert set(got) == set(rows)
    assert sum(got.values()) - len(got) <= repeats


@pytest.mark.slow
def test_two_processes_on_one_postgres_one_killed(
    imap: ImapServer, sink: SmtpSink, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Two desks share the mail; one is killed in the middle; the other ends its work within two minutes, once."""
    from tests.ingest.intake import mails

    settings = environment(imap, sink) | on("postgres", request)
    desks = [Desk(tmp_path / name, settings) for name in ("one", "two")]
    raws = [mails.request(number) for number in range(60)]
    try:
        desks[0].run("messages", "list", "--json")
        for desk in desks:
            desk.start()
        imap.put(*raws[:30])
        within(lambda: sum(r["state"] == "filed" for r in desks[1].run("messages", "list", "--json")) > 5, "some work")
        imap.put(*raws[30:])
        desks[0].kill()
        within(lambda: desks[1].settled(60), "the survivor has done all")
        within(lambda: all(r["state"] == "sent" for r in desks[1].run("outbox", "list", "--json")), "all is sent")
        assert len(desks[1].run("cases", "list", "--json")) == 60
        sent_once(desks[1], sink, repeats=1)
        assert desks[1].stop() == 0
    finally:
        for desk in desks:
            desk.kill()


@pytest.mark.soak
@pytest.mark.parametrize("kind", DATABASES)
def test_two_hundred_mails_and_thirty_kills(
    kind: str, imap: ImapServer, sink: SmtpSink, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A box of 200 mails read by a process that is killed 30 times equals what one unbroken run makes of it."""
    from tests.ingest.intake import mails

    raws = [mails.request(number) for number in range(200)]
    folder = tmp_path / "mails"
    folder.mkdir()
    for number, raw in enumerate(raws):
        (folder / f"{number:03}.eml").write_bytes(raw)
    whole = Desk(tmp_path / "whole", {})
    begun = time.monotonic()
    whole.run("intake", str(folder))
    took = time.monotonic() - begun
    desk, dice, killed = Desk(tmp_path / "data", environment(imap, sink) | on(kind, request)), random.Random(30), 0
    for number in range(30):
        imap.put(*raws[number * 6 : number * 6 + 6])
        process = subprocess.Popen(
            desk._command("poll"), env=desk._environment(), start_new_session=True, stderr=subprocess.DEVNULL
        )
        time.sleep(dice.uniform(1.0, 1.0 + took / 8))
        killed += process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    imap.put(*raws[180:])
    desk.run("poll", "--once")
    assert killed >= 25
    assert {row["state"] for row in desk.run("messages", "list", "--json")} == {"filed"}
    assert shape(desk) == shape(whole)
    assert len(imap.bodies()) == 200
