"""An outbox row as the e-mail that goes out: headers, loop marks, threading."""

import base64
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr

from cases.models import OutboxItem

LOOP_HEADER = "X-Creditdesk-Loop"  # our own mark: a mail that carries it is never answered


def compose(item: OutboxItem, sender: str, sender_name: str) -> EmailMessage:
    """The mail of a row. The same row always gives the same Message-ID, so a repeat is one mail to its reader.

    Raises ValueError for an address that no mail can have.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((sender_name, parseaddr(sender)[1] or sender))
    mail["To"] = _address(item.to)
    mail["Subject"] = " ".join(item.subject.split())
    mail["Date"] = format_datetime(item.created_at)
    mail["Message-ID"] = item.message_id or ""
    if item.in_reply_to:
        mail["In-Reply-To"] = _bracketed(item.in_reply_to)
    if item.references:
        mail["References"] = " ".join(_bracketed(reference) for reference in item.references)
    # RFC 3834: automatic software answers nothing that says so.
    mail["Auto-Submitted"] = "auto-replied" if item.in_reply_to else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP_HEADER] = "1"
    if item.language:
        mail["Content-Language"] = item.language
    mail.set_content(item.text, charset="utf-8", cte="quoted-printable")
    attachments = item.payload.get("attachments")
    for file in attachments if isinstance(attachments, list) else []:
        main, _, sub = str(file["media_type"]).partition("/")
        content = base64.b64decode(file["base64"])
        mail.add_attachment(content, maintype=main, subtype=sub, filename=str(file["filename"]))
    return mail


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    if address.count("@") != 1:
        raise ValueError(f"{text!r} is no e-mail address")
    return Address(display_name=name, addr_spec=address)


def _bracketed(message_id: str) -> str:
    inner = message_id.strip().strip("<>")
    return f"<{''.join(inner.split())}>"
