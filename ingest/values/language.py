"""The language of a text, among those that reach a credit desk."""

from functools import cache
from typing import Any

from ingest.values.found import compiled
from ingest.values.prepared import LanguageModel

READ = ("en", "de", "fr", "es", "it", "pl", "nl", "cs")
KNOWN = (
    *READ,
    "pt",
    "sv",
    "da",
    "nb",
    "fi",
    "hu",
    "ro",
    "sk",
    "hr",
    "sl",
    "tr",
    "lt",
    "lv",
    "et",
    "bg",
    "el",
    "ru",
    "uk",
    "ja",
    "zh",
    "ar",
    "ko",
)

_SURE = 0.95  # below it, a language that the desk does not read is doubtful
_FEW_WORDS = 8


@cache
def _model() -> LanguageModel:
    return LanguageModel(KNOWN)


@cache
def _identifier(languages: tuple[str, ...]) -> Any:
    return _model().identifier(languages)


def detect(text: str) -> str | None:
    """ISO 639-1 code of the text's language; None for fewer than three words."""
    code, _ = detect_with_certainty(text)
    return code


def detect_with_certainty(text: str) -> tuple[str | None, float]:
    """The language and how certain it is (0 to 1)."""
    words = (word for word in text.split() if "@" not in word and "://" not in word)
    plain = compiled(r"\d+").sub(" ", " ".join(words))
    if len(compiled(r"\p{L}{2,}").findall(plain)) < 3:
        return None, 0.0
    code, certainty = _identifier(KNOWN).classify(plain)
    if code not in READ and (certainty < _SURE or len(plain.split()) < _FEW_WORDS):
        code, certainty = _identifier(READ).classify(plain)
    return ("no" if code == "nb" else str(code)), float(certainty)
