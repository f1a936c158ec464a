"""Linear models choose among what was found, by the words around it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.vocabulary import Intent, RequestType
from ingest.rules.date_roles import MODEL as DATES
from ingest.rules.intent_words import MODEL as INTENTS
from ingest.rules.linear import ALWAYS, around, chances, scaled, telling, weights_file
from ingest.rules.request_kinds import MODEL as KINDS
from ingest.rules.sum_roles import MODEL as AMOUNTS
from tests.ingest.rules.mails import FOOT, understood
from tests.training import dates
from tests.training.fit import Table, write

MODELS = (INTENTS, AMOUNTS, DATES, KINDS)


@pytest.mark.parametrize("model", MODELS)
@given(words=st.lists(st.text(min_size=1, max_size=12), max_size=30))
def test_chances_sum_up_to_one_whatever_is_looked_at(model: str, words: list[str]) -> None:
    """Words that no model knows change nothing, and never make a chance negative."""
    likely = chances(model, scaled(words))
    assert sum(likely.values()) == pytest.approx(1)
    assert min(likely.values()) >= 0
    assert chances(model, scaled(f"\0{word}" for word in words)) == chances(model, {})


def test_classes_are_those_of_the_trade() -> None:
    """The files tell apart what the code knows."""
    assert set(chances(INTENTS, {})) == set(Intent)
    assert set(chances(KINDS, {})) == set(RequestType)


def test_the_words_that_told_most_are_named() -> None:
    """A person sees words of the mail as the reason."""
    found = scaled(["premium", "invoice", "the"])
    assert telling(INTENTS, found, Intent.POLICY_ADMINISTRATION).split("; ")[0] == "premium"


def test_words_count_by_their_side() -> None:
    """What stands before a value is told apart from what stands behind it."""
    text = "by friday we ship"
    assert "before 1 by" in around(text, 3, 9, "")
    assert "after 1 we" in around(text, 3, 9, "")


def test_words_that_no_list_holds_are_understood() -> None:
    """A limit asked for in words of the writer's own."""
    triage = understood(
        "Hello,\n\nwould you take on 40,000 euros for Nordwind GmbH, Kiel, Germany? It would let me sleep. Thirty days net.\n"
        + FOOT
    )
    assert triage.intent == Intent.CREDIT_LIMIT_REQUEST
    assert (triage.requests[0].request_type, triage.requests[0].amount) == (RequestType.NEW, 40_000)


@pytest.mark.slow
def test_the_weights_are_those_that_the_mails_give(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Counting again gives the file in the tree, but for the last digit."""
    kept = weights_file(DATES).read_text(encoding="utf-8").splitlines()
    written = tmp_path / "weights.tsv"
    monkeypatch.setattr("tests.training.fit.weights_file", lambda _: written)
    write(Table(dates.examples(), dates.RECIPE))
    anew = written.read_text(encoding="utf-8").splitlines()
    assert anew[0] == kept[0]
    before, after = ({line.split("\t")[0]: line.split("\t")[1:] for line in lines[1:]} for lines in (kept, anew))
    assert ALWAYS in before
    shared = before.keys() & after.keys()
    assert len(shared) >= 0.99 * len(before.keys() | after.keys())
    apart = [abs(int(a) - int(b)) for name in shared for a, b in zip(before[name], after[name], strict=True)]
    assert max(apart) <= 3


def test_a_date_in_the_past_is_no_deadline() -> None:
    """Whatever the words say, the answer is needed by a day to come."""
    triage = understood(
        "Please answer by 2 February 2026: EUR 40,000 for Nordwind GmbH, Kiel, Germany, 30 days." + FOOT
    )
    assert triage.needed_by is None


@pytest.mark.parametrize(
    ("told", "since", "until"),
    [
        ("From 15 June to 15 September can we have:", date(2026, 6, 15), date(2026, 9, 15)),
        ("Please extend both until 30 September 2026:", None, date(2026, 9, 30)),
        ("We need an answer by 30 September 2026 on these:", None, None),
    ],
)
def test_dates_told_once_hold_for_all_buyers(told: str, since: date | None, until: date | None) -> None:
    """Before a list of buyers, in words that no list of ours holds; the day of the answer is no end of cover."""
    triage = understood(
        f"Hello,\n\n{told}\n\nKräuterhof Perlbach GmbH, Germany: EUR 45,000 instead of 20,000\n"
        "Tisanes de Perlmont SARL, France: EUR 18,000 instead of 10,000\n" + FOOT
    )
    assert [(one.valid_from, one.valid_until) for one in triage.requests] == [(since, until)] * 2


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("It is about advent candles, 30 days net.", "advent candles"),
        ("We bring them flower bulbs in September.", "flower bulbs"),
        ("It is 30 days net like always.", None),
    ],
)
def test_goods_told_in_everyday_words(text: str, goods: str | None) -> None:
    """What is sold is found behind them; what stands there otherwise is none."""
    triage = understood(f"Please cover EUR 40,000 on Nordwind GmbH, Kiel, Germany. {text}" + FOOT)
    assert triage.requests[0].goods == goods
