"""Secrets come from variables or from files that variables name, in the environment and in `.env`."""

from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.settings import load_settings


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a secret; no `.env` is at hand."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "secret"
    file.write_text("hunter2\n")
    return file


@pytest.mark.parametrize(
    ("variable", "read"),
    [
        ("CREDITDESK_IMAP__PASSWORD", lambda s: s.imap.password.get_secret_value()),
        ("CREDITDESK_SMTP__PASSWORD", lambda s: s.smtp.password.get_secret_value()),
        ("CREDITDESK_MAILBOXES__CLAIMS__PASSWORD", lambda s: s.mailboxes["claims"].password.get_secret_value()),
        ("CREDITDESK_DATABASE_URL", lambda s: s.database_url),
        ("SLACK_BOT_TOKEN", lambda s: s.slack_bot_token.get_secret_value()),
        ("OPENAI_API_KEY", lambda s: s.openai_api_key.get_secret_value()),
    ],
)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_secret_in_a_file(variable: str, read, where: str, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """`NAME_FILE=/path` gives NAME what stands in the file, without its line end."""
    if where == ".env":
        Path(".env").write_text(f"{variable}_FILE={secret}\n")
    else:
        monkeypatch.setenv(f"{variable}_FILE", str(secret))
    assert read(load_settings()) == "hunter2"


def test_a_secret_that_is_set_goes_before_its_file(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both given: the variable itself."""
    monkeypatch.setenv("CREDITDESK_IMAP__PASSWORD_FILE", str(secret))
    monkeypatch.setenv("CREDITDESK_IMAP__PASSWORD", "mine")
    assert load_settings().imap.password.get_secret_value() == "mine"


def test_an_empty_file_is_no_secret(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What compose.yaml gives where a part is not used."""
    secret.write_text("")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(secret))
    assert not load_settings().model_configured


def test_a_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    """The variable, the path and the cure are named."""
    monkeypatch.setenv("CREDITDESK_IMAP__PASSWORD_FILE", f"{secret}.missing")
    with pytest.raises(ConfigurationError, match=r"CREDITDESK_IMAP__PASSWORD_FILE names .*missing.*: correct the path"):
        load_settings()


def test_the_desk_file_is_no_secret(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CREDITDESK_DESK_FILE is a setting of its own."""
    monkeypatch.setenv("CREDITDESK_DESK_FILE", str(secret))
    assert load_settings().desk_file == secret
