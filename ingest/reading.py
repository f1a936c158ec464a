"""From the bytes of a mail to a `Message`: parts with text, letters, tables, files.

`read_message` runs where it is called and never raises for what the bytes hold; `read_safely` runs it
in a worker process under limits of time and memory unless the mail is small and plain.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.attachments import Attached, Opener
from ingest.bodies import Body, body_of
from ingest.documents.ocr import new_message
from ingest.forwards import bare_subject, subject_kind
from ingest.gather import Gathering
from ingest.headers import address, addresses, date, message_ids
from ingest.limits import DEFAULT, Limits
from ingest.message import Address, Letter, Message
from ingest.mime import MimePart, Parser
from ingest.texttables import find_tables
from ingest.threads import Head, Kind, unfold_letters

SIMPLE_BYTES = 64_000
COVERING_NOTE = 350  # characters of a text that only passes something on
NAMED = re.compile(rb"name\*?\d?\*?[ \t]{0,5}=", re.I)
TYPES = re.compile(rb"content-type[ \t]*:\s*([^\s;]{1,80})", re.I)
HARMLESS = frozenset(
    {b"text/plain", b"text/html", b"multipart/alternative", b"multipart/mixed", b"multipart/related", b"multipart/report",
     b"message/rfc822", b"message/delivery-status", b"text/rfc822-headers", b"message/disposition-notification"}
)  # fmt: skip
SHOWN_HEADERS = (("From", "from"), ("Reply-To", "reply-to"), ("To", "to"), ("Cc", "cc"), ("Date", "date"))


def read_message(raw: bytes, limits: Limits = DEFAULT) -> Message:
    """Read a message. Deterministic; never raises for what the bytes hold."""
    return _Reading(raw, limits).message()


def file_contents(raw: bytes, limits: Limits = DEFAULT) -> dict[str, bytes]:
    """The bytes of each file of a message by their digest, also of those inside archives and attached mails."""
    reading = _Reading(raw, limits)
    reading.opener.contents = {}
    reading.message()
    return reading.opener.contents


def read_safely(raw: bytes, limits: Limits = DEFAULT) -> Message:
    """Read a message so that it can cost only `limits.seconds` and `limits.memory_bytes`.

    Small mails of text alone are read here: every step on text is linear in its length, so an ordinary one takes a
    millisecond and the worst 64 kB (measured) less than one second. All others go to a worker process. Where reading was stopped, the message holds its header,
    the names of its files and what plain text there is, and a note says so.
    """
    if _harmless(raw):
        return read_message(raw, limits)
    from ingest.worker import POOL
    from runtime.workers import WorkerFailed

    cut = raw[: limits.message_bytes + 1]
    try:
        message = POOL.read(cut, limits)
    except WorkerFailed as failure:
        from ingest.outline import outline

        return outline(raw, limits, str(failure))
    return message if len(cut) == len(raw) else replace(message, digest=hashlib.sha256(raw).hexdigest())


def _harmless(raw: bytes) -> bool:
    """Whether a mail is short and holds nothing but text."""
    if len(raw) > SIMPLE_BYTES or (
        b"name" in raw[:SIMPLE_BYTES].lower() and re.search(rb"(?i)\bname\*?\d?\*?\s*=", raw)
    ):
        return False
    return {kind.lower() for kind in TYPES.findall(raw)} <= HARMLESS and b"\nbegin " not in raw


def head_of(tree: MimePart) -> Head:
    """Who wrote a mail to whom, when and about what."""
    sender = next(iter(addresses(tree.raw("from"))), None) or address(tree.raw("sender"))
    return Head(
        sender=sender,
        to=addresses(tree.raw("to")),
        cc=addresses(tree.raw("cc")),
        subject=tree.get("subject"),
        date=date(tree.raw("date")),
    )


def assembled(raw: bytes, tree: MimePart, head: Head, gathering: Gathering, remarks: Sequence[str] = ()) -> Message:
    """The message of what was gathered; `remarks` of the parser come first among its notes."""
    return Message(
        digest=hashlib.sha256(raw).hexdigest(),
        message_id=next(iter(message_ids(tree.raw("message-id"))), None),
        in_reply_to=replied_to(tree),
        subject=head.subject or "",
        sender=head.sender,
        reply_to=next(iter(addresses(tree.raw("reply-to"))), None),
        to=head.to,
        cc=head.cc,
        date=head.date,
        headers=decoded_headers(tree),
        parts=tuple(gathering.parts),
        letters=tuple(gathering.letters),
        tables=tuple(gathering.tables),
        attachments=tuple(gathering.files),
        notes=tuple(dict.fromkeys([*remarks, *gathering.notes])),
        hidden_text=gathering.hidden,
    )


class _Reading:
    """One message while it is read."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw = raw
        self.gathering = Gathering(limits)
        self.parser = Parser(limits)
        self.opener = Opener(self.gathering, self.parser, self._attached_mail)
        self.limits = limits
        self.report = False  # a delivery report: a mail inside it is ours coming back, no forward

    def message(self) -> Message:
        new_message()
        tree = self.parser.message(self.raw)
        self.report = tree.media_type == "multipart/report"
        head = head_of(tree)
        gathering = self.gathering
        gathering.part("subject", "subject", head.subject or "", [])
        body = body_of(tree, self.limits)
        self._body("body", body, head, 0, None)
        gathering.part("header", "header", header_text(tree), [])
        self._files(body, 0, 0, None)
        return assembled(self.raw, tree, head, gathering, self.parser.notes)

    def _body(
        self,
        name: str,
        body: Body,
        head: Head,
        depth: int,
        attachment: int | None,
        lead: str = "",
        kind: Kind = "outer",
    ) -> int:
        """Add the text of a mail as a part, with its letters; the index of the first of them."""
        if body.hidden:
            self.gathering.hidden = True
            self.gathering.note(f"{name}: text that a reader does not see was left out")
        text = lead + body.text
        tables = body.tables if body.html else find_tables(body.text)
        for table in tables if lead else ():
            table.rows = [[(t, s + len(lead), e + len(lead)) for t, s, e in row] for row in table.rows]
        part = self.gathering.part(name, "body" if attachment is None else "attachment", text, tables, attachment)
        first = len(self.gathering.letters)
        text = self.gathering.parts[part].text
        self.gathering.letters += unfold_letters(text, len(lead), part, head, kind, depth, self.limits.lines)
        return first

    def _files(self, body: Body, letter: int, mail_depth: int, container: str | None) -> None:
        for name, data in body.embedded:
            self.opener.open(
                Attached(
                    name, "application/octet-stream", data, letter=letter, mail_depth=mail_depth, container=container
                )
            )
        for part in body.files:
            self.opener.leaf(
                part, content_ids=body.content_ids, letter=letter, mail_depth=mail_depth, container=container
            )

    def _attached_mail(self, attached: Attached, tree: MimePart) -> None:
        """A mail inside the mail: its text is a part, it is a letter, and its files are files."""
        if attached.mail_depth >= self.limits.mime_depth:
            self.opener.record(attached, reason="a mail inside too many others, not opened", is_message=True)
            return
        head = head_of(tree)
        body = body_of(tree, self.limits)
        lead = header_text(tree, attached=True, identity=self.report)
        lead = f"{lead}\n\n" if lead else ""
        number = len(self.gathering.files)
        around = self.gathering.letters[attached.letter]
        depth = around.depth + 1
        kind: Kind = "quoted" if self.report else "forwarded"
        part = len(self.gathering.parts)
        letter = self._body(f"attachment: {attached.name}", body, head, depth, number, lead, kind)
        if not self.report and _is_evidence(around, head):
            del self.gathering.letters[letter:]
            letter = attached.letter
        self.opener.record(attached, part=part, is_message=True, members=len(body.files) + len(body.embedded))
        self._files(body, letter, attached.mail_depth + 1, attached.name)


def _is_evidence(around: Letter, head: Head) -> bool:
    """Whether an attached mail only proves something (a buyer's order), beside a letter that says what is wanted.

    A forward by subject, a short covering note, or a note among colleagues makes it the forwarded mail.
    """
    if subject_kind(around.subject) == "forward" or bare_subject(around.subject or "") == bare_subject(
        head.subject or ""
    ):
        return False
    domain = around.sender.address.rpartition("@")[2] if around.sender else ""
    if any(person.address.rpartition("@")[2] == domain for person in around.to):
        return False
    return sum(span.end - span.start for span in around.body) > COVERING_NOTE


def header_text(tree: MimePart, attached: bool = False, identity: bool = False) -> str:
    """The lines of the header that people see, so that values can point at them."""
    lines = [f"{shown}: {value}" for shown, name in SHOWN_HEADERS if (value := tree.get(name))]
    more = (["Subject"] if attached else []) + (["Message-ID"] if identity else [])
    lines += [f"{shown}: {value}" for shown in more if (value := tree.get(shown.casefold()))]
    return "\n".join(line[:2000] for line in lines)


def replied_to(tree: MimePart) -> tuple[str, ...]:
    found = message_ids(tree.raw("in-reply-to")) + message_ids(tree.raw("references"))[::-1]
    return tuple(dict.fromkeys(found))[:50]


def decoded_headers(tree: MimePart) -> dict[str, tuple[str, ...]]:
    """All outer header fields, decoded."""
    return {name: tuple(tree.all(name)) for name in dict.fromkeys(field.name for field in tree.fields)}


__all__ = [
    "Address",
    "Letter",
    "Limits",
    "Message",
    "file_contents",
    "head_of",
    "header_text",
    "read_message",
    "read_safely",
]
