"""What kind of file bytes are: by their first bytes, then by name, then by the declared type."""

import io
import re
import zipfile

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"BM", "image"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"ID3", "audio"),
    (b"OggS", "audio"),
)
ENDINGS = {
    "csv": "csv", "tsv": "csv", "tab": "csv", "htm": "html", "html": "html", "xhtml": "html", "txt": "text",
    "text": "text", "md": "text", "log": "text", "json": "text", "xml": "text", "ics": "text", "vcf": "text",
    "eml": "mail", "msg": "msg", "rtf": "rtf", "doc": "doc", "ppt": "ppt", "p7m": "smime", "mp3": "audio",
    "mp4": "audio", "wav": "audio", "avi": "audio", "mov": "audio", "webp": "image", "heic": "image", "svg": "image",
    "rar": "archive", "7z": "archive", "gz": "archive", "tar": "archive",
}  # fmt: skip
TYPES = {
    "text/csv": "csv", "text/comma-separated-values": "csv", "text/tab-separated-values": "csv", "text/html": "html",
    "application/xhtml+xml": "html", "message/rfc822": "mail", "application/vnd.ms-outlook": "msg",
    "application/rtf": "rtf", "text/rtf": "rtf", "application/pkcs7-mime": "smime",
    "application/x-pkcs7-mime": "smime", "application/msword": "doc", "message/global": "mail",
}  # fmt: skip
HEADER_LINE = re.compile(
    rb"(?:From |(?:Return-Path|Received|From|Date|Subject|To|MIME-Version|Message-ID|Delivered-To):)", re.I
)


def kind_of(name: str, media_type: str, data: bytes) -> str:
    """One of the kinds that `read_document` knows, or "zip", "tnef", "mail", "msg"."""
    if not data.strip(b"\r\n\t \x00"):
        return "empty"
    start = data[:8]
    zipped = start.startswith(b"PK\x03\x04")  # its first member may be a PDF
    if not zipped and (at := data[:1024].find(b"%PDF-")) >= 0 and at < 1020:
        return "pdf"
    for magic, kind in MAGIC:
        if start.startswith(magic) and not (magic == b"BM" and not name.casefold().endswith(".bmp")):
            return kind
    if start.startswith(b"PK"):
        return _zip_kind(data)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return _ole_kind(name, data)
    ending = name.rsplit(".", 1)[-1].casefold() if "." in name else ""
    if ending in ENDINGS:
        kind = ENDINGS[ending]
        return kind if kind not in ("mail",) or HEADER_LINE.match(data.lstrip()[:60]) else "text"
    if media_type in TYPES:
        return TYPES[media_type]
    if media_type.startswith("image/"):
        return "image"
    if media_type.startswith(("audio/", "video/")):
        return "audio"
    if data[:400].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    return "text" if media_type.startswith(("text/", "message/")) or _reads_as_text(data) else "unknown"


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist()[:5000])
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return "zip"
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "word/document.xml" in names:
        return "docx"
    if "ppt/presentation.xml" in names:
        return "pptx"
    if "content.xml" in names and "mimetype" in names:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            mime = archive.read("mimetype")[:100]
        return "ods" if b"spreadsheet" in mime else "odt"
    return "zip"


def _ole_kind(name: str, data: bytes) -> str:
    names = data.replace(b"\x00", b"") if len(data) < 8_000_000 else data[-4_000_000:].replace(b"\x00", b"")
    if b"EncryptedPackage" in names:
        return "encrypted"
    if b"__properties_version1.0" in names or b"__nameid_version1.0" in names:
        return "msg"
    if b"WordDocument" in names:
        return "doc"
    if b"PowerPoint Document" in names:
        return "ppt"
    if b"Workbook" in names or b"Book" in names:
        return "xls"
    return ENDINGS.get(name.rsplit(".", 1)[-1].casefold(), "unknown")


def _reads_as_text(data: bytes) -> bool:
    sample = data[:4000]
    if b"\x00" in sample and not sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    odd = sum(1 for b in sample if b < 9 or 13 < b < 32)
    return odd * 50 < len(sample)
