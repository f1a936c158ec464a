"""A small IMAP server whose answers can be spoiled: silence, closed and reset connections, split lines, refused logins.

It knows one user's INBOX and what `ingest.mailbox` says to a server, no more.

    with faulty_imap() as server:
        server.faults["IDLE"] = [say_bye, close]   # used one after the other, then the command works
        server.deliver(raw)
"""

import base64
import re
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CAPABILITIES = "IMAP4rev1 IDLE UIDPLUS MOVE AUTH=XOAUTH2 AUTH=OAUTHBEARER"


@dataclass
class FaultyImap:
    """The box, its faults and what was seen."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)  # STORE commands as they came
    faults: dict[str, list["Fault"]] = field(default_factory=dict)  # by command
    met: list[str] = field(default_factory=list)  # faults that a client has run into
    tokens: list[str] = field(default_factory=list)  # decoded SASL answers
    bad_tokens: set[str] = field(default_factory=set)
    connections: int = 0
    news: threading.Condition = field(default_factory=threading.Condition)

    def deliver(self, raw: bytes) -> None:
        """A new mail; whoever waits in IDLE is told."""
        with self.news:
            self.mails.append(raw)
            self.news.notify_all()


class Connection(socketserver.StreamRequestHandler):
    """One client."""

    box: FaultyImap
    seen = 0  # mails of which this client knows

    def say(self, line: str | bytes) -> None:
        """Sends one line."""
        self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def handle(self) -> None:
        box = self.box
        with box.news:
            box.connections += 1
        with suppress(OSError, ValueError):
            self.say(f"* OK [CAPABILITY {CAPABILITIES}] ready")
            while line := self.rfile.readline().decode().strip():
                self._answer(line)

    def _answer(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        words = rest.upper().split()
        name = words[1] if words[0] == "UID" else words[0]
        faults = self.box.faults.get(name, [])
        if faults:
            fault = faults.pop(0)
            self.box.met.append(fault.__name__)
            fault(self, tag)
            return
        command = getattr(self, f"do_{name.lower()}", None)
        if command is None:
            self.say(f"{tag} BAD unknown {name}")
        else:
            command(tag, rest)

    def do_capability(self, tag: str, _rest: str) -> None:
        self.say(f"* CAPABILITY {CAPABILITIES}")
        self.say(f"{tag} OK done")

    def do_login(self, tag: str, _rest: str) -> None:
        self.say(f"{tag} OK [CAPABILITY {CAPABILITIES}] logged in")

    def do_authenticate(self, tag: str, rest: str) -> None:
        words = rest.split()
        if len(words) < 3:
            self.say("+ ")
            words.append(self.rfile.readline().decode().strip())
        said = base64.b64decode(words[2]).decode()
        self.box.tokens.append(said)
        if any(token in said for token in self.box.bad_tokens):
            self.say("+ " + base64.b64encode(b'{"status":"401"}').decode())
            self.rfile.readline()
            self.say(f"{tag} NO [AUTHENTICATIONFAILED] invalid credentials")
            return
        self.say(f"{tag} OK [CAPABILITY {CAPABILITIES}] logged in")

    def do_select(self, tag: str, _rest: str) -> None:
        number = self.seen = len(self.box.mails)
        self.say(f"* {number} EXISTS")
        self.say("* OK [PERMANENTFLAGS (\\Seen \\*)] flags")
        self.say("* OK [UIDVALIDITY 77] valid")
        self.say(f"* OK [UIDNEXT {number + 1}] next")
        self.say(f"{tag} OK [READ-WRITE] selected")

    def do_search(self, tag: str, rest: str) -> None:
        first = int(re.findall(r"(\d+):\*", rest)[0])
        number = len(self.box.mails)
        found = [uid for uid in range(1, number + 1) if uid >= first or uid == number]  # the last one always
        self.say("* SEARCH " + " ".join(map(str, found)))
        self.say(f"{tag} OK done")

    def do_fetch(self, tag: str, rest: str) -> None:
        for uid in uids_of(rest):
            raw = self.box.mails[uid - 1]
            if "RFC822.SIZE" in rest:
                self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(raw)})")
                continue
            header = "HEADER" in rest
            body = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if header else raw
            item = "BODY[HEADER]" if header else "BODY[]"
            self.wfile.write(f"* {uid} FETCH (UID {uid} {item} {{{len(body)}}}\r\n".encode() + body + b")\r\n")
        self.say(f"{tag} OK done")

    def do_store(self, tag: str, rest: str) -> None:
        self.box.stored.append(rest)
        self.say(f"{tag} OK done")

    def do_idle(self, tag: str, _rest: str) -> None:
        self.say("+ idling")
        self.connection.settimeout(0.02)
        seen = self.seen
        while True:
            with self.box.news:
                if len(self.box.mails) != seen:
                    seen = len(self.box.mails)
                    self.say(f"* {seen} EXISTS")
            with suppress(TimeoutError):
                if self.connection.recv(100).strip().upper() == b"DONE":
                    break
                return
        self.connection.settimeout(None)
        self.say(f"{tag} OK idle ended")


Fault = Callable[[Connection, str], None]


def uids_of(rest: str) -> list[int]:
    """The UIDs of a `UID FETCH` command."""
    uids: list[int] = []
    for piece in rest.split()[2].split(","):
        first, _, last = piece.partition(":")
        uids += range(int(first), int(last or first) + 1)
    return uids


def close(connection: Connection, _tag: str) -> None:
    """The connection ends without a word."""
    connection.connection.shutdown(socket.SHUT_RDWR)


def close_in_idle(connection: Connection, _tag: str) -> None:
    """IDLE begins, and the connection ends."""
    connection.say("+ idling")
    time.sleep(0.1)
    close(connection, _tag)


def bye_in_idle(connection: Connection, _tag: str) -> None:
    """The server says that it goes."""
    connection.say("+ idling")
    connection.say("* BYE server shutting down")
    close(connection, _tag)


def split_line_in_idle(connection: Connection, _tag: str) -> None:
    """Half a line, and the rest later."""
    connection.say("+ idling")
    connection.wfile.write(b"* 1 EXI")
    time.sleep(0.1)
    connection.wfile.write(b"STS\r\n")
    connection.rfile.readline()


def silence(connection: Connection, _tag: str) -> None:
    """No answer at all."""
    connection.rfile.readline()


def reset_in_a_literal(connection: Connection, _tag: str) -> None:
    """A mail breaks off in the middle with a reset."""
    connection.wfile.write(b"* 1 FETCH (UID 1 BODY[] {5000}\r\nFrom: half a mail")
    connection.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.connection.close()


def garbage(connection: Connection, _tag: str) -> None:
    """What is no IMAP."""
    connection.wfile.write(b"* (((NIL \x00\xff {3}\r\n)))\r\n* 9 FETCH garbage\r\n")
    close(connection, _tag)


def refuse(connection: Connection, tag: str) -> None:
    """NO."""
    connection.say(f"{tag} NO [UNAVAILABLE] not now")


@contextmanager
def faulty_imap() -> Iterator[FaultyImap]:
    """Runs the server."""
    box = FaultyImap()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    handler = type("Handler", (Connection,), {"box": box})
    with Server(("127.0.0.1", 0), handler) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield box
        server.shutdown()
