"""Labels that no list holds whole, understood from the words they are made of ("credit needed", "limit asked")."""

import re
from functools import cache

from ingest.rules.cues import Cue
from ingest.rules.lexicon import table

_WORD = re.compile(r"[^\W_]+")
_JOINED = Cue("label_words.joined", r"[&/,+(]|\b(?:<1>)\b")
_MOST = 6  # words of a label; longer ones are sentences


@cache
def _kinds() -> tuple[dict[str, frozenset[str]], list[tuple[str, str]]]:
    """Whole words → kinds, and beginnings with their kind."""
    whole: dict[str, set[str]] = {}
    heads: list[tuple[str, str]] = []
    for kind, words in table("label_words").items():
        for word in map(str, words):
            if word.endswith("*"):
                heads.append((word[:-1], kind))
            else:
                whole.setdefault(word, set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in whole.items()}, heads


@cache
def _kinds_of(word: str) -> frozenset[str]:
    whole, heads = _kinds()
    found = whole.get(word)
    return found if found else frozenset(kind for head, kind in heads if word.startswith(head))


def kinds_within(folded: str) -> frozenset[str]:
    """The kinds of the known words of a folded label, whatever its other words are."""
    return _with_having(frozenset(kind for word in _WORD.findall(folded) for kind in _kinds_of(word)) - {"filler"})


def _with_having(kinds: frozenset[str]) -> frozenset[str]:
    """What one has is the limit of today, unless the words say what one would like to have."""
    if "having" not in kinds:
        return kinds
    return kinds - {"having"} if "wanted" in kinds else (kinds - {"having"}) | {"current"}


def _year(word: str) -> frozenset[str]:
    return frozenset({"filler"}) if re.fullmatch(r"20\d\d", word) else frozenset()


def composed(folded: str) -> str | None:
    """The field that a folded label means by its words; None where one of them is unknown or they say nothing clear."""
    words = _WORD.findall(folded)
    if not 1 <= len(words) <= _MOST:
        return None
    each = [_kinds_of(word) or _year(word) for word in words]
    if not all(each):
        return None
    kinds = _with_having(frozenset(kind for one in each for kind in one if one != {"filler"}) - {"filler"})
    if "buyer" in each[0] and kinds <= {"buyer", "name", "town", "country"} and _JOINED.search(folded):
        return "buyer_name"  # "buyer and place", "Odbiorca / siedziba"
    return _field(kinds)


def _field(kinds: frozenset[str]) -> str | None:
    if "overdue" in kinds:
        return "overdue_amount" if not kinds - {"overdue", "money"} else None
    if "turnover" in kinds:
        return "expected_turnover" if kinds & {"planned"} and not kinds & {"limit", "terms"} else None
    if "currency" in kinds:
        return "currency" if not kinds - {"currency", "limit", "money"} else None
    if "limit" in kinds:
        return _limit(kinds)
    if "money" in kinds:
        return {True: "amount"}.get(bool(kinds & {"wanted"}) and not kinds - {"money", "wanted"})
    single = (
        ("terms", {"terms", "buyer"}, "payment_terms_days"),
        ("goods", {"goods"}, "goods"),
        ("country", {"country", "buyer", "town"}, "buyer_country"),
        ("town", {"town", "buyer"}, "town"),
        ("register", {"register", "buyer"}, "buyer_registration_number"),
        ("buyer", {"buyer", "name"}, "buyer_name"),
    )
    return next((name for kind, allowed, name in single if kind in kinds and not kinds - allowed), None)


def _limit(kinds: frozenset[str]) -> str | None:
    if kinds - {"limit", "money", "wanted", "current", "buyer"}:
        return None
    if "wanted" in kinds:
        return "amount" if "current" not in kinds else None
    return "current_limit" if "current" in kinds else "amount"
