"""Outlook's own formats: winmail.dat and .msg."""

import io
from collections.abc import Mapping
from datetime import datetime

from ingest.charsets import decode
from ingest.headers import HeaderField
from ingest.limits import Limits
from ingest.mime import MimePart


def tnef_files(data: bytes, limits: Limits) -> tuple[str, list[tuple[str, bytes]]]:
    """Body text and files of a winmail.dat."""
    import logging

    logging.getLogger("tnef-decode").setLevel(logging.CRITICAL)
    from tnefparse import TNEF

    tnef = TNEF(data, do_checksum=False)
    body = tnef.body
    text = decode(body) if isinstance(body, bytes) else str(body or "")
    if not text.strip() and tnef.htmlbody:
        from ingest.bodies import html_piece

        raw = tnef.htmlbody if isinstance(tnef.htmlbody, bytes) else str(tnef.htmlbody).encode()
        text = html_piece(raw, "", limits).text
    files: list[tuple[str, bytes]] = []
    for attachment in tnef.attachments[: limits.members]:
        name = attachment.long_filename() or attachment.name or ""
        name = decode(name) if isinstance(name, bytes) else str(name)
        if attachment.data:
            files.append((name.strip("\x00"), bytes(attachment.data)))
    return text, files


def outlook_mail(data: bytes) -> MimePart:
    """A .msg as a tree like that of a mail, so that it is read the same way."""
    from oxmsg import Message

    message = Message.load(io.BytesIO(data))
    fields = _fields(message.message_headers, message.subject, message.sender, message.sent_date)
    root = MimePart(fields, media_type="multipart/mixed")
    if message.body and message.body.strip():
        root.children.append(_leaf("text/plain", message.body.encode()))
    elif message.html_body:
        root.children.append(_leaf("text/html", message.html_body.encode()))
    for attachment in message.attachments:
        content = attachment.file_bytes
        if content is None:
            continue
        leaf = _leaf(attachment.mime_type or "application/octet-stream", content)
        leaf.filename = attachment.file_name or ""
        leaf.disposition = "attachment"
        root.children.append(leaf)
    return root


def _leaf(media_type: str, data: bytes) -> MimePart:
    return MimePart([], media_type=media_type, params={"charset": "utf-8"}, body=data, depth=1)


def _fields(
    headers: Mapping[str, str], subject: str | None, sender: str | None, sent: datetime | None
) -> list[HeaderField]:
    fields = [HeaderField(name.casefold(), b"", " ".join(str(value).split())) for name, value in headers.items()]
    have = {field.name for field in fields}
    if "subject" not in have and subject:
        fields.append(HeaderField("subject", b"", subject))
    if "from" not in have and sender:
        fields.append(HeaderField("from", b"", sender))
    if "date" not in have and sent is not None:
        fields.append(HeaderField("date", b"", sent.strftime("%a, %d %b %Y %H:%M:%S +0000")))
    return fields
