"""Changes told as shares of the limit: "double it", "cut in half", "up by a third", "um 20 %"."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache

from ingest.rules.cues import Cue
from ingest.rules.drafts import Place, place
from ingest.rules.lexicon import Hit, phrases, table
from ingest.rules.material import Passage

_PERCENT = Cue("changes.percent", r"(?<!\w)(?:<1>)\s+(?:<2>)?(\d{1,3}) ?(?:<3>)")
_OF_LIMIT = Cue("changes.of_limit", r"<1>")


@cache
def _shares() -> dict[str, Fraction]:
    return {key: Fraction(key.partition(" ")[2]) for key in table("changes") if key.startswith(("times ", "by "))}


def multiple(pieces: list[Passage], kind: str | None) -> tuple[Fraction, str, Place] | None:
    """By what the limit today is to be multiplied, the rule in words, and where that stands."""
    down = kind == "decrease"
    for piece in pieces:
        hits = [hit for hit in phrases("changes").find(piece.folded) if not _of_trade(piece, hit)]
        if hits:
            hit: Hit = hits[0]
            share = _shares()[hit.key]
            if hit.key.startswith("by "):
                share = 1 - share if down else 1 + share
            return share, _said(share), place(piece, hit.start, hit.end)
        match = _PERCENT.search(piece.folded)
        if match and kind in ("increase", "decrease", "temporary_increase"):
            part = Fraction(int(match[1]), 100)
            share = 1 - part if down else 1 + part
            return share, _said(share), place(piece, match.start(), match.end())
    return None


def _of_trade(piece: Passage, hit: Hit) -> bool:
    """ "They have doubled their orders" tells of the trade, not of the limit."""
    after = re.split(r"[.,;:\n]", piece.folded[hit.end : hit.end + 24])[0]
    return phrases("periods").has(after, "trade") and not _OF_LIMIT.search(after)


def tells_share(folded: str) -> bool:
    """Whether a folded text speaks of a change as a share of something."""
    return bool(phrases("changes").find(folded)) or _PERCENT.search(folded) is not None


def _said(share: Fraction) -> str:
    return {
        Fraction(2): "twice the current limit",
        Fraction(3): "three times the current limit",
        Fraction(1, 2): "half the current limit",
    }.get(share, f"{share} of the current limit")


def times(amount: Decimal, share: Fraction) -> Decimal:
    """The amount times the share, rounded to cents only where it must be."""
    exact = amount * share.numerator / share.denominator
    return exact if exact == exact.to_integral_value() else exact.quantize(Decimal("0.01"))
