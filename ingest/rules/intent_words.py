"""What a linear model of the intent looks at, and the model: words with weights counted on labelled mails.

The phrases of `intent` say what a sender wants in words that somebody thought of. Mails say it in others as well, so the
words of the subject, the letter and the file names are weighed too, together with the phrases' scores. The weights come from
`python -m tests.training`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cases.vocabulary import DocumentType
from ingest.rules.documents import TypedFile
from ingest.rules.drafts import Draft
from ingest.rules.linear import PROPOSED, grams, scaled, stem, tokens
from ingest.rules.material import Material, without_names

MODEL = "intent"
_OLDER = 600  # characters of the letter that is answered
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
    found = scaled(_words(material, seen))
    found |= {name: 1.0 for name, holds in _facts(material, seen).items() if holds}
    found |= {PROPOSED + name: min(score, 12.0) / _SCALE for name, score in scores.items() if score > 0}
    if scores and (best := max(scores, key=lambda name: scores[name])) and scores[best] > 0:
        found[f"{PROPOSED}first {best}"] = 1.0
    return found


def _words(material: Material, seen: Seen) -> set[str]:
    words: set[str] = set()
    for passage in material.subject[:1]:
        words |= {f"subject: {word}" for word in grams(without_names(passage).folded)}
    for passage in material.body[:6]:
        words.update(grams(without_names(passage).folded))
    for passage in material.older[:1]:
        words |= {f"old: {stem(token)}" for token in tokens(passage.folded[:_OLDER])}
    for passage in material.notes[:2]:
        words |= {f"note: {word}" for word in grams(without_names(passage).folded)}
    if not any(passage.text.strip() for passage in material.body):
        for passage in material.files[:1]:
            words.update(grams(without_names(passage).folded))
    words |= {f"file: {file.type.value}" for file in seen.files[:6]}
    return words


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
