"""Word lists of the rules engine: data files beside this module, compiled once.

A phrase in the data files is written the way people write it; `*` at the end of a word stands
for any ending, ` .. ` for up to sixty characters of the same sentence, `(a|b)` and `?` as in
regular expressions. Texts and phrases are compared folded: lower case and without accents, with
every character keeping its place, so that positions in the folded text hold in the original.
"""

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

DATA = Path(__file__).parent / "data"
_PLAIN = {"ł": "l", "đ": "d", "ø": "o", "ı": "i", "\xa0": " ", "’": "'", "‘": "'", "‑": "-", "–": "-", "—": "-"}


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    lower = char.lower()
    if len(lower) != 1:
        lower = char
    if lower in _PLAIN:
        return _PLAIN[lower]
    if lower.isascii():
        return lower
    base = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    return base if len(base) == 1 else lower


def fold(text: str) -> str:
    """Lower case without accents, the same length as `text`."""
    return text.lower() if text.isascii() else "".join(map(_fold_char, text))


def unwrap(text: str) -> str:
    """The text with soft line breaks as blanks, the same length: prose reads on over them.

    A break is soft where the line before is long and the next one goes on in the same paragraph.
    """
    out = list(text)
    lines = [(m.start(), m.end(), m.group()) for m in re.finditer(r"[^\n]*", text) if m.end() > m.start()]
    for (start, end, line), (following, _, after) in itertools.pairwise(lines):
        joined = following == end + 1 and out[end] == "\n"
        if not joined or end - start < 45 or re.match(r"\s*(?:[-*•–>]|\(?\w{1,2}[.)])\s", after):
            continue
        if not re.search(r"[:]\s*$", line) and not re.match(r"[^\n:]{2,30}:\s", after):
            out[end] = " "
    return "".join(out)


def _compile(phrase: str) -> re.Pattern[str]:
    pattern = fold(phrase.strip())
    pattern = pattern.replace(" .. ", "\0")
    pattern = re.sub(r"(?<=\w)\*", r"\\w*", pattern)
    pattern = re.sub(r"\.", r"\\.", pattern)
    pattern = pattern.replace(" ?", r"\s*")
    pattern = re.sub(r" +", r"\\s+", pattern).replace("\0", r"\b[^.!?;]{1,60}?\b")
    before = r"(?<!\w)" if re.match(r"[\w(]", pattern) else ""
    after = r"(?!\w)" if re.search(r"[\w*)]$", pattern) else ""
    return re.compile(f"{before}(?:{pattern}){after}")


def _needle(phrase: str) -> str:
    """A literal that must stand in the text for the phrase to match; "" when there is none."""
    plain = fold(phrase.strip())
    while (shorter := re.sub(r"\([^()]*\)\??", "\0", plain)) != plain:  # groups, from the inside
        plain = shorter
    if re.search(r"[|\[\\]", plain):
        return ""
    plain = re.sub(r".\?|\*| \.\. ", "\0", plain)
    return max((piece for run in plain.split("\0") for piece in run.split(" ")), key=len, default="")


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a phrase stands, and what was noted beside it in the data."""

    start: int
    end: int
    key: str
    weight: float
    phrase: str


def _alternatives(pattern: str) -> list[str]:
    """The pieces of a pattern between the bars outside its groups."""
    pieces, depth, at = [], 0, 0
    for index, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            pieces.append(pattern[at:index])
            at = index + 1
    return [*pieces, pattern[at:]]


def _heads(pattern: str) -> frozenset[str] | None:
    """With what the first word of a match can begin: up to three letters, "$" behind a whole short word.

    None where that cannot be told; such a phrase is always looked for.
    """
    pieces = _alternatives(pattern)
    if len(pieces) > 1:
        found = [_heads(piece) for piece in pieces]
        return None if None in found else frozenset().union(*(one for one in found if one is not None))
    if pattern.startswith("("):
        depth, end = 0, 0
        for end, char in enumerate(pattern):  # noqa: B007 - the place is what is looked for
            depth += (char == "(") - (char == ")")
            if depth == 0:
                break
        inside, rest = _heads(pattern[1:end]), pattern[end + 1 :]
        if inside is None or not rest.startswith(("?", "*")):
            return inside
        behind = _heads(rest[1:].lstrip().removeprefix("?"))
        return None if behind is None else inside | behind
    word = re.match(r"\w+", pattern)
    if word is None:
        return None
    after = pattern[word.end() : word.end() + 1]
    letters = word.group()[:-1] if after == "?" else word.group()
    if not letters or "\\" in pattern[: word.end()]:
        return None
    whole = len(letters) <= 2 and after not in ("*", "?", "(", "[")
    return frozenset({letters[:3] + "$" if whole else letters[:3]})


@lru_cache(maxsize=256)
def _openings(folded: str) -> frozenset[str]:
    """The beginnings of all words of a text, as `_heads` writes them."""
    out: set[str] = set()
    for word in set(re.findall(r"\w+", folded)):
        out.update((word[:1], word[:2], word[:3]))
        if len(word) <= 2:
            out.add(word + "$")
    return frozenset(out)


class _Entry:
    """One phrase; its pattern is compiled when it is first looked for."""

    __slots__ = ("_pattern", "heads", "language", "needle", "phrase", "weight")

    def __init__(self, language: str, weight: float, phrase: str) -> None:
        self.language, self.weight, self.phrase = language, weight, phrase
        self.needle = _needle(phrase)
        self.heads = _heads(fold(phrase.strip()))
        self._pattern: re.Pattern[str] | None = None

    def may_stand_in(self, folded: str, openings: frozenset[str]) -> bool:
        """Whether it is worth looking for the phrase in a text with these beginnings of words."""
        return (self.heads is None or not self.heads.isdisjoint(openings)) and self.needle in folded

    @property
    def pattern(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = _compile(self.phrase)
        return self._pattern


class Phrases:
    """Phrases by key; finds them in folded text."""

    def __init__(self, groups: dict[str, list[str] | dict[str, list[str]]]) -> None:
        self._by_key: dict[str, list[_Entry]] = {}
        for key, group in groups.items():
            entries = self._by_key.setdefault(key, [])
            for language, item in _flat(group):
                weight, phrase = _weighted(item)
                entries.append(_Entry(language, weight, phrase))

    def _entries(self, keys: tuple[str, ...], languages: Collection[str]) -> Iterator[tuple[str, "_Entry"]]:
        for key in keys or self._by_key:
            for entry in self._by_key[key]:
                if not languages or not entry.language or entry.language in languages:
                    yield key, entry

    def find(self, folded: str, *keys: str, languages: Collection[str] = ()) -> list[Hit]:
        """All hits in a folded text, in order of place; of overlapping ones of a key the longest."""
        openings = _openings(folded)
        hits = [
            Hit(m.start(), m.end(), key, entry.weight, entry.phrase)
            for key, entry in self._entries(keys, languages)
            if entry.may_stand_in(folded, openings)
            for m in entry.pattern.finditer(folded)
        ]
        hits.sort(key=lambda h: (h.start, -h.end))
        return list(_outermost(hits))

    def first(self, folded: str, *keys: str) -> Hit | None:
        """The first hit."""
        hits = self.find(folded, *keys)
        return hits[0] if hits else None

    def has(self, folded: str, *keys: str) -> bool:
        """Whether any phrase stands in the folded text."""
        openings = _openings(folded)
        entries = (entry for _, entry in self._entries(keys, ()))
        return any(e.may_stand_in(folded, openings) and e.pattern.search(folded) for e in entries)


def _outermost(hits: list[Hit]) -> Iterator[Hit]:
    reach: dict[str, int] = {}
    for hit in hits:
        if hit.end > reach.get(hit.key, -1):
            reach[hit.key] = hit.end
            yield hit


def _flat(group: list[str] | dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    if isinstance(group, dict):
        for language, items in group.items():
            yield from ((language, str(item)) for item in items)
    else:
        yield from (("", str(item)) for item in group)


def _weighted(item: str) -> tuple[float, str]:
    """ "3: ask for .. limit" is the phrase with weight 3; without a number the weight is 1."""
    found = re.match(r"(-?\d+(?:\.\d+)?): (.*)", item)
    return (float(found[1]), found[2]) if found else (1.0, item)


@cache
def phrases(name: str) -> Phrases:
    """The compiled phrases of data/NAME.yaml."""
    return Phrases(table(name))


@cache
def table(name: str) -> dict[str, list[str] | dict[str, list[str]]]:
    """The raw content of data/NAME.yaml."""
    with (DATA / f"{name}.yaml").open(encoding="utf-8") as file:
        loaded: dict[str, list[str] | dict[str, list[str]]] = yaml.load(file, Loader=yaml.CSafeLoader)
    return loaded
