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
def language_marks() -> dict[str, frozenset[str]]:
    """Further words, folded, that tell a language."""
    return {language: frozenset(words.split()) for language, words in tree("language_marks").items()}


@lru_cache(maxsize=1)
def all_stopwords() -> frozenset[str]:
    """Of every language."""
    return frozenset().union(*stopwords().values())
