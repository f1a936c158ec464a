"""Values on their way: each with the place where it stands and how sure it is."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from cases.understanding import Evidence
from ingest.message import Message
from ingest.rules.material import Passage

Value = str | int | Decimal | date


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one part."""

    part: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its places; `derived` names the rule of a computed one. `weight` ranks rival readings."""

    value: Value
    places: tuple[Place, ...]
    derived: str | None = None
    weight: float = 1.0
    labelled: bool = False
    checked: bool = False
    chance: float | None = None  # of the reading that it belongs to; None: nothing was weighed


def place(passage: Passage, start: int, end: int) -> Place:
    """The place of an offset range of a passage."""
    return Place(passage.part, passage.start + start, passage.start + end)


def fact(passage: Passage, start: int, end: int, value: Value, **more: object) -> Fact:
    """A fact that stands in one place of a passage."""
    return Fact(value, (place(passage, start, end),), **more)  # type: ignore[arg-type]


@dataclass(slots=True)
class Draft:
    """A request in the making: field name → fact."""

    facts: dict[str, Fact] = field(default_factory=dict)
    source: str = "prose"  # prose, table, form
    said: str | None = None  # the kind of request that the words say, whatever the figures say

    def put(self, name: str, fact: Fact | None) -> None:
        """Set a field unless it is set."""
        if fact is not None and name not in self.facts:
            self.facts[name] = fact

    def replace(self, name: str, fact: Fact | None) -> None:
        """Set a field whatever it was."""
        if fact is not None:
            self.facts[name] = fact

    def weighed(self, chance: float, *names: str) -> None:
        """Note how likely the reading is that gave these fields."""
        for name in names:
            if name in self.facts:
                self.facts[name] = replace(self.facts[name], chance=round(chance, 3))

    def value(self, name: str) -> Value | None:
        """The value of a field, or None."""
        found = self.facts.get(name)
        return found.value if found else None

    def amount(self, name: str) -> Decimal | None:
        """The value of an amount field."""
        value = self.value(name)
        return value if isinstance(value, Decimal) else None


def as_text(value: Value) -> str | int:
    """The value as evidence shows it."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


def evidence_of(message: Message, path: str, fact: Fact) -> list[Evidence]:
    """One evidence entry for each place of a fact."""
    out = []
    for spot in fact.places:
        part = message.parts[spot.part]
        quote = part.text[spot.start : spot.end]
        out.append(
            Evidence(
                path=path,
                value=as_text(fact.value),
                quote=quote,
                part=part.name,
                start=spot.start,
                end=spot.end,
                how="derived" if fact.derived else "exact",
                derived=fact.derived,
                chance=fact.chance,
            )
        )
    return out
