"""What can be said of a message whose reading was stopped: header, names of files, plain text."""

from ingest.attachments import Attached, Opener
from ingest.bodies import is_text
from ingest.charsets import decode, visible
from ingest.gather import Gathering, file_name
from ingest.limits import Limits
from ingest.message import Letter, Message, Span
from ingest.mime import MimePart, Parser
from ingest.reading import assembled, head_of, header_text

BYTES = 3_000_000  # of the message that are looked at
TEXT = 200_000  # bytes of plain text that are shown


def outline(raw: bytes, limits: Limits, reason: str) -> Message:
    """A message without reading its files: nothing in it can take long."""
    parser = Parser(limits)
    tree = parser.message(raw[:BYTES])
    head = head_of(tree)
    gathering = Gathering(limits)
    gathering.note(f"message: {reason}; only its header and plain text were read")
    gathering.part("subject", "subject", head.subject or "", [])
    text = _plain(tree)
    gathering.part("body", "body", text, [])
    gathering.part("header", "header", header_text(tree), [])
    opener = Opener(gathering, parser, lambda attached, mail: None)
    for part in tree.walk():
        if not part.children and not is_text(part):
            name = file_name(part.filename, part.media_type, len(gathering.files) + 1)
            data = part.payload() if len(part.body) < BYTES else part.body
            opener.record(Attached(name, part.media_type, data), reason=f"not opened: {reason}")
    spans = (Span(1, 0, len(text)),) if text else ()
    gathering.letters.append(Letter("outer", 0, head.sender, head.to, head.subject, head.date, spans, cc=head.cc))
    return assembled(raw, tree, head, gathering)


def _plain(tree: MimePart) -> str:
    """The first plain text."""
    for part in tree.walk():
        if part.media_type == "text/plain" and is_text(part) and part.body.strip():
            return visible(decode(part.payload()[:TEXT], part.params.get("charset", ""))).strip()
    return ""
