"""The home tab: what each role sees, and its filters."""

from datetime import date

from sqlalchemy import update

from cases.models import Case
from tests.bot.slack.scene import GUEST, MANAGER, NOTE, OFFICER, ROLES, SALES, STRANGER, UNDERWRITER, Scene
from tests.bot.slack_cards.desk import at_home
from tests.doubles.slack.people import read


async def home_of(scene: Scene, user: str) -> dict:  # type: ignore[type-arg]
    """The view that is published when the person opens the tab."""
    await scene.people.opens(user)
    return await scene.until(lambda: scene.slack.homes.get(user))


async def test_every_role_has_a_home_without_anything_confidential(scene: Scene) -> None:
    """The tab is published for each role; no note and no grade stands on it."""
    for user in ROLES:
        view = await home_of(scene, user)
        assert "Now" in read(view)
        assert NOTE not in str(view)
    assert not scene.slack.refused()


async def test_strangers_and_guests_see_a_polite_sentence_only(scene: Scene) -> None:
    """No reference, no figure."""
    for user in (STRANGER, GUEST):
        view = await home_of(scene, user)
        assert "CR-" not in str(view)
        assert len(view["blocks"]) == 1


async def test_sales_sees_own_accounts_and_what_clients_owe(scene: Scene) -> None:
    """Only cases of which the person is the contact, with the documents that are missing."""
    with scene.sessions.begin() as session:
        mine = Case.reference == scene.references[0]
        values = {"sales_contact": "sam@insurer.example", "missing_documents": ["financial_statements"]}
        session.execute(update(Case).where(mine).values(**values))
    shown = read(await home_of(scene, SALES))
    assert scene.references[0] in shown
    assert "missing: financial statements" in shown
    assert scene.references[1] not in shown


async def test_officers_filter_their_queue(scene: Scene) -> None:
    """What waits for confirmation stands first; the menu shows what is due instead."""
    view = await home_of(scene, OFFICER)
    assert "3 wait for confirmation" in read(view)
    with scene.sessions.begin() as session:
        due = Case.reference == scene.references[1]
        session.execute(update(Case).values(next_action_due=date(2026, 12, 1)))
        session.execute(update(Case).where(due).values(next_action_due=date(2026, 10, 28)))
    payload = at_home(scene, OFFICER, view, "home_filter", selected_option={"value": "due"})
    await scene.people.deliver("interactive", payload)
    shown = await scene.until(lambda: "overdue" in read(scene.slack.homes[OFFICER]) and scene.slack.homes[OFFICER])
    assert scene.references[1] in read(shown)
    assert scene.references[0] not in read(shown)
    await scene.people.opens(OFFICER)


async def test_managers_see_the_teams(scene: Scene) -> None:
    """Open and overdue cases of each team."""
    with scene.sessions.begin() as session:
        session.execute(update(Case).values(team="Export", next_action_due=date(2026, 10, 1)))
    assert "Export  3 open, 3 overdue" in read(await home_of(scene, MANAGER)).replace("Export\n", "Export")


async def test_a_case_opens_from_the_home_tab_and_is_confirmed_there(scene: Scene) -> None:
    """The list's button opens the case with its buttons; a click in it shows the new state."""
    view = await home_of(scene, OFFICER)
    await scene.people.deliver("interactive", at_home(scene, OFFICER, view, "case_open"))
    opened = await scene.until(lambda: next(iter(scene.slack.modals.values()), None))
    assert "case_confirm" in str(opened["blocks"])
    await scene.people.deliver("interactive", at_home(scene, OFFICER, opened, "case_confirm"))
    await scene.settled()
    assert "case_confirm" not in str(scene.slack.modals[opened["id"]]["blocks"])
    assert not scene.slack.refused()


async def test_underwriters_see_their_cases(scene: Scene) -> None:
    """Those that carry their name."""
    shown = read(await home_of(scene, UNDERWRITER))
    assert all(reference in shown for reference in scene.references)
