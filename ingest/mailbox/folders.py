"""What is new in a folder, and marking what was filed. Fetches by UID with BODY.PEEK, whoever has read it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from imapclient import IMAPClient

FILED_KEYWORD = b"$CreditdeskFiled"
QUARANTINED_KEYWORD = b"$CreditdeskQuarantined"
SIZES_AT_ONCE = 1000
MAILS_AT_ONCE = 50
BYTES_AT_ONCE = 20_000_000


@dataclass(frozen=True, slots=True)
class FolderState:
    """A selected folder: UIDs are only valid together with `uidvalidity`."""

    name: str
    uidvalidity: int
    uidnext: int | None
    keywords_allowed: bool


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as it lies on the server; over the size limit only its header (`truncated`)."""

    folder: str
    uidvalidity: int
    uid: int
    raw: bytes
    truncated: bool


def select(client: IMAPClient, folder: str) -> FolderState:
    """Selects a folder for reading and marking."""
    info = client.select_folder(folder)
    permanent = info.get(b"PERMANENTFLAGS", ())
    return FolderState(
        name=folder,
        uidvalidity=int(info[b"UIDVALIDITY"]),
        uidnext=int(info[b"UIDNEXT"]) if b"UIDNEXT" in info else None,
        keywords_allowed=b"\\*" in permanent or FILED_KEYWORD in permanent,
    )


def uidnext(client: IMAPClient, folder: str) -> tuple[int, int]:
    """UIDVALIDITY and UIDNEXT of a folder that is not selected."""
    status = client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
    return int(status[b"UIDVALIDITY"]), int(status[b"UIDNEXT"])


def new_uids(client: IMAPClient, after: int, since: date | None) -> list[int]:
    """UIDs above `after` in the selected folder, ascending; `since`: only mails received from that day."""
    criteria: list[object] = ["UID", f"{after + 1}:*"]
    if since is not None:
        criteria += ["SINCE", since]
    # By the RFC `n:*` always names the last mail too, even below n.
    return sorted(uid for uid in client.search(criteria) if uid > after)


def fetch(client: IMAPClient, state: FolderState, uids: Sequence[int], max_bytes: int) -> Iterator[FetchedMail]:
    """The mails of these UIDs in ascending order; one that vanished meanwhile is left out."""
    for some in _chunks(sorted(uids), SIZES_AT_ONCE):
        sizes = client.fetch(some, ["RFC822.SIZE"])
        for batch in _batches([(uid, int(sizes[uid][b"RFC822.SIZE"])) for uid in some if uid in sizes], max_bytes):
            truncated = batch[0][1] > max_bytes
            item = b"BODY[HEADER]" if truncated else b"BODY[]"
            ask = "BODY.PEEK[HEADER]" if truncated else "BODY.PEEK[]"
            bodies = client.fetch([uid for uid, _ in batch], [ask])
            for uid, _ in batch:
                raw = bodies.get(uid, {}).get(item)
                if raw is not None:
                    yield FetchedMail(state.name, state.uidvalidity, uid, bytes(raw), truncated)


def _batches(sized: list[tuple[int, int]], max_bytes: int) -> Iterator[list[tuple[int, int]]]:
    """Groups that are fetched at once; a mail over the limit comes alone."""
    batch: list[tuple[int, int]] = []
    total = 0
    for uid, size in sized:
        if batch and (size > max_bytes or len(batch) == MAILS_AT_ONCE or total + size > BYTES_AT_ONCE):
            yield batch
            batch, total = [], 0
        if size > max_bytes:
            yield [(uid, size)]
            continue
        batch.append((uid, size))
        total += size
    if batch:
        yield batch


def _chunks(uids: list[int], size: int) -> Iterator[list[int]]:
    rest = iter(uids)
    while chunk := list(islice(rest, size)):
        yield chunk


def mark(client: IMAPClient, state: FolderState, uids: list[int], *, quarantined: bool, target: str) -> None:
    """Marks filed mails in the selected folder: moved to `target` where one is configured, else by keyword.

    Nothing is ever deleted: without the server's MOVE the keyword serves.
    """
    if target and client.has_capability("MOVE"):
        if not client.folder_exists(target):
            client.create_folder(target)
        client.move(uids, target)
    elif state.keywords_allowed:
        client.add_flags(uids, [QUARANTINED_KEYWORD if quarantined else FILED_KEYWORD], silent=True)
