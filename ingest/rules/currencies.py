"""Symbols that several countries share ("kr", "R", "pesos"): the buyer's country says which currency is meant."""

import re
from functools import cache

from ingest.message import Message
from ingest.rules.drafts import Draft, Fact, Place
from ingest.rules.lexicon import fold, table


@cache
def _by_symbol() -> dict[str, dict[str, str]]:
    return {str(symbol): dict(str(one).split() for one in listed) for symbol, listed in table("currencies").items()}


@cache
def _beside() -> tuple[re.Pattern[str], re.Pattern[str]]:
    symbols = "|".join(re.escape(one) for one in sorted(_by_symbol(), key=len, reverse=True))
    return (
        re.compile(rf"(?<![\w.])(?P<s>{symbols})[ \xa0]?(?=\d)"),
        re.compile(rf"\d[ \xa0]?(?P<s>{symbols})(?![\w])"),
    )


def local_currency(draft: Draft, message: Message) -> Fact | None:
    """The currency of a shared symbol beside the draft's amounts, where the buyer's country settles it."""
    country = draft.value("buyer_country")
    for name in ("amount", "current_limit", "expected_turnover"):
        for spot in draft.facts[name].places if name in draft.facts else ():
            left = max(0, spot.start - 4)
            around = fold(message.parts[spot.part].text[left : spot.end + 9])
            for pattern in _beside():
                match = pattern.search(around)
                code = _by_symbol()[match["s"]].get(str(country)) if match else None
                if match and code:
                    place = Place(spot.part, left + match.start("s"), left + match.end("s"))
                    return Fact(code, (place,), "currency of the buyer's country")
    return None
