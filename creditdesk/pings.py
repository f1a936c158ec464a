"""One question to each part of the desk: does it work, and if not, what mends it. `doctor` shows the answers.

A ping gives a sentence; it raises `NotConfigured` where a part is not in use, and DeskError (whose text holds the
cure) where it does not work.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from config.errors import DeskError, Unavailable
from creditdesk.wiring import Wiring

State = Literal["good", "off", "bad"]
SECONDS = 10.0


class NotConfigured(Exception):
    """The part is not in use; the text says what would set it up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a ping found."""

    part: str
    state: State
    text: str


def _configuration(desk: Wiring) -> str:
    rules = desk.rules
    file = desk.settings.desk_file or "the shipped desk.yaml"
    return f"{file}: {len(rules.teams)} teams, {len(rules.documents)} document rules"


def _database(desk: Wiring) -> str:
    from sqlalchemy import text

    with desk.database.connect() as connection:
        connection.execute(text("select 1"))
    if desk.database.dialect.name == "sqlite":
        with desk.database.connect() as connection:
            verdict = connection.exec_driver_sql("pragma quick_check").scalar()
        if verdict != "ok":
            raise Unavailable(f"the database file is damaged ({verdict}): restore the last backup")
    return desk.database.url.render_as_string(hide_password=True)


def _audit(desk: Wiring) -> str:
    from cases.audit import verify
    from cases.database import read_session

    with read_session(desk.database) as session:
        faults = verify(session)
    if faults:
        raise DeskError(f"{faults[0]}; compare with a backup and tell whoever is responsible for audits")
    return "the chain verifies"


def _teams(desk: Wiring) -> str:
    from sqlalchemy import select

    from cases.database import read_session
    from cases.models import Case, Person
    from cases.vocabulary import Role

    known = {team.name for team in desk.rules.teams} | {d.team for d in desk.rules.departments.values()}
    with read_session(desk.database) as session:
        used = set(session.scalars(select(Case.team).where(Case.team.is_not(None)).distinct()))
        staffed = set(
            session.scalars(select(Person.team).where(Person.role == Role.UNDERWRITER, Person.active.is_(True)))
        )
    unknown = sorted(str(team) for team in (used | staffed) - known if team)
    if unknown:
        raise DeskError(f"teams not in desk.yaml: {', '.join(unknown)}; add them under `teams`")
    empty = sorted(team.name for team in desk.rules.teams if team.name not in staffed and not team.members)
    if empty:
        raise DeskError(f"teams without underwriters: {', '.join(empty)}; import people or list members in desk.yaml")
    return f"{len(known)} known, all staffed"


def _mailbox(name: str) -> Callable[[Wiring], str]:
    def ping(desk: Wiring) -> str:
        from ingest.mailbox import folders
        from ingest.mailbox.connection import DROPPED, close, connect
        from ingest.mailbox.poller import token_source

        box = desk.settings.all_mailboxes()[name]
        try:
            client = connect(box, token_source(box))
        except DROPPED as error:
            raise Unavailable(
                f"{box.host}:{box.port} does not answer ({error}): check host, port, TLS and firewall"
            ) from error
        try:
            missing = [folder for folder in box.folder_list() if not client.folder_exists(folder)]
            if missing:
                raise DeskError(f"no folder {', '.join(missing)}: correct FOLDERS or create them")
            keywords = folders.select(client, box.folder_list()[0]).keywords_allowed
            has_idle = client.has_capability("IDLE")
        finally:
            close(client)
        notes = [] if keywords or box.done_folder else ["takes no keywords: filed mail stays unmarked"]
        if not has_idle:
            notes.append(f"has no IDLE: read every {box.poll_seconds:g} s")
        if not box.authserv_id:
            notes.append("AUTHSERV_ID is not set: no colleague's mail counts as authenticated")
        return "; ".join([f"{box.user}@{box.host}, {len(box.folder_list())} folders", *notes])

    return ping


def _mail_out(desk: Wiring) -> str:
    from creditdesk.transports import smtp_transport

    transport = smtp_transport(desk)
    if transport is None:
        raise NotConfigured("set CREDITDESK_SMTP__HOST and __FROM to send mail")
    try:
        transport.check()
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(
            f"{desk.settings.smtp.host}:{desk.settings.smtp.port} refuses ({error}): check host, port, TLS and account"
        ) from error
    finally:
        transport.close()
    return f"{desk.settings.smtp.host}, as {desk.settings.smtp.sender}"


def _slack(desk: Wiring) -> str:
    import httpx

    token = desk.settings.slack_bot_token.get_secret_value()
    if not token:
        raise NotConfigured("set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (docs/slack.md)")
    try:
        answer = httpx.post(
            desk.settings.slack.api_url + "auth.test", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS
        ).json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(
            f"Slack does not answer ({error}): check the network and CREDITDESK_SLACK__API_URL"
        ) from error
    if not answer.get("ok"):
        raise DeskError(f"Slack refuses the token ({answer.get('error')}): copy it again from the app's page")
    mode = desk.settings.slack.mode
    needed = desk.settings.slack_app_token if mode == "socket" else desk.settings.slack_signing_secret
    if not needed.get_secret_value():
        name = "SLACK_APP_TOKEN" if mode == "socket" else "SLACK_SIGNING_SECRET"
        raise DeskError(f"{mode} mode needs {name}: set it (docs/slack.md)")
    if not (desk.slack_channel):
        raise DeskError("no desk channel for review cards: set CREDITDESK_SLACK__DESK_CHANNEL")
    return f"workspace {answer.get('team', '?')}, {mode} mode"


def _model(desk: Wiring) -> str:
    import httpx

    settings = desk.settings
    if not settings.model_configured:
        raise NotConfigured("rules only; set OPENAI_API_KEY or OPENAI_BASE_URL for a model")
    base = (settings.openai_base_url or "https://api.openai.com/v1").rstrip("/")
    try:
        answer = httpx.get(
            f"{base}/models",
            headers={"Authorization": f"Bearer {settings.openai_api_key.get_secret_value() or 'none'}"},
            timeout=SECONDS,
        )
    except httpx.HTTPError as error:
        raise Unavailable(f"{base} does not answer ({error}): check OPENAI_BASE_URL; rules work meanwhile") from error
    if answer.status_code in (401, 403):
        raise DeskError(f"{base} refuses the key ({answer.status_code}): check OPENAI_API_KEY; rules work meanwhile")
    return f"{settings.model} at {base}"


def _outbox(desk: Wiring) -> str:
    from sqlalchemy import func, select

    from cases.database import read_session
    from cases.models import OutboxItem, StoredMessage
    from cases.vocabulary import OutboxState

    with read_session(desk.database) as session:
        failed = session.scalar(select(func.count()).where(OutboxItem.state == OutboxState.FAILED)) or 0
        drafts = session.scalar(select(func.count()).where(OutboxItem.state.in_((OutboxState.DRAFT, OutboxState.HELD))))
        parked = session.scalar(select(func.count()).where(StoredMessage.parked.is_(True))) or 0
    if failed or parked:
        raise DeskError(
            f"{failed} outgoing rows failed (creditdesk outbox list), {parked} messages are parked "
            "(creditdesk messages list): look at their reasons and retry"
        )
    return f"nothing failed or parked; {drafts} drafts wait for a person"


def _knowledge(desk: Wiring) -> str:
    if desk.knowledge.is_empty:
        raise NotConfigured("no manual is indexed: creditdesk index FOLDER")
    status = desk.knowledge.status
    return f"{status.documents} documents, {status.chunks} passages, {status.embedder}"


def findings(desk: Wiring) -> list[Finding]:
    """Every part, asked in turn."""
    parts: dict[str, Callable[[Wiring], str]] = {
        "configuration": _configuration,
        "database": _database,
        "audit chain": _audit,
        "teams": _teams,
        "outbox and ledger": _outbox,
    }
    parts |= {f"mailbox {name}": _mailbox(name) for name in desk.settings.all_mailboxes()}
    parts |= {"mail out": _mail_out, "Slack": _slack, "model": _model, "knowledge": _knowledge}
    found = [_ask(name, ping, desk) for name, ping in parts.items()]
    if not desk.settings.all_mailboxes():
        found.append(Finding("mailbox", "off", "set CREDITDESK_IMAP__HOST, __USER and __PASSWORD to read mail"))
    return found


def _ask(name: str, ping: Callable[[Wiring], str], desk: Wiring) -> Finding:
    try:
        return Finding(name, "good", ping(desk))
    except NotConfigured as off:
        return Finding(name, "off", str(off))
    except DeskError as error:
        return Finding(name, "bad", str(error))
