"""What a disk holds after a power cut: the writes of a process as strace saw them, without those not yet synced.

A file after a cut has all that was written before its last finished sync; of what was written later each sector of
512 bytes may be there or not. Directory entries: a file that was deleted in the present run may still be there.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "pwrite64,fdatasync,fsync,ftruncate,unlink,sendto"
LINE = re.compile(r"(?P<pid>\d+) +(?:<\.\.\. )?(?P<call>\w+)(?P<resumed> resumed>)?(?P<rest>.*)")
HANDLE = re.compile(r"\(\d+<([^>]*)>")
TEXT = re.compile(r'"([^"]*)"')
PLACE = re.compile(r'"(?:\.\.\.)?, \d+, (\d+)')


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a process did: `write`, `cut` (a length), `sync`, `delete` on a file, or `say` on a socket."""

    kind: str
    file: str
    data: bytes = b""
    place: int = 0


def command(trace: Path) -> list[str]:
    """What to put before a command, so that its acts are written down."""
    return ["strace", "-f", "-y", "-xx", "-s", "70000", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(trace)]


def acts(trace: Path) -> Iterator[Act]:
    """The acts of a trace, in order. A sync counts when it has ended, everything else when it begins."""
    syncing: dict[str, str] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            match = LINE.match(line)
            if match is None:
                continue
            pid, call, rest = match["pid"], match["call"], match["rest"]
            if match["resumed"]:
                if call in ("fdatasync", "fsync") and pid in syncing:
                    yield Act("sync", syncing.pop(pid))
                continue
            handle = HANDLE.match(rest)
            file = _bytes(handle[1]).decode(errors="replace") if handle else ""
            if call in ("fdatasync", "fsync"):
                if "unfinished" in rest:
                    syncing[pid] = file
                else:
                    yield Act("sync", file)
            elif call == "pwrite64" and (text := TEXT.search(rest)) and (place := PLACE.search(rest)):
                yield Act("write", file, _bytes(text[1]), int(place[1]))
            elif call == "ftruncate":
                yield Act("cut", file, place=int(re.findall(r", (\d+)", rest)[0]))
            elif call == "unlink" and (text := TEXT.search(rest)):
                yield Act("delete", _bytes(text[1]).decode(errors="replace"))
            elif call == "sendto" and (text := TEXT.search(rest)):
                yield Act("say", "", _bytes(text[1]))


def _bytes(hexed: str) -> bytes:
    if "\\x" not in hexed:
        return hexed.encode()
    return bytes.fromhex(hexed.replace("\\x", ""))


@dataclass
class Disk:
    """One file: what is surely on the disk, and what was done since."""

    safe: bytearray = field(default_factory=bytearray)
    later: list[Act] = field(default_factory=list)

    def do(self, act: Act) -> None:
        """One act of the process."""
        if act.kind == "sync":
            for earlier in self.later:
                apply(self.safe, earlier)
            self.later = []
        else:
            self.later.append(act)

    def after_a_cut(self, dice: random.Random) -> bytes | None:
        """What one finds; None: no file."""
        found: bytearray | None = bytearray(self.safe)
        for act in self.later:
            if act.kind == "write":
                found = found if found is not None else bytearray()
                for start in range(0, len(act.data), SECTOR):
                    if dice.random() < 0.5:
                        part = act.data[start : start + SECTOR]
                        apply(found, Act("write", act.file, part, act.place + start))
            elif dice.random() < 0.5:
                if act.kind == "delete":
                    found = None
                elif found is not None:
                    apply(found, act)
        return None if found is None else bytes(found)


def apply(content: bytearray, act: Act) -> None:
    """Does to the content of a file what the act did."""
    if act.kind == "delete":
        content.clear()
    elif act.kind == "cut":
        del content[act.place :]
        content.extend(bytes(max(0, act.place - len(content))))
    else:
        content.extend(bytes(max(0, act.place - len(content))))
        content[act.place : act.place + len(act.data)] = act.data
