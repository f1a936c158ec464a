"""Text as comparable terms: folded, lightly stemmed, German compounds split, words of the field and countries unified.

Both manual and question pass through here, so that `Ablehnung`, `declined` and `refus` meet in one concept.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

WORD = re.compile(r"[a-z0-9]+(?:[.,][0-9]+)*|[^\W\d_]")
SUFFIXES = (
    "ationen", "ational", "ations", "ation", "ungen", "ments", "ment", "keiten", "keit", "ings", "ing", "edly", "ung", "ies", "ied",
    "ions", "ion", "ives", "ive", "ally", "ely", "als", "al", "ern", "ers", "er", "ens", "en", "em", "es", "ed", "ly", "e", "s", "n", "y",
)  # fmt: skip
SHORTEST_STEM = 4
LINKS = ("", "s", "es", "n", "en", "e")  # between the parts of a German compound
GROUPS = {"inside": "%EU", "outside": "%OTHER"}  # what texts say instead of a country's name
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text: as written (folded), its stem, and the concepts it belongs to (field words `=appeal`, countries `@XX`, groups of countries `%…`)."""

    word: str
    stem: str
    concepts: frozenset[str]

    @property
    def keys(self) -> frozenset[str]:
        """Everything that another text's term may share with this one."""
        return self.concepts | {self.stem}


def fold(text: str) -> str:
    """Lower case without accents; every kind of dash and apostrophe made plain."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ẞ", "ss")).casefold()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return (
        re.sub("[\u2010-\u2015\u2212]", "-", re.sub("[\u2018\u2019\u02bc]", "'", bare))
        .replace("œ", "oe")
        .replace("æ", "ae")
    )


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A light stem, the same for English, German and French; numbers stay as they are."""
    if word[:1].isdigit() or len(word) <= SHORTEST_STEM:
        return word if len(word) < SHORTEST_STEM else word.removesuffix("s")
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST_STEM - (suffix in ("s", "es", "ed", "ing")):
            kept = word[: -len(suffix)]
            return kept[:-1] if len(kept) > SHORTEST_STEM and kept[-1] == kept[-2] and kept[-1] not in "s" else kept
    return word


@cache
def _yaml(name: str) -> dict[str, object]:
    from ruamel.yaml import YAML

    loaded = YAML(typ="safe").load((HERE / name).read_text(encoding="utf-8"))
    return dict(loaded)


@cache
def edition() -> str:
    """Tells one state of the word lists from another: an index made with others is made anew."""
    lists = ("terms.yaml", "places.yaml", "stopwords.yaml")
    return sha256(b"\0".join((HERE / name).read_bytes() for name in lists)).hexdigest()[:16]


@cache
def stopwords() -> frozenset[str]:
    """Folded words without a subject of their own."""
    return frozenset(str(_yaml("stopwords.yaml")["words"]).split())


@cache
def soft_stems() -> frozenset[str]:
    """Stems of everyday words that a manual need not hold."""
    return frozenset(stem(word) for word in str(_yaml("stopwords.yaml")["soft"]).split())


@cache
def _phrases() -> dict[tuple[str, ...], frozenset[str]]:
    """Stemmed words of each field word or phrase, and of each country's names → concepts."""
    found: dict[tuple[str, ...], set[str]] = {}
    groups = _yaml("terms.yaml")["groups"]
    assert isinstance(groups, list)
    for group in groups:  # named by its first word, so that an index outlives groups that are added
        for entry in group:
            found.setdefault(_stems(fold(str(entry))), set()).add(f"={group[0]}")
    for code, names in _countries().items():
        for name in names:
            found.setdefault(_stems(name), set()).add(f"@{code}")
    for kind, key in GROUPS.items():
        for name in group_names(kind):
            found.setdefault(_stems(name), set()).add(key)
    return {key: frozenset(value) for key, value in found.items() if key}


def _stems(folded: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in WORD.findall(folded))


@cache
def _countries() -> dict[str, list[str]]:
    """Folded names and adjectives of countries by code, in English, German, French, Italian and Spanish."""
    from babel import Locale

    adjectives = _yaml("places.yaml")["adjectives"]
    assert isinstance(adjectives, dict)
    names: dict[str, list[str]] = {code: [str(name) for name in given] for code, given in adjectives.items()}
    for language in ("en", "de", "fr", "it", "es"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"):
                names.setdefault(code, []).append(fold(name))
    return names


@cache
def _prefixes() -> tuple[tuple[str, str], ...]:
    """Country adjectives that are prefixes: (prefix, code)."""
    adjectives = _yaml("places.yaml")["adjectives"]
    assert isinstance(adjectives, dict)
    return tuple(
        (name, code) for code, given in adjectives.items() for name in given if len(name) >= 4 and " " not in name
    )


@cache
def european_union() -> frozenset[str]:
    """Codes of the member states."""
    return frozenset(str(_yaml("places.yaml")["european_union"]).split())


@cache
def group_names(kind: str) -> tuple[str, ...]:
    """How texts name the countries `inside` the European Union, or `outside` any list."""
    names = _yaml("places.yaml")[kind]
    assert isinstance(names, list)
    return tuple(str(name) for name in names)


@cache
def function_words() -> dict[str, frozenset[str]]:
    """The small words that tell a language, by its code."""
    words = _yaml("stopwords.yaml")["function_words"]
    assert isinstance(words, dict)
    return {str(language): frozenset(str(given).split()) for language, given in words.items()}


def language_of(text: str) -> str:
    """`en`, `de` or `fr` by the small words of a text; empty where none stands out."""
    words = WORD.findall(fold(text[:20_000]))
    counts = {language: sum(word in small for word in words) for language, small in function_words().items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] and list(counts.values()).count(counts[best]) == 1 else ""


@lru_cache(maxsize=50_000)
def _country_of(word: str) -> str:
    for prefix, code in _prefixes():
        if word.startswith(prefix) and len(word) - len(prefix) <= 4:
            return f"@{code}"
    return ""


@lru_cache(maxsize=50_000)  # words are few beside texts
def compound(word: str) -> tuple[str, ...]:
    """The known parts of a long German compound; empty when it is none or a part is unknown."""
    if len(word) < 9 or not word.isalpha():
        return ()
    known = _phrases()
    for cut in range(len(word) - 4, 3, -1):
        tail = word[cut:]
        if (stem(tail),) not in known:
            continue
        for link in LINKS:
            head = word[:cut].removesuffix(link) if link else word[:cut]
            if len(head) >= 4 and ((stem(head),) in known or compound(head)):
                return (*(compound(head) or (head,)), tail)
    return ()


@lru_cache(maxsize=16_384)
def terms(text: str) -> tuple[Term, ...]:
    """The terms of a text in order, stop words left out."""
    words = WORD.findall(fold(text))
    stems = [stem(word) for word in words]
    concepts: list[set[str]] = [set() for _ in words]
    phrases = _phrases()
    for start in range(len(words)):
        for length in (4, 3, 2, 1):
            if start + length <= len(words) and (found := phrases.get(tuple(stems[start : start + length]))):
                for place in range(start, start + length):
                    concepts[place] |= found
                if length > 1:
                    break
    ignored = stopwords()
    result = []
    for word, bare, known in zip(words, stems, concepts, strict=True):
        if word in ignored and not known:
            continue
        if (
            word in ignored
            and all(concept.startswith("@") for concept in known)
            and len(word) < 4
            and word not in ("us",)
        ):
            continue
        if not known:
            if country := _country_of(word):
                known.add(country)
            for part in compound(word):
                known |= phrases.get((stem(part),), frozenset())
        result.append(Term(word, bare, frozenset(known)))
    return tuple(result)


def keys(text: str) -> list[str]:
    """The index keys of a text: each term's stem and concepts, with repeats."""
    return [key for term in terms(text) for key in sorted(term.keys)]


def countries(found: Iterable[Term]) -> frozenset[str]:
    """Codes of the countries that terms name."""
    return frozenset(concept[1:] for term in found for concept in term.concepts if concept.startswith("@"))
