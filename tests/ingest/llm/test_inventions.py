"""A model that invents: whatever it claims, with whatever quotes, no invented value is kept."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import ReadingContext
from ingest.fields import paths, read
from ingest.grounding import ground
from ingest.llm.answers import FormReader, parse_form
from ingest.llm.render import render
from tests.ingest.llm.mails import worked

NAMES = st.sampled_from(
    ["Phantom Imports GmbH", "Ghost & Sons Ltd", "幽霊株式会社", "Néant SARL", "X", "e\u0301toile AG"]
)
INVENTIONS: dict[str, st.SearchStrategy[Any]] = {
    "buyer_name": NAMES,
    "buyer_country": st.sampled_from(["BR", "JP", "KE", "AU"]),
    "buyer_registration_number": st.sampled_from(["HRB 99881", "77001122", "FN 998877x"]),
    "buyer_vat_id": st.sampled_from(["DE999999999", "FR00999999999", "SK0000000000"]),
    "buyer_lei": st.just("529900T8BM49AURSDO55"),
    "buyer_duns": st.sampled_from(["999888777", "123123123"]),
    "amount": st.sampled_from([7_777_777, 1_234_567, 90_001.5]),
    "currency": st.sampled_from(["JPY", "BRL", "KES"]),
    "current_limit": st.sampled_from([7_777_778, 33_331]),
    "payment_terms_days": st.sampled_from([77, 123, 365]),
    "valid_from": st.just("2041-03-07"),
    "valid_until": st.sampled_from(["2041-03-08", "1999-01-01"]),
    "expected_turnover": st.sampled_from([9_999_991, 123_457]),
    "overdue_amount": st.sampled_from([55_551]),
    "goods": st.sampled_from(["moon dust", "dark matter", "étoiles"]),
}
MESSAGE_INVENTIONS: dict[str, st.SearchStrategy[Any]] = {
    "policy_number": st.sampled_from(["TC-000001", "XX"]),
    "policyholder_name": NAMES,
    "contact_name": st.sampled_from(["Nobody Nowhere", "Ann Other"]),
    "contact_email": st.just("nobody@nowhere.example"),
    "contact_phone": st.sampled_from(["+10000000000", "999"]),
    "needed_by": st.just("2041-02-03"),
}


@st.composite
def quotes_for(draw: st.DrawFn, texts: list[str], value: object) -> list[dict[str, Any]]:
    """Real words of the message, words that are not in it, or the invention itself, with right and wrong part numbers."""
    made: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(min_value=0, max_value=3))):
        part = draw(st.integers(min_value=-1, max_value=len(texts) + 2))
        text = draw(st.sampled_from(texts))
        start = draw(st.integers(min_value=0, max_value=max(0, len(text) - 1)))
        end = start + draw(st.integers(min_value=0, max_value=60))
        words = draw(st.sampled_from([text[start:end], str(value), "double", "in thousands", "", "🙂"]))
        made.append({"part": part, "text": words})
    return made


@settings(max_examples=25)
@given(st.sampled_from([0, 1]), st.data())
def test_nothing_invented_is_kept(index: int, data: st.DataObject) -> None:
    """Every value invented, with any quotes: none is kept."""
    invent_everything(index, data)


@pytest.mark.slow
@settings(max_examples=400)
@given(st.sampled_from([0, 1]), st.data())
def test_nothing_invented_is_kept_in_four_hundred_answers(index: int, data: st.DataObject) -> None:
    """The same at length."""
    invent_everything(index, data)


def invent_everything(index: int, data: st.DataObject) -> None:
    """Lets a model answer with inventions alone and checks that grounding leaves none of them."""
    message, answer = worked(index)
    texts = [part.text for part in message.parts]
    for request in answer["requests"]:
        for name, strategy in INVENTIONS.items():
            value = data.draw(strategy)
            request[name] = {"value": value, "quotes": data.draw(quotes_for(texts, value))}
    for name, strategy in MESSAGE_INVENTIONS.items():
        value = data.draw(strategy)
        answer[name] = {"value": value, "quotes": data.draw(quotes_for(texts, value))}
    triage = FormReader(message, render(message, ReadingContext()).part_names).read(parse_form(json.dumps(answer)))
    grounded = ground(triage, message)
    kept = [
        path for path in paths(grounded) if not path.startswith("case_references") and not path.endswith("request_type")
    ]
    assert [(path, read(grounded, path)) for path in kept] == []
    by_name = {part.name: part.text for part in message.parts}
    assert all(by_name[one.part][one.start : one.end] == one.quote for one in grounded.evidence)
