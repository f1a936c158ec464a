"""Correct, decide, assign, reject, merge, a mail's text: what the modals hold, and what comes of what is sent in."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from bot.views.modals import REQUEST_INPUTS
from cases.commands import CORRECTABLE, confirm, perform
from cases.models import Decision, Person
from cases.people import to_asker
from cases.queries import find_case
from tests.bot.slack.scene import DESK, NOW, OFFICER, SECOND, UNDERWRITER, Scene
from tests.bot.slack_cards.desk import card_of, case_of, history_of, modal_of, rules
from tests.cases import desk
from tests.doubles.slack.people import read


def block(view: dict, name: str) -> dict:  # type: ignore[type-arg]
    """The input of that name."""
    return next(one for one in view["blocks"] if one.get("block_id") == name)


async def test_correct_opens_with_the_values_filled_in(scene: Scene) -> None:
    """Every field has its present value; the amount is a plain number."""
    _, card = await card_of(scene)
    view = await modal_of(scene, OFFICER, card, "case_correct")
    assert block(view, "amount")["element"]["initial_value"] == "100000"
    assert block(view, "buyer_country")["element"]["initial_value"] == "DE"
    assert block(view, "request_type")["element"]["initial_option"]["value"] == "new"
    assert not scene.slack.refused()


async def test_faults_stand_beside_their_fields_and_nothing_is_changed(scene: Scene) -> None:
    """Several wrong values are each told at their place; no value goes in."""
    (reference,), card = await card_of(scene)
    view = await modal_of(scene, OFFICER, card, "case_correct")
    wrong = {"amount": "abc", "buyer_country": "Atlantis", "valid_until": "31.31.2026", "payment_terms_days": "30"}
    answer = await scene.people.submits(OFFICER, view, wrong)
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == {"amount", "buyer_country", "valid_until"}
    assert case_of(scene, reference).payment_terms_days == 60


async def test_corrected_values_go_in_together_in_the_persons_name(scene: Scene) -> None:
    """The amount is set, an emptied field is taken away, and the card shows both."""
    (reference,), card = await card_of(scene)
    view = await modal_of(scene, OFFICER, card, "case_correct")
    await scene.people.submits(OFFICER, view, {"amount": "125,000", "payment_terms_days": ""})
    await scene.until(lambda: "EUR 125,000" in read(scene.slack.messages[DESK][card["ts"]]))
    case = case_of(scene, reference)
    assert case.amount == Decimal(125_000)
    assert case.payment_terms_days is None
    assert history_of(scene, reference).count(("Olga Officer", "CaseCorrected")) == 2
    assert "set by olga@insurer.example" in read(scene.slack.messages[DESK][card["ts"]])


async def test_a_modal_that_was_overtaken_says_by_whom(scene: Scene) -> None:
    """Two officers have the modal open: the second is told who was first, and his values do not go in."""
    (reference,), card = await card_of(scene)
    first = await modal_of(scene, OFFICER, card, "case_correct")
    second = await modal_of(scene, SECOND, card, "case_correct")
    await scene.people.submits(OFFICER, first, {"amount": "125000"})
    answer = await scene.people.submits(SECOND, second, {"amount": "90000"})
    assert "Olga Officer was first" in answer["errors"]["amount"]
    assert case_of(scene, reference).amount == Decimal(125_000)


async def test_an_expired_trigger_is_told(scene: Scene) -> None:
    """Where Slack gave up waiting for a window, the person hears to press again."""
    _, card = await card_of(scene)
    payload = scene.people.click(OFFICER, card, "case_correct")
    scene.slack._triggers[payload["trigger_id"]] -= 10
    await scene.people.deliver("interactive", payload)
    (told,) = await scene.until(lambda: scene.slack.told(OFFICER))
    assert "press the button again" in read(told)


async def test_an_underwriter_decides_in_the_modal(scene: Scene) -> None:
    """Outcome, amount, validity, reason, rationale and sentence arrive; the card tells only what may be told."""
    reference, card = await ready(scene)
    view = await modal_of(scene, UNDERWRITER, card, "case_decide")
    part = next(o for o in block(view, "outcome")["element"]["options"] if o["value"] == "partially_approved")
    reason = next(o for o in block(view, "reason")["element"]["options"] if o["value"] == "14")
    values = {
        "outcome": part, "amount": "60000", "valid_until": "2027-03-31", "reason": reason,
        "note": "weak equity", "tell": "We can cover 60,000.",
    }  # fmt: skip
    assert await scene.people.submits(UNDERWRITER, view, values | {"amount": "600000"}) == {
        "response_action": "errors",
        "errors": {"amount": "600,000 is no partial approval: give an amount above 0 and below the 100,000 requested"},
    }
    await scene.people.submits(UNDERWRITER, view, values)
    shown = await scene.until(
        lambda: (m := scene.slack.messages[DESK][card["ts"]]) and "approved in part" in read(m) and m
    )
    with scene.sessions() as session:
        decision = session.scalars(select(Decision)).one()
        assert (decision.amount, decision.valid_until, decision.reason_code) == (60_000, date(2027, 3, 31), "14")
        assert (decision.rationale, decision.sentence) == ("weak equity", "We can cover 60,000.")
    assert "We can cover 60,000." in read(shown)
    assert "weak equity" not in str(shown)
    assert ("Uma Writer", "CaseDecided") in history_of(scene, reference)


async def test_officers_may_not_decide(scene: Scene) -> None:
    """The decision is the underwriters'."""
    reference, card = await ready(scene)
    await scene.people.presses(OFFICER, card, "case_decide")
    (told,) = await scene.until(lambda: scene.slack.told(OFFICER))
    assert "may not decide" in read(told)
    assert ("Olga Officer", "Refused") in history_of(scene, reference)


async def ready(scene: Scene) -> tuple[str, dict]:  # type: ignore[type-arg]
    """A confirmed case that waits for a decision, and its card."""
    with scene.sessions.begin() as session:
        desk.add_client(session)
        desk.add_buyer(session)
    (reference,), card = await card_of(scene, "To decide")
    with scene.sessions() as session:
        officer = to_asker(session.query(Person).filter_by(slack_user_id=OFFICER).one())
    if case_of(scene, reference).needs_review:
        perform(
            scene.sessions, officer, NOW, "confirm", reference,
            lambda session: confirm(session, find_case(session, reference), officer, NOW, rules()),
        )  # fmt: skip
    from bot.cards.posting import refresh

    await refresh(scene.service.deps, [reference])
    return reference, scene.slack.messages[DESK][card["ts"]]


async def test_assign_and_reject_by_modal(scene: Scene) -> None:
    """A case is given to a colleague chosen from the list, and rejected with a reason that the history keeps."""
    (reference,), card = await card_of(scene)
    view = await modal_of(scene, OFFICER, card, "case_assign")
    options = block(view, "person")["element"]["options"]
    otto = next(one for one in options if one["value"] == "otto@insurer.example")
    await scene.people.submits(OFFICER, view, {"person": otto})
    card = await scene.until(lambda: (m := scene.slack.messages[DESK][card["ts"]]) and "Otto Second" in read(m) and m)
    assert case_of(scene, reference).assignee == "otto@insurer.example"
    view = await modal_of(scene, SECOND, card, "case_reject")
    assert "errors" in await scene.people.submits(SECOND, view, {"reason": ""})
    await scene.people.submits(SECOND, view, {"reason": "sent to us by mistake"})
    await scene.settled()
    assert case_of(scene, reference).status == "withdrawn"
    assert ("Otto Second", "CaseRejected") in history_of(scene, reference)


async def test_merge_shows_both_cases_and_joins_them(scene: Scene) -> None:
    """A duplicate that is offered can be merged from the card, after a look at both."""
    with scene.sessions.begin() as session:
        desk.add_client(session)
    (first,), _ = await card_of(scene, "First")
    (second,), card = await card_of(scene, "Second", desk.limit_request(amount=Decimal(140_000)))
    view = await modal_of(scene, OFFICER, card, "case_merge")
    assert first in read(view)
    assert second in read(view)
    await scene.people.submits(OFFICER, view, {})
    await scene.settled()
    assert case_of(scene, second).status == "withdrawn"
    assert case_of(scene, second).merged_into_id == case_of(scene, first).id


async def test_the_mails_text_opens_in_a_modal(scene: Scene) -> None:
    """The text is shown as it was written."""
    _, card = await card_of(scene)
    view = await modal_of(scene, OFFICER, card, "case_open_mail")
    shown = await scene.until(lambda: (v := scene.slack.modals[view["id"]]) and "a limit please" in read(v) and v)
    assert "Hello, a limit please." in read(shown)


def test_the_modal_offers_only_fields_that_may_be_corrected() -> None:
    """Each input of the modal is a field of `cases correct`."""
    assert set(REQUEST_INPUTS) <= set(CORRECTABLE)
