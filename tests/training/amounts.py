"""Amounts in their sentences, with the roles that the labels of the mail give them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ingest.message import Message
from ingest.rules.amounts import amounts_seen
from ingest.rules.sum_roles import MODEL
from tests.training.fit import Example, Recipe, example
from tests.training.mails import own, written
from tests.training.requests import told

RECIPE = Recipe(MODEL, ["amount", "current", "turnover", "delta", "other"], words=1.5, penalty=1.0)
_FIELDS = {"amount": "amount", "current_limit": "current", "expected_turnover": "turnover"}
_PARTS_OF_A_YEAR = (1, 2, 4, 12, 52)


def examples() -> list[Example]:
    """The amounts of all mails that hold requests; what is one thing for one buyer and another for the next is left out."""
    return [*_of(written(), counted=True), *_of(own(), counted=False)]


def _of(mails: Iterator[tuple[Message, dict[str, Any]]], *, counted: bool) -> Iterator[Example]:
    for message, gold in mails:
        for one in told(message, gold["requests"]):
            for seen in amounts_seen(one.pieces):
                roles = _roles(seen.found.amount, one.request)
                if len(roles) <= 1:
                    yield example(seen.features, next(iter(roles), "other"), counted=counted)


def _roles(amount: Decimal, request: dict[str, Any]) -> set[str]:
    """What an amount is in a request; the amount of a renewal is that of today."""
    values = {role: Decimal(str(request[field])) for field, role in _FIELDS.items() if request.get(field)}
    if request["request_type"] == "renewal" and "current" in values:
        values.pop("amount", None)
    roles = {role for role, value in values.items() if value == amount}
    if "turnover" in values and any(amount * part == values["turnover"] for part in _PARTS_OF_A_YEAR):
        roles.add("turnover")
    if "amount" in values and "current" in values and abs(values["amount"] - values["current"]) == amount:
        roles.add("delta")
    if "delta" in roles and len(roles) > 1:
        roles.discard("delta")  # 50 from 50 to 100: told as a figure of today or the one asked for
    return roles
