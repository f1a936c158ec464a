"""Files and folders of the manual, read into blocks; what cannot be read is reported, the rest goes in."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.readers.blocks import Document, Heading, UnreadableFile

MARKDOWN = frozenset({".md", ".markdown", ".mdown"})
WEB = frozenset({".html", ".htm", ".xhtml"})
TEXT = frozenset({".txt", ".text", ".rst"})
SUFFIXES = MARKDOWN | WEB | TEXT | {".docx", ".pdf"}
NO_AUTHOR = frozenset({"anonymous", "(anonymous)", "python-docx", "unknown"})  # what tools write where nobody is named
LARGEST_FILE = 100_000_000  # bytes


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index: its place on disk and the name it is cited by (relative to the folder it was given in)."""

    path: Path
    name: str
    root: Path


@dataclass(frozen=True, slots=True)
class SourceFault:
    """A file or folder that could not be read, and why."""

    path: str
    reason: str


def walk(paths: Sequence[Path]) -> tuple[list[SourceFile], list[SourceFault]]:
    """Every readable kind of file under the paths, in path order; hidden and temporary files are passed over."""
    files: dict[Path, SourceFile] = {}
    faults: list[SourceFault] = []
    for given in paths:
        path = given.absolute()
        if not path.exists():
            faults.append(SourceFault(str(given), "it does not exist: correct the path"))
        elif path.is_dir():
            for found in _under(path, faults):
                files.setdefault(found, SourceFile(found, found.relative_to(path).as_posix(), path))
        elif path.suffix.lower() not in SUFFIXES:
            faults.append(
                SourceFault(str(given), f"files of kind {path.suffix or 'unknown'!r} are not read: {_kinds()}")
            )
        else:
            files.setdefault(path, SourceFile(path, path.name, path))
    return [files[path] for path in sorted(files)], faults


def _kinds() -> str:
    return "give Markdown, HTML, DOCX, PDF or TXT"


def _under(folder: Path, faults: list[SourceFault]) -> Iterator[Path]:
    def refused(error: OSError) -> None:
        faults.append(
            SourceFault(str(error.filename), f"the folder cannot be opened ({error.strerror}): give rights to it")
        )

    for where, folders, names in os.walk(folder, onerror=refused):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith((".", "~$")):
                yield Path(where) / name


def read_bytes(source: SourceFile) -> bytes:
    """The file's bytes; raises UnreadableFile for one that is empty, too large or may not be read."""
    try:
        if source.path.stat().st_size > LARGEST_FILE:
            raise UnreadableFile(f"it is larger than {LARGEST_FILE // 1_000_000} MB: split it")
        raw = source.path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"it cannot be opened ({error.strerror}): give rights to it") from error
    if not raw.strip():
        raise UnreadableFile("it is empty: remove it or put something in")
    return raw


def digest(raw: bytes) -> str:
    """The identity of a file's content."""
    return hashlib.sha256(raw).hexdigest()


def read_document(name: str, raw: bytes) -> Document:
    """The blocks of a file by the kind its name says; raises UnreadableFile."""
    suffix = Path(name).suffix.lower()
    try:
        document = _reader(suffix, raw)
    except UnreadableFile:
        raise
    except (
        Exception
    ) as error:  # a reader of foreign formats may fail in any way; the file is reported, the rest goes in
        raise UnreadableFile(f"it cannot be read ({type(error).__name__}: {error}): save it anew") from error
    if not any(not isinstance(block, Heading) for block in document.blocks):
        raise UnreadableFile("it holds no text: remove it or put something in")
    return document if document.author.lower() not in NO_AUTHOR else Document(document.blocks)


def _reader(suffix: str, raw: bytes) -> Document:
    if suffix in WEB:
        from knowledge.readers.web import read_html

        return read_html(raw)
    if suffix == ".docx":
        from knowledge.readers.word import read_word

        return read_word(raw)
    if suffix == ".pdf":
        from knowledge.readers.pdf import read_pdf

        return read_pdf(raw)
    from knowledge.readers.markdown import read_markdown
    from knowledge.readers.plain import read_plain

    text = decode_text(raw)
    return read_markdown(text) if suffix in MARKDOWN else read_plain(text)


def decode_text(raw: bytes) -> str:
    """Text of unknown encoding: byte order marks, UTF-8, else Windows-1252; raises UnreadableFile for binary data."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw:
        raise UnreadableFile("it holds binary data, not text: check the file's kind")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
