"""Bytes to text whatever the label says, and text without what a reader cannot see."""

import codecs
import re
import unicodedata
from functools import lru_cache

ALIASES = {
    "iso-8859-1": "cp1252",  # as browsers do: the bytes 80-9F are never control characters in mail
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "x-euc-jp": "euc-jp",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "unicode-1-1-utf-7": "utf-7",
    "unicode": "utf-16",
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "x-utf-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
}
GUESSED = frozenset({"", "us-ascii", "ascii", "ansi_x3.4-1968", "7bit", "8bit", "binary", "unknown", "x-unknown"})
INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u200c-\u200f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff\ud800-\udfff]"
)
SUSPICIOUS = re.compile("[\U000e0000-\U000e007f\u2061-\u2064\u206a-\u206f\u202d\u202e\U000e0100-\U000e01ef]")
POLISH = re.compile(rb"(?:[A-Za-z\xea\xf3\xf1\xe6][\xb3\xb9\xbf]|\xa3|\x9c|\xb3)[a-z\xb9\xea]{1}(?<!\x9cu)(?<!\x9cv)")
SPACES = str.maketrans(
    dict.fromkeys("\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
)
JOINED_SCRIPTS = re.compile("[\u0590-\u08ff\u0900-\u0dff\ufb1d-\ufdff\ufe70-\ufefc]")
EMOJI_BEFORE = re.compile("[\u200d\u2190-\u3299\U0001f000-\U0001faff0-9#*\u00a9\u00ae]")


@lru_cache(maxsize=200)
def python_charset(label: str) -> str | None:
    """Python's name of a charset label, or None where the label says nothing useful."""
    name = label.strip().strip("\"'").casefold().replace(" ", "")
    if name in GUESSED:
        return None
    name = ALIASES.get(name, name)
    for candidate in (
        name,
        name.replace("_", "-"),
        re.sub(r"^(?:x-|cs)", "", name),
        re.sub(r"^cp-?(\d+)$", r"cp\1", name),
    ):
        try:
            info = codecs.lookup(candidate)
        except (LookupError, ValueError):
            continue
        if getattr(info, "_is_text_encoding", True):
            return ALIASES.get(info.name, info.name)
    return None


def decode(data: bytes, label: str = "") -> str:
    """Text of bytes: by the label where it fits, else UTF-8, else the likeliest old charset. Never raises."""
    charset = python_charset(label) if len(label) < 80 else None
    if charset and charset != "utf-8":
        try:
            return data.decode(charset)
        except (UnicodeError, ValueError):
            pass
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if charset and charset not in ("utf-8", "ascii"):
        try:
            return data.decode(charset, "replace")
        except (UnicodeError, ValueError):
            pass
    loose = data.decode("utf-8", "replace")  # UTF-8 with a few broken places, or something else altogether?
    whole = sum(char > "\x7f" and char != "\ufffd" for char in loose[:50_000])
    if whole > loose[:50_000].count("\ufffd"):
        return loose
    return data.decode(guess(data), "replace")


def guess(data: bytes) -> str:
    """The likeliest charset of bytes that are no UTF-8."""
    sample = data[:20_000]
    high = [b for b in sample if b >= 0x80]
    letters = sum(1 for b in sample if 65 <= (b & 0xDF) <= 90) + len(high)
    if len(high) * 2 > letters and len(high) > 8:  # a script without Latin letters
        lower_koi, lower_1251 = sum(0xC0 <= b <= 0xDF for b in high), sum(0xE0 <= b <= 0xFF for b in high)
        if lower_koi + lower_1251 > 0.9 * len(high):
            return "koi8-r" if lower_koi > lower_1251 else "cp1251"
        for charset in ("gb18030", "cp949", "cp932"):
            try:
                sample[: len(sample) - len(sample) % 2].decode(charset)
            except UnicodeDecodeError:
                continue
            return charset
    return "cp1250" if _central_european(sample) else "cp1252"


def _central_european(sample: bytes) -> bool:
    """Whether bytes are Czech, Slovak or Polish: š or ž beside letters that would be è, ì, ø or ù; ą or ł that would be ¹ or ³."""
    held = frozenset(sample)
    czech = held & frozenset(b"\xe8\xec\xf8\xf9\xc8\xd8\xcc")
    if czech and (held & frozenset(b"\x9a\x9e\x8a\x8e") or (held & frozenset(b"\xf8\xd8") and len(czech) > 1)):
        return True
    return POLISH.search(sample) is not None


def visible(text: str) -> str:
    """The text without invisible characters, in NFC, with plain spaces and line feeds.

    Joiners stay where a script or an emoji needs them; everything else that hides (tags, zero-width,
    direction overrides, control characters) goes.
    """
    if text.isascii():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return INVISIBLE.sub("", text) if not text.isprintable() else text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = text.replace("\x85", "\n").translate(SPACES)
    if INVISIBLE.search(text):
        text = INVISIBLE.sub(_kept, text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _kept(match: re.Match[str]) -> str:
    """Joiners and selectors that change how visible neighbours look are kept; the rest is dropped."""
    char, at, text = match.group(), match.start(), match.string
    if char in "\u200c\u200d\u200e\u200f\ufe0f\ufe0e":
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if char in "\u200e\u200f" or char == "\u200c":
            return char if JOINED_SCRIPTS.match(before) and JOINED_SCRIPTS.match(after) else ""
        if char == "\u200d" and JOINED_SCRIPTS.match(before) and JOINED_SCRIPTS.match(after):
            return char
        if char == "\u200d":
            return char if EMOJI_BEFORE.match(after) and (EMOJI_BEFORE.match(before) or before == "\ufe0f") else ""
        return char if EMOJI_BEFORE.match(before) else ""
    return ""


def hides_text(text: str) -> bool:
    """Whether the text carries characters that serve to hide messages (tags, overrides, selector runs)."""
    return not text.isascii() and SUSPICIOUS.search(text) is not None
