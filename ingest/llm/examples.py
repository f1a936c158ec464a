"""The worked examples of the triage prompt, as the pairs of question and answer that the model sees."""

import hashlib
import json
from datetime import datetime
from functools import cache
from typing import Any

from ingest.engine import ReadingContext
from ingest.llm.render import render
from ingest.message import Address, FileInfo, Letter, Message, Part, Span
from prompts.loader import load_examples


def example_message(example: dict[str, Any]) -> Message:
    """The message of an example file: subject, sender, date, text, forwarded letter and attachments as plain keys."""
    sender = Address(*example["from"])
    to = (Address("Credit Desk", example["to"]),)
    written = datetime.fromisoformat(example["date"])
    parts = [Part("subject", "subject", example["subject"]), Part("body", "body", example["text"])]
    parts.append(Part("header", "header", f"From: {sender.name} <{sender.address}>\nDate: {example['date']}"))
    letters = [Letter("outer", 0, sender, to, example["subject"], written, (Span(1, 0, _outer_end(example)),))]
    if inner := example.get("forwarded"):
        span = Span(1, example["text"].index(inner["begins"]), len(example["text"]))
        inner_date = datetime.fromisoformat(inner["date"])
        letters.append(Letter("forwarded", 1, Address(*inner["from"]), (sender,), None, inner_date, (span,)))
    files: list[FileInfo] = []
    for attached in example.get("attachments", ()):
        parts.append(Part(f"attachment: {attached['filename']}", "attachment", attached["text"], len(files)))
        digest = hashlib.sha256(attached["text"].encode()).hexdigest()
        size = len(attached["text"])
        files.append(FileInfo(attached["filename"], attached["media_type"], size, digest, False, len(parts) - 1))
    digest = hashlib.sha256(json.dumps(example, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return Message(
        digest, None, (), example["subject"], sender, None, to, (), written, {}, tuple(parts), tuple(letters),
        attachments=tuple(files),
    )  # fmt: skip


def _outer_end(example: dict[str, Any]) -> int:
    inner = example.get("forwarded")
    return example["text"].index(inner["begins"]) if inner else len(example["text"])


@cache
def example_messages() -> tuple[tuple[str, str], ...]:
    """(role, text) pairs: each example's message and its right answer."""
    pairs: list[tuple[str, str]] = []
    for example in load_examples("triage"):
        question = render(example_message(example), ReadingContext(frozenset({example["to"].rpartition("@")[2]})))
        pairs.append(("user", question.text))
        pairs.append(("assistant", json.dumps(example["answer"], ensure_ascii=False)))
    return tuple(pairs)
