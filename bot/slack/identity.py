"""Who asks: a Slack user becomes a person of the desk, or is refused.

Slack's word comes first: bots, guests, people of other companies and deactivated users have no rights, whatever the
desk's own list says. Then the desk's people by Slack id, by e-mail, and by the user groups that desk.yaml maps to roles.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Engine

from cases.database import read_session
from cases.people import asker_by_email, asker_by_slack_id, person_by_email
from cases.rights import Asker
from cases.vocabulary import Role
from config.desk import DeskRules
from config.errors import Unavailable

if TYPE_CHECKING:
    from bot.slack.sending import Sender

FRESH = 60.0  # seconds that Slack's word on a user is believed
MEMBERS_FRESH = 30.0
MOST_MEMBERS = 150  # of a larger channel nobody looks at everyone: what is confidential goes private

_PRIVILEGE = (Role.SALES, Role.ADMIN, Role.OFFICER, Role.UNDERWRITER, Role.MANAGER)  # who is in two groups has the less

Reason = Literal["bot", "gone", "guest", "external", "unknown"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody without rights. `silent`: not even a word is owed (bots, deactivated users)."""

    reason: Reason

    @property
    def silent(self) -> bool:
        """Whether nothing at all is answered."""
        return self.reason in ("bot", "gone")


class Identity:
    """Looks people up, keeps Slack's word for a minute, and forgets it when Slack says that it changed."""

    def __init__(self, database: Engine, sender: "Sender", rules: Callable[[], DeskRules]) -> None:
        self._database = database
        self._sender = sender
        self._rules = rules
        self._users: dict[tuple[str, str], tuple[float, dict[str, Any] | None]] = {}
        self._members: dict[tuple[str, str], tuple[float, list[str] | None]] = {}
        self._groups: dict[str, tuple[float, dict[str, Role]]] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[dict[str, Any] | None]] = {}

    async def who(self, user_id: str, team: str = "") -> Asker | Refusal:
        """The person behind a Slack user. Raises Unavailable where Slack cannot be asked."""
        user = await self.user(user_id, team)
        if user is None:
            return Refusal("unknown")
        refused = refusal_of(user, team or self._sender.team)
        if refused is not None:
            return refused
        asker = await asyncio.to_thread(self._known, user_id, str(user.get("profile", {}).get("email") or ""))
        if asker is None:
            asker = await self._by_group(user, team)
        return asker or Refusal("unknown")

    def _known(self, user_id: str, email: str) -> Asker | None:
        with read_session(self._database) as session:
            found = asker_by_slack_id(session, user_id)
            if found is None and email:
                found = asker_by_email(session, email)
                if found is not None and found.slack_user_id not in (None, "", user_id):
                    return None  # the address belongs to somebody who has another Slack id
            return found

    async def _by_group(self, user: dict[str, Any], team: str) -> Asker | None:
        if not self._rules().slack.group_roles:
            return None
        role = (await self._group_roles(team)).get(str(user["id"]))
        profile = user.get("profile", {})
        email = str(profile.get("email") or "").lower()
        if role is None or not email or await asyncio.to_thread(self._is_listed, email):
            return None  # whoever was disabled in the desk does not come back by a group
        return Asker(email, str(profile.get("real_name") or user.get("real_name") or email), role)

    def _is_listed(self, email: str) -> bool:
        with read_session(self._database) as session:
            return person_by_email(session, email) is not None

    async def _group_roles(self, team: str) -> dict[str, Role]:
        at, known = self._groups.get(team, (0.0, {}))
        if time.monotonic() - at < FRESH * 5:
            return known
        wanted = self._rules().slack.group_roles
        found: dict[str, Role] = {}
        listed = await self._sender.call("usergroups.list", team=team)
        for group in listed.get("usergroups", []):
            if group.get("handle") in wanted:
                members = await self._sender.call("usergroups.users.list", team=team, usergroup=group["id"])
                role = Role(wanted[group["handle"]])
                for one in members.get("users", []):
                    found[str(one)] = min(role, found.get(str(one), role), key=_PRIVILEGE.index)
        self._groups[team] = (time.monotonic(), found)
        return found

    async def user(self, user_id: str, team: str = "", fresh: float = FRESH) -> dict[str, Any] | None:
        """Slack's own record of a user; None: there is none. Several askers share one call."""
        key = (team, user_id)
        at, known = self._users.get(key, (0.0, None))
        if at and time.monotonic() - at < fresh:
            return known
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._fetch(key))
            task.add_done_callback(lambda _: self._asking.pop(key, None))
        return await asyncio.shield(task)

    async def _fetch(self, key: tuple[str, str]) -> dict[str, Any] | None:
        from bot.slack.sending import SlackRefusal

        try:
            answer = await self._sender.call("users.info", team=key[0], user=key[1], patience=120.0)
        except SlackRefusal as refusal:
            if refusal.code not in ("user_not_found", "user_not_visible", "users_not_found"):
                raise
            self._users[key] = (time.monotonic(), None)
            return None
        self._users[key] = (time.monotonic(), answer["user"])
        found: dict[str, Any] = answer["user"]
        return found

    def changed(self, user: dict[str, Any], team: str = "") -> None:
        """Slack says that a user changed: what it says now counts at once."""
        for known in (team, str(user.get("team_id") or ""), ""):
            self._users.pop((known, str(user["id"])), None)
        self._groups.clear()

    def forget_groups(self) -> None:
        """A user group changed."""
        self._groups.clear()

    def forget_members(self, channel: str) -> None:
        """Somebody joined or left a channel."""
        for key in [key for key in self._members if key[1] == channel]:
            self._members.pop(key, None)

    async def members(self, channel: str, team: str = "") -> list[str] | None:
        """Who is in a channel; None: too many to look at, or Slack does not tell."""
        at, known = self._members.get((team, channel), (0.0, None))
        if at and time.monotonic() - at < MEMBERS_FRESH:
            return known
        from bot.slack.sending import SlackRefusal

        found: list[str] | None = []
        cursor = ""
        try:
            while found is not None:
                page = await self._sender.call(
                    "conversations.members", team=team, channel=channel, limit=200, cursor=cursor or None
                )
                found += page.get("members", [])
                cursor = page.get("response_metadata", {}).get("next_cursor") or ""
                if len(found) > MOST_MEMBERS:
                    found = None
                elif not cursor:
                    break
        except (SlackRefusal, Unavailable):
            found = None
        self._members[(team, channel)] = (time.monotonic(), found)
        return found

    async def present(self, channel: str, team: str = "", but: Iterable[str] = ()) -> list[Asker | Refusal] | None:
        """Everybody who reads a channel, bots and deactivated users apart; None: not to be known."""
        members = await self.members(channel, team)
        if members is None:
            return None
        apart = set(but)
        found = await asyncio.gather(
            *(self.who(one, team) for one in members if one not in apart), return_exceptions=True
        )
        if any(isinstance(one, BaseException) for one in found):
            return None
        return [one for one in found if isinstance(one, Asker) or (isinstance(one, Refusal) and not one.silent)]


def refusal_of(user: dict[str, Any], team: str) -> Refusal | None:
    """What Slack's record of a user rules out by itself."""
    if user.get("deleted"):
        return Refusal("gone")
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return Refusal("bot")
    home = str(user.get("team_id") or team)
    if user.get("is_stranger") or (team and home != team and not user.get("enterprise_user")):
        return Refusal("external")
    if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_invited_user"):
        return Refusal("guest")
    return None
