"""Modals that were sent in: one module for each."""

from typing import TYPE_CHECKING

from bot.handlers.views import assign, correct, decide, draft, merge, reject

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Hangs the listeners on the app."""
    for module in (assign, correct, decide, draft, merge, reject):
        module.register(app, deps)
