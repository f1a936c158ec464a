"""Trust in a value, from signals that can be checked: never from what a model says of itself.

The signals sort each value into a grade; how far a grade can be trusted was counted on mails with known right output,
as the rules read them before they had been worked over for these mails (`trust.json`: right and all values of each
grade, for the fields that decide and for the rest). The share is Laplace's, so that few values never give much trust.
`make eval` counts again. On mails by authors who had seen none of these, about .95 of single values of the best grade were
right: what passes unasked must hold in several values and checks at once (`cases/filing/progress.py`).
"""

import json
from collections.abc import Collection
from functools import cache
from pathlib import Path

from cases.understanding import Triage
from cases.vocabulary import EngineName
from ingest.fields import KINDS, field_of
from ingest.message import Message
from ingest.signals import Look

_COUNTS = Path(__file__).with_name("trust.json")
PLAIN, LIKELY, DOUBTFUL = "plain", "likely", "doubtful"
_ALWAYS_DOUBTFUL = frozenset(
    {
        "in quoted text",
        "engines disagree",
        "message gives orders",
        "buyer's name is odd",
        "check digits wrong",
        "odd for a name",
        "aligned",
        "hardly this reading",
        "said of today",
    }
)
_LEFT_OVER = frozenset({"amounts left over", "companies left over"})
_AGREEMENT = 0.25  # what is left of the chance of error where rules and model read the same
_MODEL_ALONE = 2.0  # and where the model alone gives the value


KEY_FIELDS = frozenset({"request_type", "buyer_name", "amount", "currency"})


@cache
def trust_in(field: str, grade: str) -> float:
    """Laplace's share of right values in a grade."""
    loaded: dict[str, dict[str, dict[str, int]]] = json.loads(_COUNTS.read_text(encoding="utf-8"))
    counts = loaded["key" if field in KEY_FIELDS else "other"][grade]
    return (counts["right"] + 1) / (counts["all"] + 2)


def rate(triage: Triage, message: Message) -> Triage:
    """The triage, each piece of its evidence with its trust (0 to 1) written into it."""
    look = Look(message, triage)
    for one in triage.evidence:
        field = field_of(one.path)
        error = 1 - trust_in(field, grade_of(field, look.of(one)) if field in KINDS else LIKELY)
        if one.engine is EngineName.MIXED:
            error *= _AGREEMENT
        elif one.engine is EngineName.LLM:
            error *= _MODEL_ALONE
        one.trust = round(max(0.0, 1 - error), 4)
    return triage


def grade_of(field: str, signals: Collection[str]) -> str:
    """The grade of a value by the signals that hold for it."""
    held = set(signals)
    if held & _ALWAYS_DOUBTFUL:
        return DOUBTFUL
    if held & {"learned", "other readings", "contested decision", "no end is named"}:
        return LIKELY
    match field:
        case "amount":
            return _amount(held)
        case "request_type":
            return _request_type(held)
        case "currency":
            sure = "exact" in held and not held & {"sign of several currencies"}
            return PLAIN if sure and "only currency" in held else LIKELY if sure else DOUBTFUL
        case "buyer_name" | "policyholder_name":
            return PLAIN if {"exact", "has its legal form"} <= held else LIKELY
        case "buyer_vat_id" | "buyer_lei" | "buyer_duns":
            return PLAIN if "exact" in held and held & {"check digits right", "own format"} else LIKELY
    if "derived" in held:
        return DOUBTFUL
    return PLAIN if "beside its label" in held else LIKELY


def _amount(held: set[str]) -> str:
    if held & (_LEFT_OVER | {"kind and figures differ", "text computes", "many requests"}) or "derived" in held:
        return DOUBTFUL if held & {"kind and figures differ", "text computes"} else LIKELY
    if "beside its label" in held or {"asked for", "currency beside it"} <= held:
        return PLAIN
    return LIKELY


def _request_type(held: set[str]) -> str:
    if held & {"kind and figures differ", "text computes"}:
        return DOUBTFUL
    if "derived" in held or held & (_LEFT_OVER | {"many requests"}):
        return LIKELY
    return PLAIN if held & {"only kind said", "beside its label"} else LIKELY
