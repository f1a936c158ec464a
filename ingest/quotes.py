"""The line above a quotation: "On 3 March 2026 at 10:15, Joanna Pike wrote:" in any language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ingest.headers import BARE_ADDRESS, address
from ingest.lines import TextLine
from ingest.maildates import has_clock, parse_date
from ingest.message import Address
from ingest.phrases import words

MAX_LINES = 6
ISO_INTRO = re.compile(r"^(\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{1,2}:?\d{0,2})\s+(\S.{0,160})$")
QUOTED_NAME = re.compile(r"[\"“„«']([^\"“”„«»']{2,80})[\"“”»']")
START = re.compile(r"\d|[\"“„«<]|[^\W\d_]", re.U)
TIME_END = re.compile(
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s?(?:[AaPp]\.?[Mm]\.?)?\s?(?:\(?(?:UTC|GMT|[A-Z]{3,4})\)?)?\s?(?:[+-]\d{1,2}:?\d{0,2})?\s?(?:Uhr|hod|h)?\b\.?"
)


@dataclass(frozen=True, slots=True)
class Intro:
    """Who wrote what is quoted below; `end` is the index of the first line after the intro."""

    sender: Address | None
    date: datetime | None
    end: int


@lru_cache(maxsize=1)
def _verbs() -> re.Pattern[str]:
    spoken = [re.escape(word) for word in words("marks", "wrote") if word.isascii() or ord(word[0]) < 0x2E80]
    signs = [re.escape(word) for word in words("marks", "wrote") if ord(word[0]) >= 0x2E80]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(spoken)})(?![^\W_])|{'|'.join(signs)}", re.I)


def _says_wrote(text: str) -> bool:
    """Whether a verb of writing stands in the text (a quick look before the exact one)."""
    lowered = text.lower()
    return any(word in lowered for word in words("marks", "wrote")) and _verbs().search(text) is not None


@lru_cache(maxsize=1)
def _fillers() -> re.Pattern[str]:
    names = "|".join(re.escape(word) for word in words("marks", "wrote_between"))
    return re.compile(rf"(?<![^\W_])(?:{names})(?![^\W_]),?", re.I)


def find_intro(lines: Sequence[TextLine], at: int, stop: int) -> Intro | None:
    """The intro that begins at a line, over as many lines as a client wraps it."""
    first = lines[at].text.strip()
    if not first or len(first) > 300 or not START.match(first):
        return None
    if match := ISO_INTRO.match(first.rstrip(":")):
        return Intro(address(match.group(2)), parse_date(match.group(1)), at + 1)
    if not (any(c.isdigit() for c in first) or "@" in first or first.endswith((":", "：", "<"))):
        return None
    joined = ""
    for index in range(at, min(at + MAX_LINES, stop)):
        line = lines[index]
        if line.level != lines[at].level and not line.text.lstrip().startswith(("wrote", "schrieb")):
            return None
        if line.blank:
            if not (index > at and len(joined) < 90 and has_clock(joined) and parse_date(joined)):
                return None
            continue
        joined = f"{joined} {line.text.strip()}".strip()
        if len(joined) > 420:
            return None
        if joined.endswith((":", "：")):
            return _intro(joined, lines, index + 1, stop)
    return None


def _intro(text: str, lines: Sequence[TextLine], end: int, stop: int) -> Intro | None:
    found = BARE_ADDRESS.search(text)
    when = parse_date(text)
    below = next((line for line in lines[end : min(end + 3, stop)] if not line.blank), None)
    quoted = below is not None and below.level > lines[end - 1].level
    if not _says_wrote(text):  # some clients write no verb
        timed = when is not None and has_clock(text)
        if not found or len(text) > 160 or not (quoted or (timed and text.rstrip(":：").endswith(">"))):
            return None
        return Intro(_sender(text, found), when, end)
    if not found and not (when and (has_clock(text) or quoted)):
        return None
    if found and not when and len(text) > 160:
        return None
    return Intro(_sender(text, found), when, end)


def _sender(text: str, found: re.Match[str] | None) -> Address | None:
    where = found.group().strip(".,;:<>()[]'\"").removeprefix("mailto:").lower() if found else ""
    quoted = QUOTED_NAME.search(text)
    name = quoted.group(1) if quoted else _name(text, found.start() if found else None)
    name = re.sub(r"<?mailto:\s*", "", name).strip(" \t,;:<>()[]\"'·")
    if name.lower() == where or "@" in name:
        name = ""
    return Address(" ".join(name.split())[:100], where) if name or where else None


def _name(text: str, before: int | None) -> str:
    """The name in an intro: after the date and time, before the address or the verb; or at the beginning."""
    verb = _verbs().search(text)
    if before is None and verb and not has_clock(text[verb.end() :]) and (after := text[verb.end() :].strip(" :：,")):
        return _fillers().sub(" ", after)  # "Am … schrieb Max Muster:"
    cut = before if before is not None else (verb.start() if verb else len(text))
    lead = text[:cut]
    times = list(TIME_END.finditer(lead))
    dates = list(re.finditer(r"\d{4}(?:\s?(?:г|р|r)\.)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}", lead))
    last = max((match.end() for match in [*times, *dates]), default=0)
    name = lead[last:] if last else lead
    name = _verbs().sub(" ", _fillers().sub(" ", name))
    return re.sub(r"^[\s,;:.–-]*(?:Uhr|hod\.?|hrs?\.?|via)?[\s,;:.–-]*|[\s,;:(<\[–-]+$", "", name).strip()
