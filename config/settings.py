"""Settings of one running desk: environment first, then `.env`; secrets also from files (`…_FILE`)."""

import os
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.errors import ConfigurationError

Tls = Literal["ssl", "starttls", "none"]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class MailboxSettings(BaseModel):
    """One mailbox to read."""

    model_config = ConfigDict(extra="forbid")

    host: str = ""
    port: int = 993
    user: str = ""
    password: SecretStr = SecretStr("")
    tls: Tls = "ssl"
    auth: Literal["password", "oauth2"] = "password"
    folders: str = "INBOX"  # comma separated
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    tenant: str = ""
    refresh_token: SecretStr = SecretStr("")
    token_url: str = ""
    authserv_id: str = ""  # name of the receiving server in Authentication-Results
    done_folder: str = ""
    quarantine_folder: str = ""
    since: date | None = None
    max_bytes: int = 40_000_000
    poll_seconds: float = 30.0

    def folder_list(self) -> list[str]:
        """Folder names, in the order given."""
        return [name.strip() for name in self.folders.split(",") if name.strip()]


class SmtpSettings(BaseModel):
    """The server that sends our mail."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    host: str = ""
    port: int = 587
    user: str = ""
    password: SecretStr = SecretStr("")
    tls: Tls = "starttls"
    auth: Literal["password", "oauth2", "none"] = "password"
    sender: str = Field(default="", alias="from")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    tenant: str = ""
    refresh_token: SecretStr = SecretStr("")
    token_url: str = ""


class HttpSettings(BaseModel):
    """The one HTTP server of `serve`."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: int = 8080


class SlackSettings(BaseModel):
    """How to speak to Slack; tokens have their usual names."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["socket", "http"] = "socket"
    api_url: str = "https://slack.com/api/"
    desk_channel: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")


class LlmSettings(BaseModel):
    """Limits of the model."""

    model_config = ConfigDict(extra="forbid")

    timeout: float = 25.0  # seconds, whole call
    breaker: bool = True
    day_cap: float = 0.0  # currency units a day; 0: none
    parallel: int = 4
    calls_per_minute: int = 60
    price_input: float = 0.0  # per million tokens
    price_output: float = 0.0
    cache: bool = True


class Settings(BaseSettings):
    """All settings. The environment wins over `.env` and over desk.yaml."""

    model_config = SettingsConfigDict(
        env_prefix="CREDITDESK_", env_nested_delimiter="__", env_file=".env", extra="ignore", populate_by_name=True
    )

    data_dir: Path = Path("data")
    database_url: str = ""
    desk_file: Path | None = None
    model: str = "gpt-5-mini"
    embedding_model: str = ""  # empty: the packaged model; else a model of the OpenAI endpoint
    chroma_url: str = ""
    imap: MailboxSettings = MailboxSettings()
    mailboxes: dict[str, MailboxSettings] = Field(default_factory=dict)
    smtp: SmtpSettings = SmtpSettings()
    http: HttpSettings = HttpSettings()
    slack: SlackSettings = SlackSettings()
    llm: LlmSettings = LlmSettings()
    slot: str = ""  # executor slot; empty: the lowest free one of this host
    log_level: str = "INFO"

    slack_bot_token: SecretStr = Field(default=SecretStr(""), validation_alias=AliasChoices("SLACK_BOT_TOKEN"))
    slack_app_token: SecretStr = Field(default=SecretStr(""), validation_alias=AliasChoices("SLACK_APP_TOKEN"))
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("SLACK_SIGNING_SECRET")
    )
    openai_api_key: SecretStr = Field(default=SecretStr(""), validation_alias=AliasChoices("OPENAI_API_KEY"))
    openai_base_url: str = Field(default="", validation_alias=AliasChoices("OPENAI_BASE_URL"))

    @property
    def url(self) -> str:
        """The database, as SQLAlchemy wants it."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'creditdesk.db').absolute()}"
        for short in ("postgres://", "postgresql://"):
            if self.database_url.startswith(short):
                return "postgresql+psycopg://" + self.database_url.removeprefix(short)
        return self.database_url

    @property
    def model_configured(self) -> bool:
        """Whether an LLM can be asked."""
        return bool(self.openai_api_key.get_secret_value() or self.openai_base_url)

    def all_mailboxes(self) -> dict[str, MailboxSettings]:
        """Every configured mailbox by name."""
        boxes = {"imap": self.imap} if self.imap.host else {}
        return boxes | {name: box for name, box in self.mailboxes.items() if box.host}


def _secrets_from_files() -> None:
    """`NAME_FILE=/path` gives NAME, as container secrets do."""
    for name, path in list(os.environ.items()):
        bare = name.removesuffix("_FILE")
        ours = bare.startswith(("CREDITDESK_", "SLACK_", "OPENAI_")) and name != "CREDITDESK_DESK_FILE"
        if name.endswith("_FILE") and ours and bare not in os.environ:
            try:
                os.environ[bare] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigurationError(
                    f"{name} names {path}, which cannot be read ({error.strerror}): correct the path"
                ) from error


def load_settings(**overrides: object) -> Settings:
    """Settings from environment and `.env`; `overrides` (command line) win.

    Raises ConfigurationError naming the variable, the reason and the cure.
    """
    _secrets_from_files()
    try:
        settings = Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        where = "__".join(str(step) for step in first["loc"]).upper()
        name = where if where.startswith(("SLACK_BOT", "SLACK_APP", "SLACK_SIGN", "OPENAI")) else f"CREDITDESK_{where}"
        raise ConfigurationError(f"{name}: {first['msg']}; set it to a valid value or unset it") from error
    for name, box in settings.all_mailboxes().items():
        _refuse_plain(f"mailbox {name}", box.host, box.tls)
    _refuse_plain("mail out", settings.smtp.host, settings.smtp.tls)
    return settings


def _refuse_plain(what: str, host: str, tls: Tls) -> None:
    if tls == "none" and host and host not in LOOPBACK:
        raise ConfigurationError(f"{what}: TLS 'none' is allowed on the loopback only; set TLS to ssl or starttls")
