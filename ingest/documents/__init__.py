"""Documents to text and tables, by what the bytes are (the name and the declared type only help)."""

from ingest.documents.kinds import kind_of
from ingest.gather import Reading
from ingest.limits import Limits

UNREADABLE = {
    "doc": "old Word format (.doc), which is not read: ask for DOCX or PDF",
    "ppt": "PowerPoint, which is not read",
    "encrypted": "protected by a password",
    "archive": "an archive of a kind that is not opened (only ZIP is)",
    "audio": "sound or video",
    "smime": "an encrypted or signed S/MIME envelope, which is not opened",
    "empty": "the file is empty",
    "unknown": "unknown format",
}


def read_document(kind: str, data: bytes, limits: Limits, charset: str = "") -> Reading:
    """Text and tables of a document of a known kind; never raises for what the bytes hold.

    The libraries that open documents raise errors of every class on broken files, so all are caught here and
    become the reason that people see.
    """
    if kind in UNREADABLE:
        return Reading(reason=UNREADABLE[kind])
    try:
        return _reader(kind, data, limits, charset)
    except MemoryError:
        return Reading(reason="too large to be read in the memory allowed")
    except Exception as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        return Reading(reason=f"damaged or not what its name says ({words})")


def _reader(kind: str, data: bytes, limits: Limits, charset: str) -> Reading:
    if kind in ("xlsx", "xls", "ods"):
        from ingest.documents.sheets import read_sheets

        return read_sheets(data, kind, limits)
    if kind == "pdf":
        from ingest.documents.pdf import read_pdf

        return read_pdf(data, limits)
    if kind in ("docx", "odt", "pptx"):
        from ingest.documents.office import read_office

        return read_office(data, kind, limits)
    if kind == "image":
        from ingest.documents.ocr import read_picture

        return read_picture(data)
    from ingest.documents.plain import read_csv, read_html_file, read_rtf, read_text

    if kind == "csv":
        return read_csv(data, limits, charset)
    if kind == "html":
        return read_html_file(data, limits, charset)
    if kind == "rtf":
        return read_rtf(data, limits)
    return read_text(data, limits, charset)


__all__ = ["UNREADABLE", "kind_of", "read_document"]
