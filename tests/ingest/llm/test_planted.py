"""A model that mixes inventions into right answers, on real mails and through the whole engine: none comes out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cases.understanding import Triage
from ingest.engine import ReadingContext
from ingest.fields import paths, read
from ingest.llm.client import ModelClient
from ingest.llm.engine import MixedEngine
from ingest.llm.schema import RequestForm
from ingest.message import Message
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine
from tests.doubles.openai_server import OpenAiServer, Text
from tests.ingest.llm.mails import INVENTED
from tests.ingest.llm.test_failures import settings_for

MAILS = sorted((Path(__file__).parents[2] / "evaluation_set" / "eml").glob("*.eml"))
MESSAGE = {"policy_number": "TC-000001", "policyholder_name": "Phantom Imports GmbH", "needed_by": "2041-02-03"}
RULES = RulesEngine()


def form_of(triage: Triage, message: Message, share: int) -> dict[str, Any]:
    """The closed form as the rules would fill it, with every `share`-th value an invention under real quotes."""
    numbers = {part.name: at + 1 for at, part in enumerate(message.parts)}
    turn = iter(range(1_000_000))

    def said(path: str, invention: object) -> dict[str, Any] | None:
        value = read(triage, path)
        invents = next(turn) % share == 0
        if value is None and not invents:
            return None
        found = [one for one in triage.evidence if one.path == path] or triage.evidence[:1]
        quotes = [{"part": numbers[one.part], "text": one.quote} for one in found]
        kept = json.loads(json.dumps(value, default=lambda v: float(v) if hasattr(v, "quantize") else str(v)))
        return {"value": invention if invents or kept is None else kept, "quotes": quotes}

    requests = []
    for at, request in enumerate(triage.requests):
        filled = {
            name: said(f"requests[{at}].{name}", INVENTED.get(name))
            for name in RequestForm.model_fields
            if name != "request_type"
        }
        kind: dict[str, Any] = {"value": request.request_type.value if request.request_type else "new", "quotes": []}
        requests.append({"request_type": kind, **filled})
    return {
        "intent": {"value": triage.intent.value, "quotes": []},
        "language": triage.language or "en",
        "speaks_to_the_machine": False,
        **{name: said(name, invention) for name, invention in MESSAGE.items()},
        "contact_name": None,
        "contact_email": None,
        "contact_phone": None,
        "case_references": [],
        "documents": [],
        "requests": requests,
    }


def kept_inventions(mails: list[Path], share: int) -> Iterator[tuple[str, str, object]]:
    """The inventions that came out, by mail and path."""
    inventions = {str(value) for value in (*INVENTED.values(), *MESSAGE.values())}
    with OpenAiServer([Text("{}")]) as server:
        engine = MixedEngine(RULES, ModelClient(settings_for(server, timeout=25.0, breaker=False, calls_per_minute=0)))
        for mail in mails:
            message = read_message(mail.read_bytes())
            plain = RULES.triage(message, ReadingContext())
            server.script([Text(json.dumps(form_of(plain, message, share)))])
            triage = engine.triage(message, ReadingContext())
            for path in paths(triage):
                value = read(triage, path)
                if str(value) in inventions and value != read(plain, path):
                    yield mail.stem, path, value


def test_no_planted_invention_comes_out() -> None:
    """Every fourth value invented, on every eighth mail of our own set."""
    assert list(kept_inventions(MAILS[::8], 4)) == []


@pytest.mark.slow
@pytest.mark.parametrize("share", [2, 5])
def test_no_planted_invention_comes_out_of_any_mail(share: int) -> None:
    """Every second or fifth value invented, on all mails of our own set."""
    assert list(kept_inventions(MAILS, share)) == []
