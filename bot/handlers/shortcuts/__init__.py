"""What people start from a message: "Make a case of this"."""

from typing import TYPE_CHECKING

from bot.handlers.shortcuts import make_case

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Hangs the shortcuts on the app."""
    make_case.register(app, deps)
