"""People and workspaces that change: rights end at once."""

from typing import TYPE_CHECKING, Any

from cases.database import read_session

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """What was remembered of a user, a channel or a workspace is dropped when Slack says that it changed."""
    from bot.slack import installations

    async def user_changed(body: dict[str, Any]) -> None:
        deps.identity.changed(body["event"]["user"], str(body.get("team_id") or ""))

    async def members_changed(body: dict[str, Any]) -> None:
        deps.identity.forget_members(str(body["event"].get("channel")))

    async def groups_changed() -> None:
        deps.identity.forget_groups()

    async def removed(body: dict[str, Any]) -> None:
        team = str(body.get("team_id") or "")

        def look_and_delete() -> None:
            with read_session(deps.database) as session:
                known = installations.find(session, team)
            if known is not None:
                with deps.sessions.begin() as session:
                    installations.delete(session, team)

        await deps.in_thread(look_and_delete)

    app.event("user_change")(user_changed)
    app.event("member_joined_channel")(members_changed)
    app.event("member_left_channel")(members_changed)
    app.event("subteam_members_changed")(groups_changed)
    app.event("subteam_updated")(groups_changed)
    app.event("app_uninstalled")(removed)
    app.event("tokens_revoked")(removed)
