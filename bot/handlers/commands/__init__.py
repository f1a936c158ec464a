"""Listeners for commands."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Hangs the listeners on the app."""
