"""The named figures of the desk and the dimensions by which they can be cut. Closed lists, as data."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from config.errors import WrongUse

Unit = Literal["count", "money", "rate", "days", "number"]
Basis = Literal["received", "decided", "open", "due", "limits"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A named figure: what it counts, by which date, and whether parts of it add up."""

    name: str
    title: str
    definition: str
    unit: Unit
    basis: Basis
    additive: bool
    confidential: bool = False  # rests on the risk grade
    exposure: bool = False  # limits of all policyholders on a buyer
    by: str | None = None  # the dimension that belongs to it


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something by which figures are cut or filtered."""

    name: str
    title: str
    time: bool = False
    ordered: bool = False  # rows stand in the order of the values
    person: bool = False  # names colleagues
    confidential: bool = False


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
    return tree


@lru_cache(maxsize=1)
def metrics() -> dict[str, Metric]:
    """Every metric by name."""
    return {name: Metric(name=name, **fields) for name, fields in _file()["metrics"].items()}


@lru_cache(maxsize=1)
def dimensions() -> dict[str, Dimension]:
    """Every dimension by name."""
    return {name: Dimension(name=name, **fields) for name, fields in _file()["dimensions"].items()}


def nearest(name: str, known: list[str], count: int = 3) -> list[str]:
    """The names that look most like a wrong one."""
    from rapidfuzz import fuzz, process

    return [found for found, _, _ in process.extract(name, known, scorer=fuzz.WRatio, limit=count)]


def metric(name: str) -> Metric:
    """The metric of that name (dashes and spaces allowed); raises WrongUse naming the nearest."""
    key = name.strip().casefold().replace("-", "_").replace(" ", "_")
    if key in metrics():
        return metrics()[key]
    raise WrongUse(f"no metric {name[:60]!r}: the nearest are {', '.join(nearest(key[:60], list(metrics())))}")


def dimension(name: str) -> Dimension:
    """The dimension of that name; raises WrongUse naming the nearest."""
    key = name.strip().casefold().replace("-", "_").replace(" ", "_")
    if key in dimensions():
        return dimensions()[key]
    raise WrongUse(f"no dimension {name[:60]!r}: the nearest are {', '.join(nearest(key[:60], list(dimensions())))}")
