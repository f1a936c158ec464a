"""Opens the files of a message: documents, archives, attached mails, each within the limits of the message."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from ingest.documents import kind_of, read_document
from ingest.gather import Gathering, digest, file_name
from ingest.message import FileInfo
from ingest.mime import MimePart, Parser

SMALL_PICTURE = 4_000  # bytes: a logo or a line, not a scan
ARCHIVE_NOISE = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as found, before it is opened."""

    name: str
    media_type: str
    data: bytes
    charset: str = ""
    inline: bool = False
    container: str | None = None
    letter: int = 0
    depth: int = 0  # of archives around it
    mail_depth: int = 0


MailReader = Callable[[Attached, MimePart], None]


class Opener:
    """Opens attached files one after the other; what it finds goes into the gathering."""

    def __init__(self, gathering: Gathering, parser: Parser, read_mail: MailReader) -> None:
        self.gathering = gathering
        self.parser = parser
        self.read_mail = read_mail
        self.contents: dict[str, bytes] | None = None  # digest → bytes, where they are asked for

    def leaf(
        self, part: MimePart, *, content_ids: set[str], letter: int, mail_depth: int, container: str | None
    ) -> None:
        """A part of the MIME tree that is no text of the mail."""
        data = part.payload() if not part.children else part.body
        name = file_name(part.filename or _described(part), part.media_type, len(self.gathering.files) + 1)
        attached = Attached(
            name=name,
            media_type=part.media_type,
            data=data,
            charset=part.params.get("charset", ""),
            inline=is_inline(part, name, data, content_ids),
            container=container,
            letter=letter,
            mail_depth=mail_depth,
        )
        if part.children:
            self.read_mail(attached, part.children[0])
        elif part.media_type == "message/external-body":
            self.record(attached, reason="only a link to a file elsewhere, which is not fetched")
        elif part.media_type == "message/partial":
            self.record(attached, reason="one piece of a mail that was sent in several")
        elif part.media_type in (
            "application/pgp-signature",
            "application/pkcs7-signature",
            "application/x-pkcs7-signature",
        ):
            self.record(attached, reason="a digital signature")
        else:
            self.open(attached)

    def open(self, attached: Attached) -> None:
        """Read one file of any kind."""
        if len(attached.data) > self.gathering.limits.file_bytes:
            self.record(attached, reason=f"larger than {self.gathering.limits.file_bytes:,} bytes, not opened")
            return
        kind = kind_of(attached.name, attached.media_type, attached.data)
        if kind == "zip":
            self._archive(attached)
        elif kind == "tnef":
            self._envelope(attached)
        elif kind == "mail":
            self.read_mail(attached, self.parser.message(attached.data, attached.mail_depth + 1))
        elif kind == "msg":
            self._outlook(attached)
        else:
            self._document(attached, kind)

    def _document(self, attached: Attached, kind: str) -> None:
        if kind == "image" and attached.inline:
            self.record(attached, reason="a picture in the text")
            return
        reading = read_document(kind, attached.data, self.gathering.limits, attached.charset)
        for note in reading.notes:
            self.gathering.note(f"{attached.name}: {note}")
        if reading.hidden:
            self.gathering.hidden = True
            self.gathering.note(f"{attached.name}: text that a reader does not see was left out")
        index = None
        if reading.text.strip():
            part_name = f"attachment: {attached.name}"
            tables = reading.tables or []
            index = self.gathering.part(part_name, "attachment", reading.text, tables, len(self.gathering.files))
        reason = reading.reason or (None if index is not None else "holds no text")
        self.record(attached, reason=reason, part=index)

    def record(
        self,
        attached: Attached,
        *,
        reason: str | None = None,
        part: int | None = None,
        is_message: bool = False,
        members: int = 0,
    ) -> int:
        """Note the file; its index."""
        if reason and not attached.inline and reason != "a digital signature":
            self.gathering.note(f"{attached.name}: {reason}")
        identity = digest(attached.data)
        if self.contents is not None:
            self.contents[identity] = attached.data
        self.gathering.files.append(
            FileInfo(
                filename=attached.name,
                media_type=attached.media_type,
                size=len(attached.data),
                digest=identity,
                inline=attached.inline or reason == "a digital signature",
                part=part,
                unread_reason=reason,
                container=attached.container,
                letter=attached.letter,
                is_message=is_message,
                members=members,
            )
        )
        return len(self.gathering.files) - 1

    def _archive(self, attached: Attached) -> None:
        """The members of a ZIP count as files; the ZIP itself only where it cannot be opened."""
        limits = self.gathering.limits
        if attached.depth >= limits.archive_depth:
            self.record(attached, reason=f"an archive inside {limits.archive_depth} others, not opened")
            return
        try:
            archive = zipfile.ZipFile(io.BytesIO(attached.data))
            members = [m for m in archive.infolist() if not m.is_dir() and not _noise(m.filename)]
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, IndexError) as error:
            self.record(attached, reason=f"a damaged archive ({error})"[:200])
            return
        for number, member in enumerate(members):
            gathering = self.gathering
            if gathering.members >= limits.members:
                gathering.note(
                    f"{attached.name}: {len(members) - number} more files were not opened (limit {limits.members})"
                )
                break
            gathering.members += 1
            self._member(attached, archive, member)
        if not members:
            self.record(attached, reason="an empty archive")

    def _member(self, attached: Attached, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        name = file_name(_member_name(member), "", len(self.gathering.files) + 1)
        inner = Attached(
            name, "application/octet-stream", b"", container=attached.container or attached.name,
            letter=attached.letter, depth=attached.depth + 1, mail_depth=attached.mail_depth,
        )  # fmt: skip
        data, reason = self._unpack(archive, member)
        inner = Attached(
            name, _guessed_type(name), data, container=inner.container, letter=inner.letter, depth=inner.depth,
            mail_depth=inner.mail_depth, inline=False,
        )  # fmt: skip
        if reason:
            self.record(inner, reason=reason)
        else:
            self.open(inner)

    def _unpack(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[bytes, str | None]:
        limits = self.gathering.limits
        if member.flag_bits & 1:
            return b"", "protected by a password"
        packed = max(member.compress_size, 1)
        if member.file_size > 1_000_000 and member.file_size > packed * limits.ratio:
            return b"", f"packed suspiciously well ({member.file_size:,} bytes in {packed:,}), not opened"
        room = min(limits.file_bytes, limits.total_bytes - self.gathering.unpacked)
        if member.file_size > room:
            return b"", f"{member.file_size:,} bytes when unpacked, more than is opened"
        try:
            with archive.open(member) as stream:
                data = stream.read(room + 1)
        except Exception as error:  # zlib, CRC, unknown methods: each raises its own
            return b"", f"cannot be unpacked ({type(error).__name__})"
        self.gathering.unpacked += len(data)
        return (b"", "more bytes than its archive says, not opened") if len(data) > room else (data, None)

    def _envelope(self, attached: Attached) -> None:
        """winmail.dat: its files count, and its text where the mail has none."""
        from ingest.documents.envelopes import tnef_files

        try:
            text, files = tnef_files(attached.data, self.gathering.limits)
        except Exception as error:  # the library raises errors of every class on damaged envelopes
            self.record(attached, reason=f"a damaged winmail.dat ({type(error).__name__})")
            return
        for name, data in files:
            inner_name = file_name(name, "", len(self.gathering.files) + 1)
            self.open(
                Attached(
                    inner_name, _guessed_type(inner_name), data, container=attached.name, letter=attached.letter,
                    depth=attached.depth + 1, mail_depth=attached.mail_depth,
                )
            )  # fmt: skip
        if text.strip() and not any(p.kind == "body" and p.text.strip() for p in self.gathering.parts):
            self.gathering.part(f"attachment: {attached.name}", "attachment", text, [], len(self.gathering.files))
            self.record(attached, part=len(self.gathering.parts) - 1)
        elif not files:
            self.record(attached, reason="a winmail.dat without files")

    def _outlook(self, attached: Attached) -> None:
        from ingest.documents.envelopes import outlook_mail

        try:
            tree = outlook_mail(attached.data)
        except Exception as error:  # the library raises errors of every class on damaged files
            self.record(attached, reason=f"a damaged Outlook message ({type(error).__name__})")
            return
        self.read_mail(attached, tree)


def is_inline(part: MimePart, name: str, data: bytes, content_ids: set[str]) -> bool:
    """Whether a picture belongs to the text (logo, line, signature) and is no document."""
    if not part.media_type.startswith("image/"):
        return False
    if part.content_id and part.content_id in content_ids:
        return True
    stem = name.rsplit(".", 1)[0].casefold()
    numbered = stem.startswith(("image0", "image1", "img-", "outlook-", "logo", "att0", "pastedgraphic"))
    if part.disposition == "inline" or part.content_id or not part.filename:
        return bool(part.content_id) or numbered or len(data) < 40_000
    return len(data) < SMALL_PICTURE or (numbered and len(data) < 30_000)


def _described(part: MimePart) -> str:
    """A name for a nameless part: an attached mail is called by its subject."""
    if part.children:
        subject = part.children[0].get("subject").strip()
        clean = "".join(c for c in subject if c not in '\\/:*?"<>|')[:80].strip()
        return f"{clean}.eml" if clean else ""
    return ""


def _noise(name: str) -> bool:
    lowered = name.casefold()
    return any(lowered.startswith(noise) or lowered.endswith(noise) for noise in ARCHIVE_NOISE)


def _member_name(member: zipfile.ZipInfo) -> str:
    """The member's name; without the UTF-8 flag it may be UTF-8 all the same."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _guessed_type(name: str) -> str:
    import mimetypes

    return mimetypes.guess_type(name)[0] or "application/octet-stream"
