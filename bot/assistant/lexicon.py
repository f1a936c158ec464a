"""The words of the assistant (English, German, French) as compiled patterns, from the files in words/."""

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("words")


@cache
def tree(name: str) -> dict[str, Any]:
    """One of the files, as it is."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def spaced(pattern: str) -> str:
    """Spaces stand for any white space, dashes for a dash or a space (outside character classes)."""
    found: list[str] = []
    inside = False
    for character in pattern:
        inside = (inside or character == "[") and character != "]"
        if character == " " and not inside:
            found.append(r"\s+")
        elif character == "-" and not inside:
            found.append(r"[\s-]")
        else:
            found.append(character)
    return "".join(found)


def compiled(patterns: list[str]) -> re.Pattern[str]:
    """One pattern for any of these, as whole words."""
    longest_first = sorted(patterns, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(spaced(p) for p in longest_first) + r")(?!\w)")


@cache
def pattern(file: str, *path: str) -> re.Pattern[str]:
    """The compiled list at a place of a file: `pattern("metrics", "exact", "turnaround")`."""
    node: Any = tree(file)
    for step in path:
        node = node[step]
    return compiled(node)


@cache
def table(file: str, *path: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Name and pattern of each list at a place, in the order of the file."""
    node: Any = tree(file)
    for step in path:
        node = node[step]
    return tuple((name, compiled(patterns)) for name, patterns in node.items())


@lru_cache(maxsize=1)
def countries() -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern over all countries' names, and the code by the name of its group."""
    parts, codes = [], {}
    for code, entry in tree("countries").items():
        parts.append(f"(?P<{code}>" + "|".join(spaced(p) for p in entry["patterns"]) + ")")
        codes[code] = code
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)"), codes


def country_name(code: str, language: str = "en") -> str:
    """How a country is called; the code where it has no name."""
    names: dict[str, str] = tree("countries").get(code, {}).get("names", {})
    return names.get(language) or names.get("en") or code


@lru_cache(maxsize=1)
def stopwords() -> dict[str, frozenset[str]]:
    """Words that name nothing, by language."""
    return {language: frozenset(words.split()) for language, words in tree("stopwords").items()}


@lru_cache(maxsize=1)
def all_stopwords() -> frozenset[str]:
    """Of every language."""
    return frozenset().union(*stopwords().values())


@lru_cache(maxsize=1)
def vocabulary() -> tuple[frozenset[str], tuple[str, ...]]:
    """Every plain word of the grammar, and the beginnings of words that take any ending."""
    from cases.period_grammar import words as period_words

    words: set[str] = set()
    stems: set[str] = set()
    for text in _strings([tree(name) for name in ("metrics", "dimensions", "values", "intents", "countries")]):
        for piece in re.findall(r"[a-z']{3,}(?:\\w\*)?", re.sub(r"\\[sbd]", " ", text.casefold())):
            if piece.endswith("\\w*"):
                stems.add(piece[:-3])
            else:
                words.add(piece)
    for text in _strings([period_words()]):
        words.update(re.findall(r"[a-z']{3,}", text))
    return frozenset(words), tuple(sorted(stem for stem in stems if len(stem) >= 3))


def _strings(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [
            text for key, value in node.items() if key != "names" or isinstance(value, dict) for text in _strings(value)
        ]
    if isinstance(node, list):
        return [text for value in node for text in _strings(value)]
    return []


@lru_cache(maxsize=4096)
def in_vocabulary(word: str) -> bool:
    """Whether the grammar or the small words know it."""
    words, stems = vocabulary()
    if word in words or word in all_stopwords():
        return True
    if f"{word}s" in words or any(
        word.endswith(end) and word[: -len(end)] in words
        for end in ("s", "'s", "en", "es", "n", "e", "er", "ed", "d", "ing", "ly", "al", "em", "es")
    ):
        return True
    return any(len(stem) >= 4 and word.startswith(stem) for stem in stems)


@lru_cache(maxsize=4096)
def nearest_word(word: str) -> tuple[str, float] | None:
    """The grammar's word that a misspelt one most likely is, and how like it is (0 to 1)."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    if len(word) < 4:
        return None
    allowed = 1 if len(word) < 8 else 2
    words, stems = vocabulary()
    pool = [known for known in words | all_stopwords() if len(known) >= 4]
    best = process.extractOne(word, pool, scorer=DamerauLevenshtein.distance, score_cutoff=allowed)
    if best and best[0][0] == word[0] and (len(word) > 5 or len(best[0]) == len(word)):
        return best[0], 1 - best[1] / len(word)
    for stem in sorted(stems, key=len, reverse=True):
        for length in (len(stem), len(stem) - 1, len(stem) + 1):
            head = word[:length]
            if (
                len(stem) >= 5
                and len(word) > 5
                and head
                and head[0] == stem[0]
                and DamerauLevenshtein.distance(head, stem) <= 1
            ):
                return stem + word[length:], 1 - 1 / len(word)
    return None
