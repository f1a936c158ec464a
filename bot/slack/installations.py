"""The workspaces in which the app is installed, in our own database; and the store in Bolt's shape for its OAuth flow."""

import logging
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from sqlalchemy import delete as remove
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.models import KeyValue, SlackInstallation

_STATE = "slack-oauth-state:"
_STATE_TIME = timedelta(minutes=10)


def find(session: Session, team: str, enterprise: str = "") -> dict[str, Any] | None:
    """What was kept of an installation; None: the app is not installed there."""
    query = select(SlackInstallation).where(SlackInstallation.team_id == team)
    if enterprise:
        query = query.where(SlackInstallation.enterprise_id == enterprise)
    found = session.scalars(query.order_by(SlackInstallation.id.desc())).first()
    return dict(found.data) if found else None


def save(session: Session, data: dict[str, Any], at: datetime) -> None:
    """Keeps an installation; a later one of the same workspace takes its place."""
    team, enterprise = str(data.get("team_id") or ""), str(data.get("enterprise_id") or "")
    known = session.scalar(
        select(SlackInstallation).where(
            SlackInstallation.team_id == team, SlackInstallation.enterprise_id == enterprise
        )
    )
    if known is None:
        session.add(SlackInstallation(team_id=team, enterprise_id=enterprise, data=data, installed_at=at))
    else:
        known.data, known.installed_at = data, at


def delete(session: Session, team: str) -> None:
    """Forgets the tokens of a workspace."""
    session.execute(remove(SlackInstallation).where(SlackInstallation.team_id == team))


class Installations(AsyncInstallationStore):
    """Our table in the shape that Bolt's OAuth flow asks for. Calls are few, short and outside of acknowledgements."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    @property
    def logger(self) -> logging.Logger:
        """The app's log."""
        return logging.getLogger("creditdesk.slack")

    async def async_save(self, installation: Installation) -> None:
        """Keeps an installation."""
        data = {key: value for key, value in installation.to_dict().items() if _plain(value)}
        with self._sessions.begin() as session:
            save(session, data, datetime.now(UTC))

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The installation of a workspace."""
        with self._sessions() as session:
            data = find(session, team_id or "", enterprise_id or "")
        if data is None:
            return None
        wanted = {key: value for key, value in data.items() if key in _FIELDS}
        return Installation(**wanted)

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot's part of it."""
        found = await self.async_find_installation(enterprise_id=enterprise_id, team_id=team_id)
        return found.to_bot() if found else None

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Forgets it."""
        with self._sessions.begin() as session:
            delete(session, team_id or "")

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forgets it."""
        await self.async_delete_installation(enterprise_id=enterprise_id, team_id=team_id)


_FIELDS = frozenset(
    {
        "app_id", "enterprise_id", "enterprise_name", "enterprise_url", "team_id", "team_name", "bot_token", "bot_id",
        "bot_user_id", "bot_scopes", "user_id", "is_enterprise_install", "token_type",
    }
)  # fmt: skip


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool | list)


class States(AsyncOAuthStateStore):
    """The one-time words of the OAuth flow, so that nobody finishes an installation that we did not begin."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    @property
    def logger(self) -> logging.Logger:
        """The app's log."""
        return logging.getLogger("creditdesk.slack")

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """A new word, good for ten minutes."""
        state = secrets.token_urlsafe(24)
        with self._sessions.begin() as session:
            session.add(KeyValue(key=_STATE + state, value="issued", at=datetime.now(UTC)))
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether it was issued, is not too old, and was not used before."""
        with self._sessions.begin() as session:
            row = session.get(KeyValue, (_STATE + state)[:200])
            if row is None:
                return False
            session.delete(row)
            return row.at > datetime.now(UTC) - _STATE_TIME
