"""Mail out over SMTP: TLS, password or OAuth 2; what the server says decides between sent, again and never."""

import base64
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr

from cases.models import OutboxItem
from config.errors import ConfigurationError, DeskError
from config.settings import SmtpSettings
from runtime.letters import compose
from runtime.outbox import Failed, Outcome, Retry, Sent

SECONDS = 30.0
TOO_LARGE = 552  # said to MAIL FROM, but about the mail
AWAY = 5.0  # seconds without a new try to connect, after one that failed: many rows must not mean many logins


@dataclass
class SmtpTransport:
    """Sends outbox rows of the channel `email`. `token` gives an OAuth access token where that is configured."""

    settings: SmtpSettings
    sender_name: str
    token: Callable[[], str] | None = None
    _client: smtplib.SMTP | None = None
    _away_until: float = 0.0
    _away_reason: str = ""

    def send(self, item: OutboxItem) -> Outcome:
        """One mail. A 4xx or a lost connection is tried again, a 5xx for this mail is final."""
        try:
            mail = compose(item, self.settings.sender, self.sender_name)
        except ValueError as error:
            return Failed(f"{error}: correct the address and send it anew")
        if time.monotonic() < self._away_until:
            return Retry(self._away_reason)
        try:
            client = self._connected()
        except (smtplib.SMTPException, OSError, DeskError) as error:
            # Not this mail: the server, or our account there.
            self._away_until, self._away_reason = time.monotonic() + AWAY, f"{type(error).__name__}: {error}"
            return Retry(self._away_reason)
        try:
            client.send_message(mail, parseaddr(self.settings.sender)[1], [parseaddr(item.to)[1]])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return self._refused(code, said)
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code == TOO_LARGE:
                return self._refused(error.smtp_code, error.smtp_error)
            self.close()
            return Retry(f"{error.smtp_code}: the server refuses our own address {error.sender}")
        except smtplib.SMTPResponseException as error:
            return self._refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Retry(f"{type(error).__name__}: {error}")
        return Sent()

    def _refused(self, code: int, said: bytes | str) -> Outcome:
        self.close()
        reason = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
        # 530: the session has lost its login, which says nothing about this mail.
        return Retry(reason) if 400 <= code < 500 or code == 530 else Failed(reason)

    def _connected(self) -> smtplib.SMTP:
        """The open connection, or a new one where the last has gone stale."""
        if self._client is not None:
            try:
                if self._client.noop()[0] == 250:
                    return self._client
            except (smtplib.SMTPException, OSError):
                pass  # closed by the server meanwhile, as servers do with idle clients
            self.close()
        settings = self.settings
        context = ssl.create_default_context()
        client: smtplib.SMTP
        if settings.tls == "ssl":
            client = smtplib.SMTP_SSL(settings.host, settings.port, timeout=SECONDS, context=context)
        else:
            client = smtplib.SMTP(settings.host, settings.port, timeout=SECONDS)
        try:
            if settings.tls == "starttls":
                client.starttls(context=context)
            self._login(client)
        except BaseException:
            client.close()
            raise
        self._client = client
        return client

    def _login(self, client: smtplib.SMTP) -> None:
        settings = self.settings
        if settings.auth == "oauth2":
            if self.token is None:
                raise ConfigurationError(
                    "SMTP by oauth2 needs a token source: set CLIENT_ID and TENANT or REFRESH_TOKEN"
                )
            said = f"user={settings.user}\x01auth=Bearer {self.token()}\x01\x01"
            client.ehlo_or_helo_if_needed()
            code, answer = client.docmd("AUTH", "XOAUTH2 " + base64.b64encode(said.encode()).decode())
            if code != 235:
                raise smtplib.SMTPAuthenticationError(code, answer)
        elif settings.auth == "password" and settings.user:
            client.login(settings.user, settings.password.get_secret_value())

    def check(self) -> None:
        """Connects and logs in, sending nothing. Raises smtplib.SMTPException, OSError or DeskError."""
        self._connected()

    def close(self) -> None:
        """Ends the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None
