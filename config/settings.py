"""Settings of one running desk: environment first, then `.env`; secrets also from files (`…_FILE`)."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from config.errors import ConfigurationError

Tls = Literal["ssl", "starttls", "none"]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class MailboxSettings(BaseModel):
    """One mailbox to read."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field("", description="Name of the IMAP server")
    port: int = Field(993, description="Its port")
    user: str = Field("", description="Account")
    password: SecretStr = Field(SecretStr(""), description="Password")
    tls: Tls = Field("ssl", description="`ssl`, `starttls`, or `none` (loopback only)")
    auth: Literal["password", "oauth2"] = Field("password", description="`password` or `oauth2`")
    folders: str = Field("INBOX", description="Folders to read, comma separated")
    client_id: str = Field("", description="OAuth 2 client id")
    client_secret: SecretStr = Field(SecretStr(""), description="OAuth 2 client secret")
    tenant: str = Field("", description="Microsoft 365 tenant (client credentials)")
    refresh_token: SecretStr = Field(SecretStr(""), description="Refresh token (Google)")
    token_url: str = Field(
        "", description="Token endpoint (Microsoft 365: login service), where it is not the usual one"
    )
    authserv_id: str = Field(
        "", description="Name of the receiving server in Authentication-Results; without it nobody is authenticated"
    )
    done_folder: str = Field("", description="Filed mail is moved here; empty: it gets a keyword")
    quarantine_folder: str = Field("", description="The same for quarantined mail")
    since: date | None = Field(None, description="Only mail received from this day (back-fill)")
    max_bytes: int = Field(40_000_000, description="Of a larger mail only the header is taken")
    poll_seconds: float = Field(30.0, description="Seconds between polls where the server has no IDLE")

    def folder_list(self) -> list[str]:
        """Folder names, in the order given."""
        return [name.strip() for name in self.folders.split(",") if name.strip()]


class SmtpSettings(BaseModel):
    """The server that sends our mail."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    host: str = Field("", description="Name of the SMTP server; empty: nothing is sent")
    port: int = Field(587, description="Its port")
    user: str = Field("", description="Account")
    password: SecretStr = Field(SecretStr(""), description="Password")
    tls: Tls = Field("starttls", description="`ssl`, `starttls`, or `none` (loopback only)")
    auth: Literal["password", "oauth2", "none"] = Field("password", description="`password`, `oauth2` or `none`")
    sender: str = Field(default="", alias="from", description="Address of the desk")
    client_id: str = Field("", description="OAuth 2 client id")
    client_secret: SecretStr = Field(SecretStr(""), description="OAuth 2 client secret")
    tenant: str = Field("", description="Microsoft 365 tenant")
    refresh_token: SecretStr = Field(SecretStr(""), description="Refresh token")
    token_url: str = Field(
        "", description="Token endpoint (Microsoft 365: login service), where it is not the usual one"
    )


class HttpSettings(BaseModel):
    """The one HTTP server of `serve`."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field("127.0.0.1", description="Address of the HTTP server of `serve`")
    port: int = Field(8080, description="Its port")


class SlackSettings(BaseModel):
    """How to speak to Slack; tokens have their usual names."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["socket", "http"] = Field("socket", description="`socket` or `http`")
    api_url: str = Field("https://slack.com/api/", description="Address of Slack’s Web API, ending in `/api/`")
    desk_channel: str = Field("", description="Channel id where review cards go (also in desk.yaml)")
    client_id: str = Field("", description="For installation into several workspaces")
    client_secret: SecretStr = Field(SecretStr(""), description="For installation into several workspaces")


class LlmSettings(BaseModel):
    """Limits of the model."""

    model_config = ConfigDict(extra="forbid")

    timeout: float = Field(25.0, description="Seconds for a whole call")
    breaker: bool = Field(True, description="Stop asking a model that fails, and probe it later")
    day_cap: float = Field(0.0, description="Cost a day at which calls stop; 0: no cap")
    parallel: int = Field(4, description="Calls at once")
    calls_per_minute: int = Field(60, description="Calls a minute")
    price_input: float = Field(0.0, description="Price of a million tokens read")
    price_output: float = Field(0.0, description="Price of a million tokens written")
    cache: bool = Field(True, description="Keep answers by content")


class Settings(BaseSettings):
    """All settings. The environment wins over `.env` and over desk.yaml."""

    model_config = SettingsConfigDict(
        env_prefix="CREDITDESK_", env_nested_delimiter="__", env_file=".env", extra="ignore", populate_by_name=True
    )

    data_dir: Path = Field(Path("data"), description="Where the embedded database and the knowledge base lie")
    database_url: str = Field(
        "", description="`sqlite:////path/file.db` or `postgresql://user@host/name`; empty: SQLite in the data folder"
    )
    desk_file: Path | None = Field(None, description="Your desk.yaml; empty: the one that ships")
    model: str = Field("gpt-5-mini", description="Name of the model")
    embedding_model: str = Field("", description="Embedding model of the endpoint; empty: the packaged one")
    chroma_url: str = Field("", description="Chroma server; empty: a folder in the data folder")
    imap: MailboxSettings = MailboxSettings()
    mailboxes: dict[str, MailboxSettings] = Field(default_factory=dict)
    smtp: SmtpSettings = SmtpSettings()
    http: HttpSettings = HttpSettings()
    slack: SlackSettings = SlackSettings()
    llm: LlmSettings = LlmSettings()
    slot: str = Field("", description="Executor slot of this process; empty: the lowest free one")
    log_level: str = Field("INFO", description="`DEBUG`, `INFO`, `WARNING`, `ERROR`")

    slack_bot_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("SLACK_BOT_TOKEN"), description="Bot token (xoxb-…)"
    )
    slack_app_token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("SLACK_APP_TOKEN"),
        description="App token (xapp-…), socket mode",
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("SLACK_SIGNING_SECRET"),
        description="Signing secret, HTTP mode",
    )
    openai_api_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("OPENAI_API_KEY"),
        description="Key of the model’s endpoint",
    )
    openai_base_url: str = Field(
        default="",
        validation_alias=AliasChoices("OPENAI_BASE_URL"),
        description="Address of an OpenAI-compatible endpoint",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Given values, the environment, `.env`; in both, secrets may be named by their files."""
        for source in (env_settings, dotenv_settings):
            if isinstance(source, EnvSettingsSource):  # both are
                source.env_vars = _with_secrets(source.env_vars)
        return init_settings, env_settings, dotenv_settings

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


def _with_secrets(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    """The variables; where one is called `name_file` and holds a path, `name` has what stands in that file.

    So container secrets are given. A secret that is set itself goes before its file.
    """
    known = dict(variables)
    for name, path in variables.items():
        bare = name.lower().removesuffix("_file")
        ours = bare.startswith(("creditdesk_", "slack_", "openai_")) and bare != "creditdesk_desk"
        if not ours or bare == name.lower():
            continue
        del known[name]
        if bare in variables or not path:
            continue
        try:
            known[bare] = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(
                f"{name.upper()} names {path}, which cannot be read ({error.strerror}): correct the path"
            ) from error
    return known


def load_settings(**overrides: object) -> Settings:
    """Settings from environment and `.env`; `overrides` (command line) win.

    Raises ConfigurationError naming the variable, the reason and the cure.
    """
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
