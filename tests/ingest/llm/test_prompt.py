"""The prompt's worked examples hold under our own grounding, and the form that is sent is closed."""

import json
from typing import Any

import pytest

from cases.vocabulary import DocumentType, Intent, RequestType
from ingest.engine import ReadingContext
from ingest.fields import paths, read
from ingest.grounding import ground
from ingest.llm.answers import FormReader, parse_form
from ingest.llm.render import render
from ingest.llm.schema import json_schema
from prompts.loader import load_examples, load_prompt
from tests.ingest.llm.mails import worked


@pytest.mark.parametrize("index", range(len(load_examples("triage"))))
def test_every_example_passes_grounding(index: int) -> None:
    """No value of an example's answer is dropped."""
    message, answer = worked(index)
    names = render(message, ReadingContext()).part_names
    triage = FormReader(message, names).read(parse_form(json.dumps(answer)))
    grounded = ground(triage, message)
    assert grounded.dropped == []
    assert [read(grounded, path) for path in paths(grounded)] == [read(triage, path) for path in paths(triage)]


def test_the_form_can_not_be_widened() -> None:
    """Every object of the schema lists all its fields as required and allows no other."""
    objects: list[dict[str, Any]] = [json_schema(), *json_schema()["$defs"].values()]
    for one in objects:
        if one.get("type") == "object":
            assert one["additionalProperties"] is False
            assert sorted(one["required"]) == sorted(one["properties"])


def test_the_prompt_names_every_choice() -> None:
    """All intents, request types and kinds of documents stand in the prompt."""
    text = load_prompt("triage").text
    for choice in [*Intent, *RequestType, *DocumentType]:
        assert f"`{choice.value}`" in text


def test_a_long_message_is_cut_by_relevance() -> None:
    """The client's words and the table's head stay; the disclaimer goes; each gap says so."""
    message, _ = worked(0)
    rendered = render(message, ReadingContext(), budget=700)
    assert "Please raise it by 40,000" in rendered.text
    assert "characters left out" in rendered.text
    assert rendered.left_out > 0
    assert len(rendered.text) < 2500
