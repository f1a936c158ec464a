"""The evaluation sets beside the project, where they are present: figures that must hold."""

import json
from typing import Any

import pytest

from ingest.message import Letter, Message
from ingest.reading import read_message
from tests.ingest.reading.mails import SHARED, check_offsets, mail

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the evaluation folder beside the project is not here")


def records(name: str) -> list[dict[str, Any]]:
    path = SHARED / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def test_malformed_mails_are_read() -> None:
    """Every malformed mail gives a message with right places."""
    files = sorted((SHARED / "mime-torture" / "eml").glob("*"))
    for file in files:
        check_offsets(read_message(file.read_bytes()))
    assert files


def first_address(value: Any) -> tuple[str, str]:
    found = (value or {}).get("Address") if isinstance(value, dict) else None
    people = (found or {}).get("List") or [p for group in (found or {}).get("Group") or [] for p in group["addresses"]]
    return ((people[0].get("name") or ""), (people[0].get("address") or "").lower()) if people else ("", "")


def test_subjects_and_senders_of_malformed_mails() -> None:
    """Subject and sender equal the expected ones in at least 95 % of the files that have them."""
    right, total = 0, 0
    for path in sorted((SHARED / "mime-torture" / "expected").glob("*.json")):
        raw = (SHARED / "mime-torture" / "eml" / path.name.replace(".expected.json", ".eml")).read_bytes()
        fields = {
            f["name"]: f["value"]
            for f in json.loads(path.read_text(encoding="utf-8"))["parts"][0]["headers"]
            if isinstance(f["name"], str)
        }
        message = read_message(raw)
        subject = fields.get("subject")
        wanted = (subject.get("Text") if isinstance(subject, dict) else subject) or ""
        have = (message.sender.name, message.sender.address) if message.sender else ("", "")
        right += message.subject == wanted and have == first_address(fields.get("from"))
        total += 1
    assert right >= 0.95 * total


def test_forwards_of_many_clients() -> None:
    """The original sender and subject are found in at least 98 % of forwards, and no reply is taken for one."""
    right, total = 0, 0
    for record in records("thread-forward/forwards.jsonl"):
        raw = mail(record["body_text"], " ".join((record.get("outer_subject") or "Fwd").split()))
        found = [letter for letter in read_message(raw).letters if letter.kind == "forwarded"]
        want = record["expected"]
        if want.get("forwarded") is False:
            assert not found, record["id"]
            continue
        total += 1
        right += bool(found) and same_mail(found[0], want)
    assert right >= 0.98 * total


def same_mail(letter: Letter, want: dict[str, Any]) -> bool:
    sender = want.get("from") or {}
    if letter.sender is None or (letter.subject or "").split() != (want.get("subject") or "").split():
        return False
    return (
        letter.sender.address == sender["address"]
        if sender.get("address")
        else letter.sender.name == sender.get("name")
    )


def newest(message: Message) -> list[str]:
    """The newest text: what the author wrote, with as much of the signature as one likes to keep."""
    letter = message.letters[0]
    texts = []
    for kept in range(len(letter.signature) + 1):
        spans = sorted((*letter.body, *letter.signature[:kept]), key=lambda span: span.start)
        texts.append(" ".join(" ".join(message.text_of(span) for span in spans).split()))
    return texts


def test_newest_text_of_replies() -> None:
    """The newest text equals the expected one in at least 85 % of replies."""
    right, total = 0, 0
    for record in records("thread-reply/talon.jsonl") + records("thread-reply/reply_trimmer.jsonl"):
        if "expected_signature" in record:
            continue
        raw = (
            record["eml"].encode()
            if record.get("eml")
            else mail(record.get("body_text", ""), "Re: x", html=record.get("html", ""))
        )
        texts = newest(read_message(raw))
        if record.get("expected_reply") is not None:
            right += " ".join(record["expected_reply"].split()) in texts
        else:
            right += "".join(record["expected_reply_compact"].split()) in ["".join(text.split()) for text in texts]
        total += 1
    assert right >= 0.85 * total


def test_replies_without_gold_are_never_empty() -> None:
    """Bodies of other projects are read, and text at the top is never lost."""
    for record in records("thread-reply/reply_bodies_nogold.jsonl"):
        message = read_message(mail(record.get("body_text") or record.get("body") or "", "Re: x"))
        check_offsets(message)
        text = message.parts[1].text.lstrip()
        if text and not text.startswith((">", "On ")):
            assert message.letters[0].body or message.letters[0].signature, record.get("id")
