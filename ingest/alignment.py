"""Finding a quote in a text although white space, case, quotation marks or the composition of letters differ."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import regex

_INSIDE = regex.compile(r"(?V1)[\p{L}\p{M}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]]{2}|\p{Nd}{2}")
_SAME = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "‑": "-",
        "‐": "-",
        "−": "-",
    }
)
_NOTHING = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands: `text[start:end]`; `exact` where it is the same character by character."""

    start: int
    end: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Folded:
    text: str
    origin: tuple[int, ...]  # for each folded character the offset of what it came from


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Base characters with their combining marks, so that NFC and NFD fold alike."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not unicodedata.combining(text[index]):
            yield start, text[start:index]
            start = index


def _fold(text: str) -> _Folded:
    characters: list[str] = []
    origin: list[int] = []
    for at, cluster in _clusters(text):
        folded = unicodedata.normalize("NFC", cluster).translate(_SAME).casefold()
        if folded in _NOTHING:
            continue
        if folded.isspace():
            if characters and characters[-1] == " ":
                continue
            folded = " "
        for character in folded:
            characters.append(character)
            origin.append(at)
    origin.append(len(text))
    return _Folded("".join(characters), tuple(origin))


def same(one: str, other: str) -> bool:
    """Whether two texts are the same but for white space, case, marks and composition."""
    return _fold(one).text.strip() == _fold(other).text.strip()


def contains(text: str, part: str) -> bool:
    """Whether `part` stands in `text` in whole words, but for white space, case, marks and composition.

    Scripts that write no blanks between words (Chinese, Japanese, Thai) have no whole words to keep.
    """
    wanted = _fold(part).text.strip()
    return bool(wanted) and next(_whole_words(_fold(text).text, wanted), None) is not None


def _whole_words(text: str, part: str) -> Iterator[int]:
    """Where `part` stands without cutting a word or a number."""
    for at in _occurrences(text, part):
        end = at + len(part)
        if not _joined(text[max(at - 1, 0) : at], part[0]) and not _joined(part[-1], text[end : end + 1]):
            yield at


def _joined(one: str, next_one: str) -> bool:
    """Whether two neighbouring characters belong to one word or one number."""
    return bool(_INSIDE.fullmatch(one + next_one))


def locate(text: str, quote: str, near: int = 0) -> Place | None:
    """The place of `quote` in `text`, in whole words, that is nearest to `near`; exact matches go first.

    None: it is not there.
    """
    if not quote.strip():
        return None
    if exact := list(_whole_words(text, quote)):
        start = min(exact, key=lambda at: abs(at - near))
        return Place(start, start + len(quote), True)
    folded, wanted = _fold(text), _fold(quote).text.strip()
    found = list(_whole_words(folded.text, wanted)) if wanted else []
    if not found:
        return None
    at = min(found, key=lambda one: abs(folded.origin[one] - near))
    start, last = folded.origin[at], folded.origin[at + len(wanted) - 1]
    return Place(start, _cluster_end(text, last), False)


def _cluster_end(text: str, start: int) -> int:
    end = start + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


def _occurrences(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
