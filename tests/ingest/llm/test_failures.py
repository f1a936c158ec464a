"""Every way in which a model can fail ends in the rules' triage, in time, with at most two calls."""

import json
import time
from datetime import UTC, datetime

import pytest

from cases.vocabulary import EngineName
from config.errors import DeskError
from config.settings import LlmSettings, Settings
from ingest.engine import ReadingContext
from ingest.engines import choose_engine
from ingest.fields import paths, read
from ingest.llm.breaker import Breaker
from ingest.llm.client import ModelClient
from ingest.llm.engine import MixedEngine
from ingest.llm.store import MemoryStore
from ingest.rules.engine import RulesEngine
from tests.doubles.openai_server import Failure, OpenAiServer, Raw, Refusal, Reply, Silence, Text
from tests.ingest.llm.mails import invented_answer, worked

CONTEXT = ReadingContext(frozenset({"desk.example"}))


def settings_for(server: OpenAiServer, **limits: object) -> Settings:
    """Settings that point at the scripted endpoint."""
    llm = LlmSettings.model_validate({"timeout": 6.0} | limits)
    return Settings.model_validate({"openai_base_url": server.url, "model": "scripted", "llm": llm})


def nonsense(index: int) -> str:
    """A form that fits the schema and whose every quote is made up."""
    _, answer = worked(index)
    for said in [*answer["requests"][0].values(), *answer.values()]:
        if isinstance(said, dict) and "quotes" in said:
            said["quotes"] = [{"part": 2, "text": "the moon is made of green cheese"}]
    return json.dumps(answer)


_, GOOD = worked(0)
FAILURES: dict[str, tuple[list[Reply], int]] = {
    "500": ([Failure(500)], 2),
    "401": ([Failure(401)], 1),
    "429 with Retry-After beyond the budget": ([Failure(429, {"retry-after": "30"})], 1),
    "429 twice": ([Failure(429, {"retry-after": "1"})], 2),
    "cut JSON": ([Text(json.dumps(GOOD)[:300])], 1),
    "cut by length": ([Text(json.dumps(GOOD)[:300], finish="length")], 1),
    "prose": ([Text("Of course! Here is what I found in the mail.")], 1),
    "JSON of another form": ([Text('{"intent": "credit_limit_request"}')], 1),
    "a wider list than ours": ([Text(json.dumps(GOOD | {"intent": {"value": "approve_all", "quotes": []}}))], 1),
    "valid nonsense": ([Text(nonsense(0))], 1),
    "refusal": ([Refusal()], 1),
    "ten times the tokens": ([Text("x" * 400_000, output_tokens=80_000)], 1),
    "no JSON at all": ([Raw(b"<html>bad gateway</html>", "text/html")], 1),
    "empty": ([Text("")], 1),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_model_leaves_the_rules_triage(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """The answer is the rules' own, it says so, and one line of warning tells why."""
    script, calls = FAILURES[name]
    message, _ = worked(0)
    with OpenAiServer(script) as server:
        engine = MixedEngine(RulesEngine(), ModelClient(settings_for(server)))
        started = time.monotonic()
        triage = engine.triage(message, CONTEXT)
        assert time.monotonic() - started < 30
        assert server.calls == calls
    by_rules = RulesEngine().triage(message, CONTEXT)
    assert triage.engine is EngineName.RULES
    assert [read(triage, path) for path in paths(triage)] == [read(by_rules, path) for path in paths(by_rules)]
    assert any("rules alone" in one for one in triage.warnings)
    assert len([one for one in caplog.records if one.name.startswith("ingest.llm")]) == 1


def test_silence_ends_at_the_time_limit() -> None:
    """An endpoint that says nothing costs the time limit once, not twice, and the rules answer."""
    message, _ = worked(0)
    with OpenAiServer([Silence(60)]) as server:
        engine = MixedEngine(RulesEngine(), ModelClient(settings_for(server, timeout=2.0)))
        started = time.monotonic()
        assert engine.triage(message, CONTEXT).engine is EngineName.RULES
        assert time.monotonic() - started < 10
        assert server.calls == 1


def test_an_endpoint_that_is_not_there_leaves_the_rules() -> None:
    """A closed port is tried at most twice and then the rules answer."""
    message, _ = worked(0)
    server = OpenAiServer([Failure(500)])
    with server:
        settings = settings_for(server)
    engine = MixedEngine(RulesEngine(), ModelClient(settings))
    assert engine.triage(message, CONTEXT).engine is EngineName.RULES


def test_a_second_call_after_a_passing_fault_is_used() -> None:
    """After a 503 the second call's answer counts."""
    message, answer = worked(0)
    with OpenAiServer([Failure(503), Text(json.dumps(answer))]) as server:
        engine = MixedEngine(RulesEngine(), ModelClient(settings_for(server)))
        triage = engine.triage(message, CONTEXT)
        assert server.calls == 2
    assert triage.engine in (EngineName.LLM, EngineName.MIXED)
    assert str(triage.requests[0].amount) == "100000"


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("share", [1, 2, 3])
def test_invented_values_are_never_kept(index: int, share: int) -> None:
    """Values that the quotes do not give are dropped and listed; none comes out."""
    message, answer = worked(index)
    planted = invented_answer(answer, share)
    inventions = {
        str(v)
        for v in ("Phantom Imports GmbH", "BR", "DE999999999", "777777", "333333", "JPY", "77", "123123", "moon dust")
    }
    with OpenAiServer([Text(json.dumps(planted))]) as server:
        triage = MixedEngine(RulesEngine(), ModelClient(settings_for(server))).triage(message, CONTEXT)
    assert not inventions & {str(read(triage, path)) for path in paths(triage)}
    texts = {part.name: part.text for part in message.parts}
    assert all(texts[one.part][one.start : one.end] == one.quote for one in triage.evidence)


def test_the_breaker_opens_after_five_failures_and_probes_after_a_minute() -> None:
    """Five failures stop the calls; a minute later one probe goes out, and its success closes the breaker."""
    message, answer = worked(0)
    now = [0.0]
    with OpenAiServer([Failure(500)]) as server:
        client = ModelClient(settings_for(server, cache=False), breaker=Breaker(clock=lambda: now[0]))
        engine = MixedEngine(RulesEngine(), client)
        for _ in range(7):
            engine.triage(message, CONTEXT)
        assert server.calls == 10
        now[0] = 61.0
        server.script([Text(json.dumps(answer))])
        assert engine.triage(message, CONTEXT).engine is not EngineName.RULES
        assert engine.triage(message, CONTEXT).engine is not EngineName.RULES
        assert server.calls == 12


def test_the_day_cap_stops_calls_and_not_work() -> None:
    """Once the day's money is spent no call is made, and mails are still read."""
    message, answer = worked(0)
    other, _ = worked(1)
    store = MemoryStore()
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with OpenAiServer([Text(json.dumps(answer), input_tokens=50_000, output_tokens=1_000)]) as server:
        settings = settings_for(server, day_cap=0.05, price_input=1.0, price_output=2.0)
        engine = MixedEngine(RulesEngine(), ModelClient(settings, store, lambda: now))
        assert engine.triage(message, CONTEXT).engine is not EngineName.RULES
        assert store.spent_since(now.replace(hour=0)) == 52_000
        assert engine.triage(other, CONTEXT).engine is EngineName.RULES
        assert server.calls == 1


def test_a_known_question_costs_nothing() -> None:
    """The same mail under the same prompt is answered from the store."""
    message, answer = worked(0)
    with OpenAiServer([Text(json.dumps(answer))]) as server:
        engine = MixedEngine(RulesEngine(), ModelClient(settings_for(server)))
        first, second = engine.triage(message, CONTEXT), engine.triage(message, CONTEXT)
        assert server.calls == 1
    assert first == second


def test_what_is_sent_is_deterministic_and_closed() -> None:
    """Temperature 0, a seed, a strict schema, and the mail only between marks that its text does not hold."""
    message, answer = worked(0)
    with OpenAiServer([Text(json.dumps(answer))]) as server:
        MixedEngine(RulesEngine(), ModelClient(settings_for(server))).triage(message, CONTEXT)
        sent = server.requests[0]
    assert sent["temperature"] == 0
    assert sent["seed"]
    assert sent["response_format"]["json_schema"]["strict"] is True
    mark = message.digest[:12]
    assert sent["messages"][-1]["content"].count(f"<<<{mark} PART 2") == 1
    assert not any(mark in part.text for part in message.parts)


def test_the_engine_without_a_model_is_the_rules_or_an_error() -> None:
    """auto falls back to the rules; llm says what to set."""
    settings = Settings.model_validate({})
    assert choose_engine("auto", settings).name is EngineName.RULES
    with pytest.raises(DeskError, match="OPENAI_API_KEY"):
        choose_engine("llm", settings)
