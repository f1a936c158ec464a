"""Real IMAP servers on the loopback: Dovecot where it is installed, pymap (pure Python) everywhere."""

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from imapclient import IMAPClient

HOST = "127.0.0.1"
START_SECONDS = 30.0
PATHS = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def has_dovecot() -> bool:
    """Whether Dovecot can be run here."""
    return shutil.which("dovecot", path=PATHS) is not None


NO_DOVECOT = "Dovecot is not installed (Debian: apt-get install dovecot-imapd)"


@dataclass
class ImapServer:
    """A running server; `user` and `password` log in."""

    port: int
    user: str
    password: str
    command: list[str]
    folder: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it and waits for its greeting."""
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PATH": PATHS},
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection((HOST, self.port), 2) as connection:
                if connection.recv(4) == b"* OK":
                    return
            time.sleep(0.05)
        raise AssertionError(f"{self.command[0]} does not answer on port {self.port}")

    def stop(self) -> None:
        """Ends it with all its children."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(3)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """A logged-in client of the test's own."""
        client = IMAPClient(HOST, self.port, ssl=False, timeout=30)
        client.login(self.user, self.password)
        try:
            yield client
        finally:
            client.shutdown()

    def put(self, *mails: bytes, folder: str = "INBOX", flags: Sequence[bytes] = ()) -> None:
        """Appends mails, in order."""
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for raw in mails:
                client.append(folder, raw, flags)

    def bodies(self, folder: str = "INBOX") -> list[bytes]:
        """The mails that lie in a folder."""
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            uids = client.search("ALL")
            found = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
            return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def flags(self, folder: str = "INBOX") -> list[set[bytes]]:
        """The flags of each mail in a folder."""
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            uids = client.search("ALL")
            found = client.get_flags(uids) if uids else {}
            return [set(found[uid]) - {b"\\Recent"} for uid in sorted(found)]

    def rebuild(self) -> None:
        """The box gets a new UIDVALIDITY and counts its UIDs anew (Dovecot only)."""
        time.sleep(1.1)  # the new value is made of the time
        for folder in (self.folder / "mail" / self.user).glob("**/dovecot*"):
            if folder.name == "dovecot-uidlist" or folder.name.startswith("dovecot.index"):
                folder.unlink()

    def connections(self) -> int:
        """Connections of the user (Dovecot only)."""
        command = ["doveadm", "-c", str(self.folder / "conf"), "who", "-1", self.user]
        done = subprocess.run(command, env=os.environ | {"PATH": PATHS}, capture_output=True, text=True, check=False)
        return sum(line.startswith(self.user) for line in done.stdout.splitlines())

    def kick(self) -> None:
        """Drops every connection of the user (Dovecot only)."""
        subprocess.run(
            ["doveadm", "-c", str(self.folder / "conf"), "kick", self.user],
            env=os.environ | {"PATH": PATHS},
            capture_output=True,
            check=False,
        )


@contextmanager
def dovecot() -> Iterator[ImapServer]:
    """Dovecot with a Maildir of its own; the user `desk` logs in with `secret`."""
    folder = Path(tempfile.mkdtemp(prefix="desk-imap-"))  # short: it holds sockets
    server = ImapServer(free_port(), "desk", "secret", ["dovecot", "-F", "-c", str(folder / "conf")], folder)
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    (folder / "conf").write_text(_dovecot_conf(folder, server.port))
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _dovecot_conf(folder: Path, port: int) -> str:
    me, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    users = f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {group}\n"
    chroot = "chroot ="
    if os.getuid() == 0:  # Dovecot serves no mail as root
        users, chroot, me = "", "", "nobody"
        group = grp.getgrgid(pwd.getpwnam(me).pw_gid).gr_name
        folder.chmod(0o711)
        shutil.chown(folder / "mail", me, group)
    return f"""base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = {HOST}
ssl = no
disable_plaintext_auth = no
{users}first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={me} gid={group} home={folder}/mail/%u
}}
service anvil {{
  {chroot}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""


@contextmanager
def pymap() -> Iterator[ImapServer]:
    """pymap with a box in memory."""
    folder = Path(tempfile.mkdtemp(prefix="desk-pymap-"))
    port = free_port()
    command = [str(Path(sys.executable).with_name("pymap")), "--host", HOST, "--port", str(port), "--no-tls", "dict"]
    server = ImapServer(port, "demouser", "demopass", command, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
