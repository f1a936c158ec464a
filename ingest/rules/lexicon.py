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

from ingest.values.legal_forms import find_companies

DATA = Path(__file__).parent / "data"
_WORD = re.compile(r"\w+")
_OPENING = 6  # letters of a word by which phrases are chosen
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
        if (_is_entry(line) and _is_entry(after)) or _ends_item(line, after) or _signs(line, after):
            continue
        if not re.search(r"[:]\s*$", line) and not re.match(r"[^\n:]{2,30}:\s", after):
            out[end] = " "
    return "".join(out)


def _is_entry(line: str) -> bool:
    """Whether a line of a list begins with a company's name ("Nordwind GmbH (Germany): raise to 130,000")."""
    opening = line.strip()[:60]
    if not opening[:1].isupper() or not re.search(r"\d|[:–—-] ", line):
        return False
    return any(one.start <= 3 for one in find_companies(opening))


_NAME = re.compile(r"\s*(?:[A-ZÀ-ÖØ-ÞŁŚŻŹĆŠČŘŽ][\w'’.-]*\s*){2,4}")


def _signs(line: str, after: str) -> bool:
    """Whether a sentence ends with its line and nothing but a name stands in the next one."""
    return line.rstrip().endswith((".", "!", "?")) and _NAME.fullmatch(after) is not None


def _ends_item(line: str, after: str) -> bool:
    """Whether a list's item ends with its line: what follows begins a sentence and would have found room there."""
    item = re.match(r"\s*(?:[-*•–]|\(?\w{1,2}[.)])\s", line) is not None
    return item and after[:1].isupper() and len(line) + len(after.split(" ")[0]) < 68


def _compile(phrase: str) -> tuple[re.Pattern[str], bool]:
    """The pattern of a phrase, and whether it must begin where a word begins.

    That is not asked in the pattern itself: one that begins with letters is found several times as quickly.
    """
    pattern = fold(phrase.strip())
    pattern = pattern.replace(" .. ", "\0")
    pattern = re.sub(r"(?<=\w)\*", r"\\w*", pattern)
    pattern = re.sub(r"\.", r"\\.", pattern)
    pattern = pattern.replace(" ?", r"\s*")
    pattern = re.sub(r" +", r"\\s+", pattern).replace("\0", r"\b[^.!?;]{1,60}?\b")
    after = r"(?!\w)" if re.search(r"[\w*)]$", pattern) else ""
    return re.compile(f"(?:{pattern}){after}"), re.match(r"[\w(]", pattern) is not None


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
    if "|" not in pattern:
        return [pattern]
    pieces, depth, at = [], 0, 0
    for index, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            pieces.append(pattern[at:index])
            at = index + 1
    return [*pieces, pattern[at:]]


def openings(pattern: str) -> tuple[str, ...] | None:
    """The letters with which a match can begin, of regular expressions as in the data files; None: cannot be told."""
    pieces = _alternatives(pattern)
    if len(pieces) > 1:
        found = [openings(piece) for piece in pieces]
        return None if None in found else tuple(letters for one in found for letters in one or ())
    if pattern.startswith("("):
        end = _closing(pattern)
        return None if pattern[end + 1 : end + 2] in ("?", "*", "{") else openings(pattern[1:end])
    letters = re.match(r"[^\\()\[\]{}?*+.|^$]*", pattern)
    plain = letters.group() if letters else ""
    if pattern[len(plain) : len(plain) + 1] in ("?", "*", "{"):
        plain = plain[:-1]
    return (plain,) if plain else None


def _closing(pattern: str) -> int:
    """Where the group that begins a pattern ends."""
    depth = 0
    for at, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return at
    return len(pattern)


def _heads(pattern: str) -> frozenset[str] | None:
    """With what the first word of a match can begin: up to six letters, "$" behind a whole short word.

    None where that cannot be told; such a phrase is always looked for.
    """
    pieces = _alternatives(pattern)
    if len(pieces) > 1:
        found = [_heads(piece) for piece in pieces]
        return None if None in found else frozenset().union(*(one for one in found if one is not None))
    if pattern.startswith("("):
        end = _closing(pattern)
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
    return frozenset({letters + "$" if whole else letters[:_OPENING]})


@lru_cache(maxsize=8192)
def _beginnings(word: str) -> tuple[str, ...]:
    """The beginnings of a word, as `_heads` writes them."""
    found = tuple(word[:length] for length in range(1, min(len(word), _OPENING) + 1))
    return (*found, word + "$") if len(word) <= 2 else found


@lru_cache(maxsize=256)
def _openings(folded: str) -> frozenset[str]:
    """The beginnings of all words of a text; "" for phrases that may begin with anything."""
    return frozenset(("",)).union(*map(_beginnings, set(_WORD.findall(folded))))


class _Entry:
    """One phrase; its pattern is compiled when it is first looked for."""

    __slots__ = ("_at_word", "_pattern", "heads", "language", "needle", "phrase", "weight")

    def __init__(self, language: str, weight: float, phrase: str) -> None:
        self.language, self.weight, self.phrase = language, weight, phrase
        self.needle = _needle(phrase)
        self.heads = _heads(fold(phrase.strip()))
        self._pattern: re.Pattern[str] | None = None
        self._at_word = False

    def matches(self, folded: str) -> Iterator[re.Match[str]]:
        """Where the phrase stands in a folded text."""
        if self._pattern is None:
            self._pattern, self._at_word = _compile(self.phrase)
        at = 0
        while (match := self._pattern.search(folded, at)) is not None:
            start, end = match.span()
            if self._at_word and start and (folded[start - 1].isalnum() or folded[start - 1] == "_"):
                at = start + 1  # within a word
                continue
            yield match
            at = max(end, start + 1)


class _Group:
    """The phrases of one key, by what the first word of a match can begin with."""

    __slots__ = ("_by_head", "_entries", "_heads")

    def __init__(self, entries: list[_Entry]) -> None:
        self._entries = entries
        self._by_head: dict[str, list[int]] = {}
        for number, entry in enumerate(entries):
            for head in entry.heads or ("",):
                self._by_head.setdefault(head, []).append(number)
        self._heads = frozenset(self._by_head)

    def in_question(self, folded: str, openings: frozenset[str]) -> list[_Entry]:
        """The phrases worth looking for in a text with these beginnings of words, in their order."""
        heads = self._heads & openings
        if not heads:
            return []
        numbers = {number for head in heads for number in self._by_head[head]}
        return [entry for number in sorted(numbers) if (entry := self._entries[number]).needle in folded]


class Phrases:
    """Phrases by key; finds them in folded text."""

    def __init__(self, groups: dict[str, list[str] | dict[str, list[str]]]) -> None:
        self._by_key: dict[str, _Group] = {}
        for key, group in groups.items():
            weighted = ((language, *_weighted(item)) for language, item in _flat(group))
            self._by_key[key] = _Group([_Entry(language, weight, phrase) for language, weight, phrase in weighted])

    def _in_question(
        self, folded: str, keys: tuple[str, ...], languages: Collection[str]
    ) -> Iterator[tuple[str, _Entry]]:
        openings = _openings(folded)
        for key in keys or self._by_key:
            for entry in self._by_key[key].in_question(folded, openings):
                if not languages or not entry.language or entry.language in languages:
                    yield key, entry

    def find(self, folded: str, *keys: str, languages: Collection[str] = ()) -> list[Hit]:
        """All hits in a folded text, in order of place; of overlapping ones of a key the longest."""
        hits = [
            Hit(m.start(), m.end(), key, entry.weight, entry.phrase)
            for key, entry in self._in_question(folded, keys, languages)
            for m in entry.matches(folded)
        ]
        hits.sort(key=lambda h: (h.start, -h.end))
        return list(_outermost(hits))

    def first(self, folded: str, *keys: str) -> Hit | None:
        """The first hit."""
        hits = self.find(folded, *keys)
        return hits[0] if hits else None

    def has(self, folded: str, *keys: str) -> bool:
        """Whether any phrase stands in the folded text."""
        return any(True for _, entry in self._in_question(folded, keys, ()) for _ in entry.matches(folded))


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
