"""Amounts of money in all their spellings: "1.250.000,00 EUR", "T€ 250", "1,5 Mio. €", "half a million dollars".

Only what has a currency (or a multiplier such as "250k") is money here; bare numbers come from `numbers.find_numbers`.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import regex

from ingest.values.found import SPACE, Found, Taken, alternatives, compiled, load_words, without_overlaps
from ingest.values.numbers import NUMBER, SpelledNumber, find_spelled_numbers, parse_number


@dataclass(frozen=True, slots=True)
class MoneyFound(Found):
    """An amount. `currency` is ISO 4217, or None where it is not said ("250k", "5 000 kr"); `number_*` span the figure alone."""

    amount: Decimal
    currency: str | None
    currency_start: int | None = None
    currency_end: int | None = None
    number_start: int = 0
    number_end: int = 0
    multiplied: bool = False  # a word or letter such as k, Mio. or thousand took part


@dataclass(frozen=True, slots=True)
class CurrencyFound(Found):
    """A currency named in the text, with or without an amount."""

    currency: str


@cache
def _currencies() -> dict[str, str | None]:
    words = load_words("money")
    table: dict[str, str | None] = {code: code for code in words["iso"]}
    table.update(words["symbols"])
    table.update(dict.fromkeys(words["ambiguous"]))
    return table


@cache
def _multipliers() -> dict[str, int]:
    return {word: int(factor) for factor, words in load_words("money")["multipliers"].items() for word in words}


@cache
def _after() -> regex.Pattern[str]:
    """What may follow a figure: ",-", a multiplier, a prefixed or plain currency."""
    currency, factor = alternatives(_currencies()), alternatives(_multipliers())
    prefix = alternatives(load_words("money")["prefixed"])
    return compiled(
        rf"(?P<dash>[.,][-–—]{{1,2}})?"
        rf"(?:(?:{SPACE}|-|\n)?(?P<factor>{factor})(?:(?<=['’])|(?![\p{{L}}\d])))?"
        rf"(?:{SPACE}?\([\p{{L}} -]{{4,60}}\)(?={SPACE}?[\p{{L}}€$£]))?"
        rf"(?:(?:{SPACE}|-|\n|{SPACE}\(){{0,2}}(?:(?P<prefix>{prefix})(?=[A-Z€$£]))?(?P<currency>{currency})(?![\p{{L}}]))?"
    )


@cache
def _glued() -> regex.Pattern[str]:
    """A multiplier glued between figure and currency: "250TEUR", "1,2M€", "250k€"."""
    prefix = alternatives(load_words("money")["prefixed"])
    return compiled(rf"{SPACE}?(?P<factor>{prefix})(?P<currency>{alternatives(_currencies())})(?!\p{{L}})")


@cache
def _before() -> regex.Pattern[str]:
    """What may precede a figure: "EUR ", "T€ ", "€"."""
    prefix = alternatives(load_words("money")["prefixed"])
    return compiled(
        rf"(?<![\p{{L}}\d])(?P<prefix>{prefix})?(?P<currency>{alternatives(_currencies())})"
        rf"(?::|{SPACE}|\n|\.(?=\d))?{SPACE}?$"
    )


def currency_of(word: str) -> str | None:
    """ISO 4217 code of a symbol, code or name as written, or None."""
    table = _currencies()
    word = word.strip()
    return table.get(word) or table.get(word.upper()) or table.get(word.lower())


def find_currencies(text: str) -> list[CurrencyFound]:
    """Currencies named anywhere, also without an amount ("all in EUR", "Beträge in T€")."""
    pattern = _currency_alone()
    return [
        CurrencyFound(m.start("c"), m.end("c"), m["c"], code)
        for m in pattern.finditer(text)
        if (code := _currencies()[_known(m["c"])])
    ]


def _known(written: str) -> str:
    """The key of the currency table for what a pattern matched (white space may differ)."""
    return " ".join(written.split())


@cache
def _currency_alone() -> regex.Pattern[str]:
    return compiled(rf"(?<![\p{{L}}])(?:[TkK](?=[A-Z€$£]))?(?P<c>{alternatives(_currencies())})(?!\p{{L}})")


@dataclass(frozen=True, slots=True)
class _Side:
    factor: int = 1
    currency: str | None = None  # as written
    start: int = 0
    end: int = 0  # end of all that belongs to the amount on this side
    currency_end: int = 0
    start_of_all: int = 0


def _look_right(text: str, at: int) -> _Side:
    words = load_words("money")["prefixed"]
    if glued := _glued().match(text, at):
        factor, start = words[glued["factor"]], glued.start("currency")
        return _Side(factor, _known(glued["currency"]), start, glued.end(), glued.end("currency"))
    match = _after().match(text, at)
    assert match is not None  # every group is optional
    factor = _multipliers()[_known(match["factor"])] if match["factor"] else 1
    end = max(match.end("dash"), match.end("factor"), at)
    if not match["currency"]:
        return _Side(factor, None, 0, end)
    if match["prefix"]:
        factor *= words[match["prefix"]]
    if _known(match["factor"] or "") == "mil" and _currencies()[_known(match["currency"])] == "CZK":
        factor = 1_000_000  # Czech writes "mil" for million, Spanish for thousand
    return _Side(
        factor, _known(match["currency"]), match.start("currency"), match.end("currency"), match.end("currency")
    )


def _look_left(text: str, at: int, floor: int) -> _Side | None:
    match = _before().search(text, max(floor, at - 26), at)
    if match is None:
        return None
    factor = load_words("money")["prefixed"][match["prefix"]] if match["prefix"] else 1
    return _Side(factor, _known(match["currency"]), match.start("currency"), at, match.end("currency"), match.start())


_BESIDE_FIGURES = compiled(r"[^\s\d.,'’()+-]")  # what a currency, a multiplier or a number in words is written with


def find_money(text: str, scale: int = 1) -> list[MoneyFound]:
    """All amounts with a currency or a multiplier, in text order.

    `scale` multiplies figures that carry no multiplier of their own (a table "in thousands": 1000).
    """
    found: list[MoneyFound] = []
    if not _BESIDE_FIGURES.search(text):
        return found  # bare figures: a cell of a sheet
    floor = 0
    for match in NUMBER.finditer(text):
        one = _amount_at(text, match.start(), match.end(), floor, scale)
        if one is not None:
            found.append(one)
            floor = one.end
    taken = Taken(found)
    for spelled in find_spelled_numbers(text):
        if not taken.overlaps(spelled.start, spelled.end):
            one = _spelled_amount(text, spelled)
            if one is not None:
                found.append(one)
    return without_overlaps(found)


def _amount_at(text: str, start: int, end: int, floor: int, scale: int) -> MoneyFound | None:
    left = _look_left(text, start, floor)
    if left is None and start > 0 and compiled(r"[\p{L}\d/_#@.-]").match(text[start - 1]) and text[start - 1] != ".":
        return None  # part of an identifier, a phone number or a date
    right = _look_right(text, end)
    if left is not None and right.currency and right.currency != left.currency:
        right = _Side(right.factor, None, 0, max(end, right.start - 1 if right.factor == 1 else end))
        right = _Side(right.factor, None, 0, end) if right.factor == 1 else _without_currency(text, end)
    if left is None and right.currency is None and right.factor == 1:
        return None
    if left is None and right.currency is None and not _multiplier_is_money(text, end, right):
        return None
    number = parse_number(text[start:end], million=right.factor >= 1_000_000)
    if number is None:
        return None
    factor = right.factor * (left.factor if left else 1)
    if left is not None and factor == 1:
        factor = _factor_of_range(text, end)
    if left is not None and left.currency and _currencies()[left.currency] == "CZK" and _CZECH_MILLION.match(text, end):
        factor = 1_000_000
    amount = number * (factor if factor != 1 else scale)
    side = left or right
    first, last = (left.start_of_all if left else start), max(end, right.end)
    symbol = side.currency
    return MoneyFound(
        first, last, text[first:last], amount,
        _currencies()[symbol] if symbol else None,
        side.start if symbol else None, side.currency_end if symbol else None,
        start, end, factor != 1,
    )  # fmt: skip


_CZECH_MILLION = compiled(rf"{SPACE}?mil(?!\p{{L}})")  # "CZK 1.5 mil"


def _factor_of_range(text: str, end: int) -> int:
    """ "EUR 80-100k": the multiplier behind the upper end holds for the lower one."""
    upper = compiled(rf"{SPACE}?[-–]{SPACE}?\d{{1,3}}(?:[.,]\d)?{SPACE}?(?P<f>\p{{L}}+\.?)").match(text, end)
    return _multipliers().get(upper["f"], 1) if upper else 1


def _without_currency(text: str, end: int) -> _Side:
    match = _after().match(text, end)
    assert match is not None  # every group is optional
    factor = _multipliers()[_known(match["factor"])] if match["factor"] else 1
    return _Side(factor, None, 0, max(match.end("factor"), end))


def _multiplier_is_money(text: str, end: int, side: _Side) -> bool:
    """ "250k", "1.2 million" and "3 Mio." are amounts; "5 m", "3 T" and "2 mil" may be metres, tons or miles."""
    word = text[end : side.end].strip(" -\n\u00a0\u202f.,–—")
    if word == "mil" and _THOUSANDS_TO.match(text, side.end):
        return True
    if word in ("m", "M", "T", "t", "mil", "cr", "K"):
        return word in ("m", "M", "K") and side.end == end + 1 and not text[side.end : side.end + 1].isalpha()
    return True


_THOUSANDS_TO = compiled(
    rf"{SPACE}(?:a|hasta|y|o|u)(?:{SPACE}l[oa]s)?{SPACE}\d[\d.,]*{SPACE}(?:mil|millones)(?!\p{{L}})"
)  # "de 80 mil a 150 mil euros"


def _spelled_amount(text: str, spelled: SpelledNumber) -> MoneyFound | None:
    left, right = _look_left(text, spelled.start, 0), _look_right(text, spelled.end)
    side = left or (right if right.currency else None)
    if side is None and spelled.value < 1000:
        return None
    first = left.start_of_all if left else spelled.start
    last = right.end if right.currency and not left else spelled.end
    symbol = side.currency if side else None
    factor = (left.factor if left else 1) * (right.factor if right.currency else 1)
    return MoneyFound(
        first, last, text[first:last], spelled.value * factor,
        _currencies()[symbol] if symbol else None,
        side.start if side else None, side.currency_end if side else None,
        spelled.start, spelled.end, True,
    )  # fmt: skip


def parse_amount(cell: str, scale: int = 1) -> MoneyFound | None:
    """The amount of a table cell: a figure, with or without a currency; None where the cell holds more than that."""
    money = find_money(cell, scale)
    if money:
        rest = cell[: money[0].start] + cell[money[0].end :]
        return money[0] if not compiled(r"[\p{L}\d]").search(rest) else None
    stripped = cell.strip()
    at = cell.find(stripped)
    match = NUMBER.fullmatch(compiled(r"[.,][-–—]{1,2}$").sub("", stripped))
    number = parse_number(match[0]) if match else None
    if match is None or number is None:
        return None
    return MoneyFound(at, at + len(stripped), stripped, number * scale, None, None, None, at, at + len(match[0]), False)
