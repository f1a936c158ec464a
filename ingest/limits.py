"""How much of a message is read before reading stops and says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one message. Whatever lies beyond is named in `Message.notes`, never read silently."""

    message_bytes: int = 50_000_000  # of the raw message that are parsed
    header_bytes: int = 400_000  # of one header block
    mime_parts: int = 400  # leaves and multiparts together
    mime_depth: int = 20  # multiparts and attached mails inside each other
    file_bytes: int = 25_000_000  # of one attachment that is opened
    total_bytes: int = 100_000_000  # unpacked from archives, whole message
    members: int = 200  # files of archives, whole message
    archive_depth: int = 3
    ratio: int = 200  # unpacked to packed size of one archive member above 1 MB
    pages: int = 200  # of one document
    cells: int = 60_000  # of one spreadsheet file
    rows: int = 5_000  # of one sheet
    text_chars: int = 400_000  # of one part
    all_chars: int = 2_000_000  # of all parts together
    lines: int = 20_000  # of a body that are searched for letters
    seconds: float = 12.0  # whole message, in the worker
    memory_bytes: int = 400_000_000  # address space that the worker may add


DEFAULT = Limits()
