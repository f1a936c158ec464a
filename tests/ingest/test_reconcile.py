"""Two readings of a message become one, and every difference is shown to a person."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session, sessionmaker

from cases.understanding import LimitRequest
from cases.vocabulary import EngineName, Intent
from ingest.engine import ReadingContext
from ingest.grounding import ground
from ingest.llm.answers import FormReader, parse_form
from ingest.llm.render import render
from ingest.llm.store import DatabaseStore, ModelAnswer
from ingest.reconcile import pair_requests, reconcile
from ingest.trust import rate
from tests.ingest.llm.mails import worked


def test_agreement_is_marked_and_raises_trust() -> None:
    """A value that both engines read the same way is trusted more than one that only the model read."""
    message, answer = worked(1)
    names = render(message, ReadingContext()).part_names
    model = ground(FormReader(message, names).read(parse_form(json.dumps(answer))), message)
    rules = model.model_copy(deep=True)
    rules.requests[1].amount = None
    rated = rate(reconcile(rules, model), message)
    trust = {one.path: one.trust or 0 for one in rated.evidence}
    engines = {one.path: one.engine for one in rated.evidence}
    assert engines["requests[0].amount"] is EngineName.MIXED
    assert engines["requests[1].amount"] is EngineName.LLM
    assert trust["requests[0].amount"] > trust["requests[1].amount"]
    assert [(one.path, one.readings) for one in rated.disagreements] == [("requests[1].amount", ["nothing", "80000"])]


def test_automatic_mail_is_known_by_its_headers() -> None:
    """Where the rules saw an automatic mail, nobody asks for anything, whatever the model read."""
    message, answer = worked(0)
    names = render(message, ReadingContext()).part_names
    model = ground(FormReader(message, names).read(parse_form(json.dumps(answer))), message)
    rules = model.model_copy(update={"intent": Intent.AUTO_REPLY, "requests": [], "evidence": []}, deep=True)
    merged = reconcile(rules, model)
    assert merged.intent is Intent.AUTO_REPLY
    assert merged.requests == []
    assert merged.policy_number is None
    assert merged.disagreements[0].readings == ["auto_reply", "credit_limit_request"]


@given(st.permutations(["Perlbach AG", "Okna Beskid Sp. z o.o.", "Vitrerie du Lac Sàrl", "Torvald Marine AS"]))
def test_requests_are_paired_by_buyer(names: list[str]) -> None:
    """The order of the requests does not matter, nor a slip in a name."""
    rules = [LimitRequest(buyer_name=name) for name in sorted(names)]
    model = [LimitRequest(buyer_name=name.replace("a", "á", 1)) for name in names]
    pairs = pair_requests(rules, model)
    assert [rules[pairs[at]].buyer_name for at in range(4)] == names


def test_answers_are_kept_in_the_database(sessions: "sessionmaker[Session]") -> None:
    """An answer comes out again, replaces an older one of the same question, and its cost counts for its day."""
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    store = DatabaseStore(sessions)
    first = ModelAnswer("k" * 64, "triage", "m", '{"a": "ä"}', 10, 5, 1200, 90, now)
    store.put(first)
    store.put(first)
    store.put(ModelAnswer("o" * 64, "triage", "m", "", 1, 1, 7, 9, now - timedelta(days=1)))
    assert store.get("k" * 64) == first
    assert store.get("x" * 64) is None
    assert store.spent_since(now.replace(hour=0)) == 1200
