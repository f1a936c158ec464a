"""Labelled requests beside the stretches of their mail that speak of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.engine import ReadingContext
from ingest.message import Message
from ingest.rules.buyers import name_key
from ingest.rules.extraction import buyers_told
from ingest.rules.material import Passage, lay_out
from ingest.rules.policyholder import parties
from ingest.rules.segments import portion
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
    letters = [passage for passage in material.body if passage.text.strip()]
    buyers = buyers_told(material, letters, parties(material, Sources(material, ()).general).own)
    if not buyers:
        if len(requests) == 1:
            yield Told(requests[0], letters, material.subject)
        return
    shares = portion(letters, buyers)
    around = [*shares.common, *material.subject]
    wanted = {name_key(request["buyer_name"] or ""): request for request in requests}
    alone = requests[0] if len(buyers) == len(requests) == 1 else None
    for buyer, pieces in zip(buyers, shares.own, strict=True):
        if request := alone or wanted.get(name_key(buyer.name)):
            yield Told(request, pieces, around)
