"""What the desk keeps of model calls, how many it makes, and what corrected cases add to a question."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.models import ModelCall
from cases.vocabulary import EngineName
from ingest.engine import Hint, ReadingContext
from ingest.llm.client import ModelClient
from ingest.llm.engine import MixedEngine
from ingest.llm.pace import Pace
from ingest.llm.store import DatabaseStore
from ingest.rules.engine import RulesEngine
from tests.cases.desk import stored
from tests.doubles.openai_server import OpenAiServer, Text
from tests.ingest.llm.mails import worked
from tests.ingest.llm.test_failures import CONTEXT, settings_for

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_tokens_cost_and_time_stay_with_the_message(session: Session, sessions: "sessionmaker[Session]") -> None:
    """A call knows its message, the message its tokens and cost, and the day's cap counts what all processes spent."""
    message, answer = worked(0)
    row = stored(session, "mail", digest=message.digest)
    session.commit()
    with OpenAiServer([Text(json.dumps(answer), input_tokens=50_000, output_tokens=1_000)]) as server:
        settings = settings_for(server, day_cap=0.05, price_input=1.0, price_output=2.0)
        first = MixedEngine(RulesEngine(), ModelClient(settings, DatabaseStore(sessions), lambda: NOW))
        assert first.triage(message, CONTEXT).engine is not EngineName.RULES
        other = MixedEngine(RulesEngine(), ModelClient(settings, DatabaseStore(sessions), lambda: NOW))
        assert other.triage(worked(1)[0], CONTEXT).engine is EngineName.RULES
        tomorrow = ModelClient(settings, DatabaseStore(sessions), lambda: NOW + timedelta(days=1))
        assert MixedEngine(RulesEngine(), tomorrow).triage(message, CONTEXT).engine is not EngineName.RULES
        assert server.calls == 1
    session.expire_all()
    assert row.model_tokens == 51_000
    assert row.model_cost == pytest.approx(0.052)
    assert session.scalars(select(ModelCall.message_row_id)).all() == [row.id]


def test_calls_a_minute_are_bounded() -> None:
    """The third call waits for its turn where the deadline allows, and is not made where it does not."""
    now = [0.0]
    pace = Pace(2, lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))
    assert pace.take(25.0)
    assert pace.take(25.0)
    assert not pace.take(25.0)
    assert pace.take(100.0)
    assert now[0] == 60.0


def test_beyond_the_pace_the_rules_answer() -> None:
    """A mail beyond the calls of the minute is read by rules, and the breaker stays closed."""
    with OpenAiServer([Text(json.dumps(worked(0)[1]))]) as server:
        engine = MixedEngine(RulesEngine(), ModelClient(settings_for(server, calls_per_minute=1, cache=False)))
        results = [engine.triage(worked(0)[0], CONTEXT).engine for _ in range(7)]
        assert server.calls == 1
    assert results[1:] == [EngineName.RULES] * 6


EXAMPLE: dict[str, Any] = {
    "subject": "Limit",
    "text": "Please raise the limit on Nordwind GmbH by 40,000 to EUR 100,000.\nTerms 60 days.",
    "date": "2026-03-02T09:00:00+00:00",
    "intent": "credit_limit_request",
    "language": "en",
    "values": {
        "request_type": {"value": "increase", "quotes": ["raise"]},
        "buyer_name": {"value": "Nordwind GmbH", "quotes": ["Nordwind GmbH"]},
        "amount": {"value": 100000, "quotes": ["EUR 100,000"]},
    },
}


@pytest.mark.parametrize("fault", [None, "unlike", "ungrounded"])
def test_corrected_cases_are_shown_by_likeness(fault: str | None) -> None:
    """A like case goes with the question; one that is unlike, or whose values do not stand in its text, does not."""
    message, answer = worked(0)
    like = "\n".join(part.text for part in message.parts if part.kind == "body")[:1500]
    payload = json.loads(json.dumps(EXAMPLE))
    payload["text"] = (
        f"{like}\n{EXAMPLE['text']}" if fault != "unlike" else EXAMPLE["text"].replace("limit", "Xylophon")
    )
    if fault == "unlike":
        payload["text"] = "Xylophon Quartett Nordwind GmbH EUR 100,000 raise"
    if fault == "ungrounded":
        payload["values"]["amount"]["value"] = 999_999
    context = replace(CONTEXT, hints=(Hint("example", payload, "example: CR-2026-000001"),))
    counts = []
    for one in (CONTEXT, context):
        with OpenAiServer([Text(json.dumps(answer))]) as server:
            MixedEngine(RulesEngine(), ModelClient(settings_for(server))).triage(message, one)
            counts.append(len(server.requests[0]["messages"]))
    assert counts[1] - counts[0] == (2 if fault is None else 0)


def test_a_learned_rule_is_told_to_the_model() -> None:
    """The sentence of a rule of the client stands in the question."""
    message, answer = worked(0)
    hint = Hint("default_currency", {"currency": "PLN"}, "amounts of TC-1 without a currency are in PLN")
    with OpenAiServer([Text(json.dumps(answer))]) as server:
        context = ReadingContext(CONTEXT.staff_domains, hints=(hint,))
        MixedEngine(RulesEngine(), ModelClient(settings_for(server))).triage(message, context)
        assert hint.sentence in server.requests[0]["messages"][-1]["content"]
