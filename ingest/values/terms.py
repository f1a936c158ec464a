"""Payment terms in days: "60 days net", "30 jours fin de mois", "2 Monate", "cash in advance" (0)."""

from dataclasses import dataclass
from functools import cache, lru_cache

import regex

from ingest.values.calendar_words import number_pattern, small_number
from ingest.values.found import Found, alternatives, compiled, load_words, pieces, without_overlaps

_CELL = 80  # characters; a text no longer than this may be a cell
_REACH = 60  # characters looked at on each side for words of payment
_DAYS = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class TermsFound(Found):
    """A period that may be a payment term. The caller decides; the flags say what stands near."""

    days: int
    has_context: bool  # words of payment in the same line or sentence
    adverse: bool  # words that make it a lateness or a deadline ("30 days overdue", "within 10 days")
    discount: bool = False  # a cash discount period ("2 % Skonto 10 Tage")
    unit: str = "day"


@cache
def _patterns() -> dict[str, regex.Pattern[str]]:
    words = load_words("terms")
    kinds = {word: kind for kind, listed in words["units"].items() for word in listed}
    unit = alternatives(kinds)
    short = f"(?:{pieces('terms', 'short_units')})"
    number = number_pattern()
    spelled = alternatives(word for word, days in load_words("dates")["small_numbers"].items() if days >= 7)
    flags = regex.IGNORECASE
    return {
        "period": compiled(
            rf"(?<![\p{{L}}\d.,/-])(?:(?P<low>\d{{1,3}})\s?(?:{pieces('terms', 'low_to')})\s?)?(?P<count>{number})"
            rf"(?:\s?\(\d+\)|\s?\([\p{{L}} -]+\))?(?:(?<=[\d)])\s?-?|(?<=[\p{{L}})])[\s-]+(?!{short}(?!\p{{L}})))(?P<net>(?:{pieces('terms', 'before_unit')})\s+)?(?P<unit>{unit})(?![\p{{L}}\d])['’]?"
            rf"(?:\s*(?P<tail>(?:{pieces('terms', 'behind_unit')})(?!\p{{L}})))?",
            flags,
        ),
        "net": compiled(
            rf"(?<![\p{{L}}/])(?P<word>net(?:to|t)?|n/)\s?(?P<count>\d{{1,3}}|(?<=\s){spelled}(?!\p{{L}}))(?![\d.,]\d|\d|\s*(?:{pieces('terms', 'not_net')}))",
            flags,
        ),
        "label": compiled(
            rf"(?<!\p{{L}}){alternatives(words['labels'])}\s*(?::|=|of|are|is|von|ist|de|di)?\s*(?P<count>7|8|10|14|15|20|21|28|30|40|45|50|60|70|75|80|90|100|120|150|180)(?=\s*(?:$|[,;)\n]|\.(?!\d)|\s(?:and|und|et|y|e|i|a|en)\s))",
            flags,
        ),
        "eom": compiled(
            rf"(?<![\p{{L}}\d.,/-])(?P<count>\d{{1,3}})\s+(?:{pieces('terms', 'end_of_month')})(?!\p{{L}})", flags
        ),
        "zero": compiled(rf"(?<!\p{{L}}){alternatives(words['zero'])}(?!\p{{L}})", flags),
        "context": compiled(rf"(?<!\p{{L}}){alternatives(words['context'])}(?!\p{{L}})|zahlungsziel", flags),
        "adverse": compiled(rf"(?<!\p{{L}}){alternatives(words['adverse'])}(?!\p{{L}})", flags),
        "adverse_right_before": compiled(
            rf"(?<!\p{{L}}){alternatives(words['adverse_right_before'])}\s+(?:(?:the|les?|los|las|i|de|het|den)\s+)?(?:\p{{L}}+\s+)?$",
            flags,
        ),
        "discount": compiled(rf"\d\s?%|(?<!\p{{L}}){alternatives(words['discount'])}(?!\p{{L}})", flags),
    }


@cache
def _unit_kinds() -> dict[str, str]:
    return {word: kind for kind, listed in load_words("terms")["units"].items() for word in listed}


def find_terms(text: str) -> list[TermsFound]:
    """All periods that may be payment terms, in text order."""
    return list(_terms_of_cell(text) if len(text) <= _CELL else _terms_of(text))


@lru_cache(maxsize=1024)
def _terms_of_cell(text: str) -> tuple[TermsFound, ...]:
    """Short texts are kept: the rows of a table mostly say the same terms."""
    return tuple(_terms_of(text))


def _terms_of(text: str) -> list[TermsFound]:
    patterns = _patterns()
    found: list[TermsFound] = []
    for match in patterns["period"].finditer(text):
        count = small_number(match["count"])
        kind = _unit_kinds()[" ".join(match["unit"].casefold().split())]
        if count is not None and count * _DAYS[kind] <= 730:
            certain = bool(match["tail"] or match["net"])
            found.append(_flagged(text, match.start(), match.end(), count * _DAYS[kind], kind, certain))
    for name in ("net", "eom", "label"):
        for match in patterns[name].finditer(text):
            days = small_number(match["count"])
            if days is not None and days <= 365:
                found.append(_flagged(text, match.start(), match.end(), days, "day", True))
    for match in patterns["zero"].finditer(text):
        if match[0] == "cod":
            continue  # a fish; "COD" is cash on delivery
        found.append(TermsFound(match.start(), match.end(), match[0], 0, True, False))
    return without_overlaps(found)


def _flagged(text: str, start: int, end: int, days: int, kind: str, certain: bool) -> TermsFound:
    patterns = _patterns()
    before = compiled(r"[.;!?]\s|\n\n").split(text[max(0, start - _REACH) : start])[-1]
    after = compiled(r"[.;!?]\s|\n").split(text[end : end + _REACH])[0]
    context = certain or bool(patterns["context"].search(before) or patterns["context"].search(after))
    near = before[-22:], after[:16]
    adverse = not certain and (
        any(patterns["adverse"].search(side) for side in near)
        or patterns["adverse_right_before"].search(before) is not None
    )
    discount = bool(
        patterns["discount"].search(before.rpartition(",")[2][-14:])
        or patterns["discount"].search(after.partition(",")[0][:14])
    )
    return TermsFound(start, end, text[start:end], days, context, adverse, discount, kind)
