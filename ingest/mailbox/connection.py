"""Opening an IMAP connection: time-outs for each phase, verified TLS, password or OAuth 2."""

import socket
import ssl

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError, ProtocolError

from config.errors import ConfigurationError
from config.settings import MailboxSettings
from ingest.mailbox.tokens import TokenSource

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
# Everything after which a connection is not to be used again (imapclient never reconnects by itself).
DROPPED = (IMAPClientError, ProtocolError, OSError, EOFError)


def connect(box: MailboxSettings, tokens: TokenSource | None) -> IMAPClient:
    """A logged-in client. Raises ConfigurationError where the account is refused, else one of DROPPED."""
    context = ssl.create_default_context() if box.tls != "none" else None
    client = IMAPClient(
        box.host,
        port=box.port,
        ssl=box.tls == "ssl",
        ssl_context=context,
        timeout=SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
    )
    try:
        if box.tls == "starttls":
            client.starttls(context)
        # A peer that vanished without a word must show while we wait in IDLE.
        client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        _login(client, box, tokens)
    except BaseException:
        close(client)
        raise
    return client


def _login(client: IMAPClient, box: MailboxSettings, tokens: TokenSource | None) -> None:
    if tokens is None:
        try:
            client.login(box.user, box.password.get_secret_value())
        except LoginError as error:
            raise ConfigurationError(
                f"mailbox {box.user}@{box.host} refuses the login ({error}): check user and password"
            ) from error
        return
    try:
        _oauth(client, box, tokens.token())
    except LoginError:
        # The server may have revoked a token before its time: once more with a new one.
        try:
            _oauth(client, box, tokens.token(fresh=True))
        except LoginError as error:
            raise ConfigurationError(
                f"mailbox {box.user}@{box.host} refuses the token ({error}): check consent and mailbox rights"
            ) from error


def _oauth(client: IMAPClient, box: MailboxSettings, token: str) -> None:
    if client.has_capability("AUTH=OAUTHBEARER") and not client.has_capability("AUTH=XOAUTH2"):
        client.oauthbearer_login(box.user, token)
    else:
        client.oauth2_login(box.user, token)


def close(client: IMAPClient) -> None:
    """Ends the connection without waiting for a server that may be gone."""
    try:
        client.shutdown()
    except DROPPED:
        return  # it was closed already
