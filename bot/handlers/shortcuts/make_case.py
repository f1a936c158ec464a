""" "Make a case of this": a Slack message and its files go the way that an e-mail goes, and end as a case with a card."""

import hashlib
import logging
import mimetypes
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.slack import escaping
from bot.slack.asking import words_of
from bot.slack.deliveries import Delivery, key_of
from bot.slack.files import download
from bot.slack.identity import Refusal
from bot.views.phrases import language_of, phrase
from cases import audit
from cases.models import StoredMessage
from cases.rights import Asker, may
from config.errors import InvalidValue
from ingest import ledger

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.deps import SlackDeps

CALLBACK = "make_case"
_SUBJECT = 120  # characters
log = logging.getLogger("creditdesk.slack")


def register(app: "AsyncApp", deps: "SlackDeps") -> None:
    """The shortcut is taken at once; files are fetched and the message stored afterwards."""

    async def work(delivery: Delivery) -> None:
        await _make(delivery, deps)

    deps.deliveries.work(CALLBACK, work)

    async def wanted(ack: Any, body: dict[str, Any]) -> None:
        payload = {
            "team": str((body.get("team") or {}).get("id") or ""),
            "user": str((body.get("user") or {}).get("id") or ""),
            "channel": str((body.get("channel") or {}).get("id") or ""),
            "message": body.get("message") or {},
            "response_url": str(body.get("response_url") or ""),
        }
        await deps.deliveries.take(key_of(body), CALLBACK, payload)
        await ack()

    app.shortcut({"type": "message_action", "callback_id": CALLBACK})(wanted)


async def _make(delivery: Delivery, deps: "SlackDeps") -> None:
    given, message = delivery.payload, delivery.payload["message"]
    text = words_of(str(message.get("text") or ""), deps.sender.bot_user)
    language = language_of(text)
    asker = await deps.identity.who(given["user"], given["team"])
    if isinstance(asker, Refusal):
        if not asker.silent:
            await _tell(deps, given, phrase(asker.reason, language))
        return
    if not may(asker, "new_case", deps.rules().rights):
        await deps.in_thread(_note_refusal, deps, asker)
        await _tell(deps, given, phrase("case_refused", language))
        return
    files, failed = await _fetched(deps, message, given["team"], language)
    if not text and not files:
        await _tell(deps, given, "\n".join([phrase("case_empty", language), *failed]))
        return
    raw = as_mail(asker, text, files, given, deps)
    new = await deps.in_thread(_store, deps, raw)
    await _tell(deps, given, "\n".join([phrase("case_taken" if new else "case_known", language), *failed]))


async def _fetched(
    deps: "SlackDeps", message: dict[str, Any], team: str, language: str
) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The files of a message, and a sentence for each that could not be had."""
    files, failed = [], []
    for file in list(message.get("files") or [])[:10]:
        name = str(file.get("name") or file.get("title") or file.get("id"))
        try:
            files.append((name, await download(deps.sender, file, team)))
        except InvalidValue as error:
            failed.append(phrase("file_failed", language, name=escaping.clean(name), reason=error))
    return files, failed


def as_mail(asker: Asker, text: str, files: list[tuple[str, bytes]], given: dict[str, Any], deps: "SlackDeps") -> bytes:
    """The message as a mail of the colleague; the same message always gives the same bytes, and so one case."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((" ".join(asker.name.split()), asker.email))
    address = deps.rules().desk.address
    if address:
        mail["To"] = address
    first = next((line for line in text.split("\n") if line.strip()), files[0][0] if files else "")
    mail["Subject"] = " ".join(escaping.clean(first).split())[:_SUBJECT]
    ts = str(given["message"].get("ts") or given["message"].get("message_ts") or "0")
    mail["Date"] = format_datetime(datetime.fromtimestamp(float(ts), UTC))
    mail["Message-ID"] = f"<{given['team']}.{given['channel']}.{ts}@slack.invalid>"
    mail.set_content(text or "\n")
    for name, content in files:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        major, minor = kind.split("/", 1)
        if major == "message":
            major, minor = "application", "octet-stream"
        mail.add_attachment(content, maintype=major, subtype=minor, filename=name)
    if files:
        mail.set_boundary(f"=_{hashlib.sha256(ts.encode()).hexdigest()[:40]}")
    return mail.as_bytes()


def _store(deps: "SlackDeps", raw: bytes) -> bool:
    """Puts the mail into the ledger; False: it is there already."""
    with deps.sessions.begin() as session:
        if session.scalar(select(StoredMessage.id).where(StoredMessage.digest == ledger.digest_of(raw))) is not None:
            return False
        ledger.store(session, raw, now=deps.clock(), source="slack")
    deps.stored()
    return True


def _note_refusal(deps: "SlackDeps", asker: Asker) -> None:
    with deps.sessions.begin() as session:
        audit.record(
            session, kind="Refused", actor=asker.email, at=deps.clock(), after={"action": "new_case"}, cause="in Slack"
        )


async def _tell(deps: "SlackDeps", given: dict[str, Any], text: str) -> None:
    shown = {"text": escaping.notice(text), "blocks": [escaping.rich(text)]}
    await deps.sender.respond(given["response_url"], {"response_type": "ephemeral", "replace_original": False, **shown})
