"""Everything that people do in Slack, each kind in its own folder; `register` hangs it all on the app."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """Events, commands and shortcuts; clicks and views.

    The app runs with `process_before_response`: a listener is awaited before Slack gets its answer, so it only
    takes the delivery (`deps.deliveries.take`), opens a modal, or checks a submission, and returns within a second.
    """
    from bot.handlers import actions, answer_clicks, commands, events, shortcuts, views
    from bot.slack.asking import Asking

    asking = Asking(deps)
    events.register(app, deps, asking)
    commands.register(app, deps, asking)
    shortcuts.register(app, deps)
    answer_clicks.register(app, deps, asking)
    actions.register(app, deps)
    views.register(app, deps)
