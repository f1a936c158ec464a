"""Plain text: headings by their number, capitals or underline; tables by tabs."""

import re

from knowledge.readers.blocks import Collected, Document

NUMBERED = re.compile(
    r"^\s*(?:§\s*|(?:chapter|section|kapitel|abschnitt|chapitre)\s+)?([A-Z]{0,2}-?\d{1,3}(?:\.\d{1,3})*)\.?:?\s+(\S.*)$",
    re.IGNORECASE,
)
ITEM = re.compile(r"^\s*(?:[-*•–·▪◦]|\(?[a-z\d]{1,2}[.)])\s+(.*)$")
END = re.compile(r"[.;,:!?]$")
SHORT_TITLE = 60  # characters of a line that stands alone and is taken for a heading
LONGEST_HEADING = 90  # characters; a longer line is text


def numbered_heading(line: str) -> tuple[int, str] | None:
    """Level and text of a line such as `4.2 Above 500k`; None when it is no heading."""
    match = NUMBERED.match(line)
    if not match or len(line.strip()) > LONGEST_HEADING or END.search(line.strip()):
        return None
    number, title = match[1], match[2]
    lettered = number[0].isalpha()
    if not (title[0].isupper() or title[0] in "'\"“„«") or (not lettered and int(number.split(".")[0]) > 99):
        return None
    if lettered and not number[0].isupper():
        return None
    return number.count(".") + (2 if lettered else 1), " ".join(line.split())


def read_plain(text: str) -> Document:
    """Blocks of a plain text."""
    collected, lines = Collected(), text.splitlines()
    waiting: list[str] = []
    rows: list[list[str]] = []
    is_item = False

    def flush() -> None:
        nonlocal is_item
        collected.paragraph(" ".join(waiting), item=is_item)
        collected.table(rows) if len(rows) > 1 else collected.paragraph(" ".join(cell for row in rows for cell in row))
        waiting.clear()
        rows.clear()
        is_item = False

    skip = False
    for index, line in enumerate(lines):
        if skip:
            skip = False
            continue
        before = lines[index - 1] if index else ""
        after = lines[index + 1] if index + 1 < len(lines) else ""
        heading = _heading(line, before, after)
        if heading:
            flush()
            collected.heading(*heading)
            skip = _is_rule(after)
        elif "\t" in line.strip():
            if waiting:
                flush()
            rows.append(re.split(r"\t+", line.strip()))
        elif match := ITEM.match(line):
            flush()
            waiting.append(match[1])
            is_item = True
        elif not line.strip():
            flush()
        else:
            if rows:
                flush()
            waiting.append(line.strip())
    flush()
    return Document(tuple(collected.blocks))


def _is_rule(line: str) -> bool:
    return bool(re.fullmatch(r"\s*(?:={3,}|-{3,}|~{3,})\s*", line))


def _heading(line: str, before: str, after: str) -> tuple[int, str] | None:
    bare = line.strip()
    if not bare or len(bare) > LONGEST_HEADING:
        return None
    if _is_rule(after) and not _is_rule(line):
        numbered = numbered_heading(line)
        return numbered or (1 if "=" in after else 2, bare)
    alone = not before.strip() or _is_rule(before)
    if alone and (numbered := numbered_heading(line)):
        return numbered
    letters = [c for c in bare if c.isalpha()]
    if alone and not after.strip() and len(letters) > 3 and all(c.isupper() for c in letters) and not END.search(bare):
        return 1, bare
    if (
        alone
        and not after.strip()
        and len(bare) <= SHORT_TITLE
        and bare[0].isupper()
        and not END.search(bare)
        and not ITEM.match(line)
    ):
        return 2, bare
    return None
