"""Old container formats made byte by byte, since no library here writes them: OLE files with XLS or MSG in them, ODS, TNEF."""

import io
import struct
import zipfile
from dataclasses import dataclass, field

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass
class Node:
    """A stream (with data) or a storage (with children) of an OLE file."""

    name: str
    data: bytes | None = None
    children: list["Node"] = field(default_factory=list)


def ole(nodes: list[Node]) -> bytes:
    """A version 3 compound file with these nodes at its root."""
    root = Node("Root Entry", None, nodes)
    entries: list[Node] = []
    _list(root, entries)
    mini = b""
    minifat: list[int] = []
    big: list[int] = []
    starts: dict[int, int] = {}
    for number, node in enumerate(entries):
        if node.data is None:
            continue
        if len(node.data) < _CUTOFF:
            count = -(-len(node.data) // _MINI)
            starts[number] = len(minifat) if count else _END
            minifat += [len(minifat) + at + 1 for at in range(count - 1)] + ([_END] if count else [])
            mini += node.data.ljust(count * _MINI, b"\0")
        else:
            big.append(number)
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(data: bytes) -> int:
        first, count = len(sectors), -(-len(data) // _SECTOR)
        sectors.extend(data[at * _SECTOR : (at + 1) * _SECTOR].ljust(_SECTOR, b"\0") for at in range(count))
        fat.extend([first + at + 1 for at in range(count - 1)] + [_END])
        return first

    for number in big:
        starts[number] = put(entries[number].data or b"")
    starts[0] = put(mini) if mini else _END
    mini_start = put(struct.pack(f"<{len(minifat)}I", *minifat).ljust(_SECTOR, b"\xff")) if minifat else _END
    directory = put(b"".join(_entry(n, node, entries, starts, len(mini)) for n, node in enumerate(entries)))
    fat_at = len(sectors)
    fat.append(_FAT)
    assert max(len(fat), len(minifat)) <= _SECTOR // 4
    sectors.append(struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff"))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory, 0, _CUTOFF, mini_start,
                        1 if minifat else 0, _END, 0, fat_at)  # fmt: skip
    return head.ljust(_SECTOR, b"\xff") + b"".join(sectors)


def _list(node: Node, entries: list[Node]) -> None:
    entries.append(node)
    node.children.sort(key=lambda one: (len(one.name), one.name.upper()))
    for child in node.children:
        _list(child, entries)


def _entry(number: int, node: Node, entries: list[Node], starts: dict[int, int], mini_size: int) -> bytes:
    name = node.name.encode("utf-16-le") + b"\0\0"
    place = {id(one): at for at, one in enumerate(entries)}
    parent = next((one for one in entries if node in one.children), None)
    after = _FREE
    if parent is not None and (at := parent.children.index(node) + 1) < len(parent.children):
        after = place[id(parent.children[at])]
    child = place[id(node.children[0])] if node.children else _FREE
    kind = 5 if number == 0 else 2 if node.data is not None else 1
    size = mini_size if number == 0 else len(node.data or b"")
    return (
        name.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(name), kind, 1, _FREE, after, child)
        + b"\0" * 36
        + struct.pack("<IQ", starts.get(number, 0 if node.data is None and number else _END), size)
    )


def xls(rows: list[list[str | float]], sheet: str = "Limits") -> bytes:
    """A BIFF8 workbook with one sheet."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def text(value: str) -> bytes:
        return b"\1" + value.encode("utf-16-le")

    def bof(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1997, 0, 6))

    cells = b""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str):
                cells += record(0x204, struct.pack("<HHHH", r, c, 0, len(value)) + text(value))
            else:
                cells += record(0x203, struct.pack("<HHHd", r, c, 0, value))
    page = bof(0x10) + cells + record(0x0A, b"")
    name = struct.pack("<BB", len(sheet), 1) + sheet.encode("utf-16-le")
    before = len(bof(5)) + 4 + 6 + len(name) + 4
    book = bof(5) + record(0x85, struct.pack("<IH", before, 0) + name) + record(0x0A, b"") + page
    return ole([Node("Workbook", book.ljust(_CUTOFF, b"\0"))])


def ods(rows: list[list[str | float]], sheet: str = "Limits") -> bytes:
    """An OpenDocument spreadsheet with one sheet."""
    from xml.sax.saxutils import escape

    def cell(value: str | float) -> str:
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{urn}:office:1.0" '
        f'xmlns:table="{urn}:table:1.0" xmlns:text="{urn}:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="{sheet}">{lines}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{urn}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def msg(subject: str, body: str, sender: tuple[str, str]) -> bytes:
    """An Outlook message without attachments."""
    texts = {0x0037: subject, 0x1000: body, 0x0C1A: sender[0], 0x0C1F: sender[1], 0x001A: "IPM.Note",
             0x007D: f"From: {sender[0]} <{sender[1]}>\r\nSubject: {subject}\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n"}  # fmt: skip
    nodes, entries = [], b""
    for tag, text in texts.items():
        data = text.encode("utf-16-le")
        nodes.append(Node(f"__substg1.0_{tag:04X}001F", data))
        entries += struct.pack("<HHIII", 0x001F, tag, 6, len(data) + 2, 0)
    properties = b"\0" * 8 + struct.pack("<IIII", 0, 0, 0, 0) + b"\0" * 8 + entries
    names = Node("__nameid_version1.0", None, [Node(f"__substg1.0_{t}0102", b"") for t in ("0002", "0003", "0004")])
    return ole([*nodes, Node("__properties_version1.0", properties), names])


def tnef(body: str, filename: str, data: bytes) -> bytes:
    """A winmail.dat with a text and one attached file."""

    def attribute(level: int, name: int, content: bytes) -> bytes:
        return struct.pack("<BII", level, name, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)

    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
        + attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
        + attribute(1, 0x0002800C, body.encode("cp1252") + b"\0")
        + attribute(2, 0x00069002, struct.pack("<HIIII", 1, 0xFFFFFFFF, 0, 0, 0)[:14])
        + attribute(2, 0x00018010, filename.encode("cp1252") + b"\0")
        + attribute(2, 0x0006800F, data)
    )
