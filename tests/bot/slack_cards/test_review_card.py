"""The review card: what it shows, what its buttons do for each role, and who is told what."""

import pytest

from tests.bot.slack.scene import ADMIN, DESK, GUEST, MANAGER, OFFICER, SALES, SECOND, STRANGER, UNDERWRITER, Scene
from tests.bot.slack_cards.desk import card_of, case_of, history_of, modal_of
from tests.cases import desk
from tests.doubles.slack.people import read


async def test_a_mail_has_one_card_with_each_value_and_its_quote(scene: Scene) -> None:
    """The card names client, buyer, amount and terms, each with the words of the mail, and what can be done."""
    (reference,), card = await card_of(scene)
    shown = read(card)
    for words in (reference, "Hartwell Bearings Ltd", "Nordwind Antriebstechnik GmbH", "EUR 100,000", "TC-204518"):
        assert words in shown
    assert "“100000”" in shown or "“100,000”" in shown
    labels = [n["text"]["text"] for b in card["blocks"] if b["type"] == "actions" for n in b["elements"]]
    assert labels == ["Confirm", "Correct", "Assign", "Open mail", "Reject"]
    assert not scene.slack.refused()


async def test_a_card_tells_of_planted_orders_and_of_what_was_not_read(scene: Scene) -> None:
    """Warnings and unread files stand on the card, so that a person looks."""
    _, card = await card_of(scene, warnings=["an order to the machine was left out"], unread=["scan.pdf: no text"])
    assert "an order to the machine was left out" in read(card)
    assert "scan.pdf: no text" in read(card)


async def test_confirm_is_one_click_seen_by_all(scene: Scene) -> None:
    """The case is confirmed in the clicker's name, and the card says so in place."""
    (reference,), card = await card_of(scene)
    await scene.people.presses(OFFICER, card, "case_confirm")
    await scene.settled()
    assert ("Olga Officer", "CaseConfirmed") in history_of(scene, reference)
    assert not case_of(scene, reference).needs_review
    changed = scene.slack.messages[DESK][card["ts"]]
    assert "Confirmed by Olga Officer" in read(changed)
    assert "case_confirm" not in str(changed["blocks"])


async def test_a_second_click_on_a_stale_card_is_told_who_was_first(scene: Scene) -> None:
    """The second officer hears the first one's name, alone, and nothing changes."""
    (reference,), card = await card_of(scene)
    stale = dict(card)
    await scene.people.presses(OFFICER, card, "case_confirm")
    await scene.settled()
    version = case_of(scene, reference).version
    await scene.people.presses(SECOND, stale, "case_confirm")
    await scene.settled()
    assert any("Olga Officer was first" in read(one) for one in scene.slack.told(SECOND))
    assert not scene.slack.told(OFFICER)
    assert case_of(scene, reference).version == version
    assert history_of(scene, reference).count(("Olga Officer", "CaseConfirmed")) == 1


async def test_a_click_after_a_correction_is_told_of_it(scene: Scene) -> None:
    """Nobody confirms values that he has not seen."""
    (reference,), card = await card_of(scene)
    stale = dict(card)
    view = await modal_of(scene, SECOND, card, "case_correct")
    await scene.people.submits(SECOND, view, {"amount": "120000"})
    await scene.settled()
    await scene.people.presses(OFFICER, stale, "case_confirm")
    await scene.settled()
    assert any("Otto Second was first: corrected it" in read(one) for one in scene.slack.told(OFFICER))
    assert ("Olga Officer", "CaseConfirmed") not in history_of(scene, reference)


@pytest.mark.parametrize("user", [SALES, ADMIN, STRANGER, GUEST])
async def test_the_wrong_role_is_refused_politely_and_that_is_kept(scene: Scene, user: str) -> None:
    """Each button refuses who may not: a private word, a Refused in the history, no modal, no change."""
    (reference,), card = await card_of(scene)
    before = case_of(scene, reference).version
    buttons = ("case_confirm", "case_correct", "case_assign", "case_reject", "case_open_mail")
    for number, button in enumerate(buttons, start=1):
        await scene.people.presses(user, card, button)
        await scene.until(lambda number=number: len(scene.slack.told(user)) == number)
    await scene.settled()
    assert not scene.slack.modals
    assert [kind for _, kind in history_of(scene, reference)].count("Refused") == len(buttons)
    assert case_of(scene, reference).version == before


@pytest.mark.parametrize("user", [OFFICER, MANAGER, UNDERWRITER])
async def test_credit_people_may_confirm(scene: Scene, user: str) -> None:
    """Officers, managers and underwriters confirm."""
    (reference,), card = await card_of(scene)
    await scene.people.presses(user, card, "case_confirm")
    await scene.settled()
    assert "CaseConfirmed" in [kind for _, kind in history_of(scene, reference)]


async def test_the_same_click_delivered_twice_is_one_click(scene: Scene) -> None:
    """Slack's repeat of a click changes nothing."""
    (reference,), card = await card_of(scene)
    payload = scene.people.click(OFFICER, card, "case_confirm")
    await scene.people.deliver("interactive", payload)
    await scene.people.deliver("interactive", payload | {"is_enterprise_install": False})
    await scene.settled()
    assert [kind for _, kind in history_of(scene, reference)].count("CaseConfirmed") == 1
    assert not scene.slack.told(OFFICER)


async def test_a_mail_of_many_cases_has_one_card_and_opens_the_next(scene: Scene) -> None:
    """The card lists all cases, shows one in full, and goes on to the next that waits."""
    requests = [desk.limit_request(buyer_name=f"Buyer {letter} GmbH") for letter in "ABCDEFGHIJKLMNOP"]
    references, card = await card_of(scene, "Sixteen limits", *requests)
    assert len(references) == 16
    assert "16 cases in this mail" in read(card)
    assert "Buyer A GmbH" in read(card)
    await scene.people.presses(OFFICER, card, "case_next")
    shown = scene.slack.messages[DESK][card["ts"]]
    await scene.until(lambda: f"{references[1]}|" in str(scene.slack.messages[DESK][card["ts"]]["blocks"]))
    await scene.people.presses(OFFICER, scene.slack.messages[DESK][card["ts"]], "case_confirm")
    await scene.settled()
    assert "CaseConfirmed" in [kind for _, kind in history_of(scene, references[1])]
    assert "CaseConfirmed" not in [kind for _, kind in history_of(scene, references[0])]
    assert len(shown["blocks"]) <= 50
    assert not scene.slack.refused()


async def test_text_from_outside_is_text_on_a_card(scene: Scene) -> None:
    """Pings, links and markup in a mail are shown as they were written, and do nothing."""
    planted = "Pumpen <!channel> <@U0PLANTED> <https://planted.example|here> *b* GmbH"
    _, card = await card_of(scene, f"Limit {planted}", desk.limit_request(buyer_name=planted))
    assert planted in read(card)
    assert "mrkdwn" not in str(card["blocks"])
    assert all(kind not in str(card["blocks"]) for kind in ("'type': 'link'", "'type': 'broadcast'", "'type': 'user'"))
    assert "<!channel>" not in card["text"]
    assert "https://" not in card["text"]


async def test_a_deleted_card_is_no_fault(scene: Scene) -> None:
    """A confirmation counts although somebody deleted the card's message meanwhile."""
    (reference,), card = await card_of(scene)
    payload = scene.people.click(OFFICER, card, "case_confirm")
    del scene.slack.messages[DESK][card["ts"]]
    await scene.people.deliver("interactive", payload)
    await scene.settled()
    assert ("Olga Officer", "CaseConfirmed") in history_of(scene, reference)
