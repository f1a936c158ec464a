"""The scene of the Slack tests."""

from tests.bot.slack.conftest import scene

__all__ = ["scene"]
