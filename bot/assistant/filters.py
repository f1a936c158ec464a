"""Filters and groups in a question: countries, teams, sectors, types, states, amounts and ages, "by X"."""

import re
from decimal import Decimal

from bot.assistant import lexicon
from bot.assistant.reading import Reading
from cases.folding import fold
from cases.name_index import NameIndex
from cases.statistics import NOTHING, Bound
from cases.statistics.query import BoundField, Comparison

_SCALE = {
    "k": 1000, "tsd": 1000, "t": 1000, "thousand": 1000, "tausend": 1000, "mille": 1000,
    "m": 10**6, "mn": 10**6, "mio": 10**6, "million": 10**6, "millions": 10**6, "millionen": 10**6, "mln": 10**6,
    "bn": 10**9, "billion": 10**9, "mrd": 10**9, "milliarden": 10**9, "milliards": 10**9,
}  # fmt: skip
_CODES = r"eur|euros?|usd|gbp|chf|pln|sek|nok|dkk|czk|huf|dollars?|pounds?|franken|francs"
_NUMBER = (
    rf"(?:(?P<c1{{n}}>{_CODES}|€|\$|£)\s*)?(?P<n{{n}}>\d{{{{1,3}}}}(?:[.,' ]\d{{{{3}}}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)\s*"
    rf"(?P<s{{n}}>{'|'.join(sorted(_SCALE, key=len, reverse=True))})?\s*(?P<c2{{n}}>{_CODES}|€|\$|£)?"
    r"\s*(?P<u{n}>days?|d|tage?n?|jours?|weeks?|wochen?|semaines?|months?|monate?n?|mois)?(?!\w)"
)
_SIZED = (
    r"(?:(?:amounts?|values?|betrag|betrage|montants?)\s+(?:(?:is|are|was|of|ist|sind|est)\s+)?)?"  # "amount over 1m"
)
NO_CODES = frozenset({"IS", "SO", "TO", "MY", "DO", "ME", "VN", "PS", "AM", "LC", "PM", "TV"})  # words in capitals
_PER_UNIT = {"d": 1, "t": 1, "j": 1, "w": 7, "s": 7, "m": 30}


def _number(index: int) -> str:
    return _NUMBER.format(n=index)


def read_bounds(reading: Reading) -> None:
    """ "above 100k EUR", "between 50k and 200k", "older than 30 days", "terms over 90 days"."""
    question = reading.question
    between = lexicon.tree("intents")["between"]
    span = re.compile(rf"(?<!\w)(?:{'|'.join(between)})\s+{_number(1)}\s*(?:and|to|und|bis|et|a|-)\s*{_number(2)}")
    for match in list(span.finditer(question.left)):
        low, high = _value(match, 1), _value(match, 2)
        if low < 1000 <= high and not match["s1"] and match["s2"]:
            low *= _SCALE[match["s2"]]
        name = _field(reading, match, 2)
        if name is None or (name == "amount" and high < 1000):
            continue
        reading.bounds += [Bound(name, ">=", low), Bound(name, "<=", high)]
        question.take(match.start(), match.end())
    for word, comparison in (("above", ">"), ("from", ">="), ("below", "<"), ("to", "<=")):
        words = "|".join(lexicon.spaced(p) for p in sorted(lexicon.tree("intents")[word], key=len, reverse=True))
        single = re.compile(rf"(?<!\w){_SIZED}(?:{words})\s*{_number(1)}")
        for match in list(single.finditer(question.left)):
            _single(reading, match, comparison)  # type: ignore[arg-type]
    plus = re.compile(
        rf"(?<!\w){_number(1)}\s*(?:\+|plus|or more|and more|or above|und mehr|oder mehr|et plus|ou plus)(?!\w)"
    )
    for match in list(plus.finditer(question.left)):
        _single(reading, match, ">=")


def _single(reading: Reading, match: re.Match[str], comparison: Comparison) -> None:
    name = _field(reading, match, 1)
    value = _value(match, 1)
    sure = bool(match["s1"] or match["c11"] or match["c21"]) or value >= 1000
    if name is None or (name == "amount" and (not sure or 1990 <= value <= 2100)):
        return
    reading.bounds.append(Bound(name, comparison, value))
    reading.question.take(match.start(), match.end())


def _value(match: re.Match[str], index: int) -> Decimal:
    digits = match[f"n{index}"].replace(" ", "").replace("'", "")
    marks = re.findall(r"[.,]", digits)
    if marks and (len(marks) > 1 or len(re.split(r"[.,]", digits)[-1]) == 3):
        tail = re.split(r"[.,]", digits)[-1]
        whole = digits if len(tail) == 3 else digits[: -len(tail) - 1]
        digits = re.sub(r"[.,]", "", whole) + ("" if len(tail) == 3 else f".{tail}")
    value = Decimal(digits.replace(",", "."))
    if match[f"s{index}"]:
        value *= _SCALE[match[f"s{index}"]]
    unit = match[f"u{index}"]
    return value * _PER_UNIT[unit[0]] if unit else value


def _field(reading: Reading, match: re.Match[str], index: int) -> BoundField | None:
    """What the number bounds: an amount, or days of terms, turnaround or age; a grade."""
    plain = reading.question.plain
    if match[f"u{index}"]:
        if reading.question.has(lexicon.pattern("metrics", "exact", "payment_terms")):
            return "payment_terms"
        slow = re.search(r"took|take|decided|decide|turnaround|dauer|bearbeit|delai|mis plus", plain)
        return "turnaround" if slow else "age"
    near = plain[max(0, match.start() - 40) : match.end() + 12]
    if re.search(r"\b(?:grade|rating|risikoklasse|risikonote|note de risque)", near) and _value(match, index) <= 10:
        return "risk_grade"
    return "amount"


def read_unassigned(reading: Reading) -> None:
    """ "unassigned", "without an underwriter", "no team yet": cases where that is empty."""
    for dimension, pattern in lexicon.table("intents", "unassigned"):
        for match in reading.question.take_all(pattern):
            reading.where.setdefault(dimension, []).append(NOTHING)
            reading.spots.setdefault(dimension, match.start())


def read_teams(reading: Reading, index: NameIndex) -> None:
    """Teams as the register calls them."""
    for name in sorted(index.teams, key=len, reverse=True):
        _take_phrase(reading, "team", name, name)


def read_sectors(reading: Reading, index: NameIndex) -> None:
    """Sectors as the register calls them; their other names come later."""
    for name in sorted(index.sectors, key=len, reverse=True):
        _take_phrase(reading, "sector", name, name)


def _take_phrase(reading: Reading, dimension: str, value: str, phrase: str) -> None:
    words = [re.escape(word) for word in re.findall(r"\w+", fold(phrase)) if word not in ("and", "und", "et")]
    if not words:
        return
    pattern = re.compile(r"(?<!\w)" + r"[\s&-]*(?:(?:and|und|et)\s+)?".join(words) + r"(?!\w)(?:\s+team)?")
    for match in list(pattern.finditer(reading.question.left)):
        reading.add(dimension, value, match.start())
        reading.question.take(match.start(), match.end())


def read_groups(reading: Reading) -> None:
    """ "by team", "pro Monat und Team", "monthly", "which team", "top 3 buyers"."""
    question = reading.question
    names = lexicon.tree("dimensions")["names"]
    one = "|".join(
        f"(?P<{{p}}{name}>{'|'.join(lexicon.spaced(p) for p in patterns)})" for name, patterns in names.items()
    )
    by = "|".join(lexicon.spaced(p) for p in sorted(lexicon.tree("dimensions")["by"], key=len, reverse=True))
    small = r"(?:the\s+|their\s+|its\s+|der\s+|dem\s+|den\s+|le\s+|la\s+|les\s+|l')?"
    pattern = re.compile(
        rf"(?<!\w)(?:{by})\s+{small}(?:{one.format(p='a_')})(?!\w)(?:\s*(?:and|und|et|&|then|/)\s+(?:{by}\s+)?{small}(?:{one.format(p='b_')})(?!\w))?"
    )
    for match in list(pattern.finditer(question.left)):
        for group, text in match.groupdict().items():
            if text is not None and group[2:] not in reading.by:
                reading.by.append(group[2:])
        question.take(match.start(), match.end())
    for name, adverb in lexicon.table("dimensions", "adverbs"):
        if question.take_all(adverb) and name not in reading.by:
            reading.by.append(name)
    _read_rank(reading)
    _read_which(reading, one.format(p="a_"))
    if reading.top is None and not reading.by and reading.order not in (None, "due") and _only_one(reading):
        reading.top = 1


def _read_rank(reading: Reading) -> None:
    """ "top 5", "the 3 oldest", "die drei größten"."""
    question = reading.question
    numbers = lexicon.tree("intents")["numbers"]
    number = rf"(?P<n>\d{{1,3}}|{'|'.join(numbers)})"
    top = "|".join(lexicon.spaced(p) for p in lexicon.tree("intents")["top"])
    longest = "|".join(lexicon.spaced(p) for p in lexicon.tree("intents")["order"]["oldest"])
    recent = "|".join(lexicon.spaced(p) for p in lexicon.tree("intents")["top_number"])
    patterns = (
        rf"(?:{top}|{recent})\s+{number}(?!\w|[.,]\d|\s*(?:k|m|%)\b)",
        rf"{number}\s+(?:of\s+the\s+|der\s+|des\s+)?(?:\w+\s+)?(?:{top}|{recent})(?!\w)",
        rf"{number}\s+(?!(?:days?|weeks?|months?|years?)\b)(?:[a-z]+\s+){{1,7}}?(?:{top}|{longest})(?!\w)",
    )
    left = re.sub(
        r"(?<!\w)at (?:least|most)(?!\w)", lambda match: " " * len(match[0]), question.left
    )  # bounds, no ranks
    for text in patterns:
        match = re.search(rf"(?<![\w.,])(?:{text})", left)
        if match:
            reading.top = numbers.get(match["n"]) or int(match["n"])
            reading.ranked = True
            break
    plain = question.plain.replace("at least", "").replace("at most", "")
    reading.ranked = reading.ranked or lexicon.pattern("intents", "top").search(plain) is not None
    reading.ascending = lexicon.pattern("intents", "ascending").search(plain) is not None
    for name, pattern in lexicon.table("intents", "order"):
        if pattern.search(question.left):
            reading.order = name
            break


def _only_one(reading: Reading) -> bool:
    """ "the biggest approval", "our oldest open case": one is asked for."""
    order = lexicon.tree("intents")["order"][reading.order]
    orders = "|".join(lexicon.spaced(p) for p in order)
    nouns, apart = ("|".join(lexicon.tree("intents")[name]) for name in ("single", "not_single"))
    which = "|".join(lexicon.tree("dimensions")["which"])
    patterns = (
        rf"(?:{orders})\s+(?:\w+\s+){{0,2}}?(?:{nouns})(?!\w|\s+(?:{apart})(?!\w))",
        rf"(?:{which})\s+(?:\w+\s+)?(?:{nouns})(?!\w)(?:\W+\w+){{0,6}}?\W+(?:{orders})(?!\w)",
    )
    return any(re.search(rf"(?<!\w){pattern}", reading.question.left) for pattern in patterns)


def _read_which(reading: Reading, dimensions: str) -> None:
    """ "which team is slowest", "who decided most", "top 3 buyers": a group without "by"."""
    question = reading.question
    which, numbers = "|".join(lexicon.tree("dimensions")["which"]), "|".join(lexicon.tree("intents")["numbers"])
    match = re.search(rf"(?<!\w)(?:{which})\s+(?:(?:\d+|\w+)\s+){{0,2}}?(?:{dimensions})(?!\w)", question.left)
    ranked = re.search(
        rf"(?<!\w)(?:{'|'.join(lexicon.spaced(p) for p in lexicon.tree('intents')['top'])})\s+(?:\d+\s+|\w+\s+){{0,2}}?(?:{dimensions})(?!\w)",
        question.left,
    ) or re.search(
        rf"(?<!\w)(?:\d{{1,2}}|{numbers})\s+(?:\w+\s+){{0,2}}?(?:{dimensions})(?!\w)",
        question.left if reading.top else "",
    )
    for found in (match, ranked, _ranked_by(reading, dimensions)):
        if found is None or reading.by:
            continue
        name = next(group[2:] for group, text in found.groupdict().items() if text is not None)
        if found is match and not (reading.ranked or re.match(r"(?:which|welche|quel)", found[0])):
            continue
        if name in ("missing_document", "status", "policy") and not reading.ranked:
            continue
        reading.by.append(name)
        start = found.start(f"a_{name}")
        question.take(start, found.end(f"a_{name}"))
    if not reading.by and reading.ranked and lexicon.pattern("dimensions", "who").search(question.left):
        sold = lexicon.pattern("dimensions", "who_sales").search(question.left)
        reading.by.append("sales_contact" if sold else "underwriter")


def _ranked_by(reading: Reading, dimensions: str) -> re.Match[str] | None:
    """ "rank the brokers by …", "buyer countries with the most …"."""
    if not reading.ranked:
        return None
    words = lexicon.tree("dimensions")["ranked_by"]
    tops = "|".join(lexicon.spaced(p) for p in lexicon.tree("intents")["top"])
    before, behind = ("|".join(words[name]) for name in ("before", "behind"))
    small = r"(?:(?:the|all|our|die|der|den|les|nos)\s+)?"
    return re.search(rf"(?<!\w)(?:{before})\s+{small}(?:{dimensions})(?!\w)", reading.question.left) or re.search(
        rf"(?<!\w)(?:{dimensions})\s+(?:{behind})\s+(?:the\s+|den\s+|dem\s+|le\s+|la\s+)?(?:{tops})(?!\w)",
        reading.question.left,
    )


def read_closed(reading: Reading, index: NameIndex) -> None:
    """Countries, states, documents, channels, request types, sectors' other names, currencies."""
    question = reading.question
    _read_currency(reading, index)  # first: "US dollars" and "Swiss francs" name no country
    country_pattern, _ = lexicon.countries()
    for match in question.take_all(country_pattern):
        reading.add("country", match.lastgroup or "", match.start())
    for word, start in zip(question.words, question.starts, strict=True):
        code = {"UK": "GB", "USA": "US", "UAE": "AE", "EU": ""}.get(word.text, word.text)
        free = start < len(question.left) and question.left[start] != "\x00"
        if (
            free
            and len(word.text) <= 3
            and word.text.isupper()
            and code in lexicon.tree("countries")
            and word.text not in NO_CODES | _upper(reading)
        ):
            reading.add("country", code, start)
            question.take(start, start + len(word.text))
    for dimension, section in (
        ("status", "status"),
        ("missing_document", "document"),
        ("channel", "channel"),
        ("request_type", "request_type"),
    ):
        for value, pattern in lexicon.table("values", section):
            for match in question.take_all(pattern):
                reading.add(dimension, value, match.start())
    _read_sectors(reading, index)


def _upper(reading: Reading) -> set[str]:
    """In a question all in capitals, a short word is no country code."""
    letters = [c for c in reading.question.original if c.isalpha()]
    shouting = letters and sum(c.isupper() for c in letters) > 0.7 * len(letters)
    return {word.text for word in reading.question.words} if shouting and len(letters) > 12 else set()


def _read_sectors(reading: Reading, index: NameIndex) -> None:
    for canonical, pattern in lexicon.table("values", "sector"):
        match = pattern.search(reading.question.left)
        if match is None:
            continue
        known = [name for name in index.sectors if fold(name) == fold(canonical)] or [
            name
            for name in index.sectors
            if set(re.findall(r"\w{4,}", fold(name))) & set(re.findall(r"\w{4,}", fold(canonical)))
        ]
        if known:
            reading.add("sector", known[0], match.start())
            reading.question.take(match.start(), match.end())


def _read_currency(reading: Reading, index: NameIndex) -> None:
    question = reading.question
    for code, pattern in lexicon.table("values", "currency"):
        for match in list(pattern.finditer(question.left)):
            lead = question.left[max(0, match.start() - 4) : match.start()]
            behind = question.left[match.end() : match.end() + 12]
            if re.search(r"\b(?:in|en)\s$", lead) and not re.match(r"\s+(?:cases|requests|limits|files)", behind):
                reading.currency = code
            reading.add("currency", code, match.start())
            question.take(match.start(), match.end())
    euro = re.search(r"(?<!\w)eur\s+(?:requests?|cases?|limits?|anfragen|falle)", question.left)
    if euro and "EUR" in index.currencies:
        reading.add("currency", "EUR", euro.start())
