"""What happens in Slack: messages, mentions, people who come, change and leave, workspaces that remove the app."""

from typing import TYPE_CHECKING

from bot.handlers.events import changes, home, messages, opening

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.asking import Asking
    from bot.slack.deps import SlackDeps


def register(app: "AsyncApp", deps: "SlackDeps", asking: "Asking") -> None:
    """Hangs the listeners on the app."""
    messages.register(app, deps, asking)
    opening.register(app, deps)
    home.register(app, deps)
    changes.register(app, deps)
