"""What is said of buyers, with the kinds of their requests."""

from collections.abc import Iterator
from typing import Any

from cases.vocabulary import RequestType
from ingest.message import Message
from ingest.rules.request_kinds import MODEL, features
from tests.training.fit import Example, Recipe, example
from tests.training.mails import own, written
from tests.training.requests import told

RECIPE = Recipe(MODEL, [kind.value for kind in RequestType], words=1.5, penalty=1.0)


def examples() -> list[Example]:
    """The requests of all mails."""
    return [*_of(written(), counted=True), *_of(own(), counted=False)]


def _of(mails: Iterator[tuple[Message, dict[str, Any]]], *, counted: bool) -> Iterator[Example]:
    for message, gold in mails:
        for one in told(message, gold["requests"]):
            if kind := one.request["request_type"]:
                yield example(features(one.pieces, one.around), kind, counted=counted)
