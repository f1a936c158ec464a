"""Plain form of text for comparing words: small letters, no accents, one kind of dash and apostrophe."""

import unicodedata
from functools import lru_cache

_SINGLE = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "´": "'",
    "`": "'",
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "-",
    "—": "-",
    "−": "-",
}


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    small = character.casefold()
    if small in _SINGLE:
        return _SINGLE[small]
    pieces = unicodedata.normalize("NFKD", small)
    kept = "".join(_SINGLE.get(piece, piece) for piece in pieces if not unicodedata.combining(piece))
    return " " if kept.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Zs") else kept


def fold(text: str) -> str:
    """The plain form; control and invisible characters become spaces."""
    return "".join(map(_fold_character, text))


def fold_with_map(text: str) -> tuple[str, list[int]]:
    """The plain form and, for each of its characters, the offset in the original."""
    folded: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        piece = _fold_character(character)
        folded.append(piece)
        offsets.extend([offset] * len(piece))
    return "".join(folded), offsets
