"""Files of a case's messages, written into a folder."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Attachment, Case, CaseMessage, StoredMessage
from config.errors import Unavailable, WrongUse
from creditdesk.output import note, safe
from ingest.worker import POOL
from runtime.workers import WorkerFailed


def save_files(session: Session, reference: str, folder: Path) -> None:
    """Writes each file of the case once, under its own name, or with a number where that name is taken."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in _contents(session, reference):
            note(f"saved {safe(str(_write(folder, name, content)))}")
    except OSError as error:
        raise WrongUse(f"{folder} cannot be written ({error.strerror}): choose another folder") from error


def _contents(session: Session, reference: str) -> Iterator[tuple[str, bytes]]:
    query = (
        select(StoredMessage)
        .join(CaseMessage, CaseMessage.message_row_id == StoredMessage.id)
        .join(Case, Case.id == CaseMessage.case_id)
        .where(Case.reference == reference)
        .order_by(StoredMessage.id)
    )
    seen: set[tuple[str, str]] = set()
    for message in session.scalars(query).unique():
        files = session.scalars(select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.id))
        wanted = [file for file in files if (file.filename, file.digest) not in seen]
        seen |= {(file.filename, file.digest) for file in wanted}
        if not wanted:
            continue
        try:
            found = POOL.contents(message.raw)
        except WorkerFailed as failure:
            raise Unavailable(
                f"message {message.id} cannot be read ({failure}): creditdesk messages export gives it whole"
            ) from failure
        for file in wanted:
            if file.digest in found:
                yield file.filename, found[file.digest]
            else:
                note(f"creditdesk: {safe(file.filename)} is no longer there: its message was emptied or cut")


def _write(folder: Path, name: str, content: bytes) -> Path:
    """Into a new file: a name from outside names no other folder, hides nothing and overwrites nothing."""
    plain = "".join(char if char.isprintable() and char not in '/\\:*?"<>|' else "_" for char in name).strip(". ")
    stem, dot, ending = (plain or "file")[-120:].rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (ending, "")
    number = 1
    while True:
        path = folder / f"{stem}{f' ({number})' if number > 1 else ''}{ending}"
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            number += 1
        else:
            return path
