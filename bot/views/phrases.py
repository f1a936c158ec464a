"""The app's own sentences in Slack, in the language of the person."""

import json
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "de", "fr")


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(
        Path(__file__).with_name("words").joinpath("slack.json").read_text(encoding="utf-8")
    )
    return found


def phrase(key: str, /, language: str = "en", **parts: object) -> str:
    """A sentence with its parts filled in; English where the language is not spoken."""
    text = _words().get(language, _words()["en"])[key]
    return text.format(**parts) if parts else text


def language_of(text: str) -> str:
    """The language of a question: en, de or fr."""
    from bot.assistant.question import language_of as guessed
    from cases.folding import fold

    found = guessed([fold(word) for word in text[:1000].split()])
    return found if found in LANGUAGES else "en"
