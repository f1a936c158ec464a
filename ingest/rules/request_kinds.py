"""The kind of request that the words about a buyer speak for, by a linear model."""

from collections.abc import Sequence

from ingest.rules.lexicon import phrases
from ingest.rules.linear import FACT, PROPOSED, grams, scaled
from ingest.rules.material import Passage, one_sentence_names, without_names

MODEL = "request_kinds"
_SCALE = 4.0  # points of the phrases that count as one


def features(pieces: Sequence[Passage], around: Sequence[Passage]) -> dict[str, float]:
    """What speaks for a kind: the words of the pieces about the buyer, those around it, and what the phrases say."""
    words = {word for piece in pieces for word in grams(without_names(piece).folded)}
    words |= {f"around: {word}" for piece in around for word in grams(without_names(piece).folded)}
    found = scaled(words)
    book = phrases("request_types")
    for side, texts in (("", pieces), ("around ", around)):
        scores: dict[str, float] = {}
        for text in texts:
            for hit in book.find(one_sentence_names(text)):
                scores[hit.key] = max(scores.get(hit.key, 0.0), hit.weight)
        found |= {PROPOSED + side + kind: score / _SCALE for kind, score in scores.items()}
        if not scores:
            found[f"{FACT}{side}says nothing"] = 1.0
    return found
