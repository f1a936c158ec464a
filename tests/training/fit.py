"""Logistic regression in its dual form: fewer examples than words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.rules.linear import ALWAYS, FACT, PROPOSED, weights_file

Matrix = NDArray[np.float64]
SELDOM = 3  # examples that must hold a word
STEPS = 300
FOLDS = 6
LEAST = 0.3  # a word whose weights are all smaller changes nothing
_CONSTANT = 0.5


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model is called, what it tells apart, and how it is counted."""

    name: str
    classes: Sequence[str]
    words: float  # weight of the words beside the facts: the more examples, the more they may say
    penalty: float  # on large weights


@dataclass(frozen=True, slots=True)
class Example:
    """Features with the class that is right."""

    features: dict[str, float]
    right: str
    counted: bool = True  # whether it shows how well others like it are read: the rules were not made with it at hand


def example(features: Mapping[str, float], right: str, *, counted: bool) -> Example:
    """An example; of a mail that the rules were made with, what these propose is left out."""
    return Example({k: v for k, v in features.items() if counted or not k.startswith(PROPOSED)}, right, counted)


class Table:
    """Examples as matrices; `names` are the columns of the features."""

    def __init__(self, examples: Sequence[Example], recipe: Recipe) -> None:
        self.recipe, self.classes, self.examples = recipe, list(recipe.classes), examples
        counted = Counter(name for one in examples for name in one.features)
        kept = [name for name, count in counted.items() if name.startswith(FACT) or count >= SELDOM]
        self.names = [ALWAYS, *sorted(kept)]
        places = {name: at for at, name in enumerate(self.names)}
        self.rows: Matrix = np.zeros((len(examples), len(self.names)))
        self.rows[:, 0] = _CONSTANT
        self.right: Matrix = np.zeros((len(examples), len(self.classes)))
        for at, one in enumerate(examples):
            for name, value in one.features.items():
                if (column := places.get(name)) is not None:
                    self.rows[at, column] = value if name.startswith(FACT) else value * recipe.words
            self.right[at, self.classes.index(one.right)] = 1.0


def _largest(kernel: Matrix) -> float:
    """The largest eigenvalue, by its powers."""
    vector = np.ones(len(kernel))
    for _ in range(30):
        vector = kernel @ vector
        vector /= np.linalg.norm(vector)
    return float(vector @ kernel @ vector)


def _fitted(kernel: Matrix, right: Matrix, penalty: float) -> Matrix:
    """The share of each example in the weights (accelerated gradient descent)."""
    step = 1 / (1.05 * _largest(kernel) / 2 + penalty)
    shares = ahead = np.zeros_like(right)
    pace = 1.0
    for _ in range(STEPS):
        sums = kernel @ ahead
        chances = np.exp(sums - sums.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        following = ahead - step * (chances - right + penalty * ahead)
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = following + (pace - 1) / faster * (following - shares)
        shares, pace = following, faster
    return shares


def read_right(table: Table) -> str:
    """How many of the counted examples models read right that had not seen them, by class and in all."""
    kernel = table.rows @ table.rows.T
    mine = np.array([at for at, one in enumerate(table.examples) if one.counted])
    hits, seen = Counter[str](), Counter[str]()
    for fold in range(FOLDS):
        test = mine[fold::FOLDS]
        train = np.setdiff1d(np.arange(len(table.rows)), test)
        shares = _fitted(kernel[np.ix_(train, train)], table.right[train], table.recipe.penalty)
        found = (kernel[np.ix_(test, train)] @ shares).argmax(axis=1)
        for at, said in zip(test, found, strict=True):
            name = table.examples[at].right
            seen[name] += 1
            hits[name] += table.classes[said] == name
    each = ", ".join(f"{name} {hits[name]}/{seen[name]}" for name in table.classes)
    return f"left out and read right: {hits.total() / seen.total():.3f} ({each})"


def write(table: Table) -> None:
    """Counts the weights on all examples and writes them in hundredths."""
    found = table.rows.T @ _fitted(table.rows @ table.rows.T, table.right, table.recipe.penalty)
    with weights_file(table.recipe.name).open("w", encoding="utf-8") as file:
        file.write("\t".join(["feature", *table.classes]) + "\n")
        for feature, row in zip(table.names, found, strict=True):
            factor = _CONSTANT if feature == ALWAYS else 1.0 if feature.startswith(FACT) else table.recipe.words
            if feature.startswith(FACT) or abs(row * factor).max() >= LEAST:
                file.write("\t".join([feature, *(str(round(one * factor * 100)) for one in row)]) + "\n")
