"""How outgoing rows leave the house, as the settings say: the mail server, Slack."""

from typing import TYPE_CHECKING

from config.errors import ConfigurationError
from creditdesk.wiring import Wiring
from ingest.intake import Intake
from runtime.smtp import SmtpTransport

if TYPE_CHECKING:
    from bot.slack.service import SlackService


def smtp_transport(desk: Wiring) -> SmtpTransport | None:
    """The mail server, or None where none is configured."""
    settings = desk.settings.smtp
    if not settings.host:
        return None
    token = None
    if settings.auth == "oauth2":
        from ingest.mailbox.tokens import TokenSource

        token = TokenSource(settings).token
    return SmtpTransport(settings, sender_name=f"{desk.rules.desk.name}, {desk.rules.desk.insurer}", token=token)


def slack_service(desk: Wiring, intake: Intake) -> "SlackService | None":
    """The Slack app, or None where there are no tokens. Raises ConfigurationError for half a configuration."""
    settings = desk.settings
    bot, installed = settings.slack_bot_token.get_secret_value(), settings.slack.client_id
    if not bot and not installed:
        return None
    if settings.slack.mode == "http" and not settings.slack_signing_secret.get_secret_value():
        raise ConfigurationError(
            "Slack's HTTP mode needs SLACK_SIGNING_SECRET: copy it from the app's Basic Information"
        )
    if settings.slack.mode == "socket" and not settings.slack_app_token.get_secret_value():
        raise ConfigurationError("Slack's socket mode needs SLACK_APP_TOKEN (xapp-…): make one with connections:write")
    from bot.slack.service import Given, SlackService
    from creditdesk.commands.ask import build_assistant

    return SlackService(
        Given(
            settings=settings,
            database=desk.database,
            sessions=desk.sessions,
            rules=lambda: desk.rules,
            clock=desk.clock,
            assistant=build_assistant(desk),
            owner=intake.slot,
            desk_channel=desk.slack_channel,
            stored=intake.wake,
        )
    )
