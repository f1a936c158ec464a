"""How things are called in the language of the question, and how figures and dates are written."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.assistant import lexicon
from cases.statistics.catalogue import dimensions, metrics
from cases.statistics.filters import NOTHING


@dataclass(frozen=True, slots=True)
class Say:
    """The words of one language (en, de, fr)."""

    language: str

    def __call__(self, phrase: str, **parts: object) -> str:
        """A phrase of answers.json with its parts filled in."""
        text: str = lexicon.tree("answers")["phrases"][self.language][phrase]
        return text.format(**parts) if parts else text

    def _named(self, group: str, key: str) -> str:
        names: dict[str, str] = lexicon.tree("answers")[group].get(self.language) or {}
        return names.get(key, key.replace("_", " "))

    def state(self, status: str) -> str:
        """A case's state in plain words."""
        return self._named("states", status)

    def document(self, kind: str) -> str:
        """A kind of document."""
        return self._named("documents", kind)

    def request_type(self, kind: str) -> str:
        """A request type."""
        return self._named("types", kind)

    def holder(self, holder: str) -> str:
        """Who has the ball."""
        return self._named("holders", holder)

    def country(self, code: str | None) -> str:
        """A country's name."""
        return lexicon.country_name(code, self.language) if code else ""

    def metric(self, name: str) -> str:
        """A metric's title."""
        if self.language == "en":
            return metrics()[name].title
        title: str = lexicon.tree("answers")["metrics"][self.language][name][0]
        return title

    def definition(self, name: str) -> str:
        """What a metric means."""
        if self.language == "en":
            return metrics()[name].definition
        text: str = lexicon.tree("answers")["metrics"][self.language][name][1]
        return text

    def dimension(self, name: str) -> str:
        """A dimension's name."""
        if self.language == "en":
            return dimensions()[name].title.lower() if name in dimensions() else name.replace("_", " ")
        return self._named("dimensions", name)

    def label(self, dimension: str, value: Any) -> str:
        """A value of a dimension as people call it."""
        text = str(value)
        if dimension == "country":
            return f"{self.country(text)} ({text})" if len(text) == 2 else text
        if dimension == "missing_document":
            return self.document(text)
        if dimension == "request_type":
            return self.request_type(text)
        if text == "any_approved":
            return self.state("approved")
        if dimension in ("status", "state"):
            return text.replace("_", " ") if self.language == "en" else self.state(text)
        return self("nobody") if text == NOTHING else text


def amount(value: Decimal | float | None, currency: str | None) -> str:
    """`EUR 450,000` or `EUR 450,000.50`."""
    if value is None:
        return "–"
    number = f"{value:,.2f}"
    return f"{currency or ''} {number.removesuffix('.00')}".strip()


def rate(value: float | None) -> str:
    """`87.50 %`."""
    return "–" if value is None else f"{value * 100:.2f} %"


def day(value: date | datetime | None) -> str:
    """`2026-09-14`."""
    if value is None:
        return "–"
    return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()


def moment(value: datetime) -> str:
    """`2026-10-30 12:00 UTC`."""
    return f"{value:%Y-%m-%d %H:%M} UTC"


def figure(value: Any, unit: str, currency: str, say: Say) -> str:
    """A figure in its unit."""
    if value is None:
        return say("no_value")
    if unit == "money":
        return amount(value, currency)
    if unit == "rate":
        return rate(value)
    if unit == "days":
        return f"{value:.2f} {say('days')}"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
