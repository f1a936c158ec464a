"""Marks and header blocks by which mail clients show a mail inside another one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from ingest.headers import address, addresses, date
from ingest.lines import TextLine
from ingest.maildates import parse_date
from ingest.message import Address
from ingest.phrases import header_labels, words

DASHES = re.compile(r"^\s*[-–—_=*~>#]{3,}\s*(.*?)\s*[-–—_=*~<#]{2,}\s*:?\s*$")
LABEL = re.compile(r"^[\s>|*_]{0,8}([^\W\d_][\w .'’/()-]{0,22}?)[*_\s]{0,3}[:：][*_]{0,2}[ \t]*(.*)$", re.U)
RULE = re.compile(r"^[\s_=*–—-]{5,}$")
PREFIX = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*){0,4}(?:\*{2,5}[^*]{1,20}\*{2,5}\s*)?([^\W\d_]{1,14}\.?)(?:\s?\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]\s*",
    re.U,
)
MAX_BLOCK = 40  # lines of one header block


@dataclass(slots=True)
class Block:
    """A header block as found: values by role, and the lines that it takes."""

    values: dict[str, str] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    end: int = 0  # index of the first line after it
    tail: int = 0  # characters of the last line's content that belong to the block; 0: the whole line

    @property
    def sender(self) -> Address | None:
        """Who wrote the mail."""
        return address(self.values["from"]) if self.values.get("from") else None

    def people(self, role: str) -> tuple[Address, ...]:
        """Addresses of "to" or "cc"."""
        return addresses(_plain_links(self.values.get(role, "")))

    @property
    def date(self) -> datetime | None:
        """When it was sent."""
        value = self.values.get("date", "")
        if re.search(r"\d{4} \d{1,2}:\d{2}(?::\d{2})? [+-]\d{4}", value) and (exact := date(value)):
            return exact
        return parse_date(value, self.languages)


def _plain_links(value: str) -> str:
    """Outlook repeats an address as a link: "a@b.c<mailto:a@b.c>"."""
    value = re.sub(r"(\S+@[^\s<>]+)<mailto:[^<>]{0,200}>", r"\1", value)
    return re.sub(r"[\[<]mailto:([^\[\]<>]{0,200})[\]>]", r"<\1>", value)


def mark_of(text: str) -> str | None:
    """ "forward" or "original" where a line is a client's mark above a mail inside; None for other lines."""
    stripped = text.strip().strip("*_").strip()
    if not 6 <= len(stripped) <= 160:
        return None
    forward, original = words("marks", "forward"), words("marks", "original")
    plain = stripped.rstrip(":：").strip().lower()
    if plain in forward and (stripped.endswith((":", "：")) or len(plain) > 14):
        return "forward"
    if plain in original and stripped.endswith((":", "：")):
        return "original"
    dashed = DASHES.match(stripped)
    if not dashed:
        return None
    inner = dashed.group(1).lower()
    if any(phrase in inner for phrase in forward):
        return "forward"
    return "original" if any(phrase in inner for phrase in original) else None


def subject_kind(subject: str | None) -> str | None:
    """ "forward" or "reply" by the first prefix of a subject; None where it has none."""
    match = PREFIX.match((subject or "")[:300])
    if not match or not (subject or "")[match.end() :].strip():
        return None
    word = match.group(1).lower().rstrip(".")
    if word in _prefixes("forward_prefixes"):
        return "forward"
    return "reply" if word in _prefixes("reply_prefixes") else None


@lru_cache(maxsize=2)
def _prefixes(key: str) -> frozenset[str]:
    return frozenset(word.rstrip(".") for word in words("marks", key))


def bare_subject(subject: str) -> str:
    """The subject without its first forward or reply prefix."""
    match = PREFIX.match(subject[:300])
    return subject[match.end() :].strip() if match and subject_kind(subject) else subject


def label_of(text: str) -> tuple[str, str, str] | None:
    """Role, label and value where a line is "From: …" in any language."""
    match = LABEL.match(text[:1000])
    if not match:
        return None
    found = header_labels().get(" ".join(match.group(1).split()).lower())
    if not found:
        return None
    return found[0], " ".join(match.group(1).split()).lower(), match.group(2).strip().rstrip("*").strip()


def find_block(lines: Sequence[TextLine], at: int, stop: int, *, marked: bool) -> Block | None:
    """The header block that begins at a line; `marked` where a mark stands above it (then less is enough)."""
    block = Block()
    labels: list[str] = []
    seen: list[str] = []
    index = at
    level = lines[at].level if at < stop else 0
    while index < min(stop, at + MAX_BLOCK):
        line = lines[index]
        found = label_of(line.text) if line.level == level else None
        if found:
            role, label, value = found
            if role in seen and role != "other":
                break
            seen.append(role)
            labels.append(label)
            block.values.setdefault(role, value)
            index += 1
            continue
        if line.blank and _goes_on(lines, index, stop, level, seen):
            index += 1
            continue
        if line.blank or line.level != level or not seen or not _continues(block, seen[-1], lines, index, stop):
            break
        block.values[seen[-1]] = f"{block.values[seen[-1]]} {line.text.strip()}".strip()
        index += 1
    block.end = index
    block.languages = _languages(labels)
    return block if _is_block(block, seen, marked) else None


def _goes_on(lines: Sequence[TextLine], index: int, stop: int, level: int, seen: list[str]) -> bool:
    """After a blank line inside a block the next line must bring a label that is still missing."""
    if not seen or index + 1 >= stop or lines[index + 1].level != level:
        return False
    found = label_of(lines[index + 1].text)
    missing = not ({"from", "subject"} <= set(seen) and ("date" in seen or "to" in seen))
    return found is not None and found[0] not in seen and missing


def _continues(block: Block, role: str, lines: Sequence[TextLine], index: int, stop: int) -> bool:
    """Whether a line without a label goes on with the value above it."""
    value, text = block.values.get(role, ""), lines[index].text
    if not value:
        return True
    if role in ("to", "cc", "bcc", "from", "reply_to"):
        return value.endswith((",", ";", "<")) or ("@" in text and len(text) < 200) or text[:1] in " \t"
    follows = index + 1 < stop and (lines[index + 1].blank or label_of(lines[index + 1].text) is not None)
    return (text[:1] in " \t" or len(lines[index - 1].text) > 55) and follows and len(text) < 120


def _is_block(block: Block, seen: list[str], marked: bool) -> bool:
    if "from" not in seen or not block.values.get("from"):
        return False
    sender = block.values["from"]
    if "@" not in sender and (parse_date(sender) or not re.search(r"[^\W\d_]{2}", sender)):
        return False
    core = {"date", "subject", "to"} & set(seen)
    if marked:
        return bool(core)
    return len(core) >= 2 or ("@" in sender and bool(core & {"date", "subject"}))


def _languages(labels: list[str]) -> frozenset[str]:
    """Languages in which most of the labels are at home."""
    counts: dict[str, int] = {}
    for label in labels:
        for language in header_labels()[label][1]:
            counts[language] = counts.get(language, 0) + 1
    best = max(counts.values(), default=0)
    return frozenset(language for language, count in counts.items() if count == best)


@lru_cache(maxsize=1)
def _inline_label() -> re.Pattern[str]:
    shown = sorted({label for label in header_labels() if len(label) > 1}, key=lambda label: -len(label))
    names = "|".join(re.escape(label[:1].upper() + label[1:]) + "|" + re.escape(label.upper()) for label in shown)
    return re.compile(rf"({names}|(?<=[\s>])[AÀ])\s?:\s")


def inline_block(text: str) -> Block | None:
    """A block written on one line: "----- Forwarded Message ----- From: …To: …Sent: …Subject: …"."""
    found: list[tuple[str, str, int, int]] = []
    for match in _inline_label().finditer(text[:3000]):
        role = header_labels()[match.group(1).lower()][0]
        before = text[match.start() - 1 : match.start()]
        if len(match.group(1)) <= 2 and match.start() and before not in " >\t":
            continue
        if role not in {item[0] for item in found}:
            found.append((role, match.group(1).lower(), match.start(), match.end()))
    roles = {item[0] for item in found}
    if len(found) < 3 or "from" not in roles or not roles & {"subject", "date"}:
        return None
    block = Block(languages=_languages([item[1] for item in found]))
    ends = [item[2] for item in found[1:]] + [len(text)]
    for (role, _, _, start), end in zip(found, ends, strict=True):
        block.values[role] = text[start:end].strip()
    return block
