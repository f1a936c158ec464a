"""Where a letter's own text ends: sign-off, signature, and the small print."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.lines import TextLine
from ingest.phrases import load, words

DELIMITER = re.compile(r"^\s*(?:--|—|––|–)\s*$")
LONG_RULE = re.compile(r"^\s*(?:[-_=*~#+•ᐧ.]{2,}|[ᐧ•])\s*$")
COLUMNS = re.compile(r"\S(?: {2,}|\t| ?\| ?)\S.*\S(?: {2,}|\t| ?\| ?)\S")
POSTSCRIPT = re.compile(r"^\s*(?:p\.?\s?s\.?|n\.?b\.?|post scriptum)\s?[:.\-–]?\s", re.I)
MAX_SIGNATURE = 16  # lines with text
SEARCHED = 45  # lines with text at the end of a letter in which its signature is looked for
LONGEST = 110  # characters of a line in a signature


@dataclass(slots=True)
class Sorted:
    """The lines of a letter by what they are."""

    body: list[TextLine]
    signature: list[TextLine]
    disclaimer: list[TextLine]


def _says(key: str, text: str) -> bool:
    """Whether one of the phrases stands in a text in lower case."""
    return any(phrase in text for phrase in words("closings", key))


@lru_cache(maxsize=1)
def _contact() -> re.Pattern[str]:
    """What shows that a line holds an address, a web page or a phone number."""
    labels = load("closings")["contact"]
    assert isinstance(labels, list)
    return re.compile(
        r"[\w.+-]+@[\w-]+\.\w|(?:https?://|www\.)\S|\+?\(?\d[\d\s()/.-]{6,}\d"
        rf"|^\s*(?:{'|'.join(map(str, labels))})\s?[.:|]",
        re.I,
    )


@lru_cache(maxsize=1)
def _sign_off() -> re.Pattern[str]:
    phrases = "|".join(re.escape(word) for word in words("closings", "sign_off"))
    return re.compile(rf"^[\s*_]*(?:{phrases})(?![\w-])(.*)$", re.I | re.U)


@lru_cache(maxsize=1)
def _mobile() -> re.Pattern[str]:
    phrases = "|".join(re.escape(word) for word in words("closings", "mobile"))
    return re.compile(rf"^[\s(<\[*_]*(?:{phrases})", re.I)


def sort_lines(lines: list[TextLine]) -> Sorted:
    """Split a letter's own lines into body, signature and disclaimer."""
    body, disclaimer = _without_small_print(lines)
    cut = _signature_start(body)
    while cut and (body[cut - 1].blank or LONG_RULE.match(body[cut - 1].text)):
        cut -= 1  # empty and drawn lines at the end belong to no text
    signature = body[cut:]
    body = body[:cut]
    back = next((i for i, line in enumerate(signature) if POSTSCRIPT.match(line.text)), None)
    if back is not None:
        body, signature = body + signature[back:], signature[:back]
    return Sorted(body, signature, disclaimer)


def _without_small_print(lines: list[TextLine]) -> tuple[list[TextLine], list[TextLine]]:
    """Take out paragraphs of small print, and the banners that servers put on top."""
    kept: list[TextLine] = []
    taken: list[TextLine] = []
    paragraphs = _paragraphs(lines)
    after = False
    for number, paragraph in enumerate(paragraphs):
        text = " ".join(line.text.strip() for line in paragraph).lower()
        banner = number < 2 and len(text) < 600 and _says("banner", text[:300])
        small = _says("disclaimer", text[:400]) and (len(text) > 60) and (number > 0 or len(paragraphs) == 1)
        small = small and number > 0
        if banner:
            cut = _banner_lines(paragraph)
            taken += paragraph[:cut]
            kept += paragraph[cut:]
        elif small or (after and len(text) > 100 and number == len(paragraphs) - 1 and not _sign_off().match(text)):
            mixed = _small_print_start(paragraph)
            kept += paragraph[:mixed]
            taken += paragraph[mixed:]
            after = True
        else:
            kept += paragraph
    return kept, taken


def _banner_lines(paragraph: list[TextLine]) -> int:
    last = 0
    for number, line in enumerate(paragraph):
        if _says("banner", line.text.lower()) or (last == number and number < 4 and len(line.text) > 50):
            last = number + 1
    return last


def _small_print_start(paragraph: list[TextLine]) -> int:
    """The first line of a paragraph that is small print (a signature may stand right above it)."""
    for number, line in enumerate(paragraph):
        if _says("disclaimer", line.text.lower()):
            return number
    return 0


def _paragraphs(lines: list[TextLine]) -> list[list[TextLine]]:
    out: list[list[TextLine]] = []
    for line in lines:
        if line.blank and out:
            out[-1].append(line)
        elif not out or (out[-1] and out[-1][-1].blank):
            out.append([line])
        else:
            out[-1].append(line)
    return out


def _signature_start(lines: list[TextLine]) -> int:
    """Index of the first line of the signature; the number of lines where there is none."""
    filled = [i for i, line in enumerate(lines) if not line.blank]
    if not filled:
        return len(lines)
    for index in range(_last(filled), len(lines)):
        if DELIMITER.match(lines[index].text) and _short(lines[index + 1 :], 40):
            return index
    cut = _before_rules(lines)
    if (mobile := _mobile_start(lines[:cut])) < cut:
        cut = mobile
    closing = _closing(lines[:cut])
    return min(cut, closing)


def _last(filled: list[int]) -> int:
    """Index of the line from which on a signature may begin."""
    return filled[-SEARCHED] if len(filled) > SEARCHED else (filled[0] if filled else 0)


def _before_rules(lines: list[TextLine]) -> int:
    """A drawn line near the end cuts off what follows, if that is nothing, a few words or contact details."""
    for index in range(_last([i for i, line in enumerate(lines) if not line.blank]), len(lines)):
        if LONG_RULE.match(lines[index].text):
            rest = [item for item in lines[index + 1 :] if not item.blank and not LONG_RULE.match(item.text)]
            if any(COLUMNS.search(item.text.strip()) for item in rest[:3]):
                continue  # the line under a table's head
            contact = any(_contact().search(item.text) for item in rest)
            if len(rest) <= 2 or (contact and len(rest) <= 12 and _short(rest, 12)):
                return index
    return len(lines)


def _mobile_start(lines: list[TextLine]) -> int:
    for index in range(_last([i for i, line in enumerate(lines) if not line.blank]), len(lines)):
        if len(lines[index].text) < 140 and _mobile().match(lines[index].text):
            return index
    return len(lines)


def _closing(lines: list[TextLine]) -> int:
    """The line after the sign-off, if what follows looks like name and address."""
    filled = [i for i, line in enumerate(lines) if not line.blank]
    for index in filled[-(MAX_SIGNATURE + 1) :]:
        match = _sign_off().match(lines[index].text)
        if match and _only_says_goodbye(match.group(1)) and _signs(lines[index + 1 :]):
            return index + 1
    return _unsigned(lines, filled)


def _only_says_goodbye(rest: str) -> bool:
    """ "Thanks in advance for your help", but not "Thanks for that one, my file is closed too."."""
    return len(rest) <= 45 and re.search(r"[,;] ?\w+ \w+ \w", rest) is None


def _signs(lines: list[TextLine]) -> bool:
    """Whether lines are a signature: short ones, and the first, a name or nothing, no paragraph."""
    first = next((line.text.strip() for line in lines if not line.blank), "")
    return len(first) <= LONGEST and _short(lines, MAX_SIGNATURE)


def _unsigned(lines: list[TextLine], filled: list[int]) -> int:
    """A last paragraph of contact details without a sign-off."""
    if len(filled) < 4:
        return len(lines)
    start = filled[-1]
    while start > 0 and not lines[start - 1].blank:
        start -= 1
    block = lines[start : filled[-1] + 1]
    contacts = sum(bool(_contact().search(line.text)) for line in block)
    if (
        start > filled[0]
        and 2 <= len(block) <= 9
        and contacts >= 2
        and _short(block, 9)
        and all(len(x.text) < 70 for x in block)
    ):
        return start if not any(":" in line.text and not _contact().search(line.text) for line in block) else len(lines)
    return len(lines)


def _short(lines: list[TextLine], most: int) -> bool:
    filled = [line for line in lines if not line.blank]
    long_lines = sum(len(line.text.strip()) > LONGEST for line in filled)
    return len(filled) <= most and long_lines <= len(filled) // 4
