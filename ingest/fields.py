"""The fields of a triage by path ("policy_number", "contact.email", "requests[0].amount"), and the kind of each."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from cases.understanding import REQUEST_FIELDS, Triage

Kind = Literal[
    "money", "date", "currency", "days", "identifier", "country", "name", "reference", "phone", "email", "choice"
]

KINDS: dict[str, Kind] = {
    "policy_number": "reference",
    "policyholder_name": "name",
    "needed_by": "date",
    "contact.name": "name",
    "contact.email": "email",
    "contact.phone": "phone",
    "request_type": "choice",
    "buyer_name": "name",
    "buyer_country": "country",
    "buyer_registration_number": "identifier",
    "buyer_vat_id": "identifier",
    "buyer_lei": "identifier",
    "buyer_duns": "identifier",
    "amount": "money",
    "currency": "currency",
    "current_limit": "money",
    "payment_terms_days": "days",
    "valid_from": "date",
    "valid_until": "date",
    "expected_turnover": "money",
    "overdue_amount": "money",
    "goods": "name",
    "case_references": "reference",
}
MESSAGE_PATHS = ("policy_number", "policyholder_name", "contact.name", "contact.email", "contact.phone", "needed_by")
_REQUEST = re.compile(r"requests\[(\d+)\]\.(\w+)")
_REFERENCE = re.compile(r"case_references\[(\d+)\]")


@lru_cache(maxsize=8192)
def field_of(path: str) -> str:
    """The name under which `KINDS` lists a path: "requests[2].amount" is "amount"."""
    if match := _REQUEST.fullmatch(path):
        return match[2]
    return "case_references" if path.startswith("case_references") else path


@lru_cache(maxsize=8192)
def request_of(path: str) -> int | None:
    """The index of the request that a path belongs to, or None."""
    match = _REQUEST.fullmatch(path)
    return int(match[1]) if match else None


def read(triage: Triage, path: str) -> object:
    """The value at a path; None where there is none."""
    if match := _REQUEST.fullmatch(path):
        index = int(match[1])
        return getattr(triage.requests[index], match[2], None) if index < len(triage.requests) else None
    if match := _REFERENCE.fullmatch(path):
        index = int(match[1])
        return triage.case_references[index] if index < len(triage.case_references) else None
    if path.startswith("contact."):
        return getattr(triage.contact, path.removeprefix("contact."), None)
    return getattr(triage, path, None)


def write(triage: Triage, path: str, value: object) -> None:
    """Sets the value at the path of a field (not of a list entry), in place."""
    if match := _REQUEST.fullmatch(path):
        setattr(triage.requests[int(match[1])], match[2], value)
    elif path.startswith("contact."):
        setattr(triage.contact, path.removeprefix("contact."), value)
    else:
        setattr(triage, path, value)


def paths(triage: Triage) -> Iterator[str]:
    """The paths of all values that must be shown to stand in the message."""
    for path in MESSAGE_PATHS:
        if read(triage, path) is not None:
            yield path
    for index in range(len(triage.case_references)):
        yield f"case_references[{index}]"
    for index, request in enumerate(triage.requests):
        for name in REQUEST_FIELDS:
            if getattr(request, name) is not None:
                yield f"requests[{index}].{name}"


def moved(path: str, indexes: dict[int, int], name: str) -> str | None:
    """The path after list entries were removed: `indexes` maps old to new ones; None where the entry is gone."""
    pattern = re.compile(rf"{name}\[(\d+)\](.*)")
    match = pattern.fullmatch(path)
    if match is None:
        return path
    new = indexes.get(int(match[1]))
    return None if new is None else f"{name}[{new}]{match[2]}"


def shown(value: object) -> str:
    """A value as text, as it stands in `Evidence.value` and `Dropped.value`."""
    from datetime import date
    from decimal import Decimal

    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(getattr(value, "value", value))
