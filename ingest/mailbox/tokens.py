"""OAuth 2 access tokens for mail servers, renewed before they run out.

Microsoft 365: client credentials through msal (`tenant`, `client_id`, `client_secret`); `token_url` names the login
service of a national cloud.
Google and others: a refresh token (`token_url`, `refresh_token`).
"""

import time
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr

from config.errors import ConfigurationError, Unavailable

EARLY = 120.0  # seconds before the end at which a token is renewed
MICROSOFT = "https://login.microsoftonline.com"
GOOGLE = "https://oauth2.googleapis.com/token"
OUTLOOK_SCOPE = "https://outlook.office365.com/.default"
PATIENCE = 20.0  # seconds for the token server


class OAuthAccount(Protocol):
    """The OAuth part of mailbox and SMTP settings."""

    client_id: str
    client_secret: SecretStr
    tenant: str
    refresh_token: SecretStr
    token_url: str


@dataclass
class TokenSource:
    """Gives a valid access token; asks the token server only when the last one nears its end."""

    account: OAuthAccount
    _token: str = ""
    _until: float = 0.0
    _application: object | None = field(default=None, repr=False)

    def token(self, *, fresh: bool = False) -> str:
        """An access token; `fresh` asks anew (after the mail server refused the last one).

        Raises ConfigurationError where the account is refused, Unavailable where the token server does not answer.
        """
        if fresh or time.time() > self._until - EARLY:
            answer = self._by_refresh() if self.account.refresh_token.get_secret_value() else self._by_msal()
            if "access_token" not in answer:
                reason = answer.get("error_description") or answer.get("error") or "no access_token in the answer"
                raise ConfigurationError(f"the token server refuses: {reason}; check client id, secret and consent")
            self._token = str(answer["access_token"])
            self._until = time.time() + float(str(answer.get("expires_in", 3600)))
        return self._token

    def _by_refresh(self) -> dict[str, object]:
        import httpx  # a tenth of the time in which a process starts, and most mailboxes have a password

        form = {
            "grant_type": "refresh_token",
            "client_id": self.account.client_id,
            "client_secret": self.account.client_secret.get_secret_value(),
            "refresh_token": self.account.refresh_token.get_secret_value(),
        }
        try:
            response = httpx.post(self.account.token_url or GOOGLE, data=form, timeout=PATIENCE)
            answer: dict[str, object] = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"the token server does not answer ({error}): it is tried again") from error
        return answer

    def _by_msal(self) -> dict[str, object]:
        import msal  # its application object goes to the network when made: here, inside the connect step

        if not self.account.tenant:
            raise ConfigurationError("oauth2 needs TENANT (Microsoft 365) or REFRESH_TOKEN (Google): set one of them")
        try:
            if self._application is None:
                self._application = msal.ConfidentialClientApplication(
                    self.account.client_id,
                    client_credential=self.account.client_secret.get_secret_value(),
                    authority=f"{self.account.token_url.rstrip('/') or MICROSOFT}/{self.account.tenant}",
                    # Whether a service named by hand is one of Microsoft's is not for Microsoft's public one to say.
                    instance_discovery=False if self.account.token_url else None,
                    timeout=PATIENCE,
                )
            answer: dict[str, object] = self._application.acquire_token_for_client([OUTLOOK_SCOPE])  # type: ignore[attr-defined]
        except (OSError, ValueError) as error:
            raise Unavailable(f"the token server does not answer ({error}): it is tried again") from error
        return answer
