"""Linear models: features by name, weights counted on labelled mails, chances of each class.

The weights stand in `data/NAME_weights.tsv`, readable: a feature a line, its weight for each class in hundredths.
They come from `python -m tests.training`.
"""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from ingest.rules.lexicon import DATA

FACT = "="  # begins the name of what is no word
PROPOSED = "=proposed "  # and of what the rules propose
ALWAYS = "=always"
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[?€$£%]")
_STEM = 5  # letters of a longer word that stand for its forms
_BEFORE, _AFTER = 8, 6  # words around a value that are looked at


def weights_file(name: str) -> Path:
    """Where the weights of a model stand."""
    return DATA / f"{name}_weights.tsv"


@cache
def _weights(name: str) -> tuple[tuple[str, ...], dict[str, tuple[float, ...]]]:
    with weights_file(name).open(encoding="utf-8") as lines:
        classes = tuple(next(lines).rstrip("\n").split("\t")[1:])
        found = {}
        for line in lines:
            feature, *numbers = line.rstrip("\n").split("\t")
            found[feature] = tuple(int(number) / 100 for number in numbers)
    return classes, found


def chances(name: str, features: Mapping[str, float]) -> dict[str, float]:
    """The chance of each class of a model (they sum up to 1)."""
    classes, known = _weights(name)
    sums = list(known[ALWAYS])
    for feature, value in features.items():
        for at, weight in enumerate(known.get(feature, ())):
            sums[at] += weight * value
    highest = max(sums)
    shares = [math.exp(total - highest) for total in sums]
    whole = sum(shares)
    return {one: share / whole for one, share in zip(classes, shares, strict=True)}


def telling(name: str, features: Mapping[str, float], wanted: str) -> str:
    """The three words that speak most for a class, for people; empty where none does."""
    classes, known = _weights(name)
    at = classes.index(wanted)
    words = {word: row[at] for word in features if word[0].isalpha() and (row := known.get(word))}
    best = sorted((word for word, weight in words.items() if weight > 0), key=lambda word: -words[word])[:3]
    return "; ".join(best)


def scaled(words: Iterable[str]) -> dict[str, float]:
    """Words as features whose squares sum up to 1, so that a long text says no more than a short one."""
    each = sorted(set(words))
    return dict.fromkeys(each, 1 / math.sqrt(len(each) or 1))


def tokens(folded: str, most: int = 260) -> list[str]:
    """Words and signs of a text; figures are all one."""
    return ["0" if token[0].isdigit() else token for token in _TOKEN.findall(folded)[:most]]


def stem(word: str) -> str:
    """What the forms of a longer word share."""
    return f"{word[:_STEM]}*" if len(word) > _STEM + 1 else word


def grams(folded: str) -> Iterator[str]:
    """Words, pairs of words and stems."""
    before = "^"
    for word in tokens(folded):
        yield word
        yield f"{before} {word}"
        if (short := stem(word)) != word:
            yield short
        before = word


def around(folded: str, start: int, end: int, previous: str) -> dict[str, float]:
    """The words before and after a value in its sentence, the nearest ones by their place, and those of the previous sentence."""
    before = tokens(folded[max(0, start - 120) : start])[-_BEFORE:][::-1]
    after = tokens(folded[end : end + 90])[:_AFTER]
    words = {f"sentence {stem(word)}" for word in tokens(folded, 60)}
    for side, near in (("before", before), ("after", after)):
        words |= {f"{side} {stem(word)}" for word in near}
        words |= {f"{side} {place} {word}" for place, word in enumerate(near[:3], 1)}
        words |= {f"{side} pair {one} {two}" for one, two in itertools.pairwise(near[:4])}
    return scaled(words) | scaled(f"previous {stem(word)}" for word in tokens(previous[-160:], 25))


def order(index: int, count: int) -> str:
    """Which of the values of a sentence one is."""
    return "alone" if count == 1 else "first" if index == 0 else "last" if index == count - 1 else "between"
