"""Words by which mail clients mark forwards and replies, and people close their letters, by language."""

import json
from functools import lru_cache
from pathlib import Path

Tree = dict[str, "Tree"] | list[str] | str | int


@lru_cache(maxsize=20)
def load(name: str) -> dict[str, Tree]:
    """One of the word lists beside this module."""
    found: dict[str, Tree] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=50)
def words(name: str, key: str) -> tuple[str, ...]:
    """A list of one file, in lower case, longest first."""
    found = load(name)[key]
    assert isinstance(found, list)
    return tuple(sorted({str(word).lower() for word in found}, key=lambda word: (-len(word), word)))


@lru_cache(maxsize=1)
def header_labels() -> dict[str, tuple[str, frozenset[str]]]:
    """Header labels in lower case: their role ("from", "to", …, "other") and the languages that use them."""
    roles: dict[str, str] = {}
    languages: dict[str, set[str]] = {}
    for language, by_role in load("headers").items():
        assert isinstance(by_role, dict)
        for role, labels in by_role.items():
            assert isinstance(labels, list)
            for label in labels:
                key = str(label).lower()
                roles.setdefault(key, role)
                languages.setdefault(key, set()).add(language)
    return {key: (role, frozenset(languages[key])) for key, role in roles.items()}
