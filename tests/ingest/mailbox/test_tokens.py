"""OAuth 2: tokens are fetched, kept, renewed in time, and shown to the mail server in its own way."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import fixed_clock
from config.errors import ConfigurationError, Unavailable
from config.settings import MailboxSettings
from ingest.mailbox.poller import Poller
from ingest.mailbox.sync import MailboxSync
from ingest.mailbox.tokens import TokenSource
from tests.doubles.imap_faults import FaultyImap, faulty_imap
from tests.doubles.microsoft_login import microsoft_login
from tests.doubles.token_server import TokenServer, token_server
from tests.ingest.intake.mails import request
from tests.ingest.mailbox.conftest import NOW, stored

Sessions = sessionmaker[Session]


def settings(tokens: TokenServer, imap: FaultyImap | None = None) -> MailboxSettings:
    return MailboxSettings.model_validate(
        {
            "host": "127.0.0.1",
            "port": imap.port if imap else 1,
            "user": "desk@insurer.example",
            "tls": "none",
            "auth": "oauth2",
            "client_id": "client",
            "client_secret": "hidden",
            "refresh_token": "refresh-me",
            "token_url": tokens.url,
        }
    )


def poller(tokens: TokenServer, imap: FaultyImap, sessions: Sessions) -> Poller:
    return Poller(MailboxSync("imap", settings(tokens, imap), sessions, fixed_clock(NOW)))


def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    """One question serves many connections; a token about to end, or refused, is asked for anew."""
    with token_server() as tokens:
        source = TokenSource(settings(tokens))
        assert [source.token(), source.token(), source.token(fresh=True)] == ["token-1", "token-1", "token-2"]
        tokens.lifetime = 60
        assert [source.token(fresh=True), source.token()] == ["token-3", "token-4"]
        assert tokens.asked[0] == {
            "grant_type": "refresh_token",
            "client_id": "client",
            "client_secret": "hidden",
            "refresh_token": "refresh-me",
        }


def test_what_the_token_server_says_is_told() -> None:
    """A refused grant is a fault of the configuration; no answer is a trouble that passes; neither shows the secret."""
    with token_server() as tokens:
        tokens.refuse = "invalid_grant"
        with pytest.raises(ConfigurationError, match="no longer valid") as caught:
            TokenSource(settings(tokens)).token()
        assert "hidden" not in str(caught.value)
    with pytest.raises(Unavailable, match="does not answer"):
        TokenSource(settings(tokens)).token()
    nothing = MailboxSettings.model_validate({"auth": "oauth2", "client_id": "client"})
    with pytest.raises(ConfigurationError, match="TENANT"):
        TokenSource(nothing).token()


def test_microsofts_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Client credentials over HTTPS: the certificate is verified, the token is kept, a refusal says what to check."""
    with microsoft_login(tmp_path) as login:
        account = {"auth": "oauth2", "client_id": "client", "client_secret": "hidden", "tenant": "a-tenant"}
        box = MailboxSettings.model_validate(account | {"token_url": login.url})
        with pytest.raises(Unavailable, match="does not answer"):
            TokenSource(box).token()  # nobody has said that this certificate is to be trusted
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(login.certificate))
        source = TokenSource(box)
        assert [source.token(), source.token()] == ["microsoft-1", "microsoft-1"]
        [(path, form)] = login.asked
        assert path == "/a-tenant/oauth2/v2.0/token"
        assert (form["grant_type"], form["client_id"]) == ("client_credentials", "client")
        assert form["client_secret"] == "hidden"
        assert form["scope"] == "https://outlook.office365.com/.default"
        login.refuse = True
        with pytest.raises(ConfigurationError, match="AADSTS7000215") as caught:
            TokenSource(box).token()
        assert "hidden" not in str(caught.value)


def test_the_token_reaches_the_mail_server(desk_sessions: Sessions) -> None:
    """XOAUTH2 on the wire: user and bearer token between control characters; the mail comes."""
    with token_server() as tokens, faulty_imap() as imap:
        imap.deliver(request(1))
        poller(tokens, imap, desk_sessions).once()
        assert imap.tokens == ["user=desk@insurer.example\x01auth=Bearer token-1\x01\x01"]
    assert stored(desk_sessions) == [request(1)]


def test_a_revoked_token_is_renewed_once(desk_sessions: Sessions) -> None:
    """A token that the mail server refuses before its time is renewed; a second refusal is told."""
    with token_server() as tokens, faulty_imap() as imap:
        imap.deliver(request(1))
        imap.bad_tokens = {"token-1"}
        poller(tokens, imap, desk_sessions).once()
        assert stored(desk_sessions) == [request(1)]
        imap.bad_tokens = {f"token-{number}" for number in range(9)}
        with pytest.raises(ConfigurationError, match="refuses the token"):
            poller(tokens, imap, desk_sessions).once()
