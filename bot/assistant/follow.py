"""Whether a question goes on from the one before, and which offered name an answer picks."""

import re
from typing import Any

from bot.assistant import lexicon
from bot.assistant.intents import Weights, decide, sent_asked
from bot.assistant.reading import Reading
from cases.folding import fold
from cases.name_index import Named

SHORT = 12  # words
_PRONOUN = re.compile(
    r"\b(?:it|its|that|this|they|them|there|he|she|one|es|das|er|sie|davon|dort|ca|cela|il|elle|en)\b"
)


def _starts_on(reading: Reading) -> bool:
    return lexicon.pattern("intents", "follow").match(reading.question.plain) is not None


def follows_manual(reading: Reading, weights: Weights, state: dict[str, Any]) -> bool:
    """ "can it be extended?", "and for Turkey?", "why?": about what the manual was just asked."""
    if state.get("kind") != "procedure" or len(reading.question.words) > SHORT - 2:
        return False
    if reading.references or reading.companies or reading.identifiers:
        return False
    intent = decide(reading, weights)
    figures = intent in ("statistics", "listing", "sent", "limits", "mine")
    if intent == "smalltalk" or (figures and (reading.periods or reading.metrics or reading.count)):
        return False
    return (
        _starts_on(reading) or len(reading.question.words) <= 2 or _PRONOUN.search(reading.question.plain) is not None
    )


def follows_figures(reading: Reading, weights: Weights, state: dict[str, Any]) -> bool:
    """ "and by country?", "only Germany", "and the month before?", "which ones?", "the median?"."""
    if reading.references or reading.identifiers or len(reading.question.words) > SHORT or weights.strong:
        return False
    if sent_asked(reading):
        return False
    if reading.says("status_strong") and not reading.by and not reading.periods:
        return False
    changed = bool(
        reading.where or reading.exclude or reading.by or reading.periods or reading.bounds or reading.metrics
        or reading.companies or reading.people or reading.top or reading.says("listing") or reading.currency
        or reading.shapes or reading.says("share")
    )  # fmt: skip
    if not changed:
        return False
    if reading.says("of_them"):
        return True
    if _starts_on(reading) and not (reading.metrics and reading.by and reading.periods):
        return True
    own = bool(reading.exact or reading.states or reading.count or (reading.objects and reading.metrics))
    return not own and not reading.companies


def follows_status(reading: Reading, weights: Weights, state: dict[str, Any]) -> bool:
    """ "since when?", "and who has it?", "what is missing?": about the cases just told."""
    if reading.references or reading.identifiers or reading.companies or len(reading.question.words) > SHORT:
        return False
    if reading.unmatched and not _starts_on(reading):
        return False
    asks_day = reading.by == ["day"] and reading.says("attributes", "when") and not reading.metrics
    if (reading.by and not asks_day) or reading.where or reading.bounds or (reading.count and reading.objects):
        return False
    if weights.strong and not _starts_on(reading):
        return False
    attributes = any(reading.says("attributes", name) for name in lexicon.tree("intents")["attributes"])
    it = _PRONOUN.search(reading.question.plain)
    asked = (
        attributes
        or reading.says("which_of")
        or reading.says("status_frames")
        or reading.says("confidential", "risk_grade")
        or reading.says("why")
    )
    return bool(asked or (it and _starts_on(reading)))


def picked_option(reading: Reading, pending: dict[str, Any]) -> Named | None:
    """The offered company that the answer names: by name, part of it, country or place in the list."""
    options = [Named(one["kind"], one["name"], one["country"] or None) for one in pending["options"]]
    if len(reading.question.words) > SHORT:
        return None
    plain = f" {reading.question.plain} "
    exact = [one for one in options if f" {' '.join(re.findall(r'[^ ,;:!?()]+', fold(one.name)))} " in plain]
    if exact:
        return max(exact, key=lambda one: len(one.name))
    named = {candidate.register_name for match in reading.companies for candidate in match.candidates}
    fitting = [one for one in options if one.name in named]
    countries = reading.where.get("country", [])
    if countries:
        fitting = [one for one in fitting or options if one.country in countries]
    if len(fitting) == 1:
        return fitting[0]
    if reading.companies or reading.metrics:
        return None
    number = re.fullmatch(r"\s*(?:the\s+|number\s+|nr\.?\s*)?(\d)\s*", reading.question.plain)
    if number and 0 < int(number[1]) <= len(options):
        return options[int(number[1]) - 1]
    for word, place in lexicon.tree("intents")["ordinals"].items():
        if f" {word} " in plain and len(reading.question.words) <= 4 and abs(place) <= len(options):
            return options[place] if place < len(options) else None
    return None
