"""Header fields: unfolding, encoded words, parameters, addresses and dates, all tolerant."""

import binascii
import quopri
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from ingest.charsets import decode, python_charset, visible
from ingest.message import Address

ENCODED = re.compile(r"=\?([^?\s]{1,80}?)(?:\*[^?]{0,40})?\?([bBqQ])\?([^?]{0,3000}(?:\?(?!=)[^?]{0,200}){0,3})\?=")
BETWEEN = re.compile(r"(?<=\?=)[ \t\r\n]+(?==\?[^?\s]+\?[bBqQ]\?)")
FOLD = re.compile(r"\r?\n(?=[ \t])|\r(?=[ \t])")
PARAMETER = re.compile(r";?\s*([\w!#$&+.^-]{1,60}?)(\*\d{1,3})?(\*)?\s*=\s*(\"(?:[^\"\\]|\\.)*\"?|[^;]*)", re.S)
BARE_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']{1,128}@[\w.\[\]:-]{1,200}")
GROUP = re.compile(r'[^",<@:]{1,80}:')
NOTES_NAME = re.compile(r"[^<>@/]{2,80}/[^<>@]{1,80}(?:@[\w/ -]{1,60})?$")
COMMENT = re.compile(r"\(((?:[^()\\]|\\.){0,200})\)")
MESSAGE_ID = re.compile(r"<([^<>\s]{1,990})>")


@dataclass(slots=True)
class HeaderField:
    """A field as written: `raw` bytes after the colon, `value` unfolded text, not yet decoded."""

    name: str  # lower case
    raw: bytes
    value: str


def unfold(raw: bytes) -> str:
    """Text of a raw field value on one line."""
    text = raw.decode("ascii") if raw.isascii() else decode(raw)
    return FOLD.sub("", text).replace("\r\n", " ").replace("\n", " ").replace("\r", " ").strip()


def words(value: str) -> str:
    """Decode RFC 2047 words, also where multi-byte characters are split between words."""
    if "=?" not in value:
        return visible(value) if not (value.isascii() and value.isprintable()) else value
    value = BETWEEN.sub("", value)
    out: list[str] = []
    at = 0
    pending = b""
    charset = ""
    for match in ENCODED.finditer(value):
        data = _word_bytes(match.group(2), match.group(3), match.group(1))
        if match.start() > at or match.group(1).casefold() != charset.casefold():
            out.append(decode(pending, charset) if pending else "")
            pending = b""
        out.append(value[at : match.start()])
        pending, charset, at = pending + data, match.group(1), match.end()
    out.append((decode(pending, charset) if pending else "") + value[at:])
    return visible("".join(out)).replace("\n", " ").strip()


def _word_bytes(kind: str, text: str, charset: str) -> bytes:
    if kind in "bB":
        clean = re.sub(r"[^A-Za-z0-9+/]", "", text)
        clean = clean[:-1] if len(clean) % 4 == 1 else clean
        try:
            return binascii.a2b_base64(clean + "=" * (-len(clean) % 4))
        except (binascii.Error, ValueError):
            return text.encode("utf-8", "replace")
    spaced = text.replace("_", " ")  # raw characters inside a word were decoded with the field: encode them back
    data = spaced.encode() if text.isascii() else spaced.encode(python_charset(charset) or "utf-8", "replace")
    return quopri.decodestring(data)


def parameters(text: str) -> dict[str, str]:
    """MIME parameters by lower-case name: quoted, continued (RFC 2231), with charset, or just sloppy."""
    if not text.strip(" ;"):
        return {}
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in PARAMETER.finditer(text[:4_000]):
        name, number, star, value = match.group(1).casefold(), match.group(2), match.group(3), match.group(4).strip()
        if value.startswith('"'):
            value = re.sub(
                r"\\(.)", r"\1", value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:], flags=re.S
            )
        if number or star:
            pieces.setdefault(name, []).append((int(number[1:]) if number else 0, bool(star), value))
        else:
            plain.setdefault(name, value)
    for name, found in pieces.items():
        plain[name] = _continued(sorted(found, key=lambda piece: piece[0]))
    return {name: words(value) if name != "boundary" else value for name, value in plain.items()}


def _continued(pieces: list[tuple[int, bool, str]]) -> str:
    charset, data = "", b""
    for position, (_, extended, value) in enumerate(pieces):
        if extended:
            if position == 0 and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
            data += unquote_to_bytes(value)
        else:
            data += value.encode("utf-8", "surrogateescape")
    return decode(data, charset)


def split_list(value: str) -> list[str]:
    """Split an address list at commas and semicolons outside quotes, comments and angle brackets."""
    out, start, quoted, angle, comment = [], 0, False, False, 0
    previous = ""
    for at, char in enumerate(value):
        if char == '"' and previous != "\\":
            quoted = not quoted
        elif not quoted:
            if char == "<":
                angle = True
            elif char == ">":
                angle = False
            elif char == "(":
                comment += 1
            elif char == ")":
                comment = max(0, comment - 1)
            elif char in ",;" and not angle and not comment:
                out.append(value[start:at])
                start = at + 1
        previous = char
    out.append(value[start:])
    return [piece.strip() for piece in out if piece.strip()]


def address(text: str) -> Address | None:
    """One address from a header value or a line of a forward; None where there is nothing."""
    text = text.strip()
    if not text:
        return None
    text = re.sub(r"<mailto:([^<>]*)>", r" <\1>", text) if "mailto:" in text else text
    text = re.sub(r"\[mailto:([^\[\]]*)\]", r" <\1>", text) if "[mailto:" in text else text
    if (angle := text.find("<")) >= 0:
        inner, name = text[angle + 1 :].split(">")[0].strip(), text[:angle]
        found = BARE_ADDRESS.search(inner)
        where = found.group() if found else inner.replace(" ", "")
        if not name.strip():
            rest = text[text.find(">") + 1 :] if ">" in text else ""
            comment = COMMENT.search(rest)
            name = comment.group(1) if comment else ""
        return Address(_name(name, where), _plain(where))
    if NOTES_NAME.match(text):
        return Address(text.split("/")[0].strip(), "")
    if found := BARE_ADDRESS.search(text):
        comment = COMMENT.search(text)
        name = comment.group(1) if comment and "@" not in comment.group(1) else ""
        name = name or re.sub(r"[\[(]\s*$", "", text[: found.start()])
        return Address(_name(name, found.group()), _plain(found.group()))
    return Address(_name(text, ""), "")


def _plain(where: str) -> str:
    return words(where).strip(" .,;:'\"<>()[]").casefold()


def _name(text: str, where: str) -> str:
    name = words(re.sub(r"\\(.)", r"\1", text)).strip()
    while len(name) > 1 and (name[0], name[-1]) in (
        ('"', '"'),
        ("'", "'"),
        ("«", "»"),
        ("„", "”"),
        ("“", "”"),
        ("„", "“"),
    ):
        name = name[1:-1].strip()
    name = " ".join(name.strip('"').split()).strip(" ,;:<([")
    return "" if name.casefold() == where.casefold() else name


def addresses(value: str) -> tuple[Address, ...]:
    """All addresses of a header value; group names are dropped, names in several words joined."""
    decoded = value[:100_000]
    if "mailto:" not in decoded and (group := GROUP.match(decoded)):
        decoded = decoded[group.end() :].rstrip(" ;")
    found: list[Address] = []
    lead = ""
    for piece in split_list(decoded)[:3000]:
        if "@" not in piece and "<" not in piece and len(lead) < 200:
            lead = f"{lead}{piece[:200]}, "  # "Pike, Joanna <...>" without quotes
            continue
        if one := address(lead + piece):
            found.append(one)
        lead = ""
    if lead and (one := address(lead)):
        found.append(one)
    return tuple(found[:500])


def date(value: str) -> datetime | None:
    """An RFC 5322 date; aware where a zone is given. None where it cannot be read."""
    text = re.sub(r"\([^()]*\)", " ", words(value[:300])).strip()
    if not text:
        return None
    for attempt in (text, re.sub(r"^[^\d]*,?\s*", "", text)):
        try:
            return parsedate_to_datetime(attempt)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def message_ids(value: str) -> list[str]:
    """Message-IDs without brackets, in the order written."""
    return MESSAGE_ID.findall(value) or ([value.strip()] if value.strip() and " " not in value.strip() else [])
