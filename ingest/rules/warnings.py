"""Instructions planted in a mail for a machine to follow: reported, never followed."""

import re
from collections.abc import Iterator
from functools import cache

from ingest.message import Message
from ingest.rules.lexicon import fold, openings, table


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """The patterns, each with the letters of which some must stand in the text (a quick look before the exact one)."""
    written = [fold(str(item)) for item in table("phrases")["planted"]]
    plain = (re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", ".", one) for one in written)  # no brackets but those of groups
    return tuple((re.compile(one), openings(bare) or ("",)) for one, bare in zip(written, plain, strict=True))


def _in_question(folded: str) -> Iterator[re.Pattern[str]]:
    """The patterns worth looking for in a text."""
    for pattern, letters in _patterns():
        if any(one in folded for one in letters):
            yield pattern


def planted(message: Message) -> list[str]:
    """A warning for each part that speaks to a machine; empty for ordinary mail."""
    out = []
    for part in message.parts:
        text = fold(part.text[:40_000])
        for pattern in _in_question(text):
            if match := pattern.search(text):
                quote = " ".join(part.text[match.start() : match.end()].split())[:80]
                out.append(
                    f'{part.name}: text that reads like an instruction to a machine ("{quote}"); it was not followed'
                )
                break
    for file in message.attachments:
        name = fold(file.filename)
        if any(pattern.search(name) for pattern in _in_question(name)):
            out.append(f'file name "{file.filename[:60]}" reads like an instruction to a machine; it was not followed')
    return out


def without_planted(text: str) -> str:
    """The text with planted instructions blanked, the same length: what speaks to a machine is no statement of the sender.

    Blanked is the paragraph; where that is the whole text, the line or sentence alone.
    """
    folded = fold(text)
    hits = [m.span() for pattern in _in_question(folded) for m in pattern.finditer(folded)]
    if not hits:
        return text
    out = list(text)
    for begin, end in hits:
        start = begin + len(text[begin:end]) - len(text[begin:end].lstrip())
        left, right = _around(text, start, end, "\n\n")
        if left == 0 and right == len(text):  # one paragraph is all there is
            left, right = _around(text, start, end, "\n" if "\n" in text.strip() else ". ")
        for index in range(left, right):
            if out[index] != "\n":
                out[index] = " "
    return "".join(out)


def _around(text: str, start: int, end: int, border: str) -> tuple[int, int]:
    left = text.rfind(border, 0, start)
    right = text.find(border, end)
    return (0 if left < 0 else left + len(border)), (len(text) if right < 0 else right)
