"""A question understood for searching: its words with their weight, misspellings mended, quantities and countries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from knowledge.lexical import LexicalIndex
from knowledge.quantities import Quantity, quantities
from knowledge.readers.blocks import clean
from knowledge.words import GROUPS, Term, countries, european_union, fold, language_of, soft_stems, terms

CONCEPT_WEIGHT = 0.8  # a field word in other words against the same word
MENDED_WEIGHT = 0.85
SCALED = re.compile(
    r"[\d.,]+[a-z]{0,3}|mio|mln|mrd|tsd|(?:m|b)illion(?:s|en)?|milliard(?:s|en)?|thousand|tausend|mille|eur|euros?|usd|gbp|chf"
)
YEAR = re.compile(r"(?:19|20)\d\d")
SHORT_WITHOUT = re.compile(r"\bw/o\b", re.IGNORECASE)
IMPLIED = 0.5
GROUP_WEIGHT = 0.6  # "any other country" for a country that is not named
NEEDED = re.compile(
    r"\bwhat (?:do|does|must|is|are)\b.*\b(?:needs?|needed|required?)\b|\bwas (?:brauch|benotig)\w*|\b(?:que|quoi|qu'est-ce)\b.*\b(?:faut|besoin|fournir)\b"
)
WANTED = {
    "time": re.compile(
        r"\bhow (?:long|soon|fast|quick\w*|early|late|old|often|many (?:\w+ )?(?:day|week|month|year|hour)s?)\b|\bwhen\b|\bdeadline|\blongest|\bshortest|\bperiod\b"
        r"|\btime limit|\bby what date|\bwie (?:lange|schnell|oft|alt|fruh)|\bwann\b|\bfrist|\bcombien de (?:temps|jours|mois)|\bquand\b|\bdelais?\b|\bduree"
    ),
    "money": re.compile(
        r"\bhow much\b|\b(?:what|which) amount|\bcosts?\b|\bfees?\b|\bprice|\b(?:max\w*|highest|minimum|lowest) (?:limit|amount)|\bthreshold|\bkoste|\bwie ?viel\b|\bwie hoch|\bgebuhr"
        r"|\bcombien\b(?! de)|\bmontant|\bcout|\bfrais|\bplafond|\bbetrag|\bup to what"
    ),
    "share": re.compile(
        r"\bper ?cent|\bpercentage|\bshare\b|\brate\b|\bprozent|\bquote\b|\banteil|\bpart\b|\bpourcentage|\bquotite|\btaux\b|%"
    ),
    "number": re.compile(r"\bhow many\b|\bwie ?viele\b|\bcombien de\b|\bnumber of\b|\banzahl\b|\bnombre\b"),
}
SIMILAR_ENOUGH = 86  # of 100, for a misspelt word


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of the question: the keys it may be found by, how much it says, whether the manual knows it at all."""

    word: str
    weights: dict[str, float]
    importance: float
    known: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood."""

    text: str
    words: tuple[AskedWord, ...]
    quantities: tuple[Quantity, ...]
    countries: frozenset[str]
    wanted: frozenset[str] = frozenset()
    language: str = ""

    total: float = 0.0  # importance of all words together


def read_question(text: str, lexical: LexicalIndex | None) -> Question:
    """Understands a question against the manual's vocabulary (None: nothing indexed)."""
    bare = SHORT_WITHOUT.sub("without", clean(text))
    found = terms(bare)
    asked: dict[str, AskedWord] = {}
    for term in found:
        year = YEAR.fullmatch(term.word)
        if len(term.word) == 1 or (SCALED.fullmatch(term.word) and not year):
            continue
        word = _asked(term, lexical)
        if year and not word.known:
            continue
        if not word.known and term.stem in soft_stems():
            continue
        asked.setdefault(term.stem, word)
    counted = tuple(quantities(bare))
    if asked and any("money" in quantity.unit for quantity in counted):
        _imply("amount", asked, lexical)
    if NEEDED.search(fold(bare)):
        _imply("documents", asked, lexical)
    if names_language(bare):
        _imply("language", asked, lexical)
    words = tuple(asked.values())
    total = sum(word.importance for word in words)
    return Question(bare, words, counted, countries(found), wanted(bare), language_of(bare), total)


def _imply(word: str, asked: dict[str, AskedWord], lexical: LexicalIndex | None) -> None:
    """Adds what a question is about without saying so: one that names a sum is about amounts, `what is needed` about documents."""
    (term,) = terms(word)
    if not any(term.concepts & set(known.weights) for known in asked.values()):
        implied = _asked(term, lexical)
        if not implied.known:
            return
        weights = {key: weight * IMPLIED for key, weight in implied.weights.items()}
        asked[term.stem] = replace(implied, weights=weights, importance=implied.importance * IMPLIED)


@cache
def _languages() -> frozenset[str]:
    """Folded names of languages in English, German and French."""
    from babel import Locale

    names = (name for code in ("en", "de", "fr") for name in Locale(code).languages.values())
    return frozenset(fold(name) for name in names if " " not in name)


def names_language(text: str) -> bool:
    """Whether a text says in which language something is: `in Italian`, `auf Polnisch`, `en espagnol`."""
    return any(match[1] in _languages() for match in re.finditer(r"\b(?:in|auf|en)\s+(\w{4,})", fold(text)))


def wanted(text: str) -> frozenset[str]:
    """What kind of answer is asked for: any of `time`, `money`, `share`, `number`."""
    folded = fold(text)
    return frozenset(kind for kind, pattern in WANTED.items() if pattern.search(folded))


def _asked(term: Term, lexical: LexicalIndex | None) -> AskedWord:
    weights = {term.stem: 1.0} | dict.fromkeys(sorted(term.concepts), CONCEPT_WEIGHT)
    for code in countries([term]):
        weights[GROUPS["inside" if code in european_union() else "outside"]] = GROUP_WEIGHT
    if lexical is None:
        return AskedWord(term.word, weights, 1.0, False)
    known = [key for key in weights if key in lexical.vocabulary]
    if not known and len(term.stem) >= 5 and (mended := _mended(term.stem, _Vocabulary.of(lexical))):
        weights = {mended: MENDED_WEIGHT}
        known = [mended]
    importance = min(lexical.idf(key) for key in known) if known else lexical.idf(term.stem)
    return AskedWord(term.word, weights, importance, bool(known))


class _Vocabulary:
    """The words of an index that a misspelt word may mean."""

    _last: tuple[int, Sequence[str]] = (0, ())

    @classmethod
    def of(cls, lexical: LexicalIndex) -> tuple[str, ...]:
        """Words of four letters or more; kept for the index asked last."""
        if cls._last[0] != id(lexical.vocabulary):
            cls._last = (id(lexical.vocabulary), tuple(k for k in lexical.vocabulary if len(k) >= 4 and k.isalpha()))
        return tuple(cls._last[1])


@lru_cache(maxsize=4096)
def _mended(stem: str, vocabulary: tuple[str, ...]) -> str:
    """The one word of the vocabulary that is a letter or two away; empty where there is none."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(stem, vocabulary, scorer=fuzz.ratio, score_cutoff=SIMILAR_ENOUGH)
    if best is None or best[0][0] != stem[0]:
        return ""
    return str(best[0])
