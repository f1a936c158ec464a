"""Trust in a value, from signals that can be checked: never from what a model says of itself.

Each signal multiplies the chance of error that is left; the factors are in `trust.json` and were set on data.
"""

import json
from functools import cache
from pathlib import Path

import regex

from cases.understanding import Evidence, Triage
from cases.vocabulary import EngineName
from ingest.fields import KINDS, field_of, read
from ingest.message import Message
from ingest.values.identifiers import vat_is_valid
from ingest.values.money import find_money

_FACTORS = Path(__file__).with_name("trust.json")


@cache
def factors() -> dict[str, float]:
    """Signal → what it makes of the chance of error."""
    loaded: dict[str, float] = json.loads(_FACTORS.read_text(encoding="utf-8"))
    return loaded


def rate(triage: Triage, message: Message) -> Triage:
    """A copy of the triage whose evidence carries its trust (0 to 1)."""
    rated = triage.model_copy(deep=True)
    disputed = {one.path for one in triage.disagreements}
    rated.evidence = [
        one.model_copy(update={"trust": round(1 - _error(one, triage, message, one.path in disputed), 4)})
        for one in triage.evidence
    ]
    return rated


def signals(evidence: Evidence, triage: Triage, message: Message, disputed: bool) -> list[str]:
    """The names of the signals that hold for a value."""
    name = field_of(evidence.path)
    value = read(triage, evidence.path)
    held: list[str] = [evidence.how]
    part = next((one for one in message.parts if one.name == evidence.part), None)
    if evidence.engine is EngineName.MIXED:
        held.append("both engines agree")
    if disputed:
        held.append("engines disagree")
    if part is not None and _labelled(part.text, evidence.start):
        held.append("label before it")
    if name == "buyer_vat_id" and value is not None:
        held.append(
            {True: "check digits right", False: "check digits wrong", None: "no check digits"}[vat_is_valid(str(value))]
        )
    if name in ("buyer_lei", "buyer_duns"):
        held.append("own format")
    if part is not None and name in KINDS and KINDS[name] == "money" and len(find_money(part.text)) == 1:
        held.append("only amount")
    if _quoted(message, evidence):
        held.append("in quoted text")
    if triage.warnings:
        held.append("message gives orders")
    if len(triage.requests) > 3:
        held.append("many requests")
    return held


def _error(evidence: Evidence, triage: Triage, message: Message, disputed: bool) -> float:
    table = factors()
    error = table["start"]
    for signal in signals(evidence, triage, message, disputed):
        error *= table.get(signal, 1.0)
    return min(1.0, error)


def _labelled(text: str, at: int) -> bool:
    """Whether "Label:" or a cell border stands right before the value."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return regex.search(r"\p{L}[\p{L} ./()-]{1,40}[:=|\t]\s*$", line) is not None


def _quoted(message: Message, evidence: Evidence) -> bool:
    names = [part.name for part in message.parts]
    if evidence.part not in names:
        return False
    index = names.index(evidence.part)
    return any(
        span.part == index and span.start <= evidence.start < span.end
        for letter in message.letters
        if letter.kind == "quoted"
        for span in letter.body
    )
