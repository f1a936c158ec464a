"""Names of companies: the key under which two spellings meet, and how alike two names are."""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

_AND = {"und", "et", "og", "och", "oraz"}
_OUTSIDE = re.compile(r"[^\w]+|_+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

SAME_NAME_OTHER_FORM = 0.96  # below what counts as certain: "Nord GmbH" and "Nord AG" are two companies
OTHER_NUMBER = 0.75  # "Depot 4 GmbH" and "Depot 5 GmbH": one letter apart, and two companies
SUBSET = 0.92  # "Nordwind" against "Nordwind Antriebstechnik": offered, never certain


def _lines(name: str) -> list[str]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _letters() -> dict[int, str]:
    return {ord(line[0]): line[2:].strip() for line in _lines("transliteration.txt")}


@cache
def _forms() -> tuple[dict[tuple[str, ...], str], dict[tuple[str, ...], str], int]:
    """Legal forms at the end and at the start of a name, and the longest in words."""
    ends: dict[tuple[str, ...], str] = {}
    starts: dict[tuple[str, ...], str] = {}
    for line in _lines("legal_forms.txt"):
        canonical, _, spellings = line.partition(":")
        for spelling in spellings.split("|"):
            words = tuple(spelling.strip().removeprefix("^").split())
            ends.setdefault(words, canonical)
            if spelling.strip().startswith("^"):
                starts.setdefault(words, canonical)
    return ends, starts, max(map(len, ends))


def transliterate(text: str) -> str:
    """Case folded, in Latin letters without accents: "Weiß" is "weiss", "Łódź" is "lodz"."""
    compatible = text if text.isascii() else unicodedata.normalize("NFKC", text)
    folded = compatible.casefold().translate(_letters())
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return plain.translate(_letters()) if not plain.isascii() else plain


def _words(name: str) -> list[str]:
    text = transliterate(name).replace("&", " and ").replace("+", " and ").replace("'", "").replace("’", "")
    text = _joined_initials(text)
    return ["and" if word in _AND else word for word in _OUTSIDE.split(text) if word]


def _joined_initials(text: str) -> str:
    """Single letters with dots or slashes between them become one word: "s.p.a." spa, "a/s" as, "b. v." bv."""
    return re.sub(r"(?<!\w)(?:\w[./]\s?)+\w(?!\w)[.]?", lambda found: re.sub(r"[./\s]", "", found.group()) + " ", text)


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """The words without legal forms, and the forms (canonical, in order of removal)."""
    ends, starts, longest = _forms()
    found: list[str] = []
    rest = words
    changed = True
    while changed and len(rest) > 1:
        changed = False
        for size in range(min(longest, len(rest) - 1), 0, -1):
            if form := ends.get(tuple(rest[-size:])):
                rest, changed = rest[:-size], True
                found.append(form)
                break
            if form := starts.get(tuple(rest[:size])):
                rest, changed = rest[size:], True
                found.append(form)
                break
        while len(rest) > 1 and rest[-1] == "and":
            rest = rest[:-1]
    if len(rest) > 1 and rest[0] == "the":
        rest = rest[1:]
    return rest, found


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """The key under which spellings of one company meet, at most 300 characters.

    Case, accents, punctuation and legal form do not count; "&" and "and" are one. Empty for an empty name.
    """
    rest, _ = _split(_words(name))
    return " ".join(rest)[:300]


@lru_cache(maxsize=65536)
def legal_form(name: str) -> str | None:
    """The legal form in one spelling ("ltd" for Limited), or None where the name has none."""
    _, found = _split(_words(name))
    return found[0] if found else None


@lru_cache(maxsize=65536)
def _umlaut_key(name: str) -> str:
    """The key with ä, ö, ü (and ø, å) written as two letters, as keyboards without them do."""
    written = unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS).replace("ø", "oe").replace("å", "aa")
    return name_key(written)


def similarity(a: str, b: str) -> float:
    """How alike two company names are, from 0 to 1; 1 means the same key and no contradicting legal form."""
    if not (key_a := name_key(a)) or not (key_b := name_key(b)):
        return 0.0
    one, other = legal_form(a), legal_form(b)
    ceiling = SAME_NAME_OTHER_FORM if one and other and one != other else 1.0
    if re.findall(r"\d+", key_a) != re.findall(r"\d+", key_b):
        ceiling = OTHER_NUMBER
    if key_a == key_b or _umlaut_key(a) == _umlaut_key(b):
        return ceiling
    from rapidfuzz import fuzz

    score = max(
        fuzz.ratio(key_a, key_b), 0.99 * fuzz.token_sort_ratio(key_a, key_b), fuzz.ratio(_umlaut_key(a), _umlaut_key(b))
    )
    words_a, words_b = set(key_a.split()), set(key_b.split())
    if words_a <= words_b or words_b <= words_a:
        score = max(
            score, 100 * SUBSET * (0.9 + 0.1 * min(len(words_a), len(words_b)) / max(len(words_a), len(words_b)))
        )
    return float(min(ceiling, score / 100))
