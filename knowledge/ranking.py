"""Ranking of fused hits by what is cheap: both indexes' scores, words covered, headings, bands, countries, phrases."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from knowledge.chunks import Chunk
from knowledge.lexical import LexicalIndex
from knowledge.quantities import bands, fits, quantities
from knowledge.question import Question
from knowledge.words import GROUPS, countries, european_union, terms

WEIGHTS = {
    "lexical": 0.36,
    "vector": 0.30,
    "coverage": 0.16,
    "heading": 0.20,
    "band": 0.20,
    "country": 0.09,
    "number": 0.12,
    "phrase": 0.08,
}
RERANKED = 40  # of the fused candidates


@dataclass(slots=True)
class Candidate:
    """A chunk with what speaks for it; `similarity` is None where the vector index did not name it."""

    chunk: Chunk
    lexical: float
    similarity: float | None
    coverage: float = 0.0
    heading: float = 0.0
    score: float = 0.0


def rank(asked: Question, found: list[Candidate], lexical: LexicalIndex) -> list[Candidate]:
    """Candidates by falling score (about 0..1.5)."""
    if not found:
        return []
    top_lexical = max(candidate.lexical for candidate in found) or 1.0
    similarities = [candidate.similarity for candidate in found if candidate.similarity is not None]
    high, low = (max(similarities), min(similarities)) if similarities else (1.0, 0.0)
    spread = max(high - low, 0.02)

    def near(candidate: Candidate) -> float:
        return 0.0 if candidate.similarity is None else (candidate.similarity - low) / spread

    for candidate in found:
        fused = WEIGHTS["lexical"] * candidate.lexical / top_lexical + WEIGHTS["vector"] * near(candidate)
        candidate.score = fused
    found.sort(key=lambda candidate: -candidate.score)
    for candidate in found[:RERANKED]:
        _rerank(asked, candidate)
    return sorted(found[:RERANKED], key=lambda candidate: -candidate.score)


def _rerank(asked: Question, candidate: Candidate) -> None:
    chunk = candidate.chunk
    held = held_keys(chunk.text)
    title = frozenset[str]().union(*map(held_keys, chunk.headings[-1:]))
    around = title.union(*map(held_keys, chunk.headings[:-1]))
    wide, near = covered(asked, held | around), covered(asked, held | title)
    candidate.coverage = 0.5 * wide + 0.5 * near
    candidate.coverage *= 1.0 if covered(asked, held) else 0.7  # a title alone answers nothing
    candidate.heading = max(covered(asked, title), 0.6 * covered(asked, around))
    bonus = WEIGHTS["coverage"] * candidate.coverage + WEIGHTS["heading"] * candidate.heading
    bonus += WEIGHTS["band"] * band_fit(asked, chunk.text)
    bonus += WEIGHTS["country"] * country_fit(asked, chunk.text, chunk.headings)
    bonus += WEIGHTS["number"] * number_match(asked, chunk.text)
    bonus += WEIGHTS["phrase"] * _phrase(asked, chunk.text)
    candidate.score += bonus


@lru_cache(maxsize=8192)
def held_keys(text: str) -> frozenset[str]:
    """All keys of a text; a passage comes up for many questions."""
    return frozenset(key for term in terms(text) for key in term.keys)


def covered(asked: Question, held: set[str] | frozenset[str]) -> float:
    """Share of the question's words, by importance, that a text holds in one form or another (0..1)."""
    total = asked.total
    if not total:
        return 0.0
    got = 0.0
    for word in asked.words:
        best = 0.0
        for key, weight in word.weights.items():
            if weight > best and key in held:
                best = weight
        got += word.importance * best
    return got / total


def band_fit(asked: Question, text: str) -> float:
    """1 where a table row's band holds a quantity of the question, 0.6 a sentence's; -0.5 where none fits; 0 without bands."""
    if not asked.quantities:
        return 0.0
    best = 0.0
    for line in text.split("\n"):
        value = 1.0 if " | " in line else 0.6
        for verdict in (fits(quantity, band) for quantity in asked.quantities for band in bands(line)):
            if verdict is not None:
                best = max(best, value) if verdict else best or -0.5
    return best


def number_match(asked: Question, text: str) -> float:
    """1 where the text names a quantity of the question exactly."""
    if not asked.quantities:
        return 0.0
    held = quantities(text)
    return float(any(a.value == b.value and a.unit & b.unit for a in asked.quantities for b in held))


def country_fit(asked: Question, text: str, headings: tuple[str, ...] = ()) -> float:
    """1 where the text names a country of the question; 0.4 where it names a group it belongs to; -0.3 for others only."""
    if not asked.countries:
        return 0.0
    named = frozenset[str]().union(*(countries(terms(part)) for part in (text, *headings)))
    if named & asked.countries:
        return 1.0
    if group_named(asked.countries, text):
        return 0.4
    return -0.3 if named else 0.0


def group_named(codes: frozenset[str], text: str) -> bool:
    """Whether a text speaks of a group of countries that holds one of these."""
    wanted = {GROUPS["inside" if code in european_union() else "outside"] for code in codes}
    return any(wanted & term.concepts for term in terms(text))


def _phrase(asked: Question, text: str) -> float:
    """Share of neighbouring words of the question that are neighbours in the text too."""
    words: Sequence[str] = [word.word for word in asked.words]
    if len(words) < 2:
        return 0.0
    stems = [next(iter(word.weights)) for word in asked.words]
    order = [term.stem for term in terms(text)]
    pairs = set(pairwise(order))
    return sum((a, b) in pairs for a, b in pairwise(stems)) / (len(words) - 1)
