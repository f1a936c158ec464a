"""Mail that machines send: it must never be answered, or two machines answer each other for ever."""

import re
from typing import Literal

from ingest.headers import message_ids
from ingest.message import Message
from ingest.phrases import words

Sign = Literal["reply", "report", "receipt", "bulk", "machine"]
LOCAL = re.compile(r"[\w.+-]+")
REPORTS = ("message/delivery-status", "message/disposition-notification", "message/global-delivery-status")
ORIGINAL_ID = re.compile(
    r"^(?:Original-Message-ID|Message-ID|X-Original-Message-ID)\s*:\s*<?([^\s<>]{3,990})>?", re.I | re.M
)
FAILED = re.compile(r"^Action\s*:\s*(failed|delayed)", re.I | re.M)
OURS = ("creditdesk",)


def is_automatic(message: Message) -> bool:
    """Whether a machine sent the message, so that it must not be answered."""
    return bool(signs(message))


def signs(message: Message) -> dict[Sign, str]:
    """What marks the message as automatic, by kind, each with the header or words that show it.

    "reply": an answer without a person (out of office, ticket received) · "report": delivery report ·
    "receipt": read or delivered · "bulk": list or newsletter · "machine": any other mail of a machine.
    """
    found: dict[Sign, str] = {}
    _by_headers(message, found)
    _by_lists(message, found)
    _by_structure(message, found)
    _by_words(message, found)
    return found


def _first(message: Message, name: str) -> str:
    return next(iter(message.headers.get(name, ())), "").strip()


def _by_headers(message: Message, found: dict[Sign, str]) -> None:
    submitted = _first(message, "auto-submitted").split(";")[0].strip().casefold()
    if submitted and submitted != "no":
        found["reply" if submitted.startswith("auto-replied") else "machine"] = f"Auto-Submitted: {submitted}"
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-autoreply-from",
        "x-vacation",
        "x-mail-autoreply",
    ):
        if _first(message, name) and _first(message, name).casefold() != "no":
            found.setdefault("reply", name)
    precedence = _first(message, "precedence").casefold()
    if precedence in ("auto_reply", "auto-reply"):
        found.setdefault("reply", f"Precedence: {precedence}")
    elif precedence in ("bulk", "junk", "list"):
        found.setdefault("bulk", f"Precedence: {precedence}")
    suppress = _first(message, "x-auto-response-suppress").casefold()
    if suppress and suppress != "none":
        found.setdefault("machine", f"X-Auto-Response-Suppress: {suppress}")
    loops = [value.casefold() for name in ("x-loop", "x-creditdesk-loop") for value in message.headers.get(name, ())]
    if loops:
        found.setdefault("machine", f"X-Loop: {loops[0][:80]}")
    if any(_first(message, "return-path") == empty for empty in ("<>", "< >")):
        found.setdefault("machine", "Return-Path: <>")


def _by_lists(message: Message, found: dict[Sign, str]) -> None:
    """Mailing lists, but not the group address of the desk itself."""
    own = {person.address.rpartition("@")[2] for person in (*message.to, *message.cc) if "@" in person.address}
    for name in ("list-id", "list-unsubscribe", "list-post", "list-help", "feedback-id"):
        value = _first(message, name).casefold()
        if value and not any(domain and domain in value for domain in own):
            found.setdefault("bulk", f"{name}: {value[:80]}")


def _by_structure(message: Message, found: dict[Sign, str]) -> None:
    content = _first(message, "content-type").casefold()
    kinds = {file.media_type for file in message.attachments}
    if "disposition-notification" in content or "message/disposition-notification" in kinds:
        found.setdefault("receipt", "a receipt (multipart/report)")
    elif content.startswith("multipart/report") or kinds & set(REPORTS):
        found.setdefault("report", "a delivery report (multipart/report)")
    if _first(message, "x-failed-recipients"):
        found.setdefault("report", "X-Failed-Recipients")


def _by_words(message: Message, found: dict[Sign, str]) -> None:
    local = message.sender.address.partition("@")[0] if message.sender else ""
    stem = re.sub(r"[+=].*$", "", local)
    if stem in words("automatic", "senders") or stem.startswith(("mailer-daemon", "noreply", "no-reply", "bounce")):
        found.setdefault("report" if "daemon" in stem else "machine", f"sent by {local}@")
    subject = re.sub(r"^(?:\[[^\]]{1,40}\]\s*)+", "", message.subject.lower().strip())
    kinds: tuple[tuple[Sign, str], ...] = (
        ("reply", "reply_subjects"), ("report", "bounce_subjects"), ("receipt", "receipt_subjects"),
    )  # fmt: skip
    for kind, key in kinds:
        phrase = next((phrase for phrase in words("automatic", key) if subject.startswith(phrase)), None)
        if phrase:
            found.setdefault(kind, f"subject: {phrase}")
    body = next((part.text for part in message.parts if part.kind == "body"), "")[:3000].lower()
    phrase = next((phrase for phrase in words("automatic", "text") if phrase in body), None)
    if phrase and not any(letter.kind == "forwarded" for letter in message.letters):
        found.setdefault("machine", f"text: {phrase}")


def bounced_message_id(message: Message) -> str | None:
    """Message-ID (without brackets) of the mail that could not be delivered; None where this is no bounce."""
    marked = signs(message)
    if "report" not in marked:
        return None
    texts = [part.text for part in message.parts if part.kind == "attachment"]
    if any(FAILED.search(text) is None and "Action:" in text for text in texts):
        return None  # delivered or relayed
    for text in texts:
        if match := ORIGINAL_ID.search(text):
            return match.group(1)
    body = next((part.text for part in message.parts if part.kind == "body"), "")
    if match := ORIGINAL_ID.search(body):
        return match.group(1)
    named = [item for value in message.headers.get("x-failed-message-id", ()) for item in message_ids(value)]
    return next(iter(named or message.in_reply_to), None)
