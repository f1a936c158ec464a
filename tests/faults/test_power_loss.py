"""The power goes at any moment of a pass over the mailbox: what is marked there is in the ledger, and the file is whole."""

import random
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.doubles.imap_servers import NO_DOVECOT, dovecot, has_dovecot
from tests.doubles.smtp_sink import smtp_sink
from tests.faults.databases import prepared
from tests.faults.power import Act, Disk, acts, command
from tests.ingest.intake import mails as samples
from tests.serving.conftest import Desk, environment

MOMENTS = 100
STORE = re.compile(rb"UID STORE ([\d,:]+) ")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (Debian: apt-get install strace)")
@pytest.mark.skipif(not has_dovecot(), reason=NO_DOVECOT)
def test_power_goes_at_a_hundred_moments(tmp_path: Path) -> None:
    """All that was not synced is lost, sector by sector: no mail marked on the server is missing from the ledger."""
    file = Path(prepared("sqlite", "", tmp_path).removeprefix("sqlite:///"))
    begin = {str(file): file.read_bytes()}
    done: list[Act] = []
    with dovecot() as imap, smtp_sink() as sink:
        settings = environment(imap, sink) | {"CREDITDESK_DATABASE_URL": f"sqlite:///{file}"}
        desk = Desk(tmp_path / "data", settings)
        for number in range(5):
            imap.put(*(samples.request(number * 3 + more) for more in range(3)))
            trace = tmp_path / f"trace-{number}"
            words = [*command(trace), *desk._command("--engine", "rules", "poll", "--once")]
            subprocess.run(words, env=desk._environment(), check=True, capture_output=True, timeout=300)
            done += acts(trace)
    assert sum(STORE.search(act.data) is not None for act in done) == 5
    assert sum(act.kind == "sync" and act.file.endswith("-wal") for act in done) > 20
    dice = random.Random(2)
    moments = sorted(dice.sample(range(len(done)), MOMENTS // 2) + near_marks(done, MOMENTS // 2, dice))
    found = [look(begin, done[:moment], tmp_path / "after", dice) for moment in moments]
    print(f"{len(found)} moments of {len(done)} acts, up to {max(marked for _, marked, _ in found)} mails marked")
    assert [health for health, _, _ in found if health != "ok"] == []
    assert sum(missing for _, _, missing in found) == 0
    assert max(marked for _, marked, _ in found) == 15


def near_marks(done: list[Act], number: int, dice: random.Random) -> list[int]:
    """Moments right after something is marked on the server."""
    marks = [place for place, act in enumerate(done) if STORE.search(act.data)]
    return [min(len(done), dice.choice(marks) + dice.randint(1, 6)) for _ in range(number)]


def look(begin: dict[str, bytes], done: list[Act], folder: Path, dice: random.Random) -> tuple[str, int, int]:
    """After a cut: what SQLite says of the file, mails marked on the server, and how many of them are not stored."""
    [(name, content)] = begin.items()
    disks = {name: Disk(bytearray(content)), f"{name}-wal": Disk()}
    marked: set[int] = set()
    for act in done:
        if act.file in disks:
            disks[act.file].do(act)
        elif act.kind == "say" and (match := STORE.search(act.data)):
            marked |= uids(match[1].decode())
    folder.mkdir(exist_ok=True)
    for end in ("", "-wal", "-shm"):
        (folder / f"desk.db{end}").unlink(missing_ok=True)
    for path, disk in disks.items():
        left = disk.after_a_cut(dice)
        if left is not None:
            (folder / f"desk.db{path.removeprefix(name)}").write_bytes(left)
    connection = sqlite3.connect(folder / "desk.db")
    health = str(connection.execute("pragma integrity_check").fetchone()[0])
    query = (
        "select uid from mailbox_copies join messages on messages.id = mailbox_copies.message_id where state = 'filed'"
    )
    stored = {uid for (uid,) in connection.execute(query)}
    connection.close()
    return health, len(marked), len(marked - stored)


def uids(words: str) -> set[int]:
    """The numbers of an IMAP set like 1:3,5."""
    found: set[int] = set()
    for piece in words.split(","):
        first, _, last = piece.partition(":")
        found |= set(range(int(first), int(last or first) + 1))
    return found
