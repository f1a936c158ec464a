"""The closed form that the model fills: every value with its quotes. The JSON schema that is sent is made from it."""

from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from cases.vocabulary import DocumentType, Intent, RequestType

V = TypeVar("V")


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Quote(_Form):
    """Words of the message, character by character, and the number of the part they stand in."""

    part: int
    text: str


class Said(_Form, Generic[V]):
    """A value and the words that say it."""

    value: V
    quotes: list[Quote]


class RequestForm(_Form):
    """One request on one buyer."""

    request_type: Said[RequestType]
    buyer_name: Said[str] | None
    buyer_country: Said[str] | None
    buyer_registration_number: Said[str] | None
    buyer_vat_id: Said[str] | None
    buyer_lei: Said[str] | None
    buyer_duns: Said[str] | None
    amount: Said[float] | None
    currency: Said[str] | None
    current_limit: Said[float] | None
    payment_terms_days: Said[int] | None
    valid_from: Said[str] | None
    valid_until: Said[str] | None
    expected_turnover: Said[float] | None
    overdue_amount: Said[float] | None
    goods: Said[str] | None


class DocumentForm(_Form):
    """The kind of an attached file."""

    type: DocumentType
    filename: str


class TriageForm(_Form):
    """All that the model may say about a message."""

    intent: Said[Intent]
    language: str
    speaks_to_the_machine: bool
    policy_number: Said[str] | None
    policyholder_name: Said[str] | None
    contact_name: Said[str] | None
    contact_email: Said[str] | None
    contact_phone: Said[str] | None
    needed_by: Said[str] | None
    case_references: list[Said[str]]
    documents: list[DocumentForm]
    requests: list[RequestForm]


def exact_amount(value: float) -> Decimal:
    """A JSON number as money, to the cent."""
    return Decimal(str(round(value, 2))).normalize() + 0


def json_schema() -> dict[str, Any]:
    """The schema as structured output wants it: everything required, nothing added, no formats or titles."""
    schema: dict[str, Any] = _plain(TriageForm.model_json_schema())
    return schema


_UNKNOWN_TO_ENDPOINTS = frozenset({"title", "format", "default", "description"})


def _plain(node: Any, names: bool = False) -> Any:
    """The schema without what endpoints refuse; `names`: the keys of this mapping are field names."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _plain(value, names=key in ("properties", "$defs") and not names)
        for key, value in node.items()
        if names or key not in _UNKNOWN_TO_ENDPOINTS
    }
    if not names and kept.get("type") == "object":
        kept["required"] = list(kept.get("properties", {}))
        kept["additionalProperties"] = False
    return kept
