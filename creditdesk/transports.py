"""How outgoing rows leave the house, as the settings say."""

from creditdesk.wiring import Wiring
from runtime.smtp import SmtpTransport


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
