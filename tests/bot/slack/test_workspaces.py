"""Several workspaces with tokens of their own, and roles that come from Slack's user groups."""

import html
import logging
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine, select

from cases.models import Person, SlackInstallation
from config.desk import load_desk_rules
from tests.bot.slack.scene import OFFICER, STRANGER, Scene, scene_of
from tests.doubles.slack.people import People, read
from tests.doubles.slack.workspace import Workspace

OTHER = "xoxb-other-secret"


def _other(scene: Scene) -> tuple[Workspace, People]:
    """A second workspace behind the same API, with a colleague whom the desk knows by her address."""
    slack = Workspace(token=OTHER, team="T0OTHER", bot="U0BOTHER", address=scene.slack.address)
    slack.person("U0ELSE", "Else Elsewhere", "else@insurer.example")
    slack.channel("C0THERE", ["U0ELSE", slack.bot])
    with scene.sessions.begin() as session:
        session.add(
            Person(
                name="Else Elsewhere", email="else@insurer.example", role="officer", team="Domestic", accounts=[],
                absences=[], active=True,
            )
        )  # fmt: skip
    scene.server.others.append(slack)
    return slack, People(slack, scene.http)


async def _install(scene: Scene, slack: Workspace, state: str = "") -> int:
    """What a browser does: the page of the app, Slack's consent, and back with a code. The last status."""
    begun = await scene.http.client.get("/slack/install")
    links = [urlsplit(html.unescape(one.split('"')[0])) for one in begun.text.split('href="')[1:]]
    (asked,) = [parse_qs(one.query)["state"][0] for one in links if one.path == "/oauth/v2/authorize"]
    scene.server.codes["code-1"] = slack
    cookie = begun.headers["set-cookie"].split(";")[0]
    back = await scene.http.client.get(
        "/slack/oauth_redirect", params={"code": "code-1", "state": state or asked}, headers={"Cookie": cookie}
    )
    return back.status_code


async def test_each_workspace_is_answered_with_its_own_token(
    database: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused before it is installed, answered after, refused again once the app is removed; no token in a log."""
    caplog.set_level(logging.DEBUG)
    async with scene_of(database, oauth=True) as scene:
        await scene.until(lambda: scene.service.deps.sender.team)
        slack, people = _other(scene)
        question = f"status of {scene.references[0]}"
        await people.writes("U0ELSE", question)
        await scene.settled()
        assert not slack.calls
        assert await _install(scene, slack, state="a state of somebody else") != 200
        assert await _install(scene, slack) == 200
        with scene.sessions() as session:
            (kept,) = session.scalars(select(SlackInstallation))
            assert (kept.team_id, kept.data["bot_token"]) == ("T0OTHER", OTHER)
        here = len(scene.slack.calls)
        root = await people.mentions("U0ELSE", "C0THERE", question)
        await scene.until(lambda: slack.answers("C0THERE", root))
        assert len(scene.slack.calls) == here
        assert "Ostwall" in read(slack.answers("C0THERE", root)[0])
        ours = await scene.people.writes(OFFICER, question)
        await scene.until(lambda: scene.slack.answers("D" + OFFICER[1:], ours))
        await people.deliver("events_api", people.event({"type": "app_uninstalled", "event_ts": "1.1"}))
        with scene.sessions() as session:
            assert not session.scalars(select(SlackInstallation)).all()
        before = len(slack.calls)
        await people.writes("U0ELSE", question)
        await scene.settled()
        assert len(slack.calls) == before
        assert not slack.refused()
    assert OTHER not in caplog.text
    assert scene.slack.token not in caplog.text


async def _asks(scene: Scene, user: str, text: str) -> str:
    root = await scene.people.writes(user, text)
    (answer,) = await scene.until(lambda: scene.slack.answers("D" + user[1:], root))
    return read(answer)


async def _changed(scene: Scene, handle: str) -> None:
    event = {"type": "subteam_members_changed", "subteam_id": handle, "team_id": scene.slack.team, "event_ts": "1.1"}
    await scene.people.deliver("events_api", scene.people.event(event))


async def test_groups_give_roles_and_take_them_at_once(tmp_path: Path, database: Engine) -> None:
    """Who is added is known from then on, in two groups has the less of both, and is unknown when taken out."""
    rules = load_desk_rules()
    rules = rules.model_copy(
        update={"slack": rules.slack.model_copy(update={"group_roles": {"desk": "officer", "field": "sales"}})}
    )
    async with scene_of(database, rules=rules) as scene:
        groups, grade = scene.slack.groups, f"what is the risk grade of {scene.references[0]}?"
        for handle in ("field", "desk"):
            groups[f"S{handle}"] = {"handle": handle, "users": []}
        assert "Ostwall" not in await _asks(scene, STRANGER, f"status of {scene.references[0]}")
        groups["Sdesk"]["users"] = [STRANGER]
        await _changed(scene, "Sdesk")
        assert "4" in await _asks(scene, STRANGER, grade)
        groups["Sfield"]["users"] = [STRANGER]
        await _changed(scene, "Sfield")
        asker = await scene.service.deps.identity.who(STRANGER, scene.slack.team)
        assert getattr(asker, "role", None) == "sales"
        groups["Sfield"]["users"] = groups["Sdesk"]["users"] = []
        await _changed(scene, "Sdesk")
        assert "Ostwall" not in await _asks(scene, STRANGER, f"status of {scene.references[0]}")
        assert not scene.slack.refused()
