"""Dates in their sentences, with the roles that the labels of the mail give them."""

from collections.abc import Iterator
from typing import Any

from ingest.engine import ReadingContext
from ingest.message import Message
from ingest.rules.date_roles import MODEL, features
from ingest.rules.material import lay_out
from ingest.rules.needs import dates_told
from ingest.values.dates import DateFound
from tests.training.fit import Example, Recipe, example
from tests.training.mails import own, written

RECIPE = Recipe(MODEL, ["needed_by", "valid_from", "valid_until", "other"], words=2.0, penalty=1.0)


def examples() -> list[Example]:
    """The dates of all mails."""
    return [*_of(written(), counted=True), *_of(own(), counted=False)]


def _of(mails: Iterator[tuple[Message, dict[str, Any]]], *, counted: bool) -> Iterator[Example]:
    for message, gold in mails:
        if gold["intent"] in ("auto_reply", "unrelated"):
            continue
        material = lay_out(message, ReadingContext())
        for place, need in dates_told([*material.body, *material.subject[:1]]):
            yield example(features(place, need), _role(place.dates[place.index], gold), counted=counted)


def _role(one: DateFound, gold: dict[str, Any]) -> str:
    days = {one.value.isoformat(), one.first.isoformat()}
    if gold["needed_by"] in days:
        return "needed_by"
    for name in ("valid_until", "valid_from"):
        if any(request.get(name) in days for request in gold["requests"]):
            return name
    return "other"
