"""Bombs stop at limits, and a message says what was not read."""

import io
import random
import threading
import zipfile

import pytest

from ingest.limits import Limits
from ingest.message import Message
from ingest.reading import read_message, read_safely
from tests.ingest.reading.mails import body_of, mail


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def with_file(name: str, data: bytes) -> bytes:
    return mail("We need 5,000 EUR", files=((name, "application/octet-stream", data),))


def reasons(message: Message) -> list[str | None]:
    return [file.unread_reason for file in message.attachments]


def test_a_zip_bomb_is_not_unpacked() -> None:
    """A member that unpacks to far more than it takes is named and left; the others are read."""
    message = read_message(with_file("bomb.zip", zipped(zero=b"\0" * 30_000_000, fine=b"fine text")))
    assert "suspiciously" in (reasons(message)[0] or "")
    assert reasons(message)[1] is None


def test_archives_inside_archives_stop() -> None:
    """Archives are opened three deep and no further."""
    data = zipped(deep=b"hello")
    for _ in range(6):
        data = zipped(inner=data)
    assert "archive inside" in (reasons(read_message(with_file("a.zip", data)))[0] or "")


def test_the_number_of_members_is_limited() -> None:
    """Only so many files of archives are opened, and the rest is counted."""
    data = zipped(**{f"{n}.txt": b"x%d" % n for n in range(30)})
    message = read_message(with_file("a.zip", data), Limits(members=10))
    assert len(message.attachments) == 10
    assert any("20 more files" in note for note in message.notes)


def test_long_texts_and_tables_are_cut_and_said() -> None:
    """Text beyond the limit is left out with a note; so are rows of a table."""
    message = read_message(mail("word " * 1000), Limits(text_chars=100))
    assert len(message.parts[1].text) == 100
    assert any("first 100" in note for note in message.notes)
    table = read_message(with_file("a.csv", b"a;b\n" * 100), Limits(rows=10))
    assert len(table.tables[0].rows) == 10
    assert any("first 10 rows" in note for note in table.notes)


@pytest.mark.parametrize(
    "header",
    [
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n',
        b"Content-Type: message/rfc822\r\n\r\nSubject: %d %d\r\n",
    ],
)
def test_a_thousand_nested_parts_are_read_to_the_limit(header: bytes) -> None:
    """Nesting costs neither the stack nor much time."""
    raw = b"From: a@b.example\r\nSubject: x\r\n" + b"".join(header % (n, n) for n in range(1000)) + b"\r\nhello"
    message = read_message(raw)
    assert any("nested deeper" in note for note in message.notes)


@pytest.mark.parametrize(
    "text",
    [
        "On " * 20_000, "> " * 20_000, "-" * 60_000, "On 3 March 2026 10:15 wrote" * 2000, "From: a\n" * 5_000,
        "a@" * 30_000, "<" * 40_000, "(" * 40_000, "From: " + "x" * 50_000, "|" * 30_000, "> " * 500 + "\n" + "> a\n" * 5000,
        " " * 60_000, "\t" * 60_000, "_" * 60_000 + "x", "Sent from my " * 4000, "1 " * 30_000, "10:" * 20_000,
    ],
)  # fmt: skip
def test_pathological_texts_are_read_at_once(text: str) -> None:
    """Texts made to trap patterns are read within the small-mail budget (the suite's time limit watches)."""
    for subject in ("Re: x", "x"):
        message = read_message(mail(text[:60_000], subject))
        assert message.letters[0].kind == "outer"


def test_reading_in_a_worker_gives_the_same() -> None:
    """A worker's message equals that of reading in place, call after call."""
    raw = with_file("a.csv", b"Buyer;Limit\nNord;5\n")
    expected = read_message(raw)
    assert [read_safely(raw) for _ in range(3)] == [expected] * 3


def test_threads_may_read_at_once() -> None:
    """Several threads share the workers."""
    raws = [with_file(f"{n}.csv", b"Buyer;Limit\nNord;%d\n" % n) for n in range(12)]
    found: dict[int, Message] = {}

    def work(n: int) -> None:
        found[n] = read_safely(raws[n])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n] for n in range(12)] == [read_message(raw) for raw in raws]


def test_what_takes_too_long_leaves_an_outline() -> None:
    """At the time limit the message has its header, its plain text and the names of its files."""
    data = random.Random(7).randbytes(3_000_000)
    message = read_safely(with_file("a.bin", data), Limits(seconds=0.0))
    assert body_of(message) == "We need 5,000 EUR"
    assert message.subject == "Limit"
    assert reasons(message) == ["not opened: stopped after 0 seconds"]
    assert any("stopped after 0 seconds" in note for note in message.notes)


@pytest.mark.slow
def test_a_hundred_megabytes_stay_within_memory() -> None:
    """A huge mail is read to the limit, in a worker that may not grow without bound; its digest is that of all bytes."""
    import hashlib

    raw = with_file("a.bin", random.Random(1).randbytes(70_000_000))
    message = read_safely(raw)
    assert message.digest == hashlib.sha256(raw).hexdigest()
    assert any("only the first" in note or "stopped" in note for note in message.notes)
