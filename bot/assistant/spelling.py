"""Every word that the grammar's patterns can match, so that a misspelt one can be set right."""

import re
from functools import lru_cache

from bot.assistant import lexicon

MOST = 400  # readings of one pattern


def readings(pattern: str) -> list[str]:
    """The texts that a pattern of the word files matches; `*` stands for any ending, a blank for any gap."""
    text = re.sub(r"\(\?[!=][^()]*\)", "", pattern)  # looks ahead add no words
    text = re.sub(r"\\w[*+](?:\{[^}]*\})?", "*", text)
    text = re.sub(r"\.(?:\{[^}]*\}|[*+])\??", " ", text)
    text = re.sub(r"\[[^\]]*\]\??", " ", re.sub(r"\\[sbd][*+?]?", " ", text)).replace("\\", "")
    found, end = _alternatives(text, 0)
    return found if end >= len(text) else []


def _alternatives(text: str, place: int) -> tuple[list[str], int]:
    """Readings up to a closing bracket or the end, and where that is."""
    every: list[str] = []
    now = [""]
    while place < len(text) and text[place] != ")":
        if text[place] == "|":
            every, now, place = every + now, [""], place + 1
            continue
        if text[place] == "(":
            inner, place = _alternatives(text, place + (3 if text.startswith("(?:", place) else 1))
            place += 1
        else:
            inner, place = [text[place]], place + 1
        if place < len(text) and text[place] == "?":
            inner, place = ["", *inner], place + 1
        now = [head + tail for head in now for tail in inner][:MOST]
    return every + now, place


@lru_cache(maxsize=1)
def vocabulary() -> tuple[frozenset[str], tuple[str, ...]]:
    """Every plain word of the grammar, and the beginnings of words that take any ending."""
    from cases.period_patterns import words as period_words

    words: set[str] = set(re.findall(r"[a-z']{2,}", " ".join(_strings(period_words()))))
    stems: set[str] = set()
    for name in ("metrics", "dimensions", "values", "intents", "countries"):
        for pattern in _strings(lexicon.tree(name)):
            for reading in readings(pattern.casefold()):
                for piece in re.findall(r"[a-z']{2,}\*?", reading):
                    (stems if piece.endswith("*") else words).add(piece.rstrip("*"))
    return frozenset(words), tuple(sorted(stem for stem in stems if len(stem) >= 3))


def _strings(node: object) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        # a country's shown names are no patterns
        return [
            text
            for key, value in node.items()
            if key != "names" or "patterns" not in node
            for text in ([key] if isinstance(value, int) else _strings(value))
        ]
    if isinstance(node, list):
        return [text for value in node for text in _strings(value)]
    return []


@lru_cache(maxsize=8192)
def in_vocabulary(word: str) -> bool:
    """Whether the grammar or the small words know it."""
    stems = vocabulary()[1]
    return _whole(word) or any(len(stem) >= 4 and word.startswith(stem) for stem in stems)


def begins_only(word: str) -> bool:
    """Whether the grammar knows no more than how the word begins ("grand" of "Grandpré"), so that it may be a name."""
    words, stems = vocabulary()
    return not ({word, f"{word}s"} & words or word in stems or word in lexicon.all_stopwords())


def _whole(word: str) -> bool:
    """Whether the grammar or the small words know it from beginning to end."""
    words = vocabulary()[0]
    if word in words or word in lexicon.all_stopwords() or f"{word}s" in words:
        return True
    endings = ("s", "'s", "en", "es", "n", "e", "er", "ed", "d", "ing", "ly", "al", "em")
    if any(word.endswith(end) and word[: -len(end)] in words for end in endings):
        return True
    return len(word) > 4 and any(f"{word}{end}" in words for end in ("d", "ed", "ing"))


@lru_cache(maxsize=8192)
def nearest_word(word: str) -> tuple[str, float] | None:
    """The grammar's word that a misspelt one most likely is, and how like it is (0 to 1)."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    if len(word) < 4:
        return None
    allowed = 1 if len(word) < 7 else 2
    best = process.extractOne(word, _pool(), scorer=DamerauLevenshtein.distance, score_cutoff=allowed)
    if best and best[0][0] == word[0] and _likely(word, best[0]) and (best[1] < 2 or best[0][:4] == word[:4]):
        return best[0], 1 - best[1] / len(word)
    for stem in _long_stems():
        for length in (len(stem), len(stem) - 1, len(stem) + 1):
            head = word[:length]
            if len(word) > 5 and head and head[0] == stem[0] and DamerauLevenshtein.distance(head, stem) <= 1:
                return stem + word[length:], 1 - 1 / len(word)
    return None


def _likely(word: str, known: str) -> bool:
    """Short words: letters swapped or one left out inside, never another ending ("agree" is not "agreed")."""
    return len(word) > 5 or len(known) == len(word) or (len(word) == 5 and known[-1] == word[-1])


@lru_cache(maxsize=1)
def _pool() -> tuple[str, ...]:
    return tuple(sorted(known for known in vocabulary()[0] | lexicon.all_stopwords() if len(known) >= 4))


@lru_cache(maxsize=1)
def _long_stems() -> tuple[str, ...]:
    return tuple(sorted((stem for stem in vocabulary()[1] if len(stem) >= 5), key=len, reverse=True))
