"""Mails with their intents."""

from cases.vocabulary import Intent
from ingest.engine import ReadingContext
from ingest.message import Message
from ingest.rules.engine import RulesEngine
from ingest.rules.intent_words import MODEL
from tests.training.fit import Example, Recipe, example
from tests.training.mails import own, written

RECIPE = Recipe(MODEL, [intent.value for intent in Intent], words=9.0, penalty=0.6)


def examples() -> list[Example]:
    """All mails; automatic ones that their headers show are none."""
    found = [example(_features(message), gold["intent"], counted=True) for message, gold in written()]
    found += [example(_features(message), gold["intent"], counted=False) for message, gold in own()]
    return [one for one in found if one.features]


def _features(message: Message) -> dict[str, float]:
    return RulesEngine().decision(message, ReadingContext()).features
