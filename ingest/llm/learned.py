"""Corrected cases as further worked examples: the most alike ones, each only where it passes our own grounding."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

from cases.vocabulary import Intent
from ingest.engine import Hint, ReadingContext
from ingest.grounding import ground
from ingest.llm.answers import FormReader, parse_form
from ingest.llm.examples import example_message
from ingest.llm.render import render
from ingest.llm.schema import RequestForm
from ingest.message import Message

MOST = 2  # examples in one question
LEAST_ALIKE = 55.0  # of 100, by the words that two messages share
_LONGEST = 4_000  # characters of a message that are compared
_MESSAGE_FIELDS = ("policy_number", "policyholder_name", "contact_name", "contact_email", "contact_phone", "needed_by")
_NOBODY = ("Client", "client@client.example")


def learned_messages(message: Message, hints: Sequence[Hint]) -> tuple[tuple[str, str], ...]:
    """(role, text) pairs of the corrected cases most alike the message; none that is not alike at all."""
    examples = [one for one in hints if one.kind == "example"]
    if not examples:
        return ()
    text = "\n".join(part.text for part in message.parts if part.kind in ("subject", "body"))[:_LONGEST]
    rated = [
        (fuzz.token_set_ratio(text, str(one.payload.get("text", ""))[:_LONGEST]), at) for at, one in enumerate(examples)
    ]
    pairs: list[tuple[str, str]] = []
    for score, at in sorted(rated, key=lambda entry: (-entry[0], entry[1])):
        if score < LEAST_ALIKE or len(pairs) >= 2 * MOST:
            break
        pairs.extend(_pair(json.dumps(examples[at].payload, sort_keys=True, ensure_ascii=False)))
    return tuple(pairs)


@lru_cache(maxsize=256)
def _pair(payload: str) -> tuple[tuple[str, str], ...]:
    """Question and answer of one example; empty where a value of it does not stand in its text."""
    kept: dict[str, Any] = json.loads(payload)
    example = {
        "from": _NOBODY,
        "to": "desk@desk.example",
        "subject": kept["subject"],
        "date": kept["date"],
        "text": kept["text"],
    }
    message = example_message(example)
    rendered = render(message, ReadingContext(frozenset({"desk.example"})))
    answer = json.dumps(_answer(kept), ensure_ascii=False)
    read = FormReader(message, rendered.part_names).read(parse_form(answer))
    if ground(read, message).dropped:
        return ()
    return ("user", rendered.text), ("assistant", answer)


def _answer(kept: dict[str, Any]) -> dict[str, Any]:
    """The closed form, filled with the corrected values."""
    subject, values = kept["subject"], kept["values"]

    def said(field: str) -> dict[str, Any] | None:
        value = values.get(field)
        if value is None:
            return None
        quotes = [{"part": 1 if one in subject else 2, "text": one} for one in value["quotes"]]
        return {"value": value["value"], "quotes": quotes}

    request = {field: said(field) for field in RequestForm.model_fields}
    return {
        "intent": {"value": kept["intent"] or Intent.CREDIT_LIMIT_REQUEST.value, "quotes": []},
        "language": kept["language"],
        "speaks_to_the_machine": False,
        **{field: said(field) for field in _MESSAGE_FIELDS},
        "case_references": [],
        "documents": [],
        "requests": [request] if request["request_type"] is not None else [],
    }
