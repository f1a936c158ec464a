"""Buttons and menus: one module for each."""

from typing import TYPE_CHECKING

from bot.handlers.actions import (
    answered,
    assign,
    confirm,
    correct,
    decide,
    drafts,
    merge,
    next_case,
    open_case,
    open_mail,
    reject,
)

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

_MODULES = (answered, assign, confirm, correct, decide, drafts, merge, next_case, open_case, open_mail, reject)


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Hangs the listeners on the app."""
    for module in _MODULES:
        module.register(app, deps)
