"""Mails with their intents."""

from cases.vocabulary import Intent
from ingest.engine import ReadingContext
from ingest.message import Message
from ingest.rules.engine import RulesEngine
from ingest.rules.intent_words import MODEL, PHRASES
from tests.training.fit import Example, Recipe
from tests.training.mails import own, written

RECIPE = Recipe(MODEL, [intent.value for intent in Intent], words=9.0, penalty=0.6)


def examples() -> list[Example]:
    """All mails; automatic ones that their headers show are none."""
    found = [_example(message, gold["intent"], counted=True) for message, gold in written()]
    found += [_example(message, gold["intent"], counted=False) for message, gold in own()]
    return [one for one in found if one.features]


def _example(message: Message, intent: str, *, counted: bool) -> Example:
    seen = RulesEngine().decision(message, ReadingContext()).features
    if not counted:
        seen = {name: value for name, value in seen.items() if not name.startswith(PHRASES)}
    return Example(seen, intent, counted)
