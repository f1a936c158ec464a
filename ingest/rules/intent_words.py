"""What a linear model of the intent looks at, and the model: words with weights counted on labelled mails.

The phrases of `intent` say what a sender wants in words that somebody thought of. Mails say it in others as well, so the
words of the subject, the letter and the file names are weighed too, together with the phrases' scores. The weights come
from `python -m tests.training.intent`; each stands in `data/intent_weights.tsv`, readable.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from cases.vocabulary import DocumentType, Intent
from ingest.rules.documents import TypedFile
from ingest.rules.drafts import Draft
from ingest.rules.lexicon import DATA
from ingest.rules.material import Material, Passage, without_names

FACT = "="  # begins the name of what is no word
PHRASES, FIRST, ALWAYS = "=phrases ", "=phrases first ", "=always"
INTENTS = tuple(Intent)
WEIGHTS = DATA / "intent_weights.tsv"
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[?€$£%]")
_MOST_TOKENS = 260  # of a passage: what is wanted is said by then
_OLDER = 600  # characters of the letter that is answered
_STEM = 5  # letters of a longer word that stand for its forms
_SCALE = 4.0  # points of the phrases that count as one


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rest of the engine found before the intent is decided."""

    drafts: list[Draft]
    files: list[TypedFile]
    has_reference: bool
    has_policy: bool


def features(material: Material, seen: Seen, scores: Mapping[str, float]) -> dict[str, float]:
    """Features by name: words (their squares sum up to 1), facts about the mail, and the phrases' scores."""
    words = _words(material, seen)
    length = math.sqrt(len(words)) or 1.0
    found = dict.fromkeys(sorted(words), 1 / length)
    found |= {name: 1.0 for name, holds in _facts(material, seen).items() if holds}
    found |= {PHRASES + name: min(score, 12.0) / _SCALE for name, score in scores.items() if score > 0}
    if scores and (best := max(scores, key=lambda name: scores[name])) and scores[best] > 0:
        found[FIRST + best] = 1.0
    return found


def _words(material: Material, seen: Seen) -> set[str]:
    words: set[str] = set()
    for passage in material.subject[:1]:
        words |= {f"subject {word}" for word in _grams(passage)}
    for passage in material.body[:6]:
        words.update(_grams(passage))
    for passage in material.older[:1]:
        words |= {f"old {_stem(token)}" for token in _tokens(passage.folded[:_OLDER])}
    for passage in material.notes[:2]:
        words |= {f"note {word}" for word in _grams(passage)}
    if not any(passage.text.strip() for passage in material.body):
        for passage in material.files[:1]:
            words.update(_grams(passage))
    for file in seen.files[:6]:
        words.add(f"file {file.type.value}")
    return words


def _grams(passage: Passage) -> Iterator[str]:
    before = "^"
    for word in _tokens(without_names(passage).folded):
        yield word
        yield f"{before} {word}"
        if (stem := _stem(word)) != word:
            yield stem
        before = word


def _tokens(folded: str) -> Iterator[str]:
    """Words and signs; figures are all one."""
    for token in _TOKEN.findall(folded)[:_MOST_TOKENS]:
        yield "0" if token[0].isdigit() else token


def _stem(word: str) -> str:
    """What the forms of a longer word share."""
    return f"{word[:_STEM]}*" if len(word) > _STEM + 1 else word


def _facts(material: Material, seen: Seen) -> dict[str, bool]:
    body = " ".join(passage.text for passage in material.body)
    told = [set(draft.facts) for draft in seen.drafts]
    kinds = {file.type for file in seen.files}
    return {
        "=reference": seen.has_reference,
        "=policy": seen.has_policy,
        "=older letters": bool(material.older),
        "=forwarded": material.asker > 0,
        "=asks": "?" in body,
        "=a buyer": any("buyer_name" in facts for facts in told),
        "=an amount": any("amount" in facts for facts in told),
        "=buyer and amount": any({"buyer_name", "amount"} <= facts for facts in told),
        "=several requests": len(told) > 1,
        "=a form": DocumentType.APPLICATION_FORM in kinds or any(d.source in ("table", "form") for d in seen.drafts),
        "=evidence": bool(kinds - {DocumentType.APPLICATION_FORM, DocumentType.OTHER}),
        "=a file": bool(kinds),
        "=nothing of a case": not (seen.has_reference or seen.has_policy or told),
        "=bulk": any(name in material.message.headers for name in ("list-unsubscribe", "list-id", "feedback-id")),
    }


@cache
def _weights() -> dict[str, tuple[float, ...]]:
    """Weights of each feature, in the order of the intents."""
    with WEIGHTS.open(encoding="utf-8") as lines:
        order = [INTENTS.index(Intent(name)) for name in next(lines).split()[1:]]
        found = {}
        for line in lines:
            name, *numbers = line.rstrip("\n").split("\t")
            row = [0.0] * len(INTENTS)
            for at, number in zip(order, numbers, strict=True):
                row[at] = int(number) / 100
            found[name] = tuple(row)
    return found


def chances(found: Mapping[str, float]) -> dict[Intent, float]:
    """The chance of each intent (they sum up to 1)."""
    known = _weights()
    sums = list(known[ALWAYS])
    for name, value in found.items():
        for at, weight in enumerate(known.get(name, ())):
            sums[at] += weight * value
    highest = max(sums)
    shares = [math.exp(total - highest) for total in sums]
    return {intent: share / sum(shares) for intent, share in zip(INTENTS, shares, strict=True)}


def telling(found: Mapping[str, float], intent: Intent) -> str:
    """The three words that speak most for an intent, for people; empty where none does."""
    at = INTENTS.index(intent)
    words = {name: row[at] for name in found if name[0].isalpha() and (row := _weights().get(name))}
    best = sorted((name for name, weight in words.items() if weight > 0), key=lambda name: -words[name])[:3]
    return "; ".join(best)
