"""Labelled requests beside the stretches of their mail that speak of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.engine import ReadingContext
from ingest.message import Message
from ingest.rules.buyers import name_key
from ingest.rules.extraction import told_of_each
from ingest.rules.material import Passage, lay_out
from ingest.rules.policyholder import parties
from ingest.rules.sources import Sources


@dataclass(frozen=True, slots=True)
class Told:
    """A request, what is said of its buyer, and what is said beside it."""

    request: dict[str, Any]
    pieces: list[Passage]
    around: list[Passage]


def told(message: Message, requests: list[dict[str, Any]]) -> Iterator[Told]:
    """The requests whose buyers the rules find."""
    if not requests:
        return
    material = lay_out(message, ReadingContext())
    found = told_of_each(material, parties(material, Sources(material, ()).general).own)
    if len(found) == len(requests) == 1:
        yield Told(requests[0], found[0].pieces, found[0].around)
        return
    wanted = {name_key(request["buyer_name"] or ""): request for request in requests}
    for one in found:
        if request := wanted.get(name_key(one.buyer)):
            yield Told(request, one.pieces, one.around)
