"""Counts the weights of the intent's model: `python -m tests.training.intent` (some minutes).

Logistic regression of eleven intents over words, facts and the phrases' scores, in its dual form: fewer mails than words.
The project's own evaluation mails teach words only: its phrases were worked over for them, so that their scores there
say more than they will on other mails. Printed: the share of mails read right that were left out while learning.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cases.vocabulary import Intent
from ingest.engine import ReadingContext
from ingest.message import Message
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine
from ingest.rules.intent_words import ALWAYS, FACT, INTENTS, PHRASES, WEIGHTS
from tests.evaluation.mails import OWN, gold_of
from tests.training.mails import as_mail, labelled

Matrix = NDArray[np.float64]
SELDOM = 3  # mails that must hold a word
WORDS, PENALTY, STEPS = 6.0, 0.3, 300  # weight of the words beside the facts; of small weights; of the search
FOLDS = 6
LEAST = 0.3  # a word whose weights are all smaller changes nothing


@dataclass(frozen=True, slots=True)
class Example:
    """A mail with its intent."""

    features: dict[str, float]
    intent: Intent
    tuned: bool  # whether the phrases were made with it at hand


def examples() -> list[Example]:
    """All mails to learn from; automatic ones that their headers show are none."""
    found = [_example(read_message(as_mail(one)), one["intent"], tuned=False) for one in labelled()]
    for gold in gold_of(OWN):
        message = read_message((OWN / "eml" / f"{gold['id']}.eml").read_bytes())
        found.append(_example(message, gold["intent"], tuned=True))
    return [one for one in found if one.features]


def _example(message: Message, intent: str, *, tuned: bool) -> Example:
    return Example(RulesEngine().decision(message, ReadingContext()).features, Intent(intent), tuned)


class Table:
    """Examples as a matrix; `names` are its columns."""

    def __init__(self, mails: Sequence[Example]) -> None:
        counted = Counter(name for mail in mails for name in mail.features)
        kept = [name for name, count in counted.items() if name.startswith(FACT) or count >= SELDOM]
        self.names = [ALWAYS, *sorted(kept)]
        places = {name: at for at, name in enumerate(self.names)}
        self.rows: Matrix = np.zeros((len(mails), len(self.names)))
        self.rows[:, 0] = 0.5
        for row, mail in zip(self.rows, mails, strict=True):
            for name, value in mail.features.items():
                if (at := places.get(name)) is not None and not (mail.tuned and name.startswith(PHRASES)):
                    row[at] = value if name.startswith(FACT) else value * WORDS
        self.right: Matrix = np.zeros((len(mails), len(INTENTS)))
        for row, mail in zip(self.right, mails, strict=True):
            row[INTENTS.index(mail.intent)] = 1.0


def fitted(kernel: Matrix, right: Matrix) -> Matrix:
    """The share of each example in the weights (accelerated gradient descent on the dual)."""
    step = 1 / (float(np.linalg.norm(kernel, 2)) / 2 + PENALTY)
    shares = ahead = np.zeros_like(right)
    pace = 1.0
    for _ in range(STEPS):
        sums = kernel @ ahead
        chances = np.exp(sums - sums.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        following = ahead - step * (chances - right + PENALTY * ahead)
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = following + (pace - 1) / faster * (following - shares)
        shares, pace = following, faster
    return shares


def left_out(table: Table, tested: Iterable[int]) -> float:
    """The share of the tested examples read right by models that had not seen them."""
    kernel, everybody, mine = table.rows @ table.rows.T, np.arange(len(table.rows)), np.array(list(tested))
    right = 0
    for fold in range(FOLDS):
        test = mine[fold::FOLDS]
        train = np.setdiff1d(everybody, test)
        shares = fitted(kernel[np.ix_(train, train)], table.right[train])
        found = (kernel[np.ix_(test, train)] @ shares).argmax(axis=1)
        right += int((found == table.right[test].argmax(axis=1)).sum())
    return right / len(mine)


def weights(table: Table) -> dict[str, list[float]]:
    """Weight of each feature for each intent."""
    found = table.rows.T @ fitted(table.rows @ table.rows.T, table.right)
    kept: dict[str, list[float]] = {}
    for name, row in zip(table.names, found, strict=True):
        factor = 0.5 if name == ALWAYS else 1.0 if name.startswith(FACT) else WORDS
        if name.startswith(FACT) or abs(row * factor).max() >= LEAST:
            kept[name] = [float(one) * factor for one in row]
    return kept


def write(found: dict[str, list[float]]) -> None:
    """One feature a line, with its weights in hundredths."""
    with WEIGHTS.open("w", encoding="utf-8") as file:
        file.write("\t".join(["feature", *INTENTS]) + "\n")
        file.writelines(
            "\t".join([name, *(str(round(one * 100)) for one in row)]) + "\n" for name, row in found.items()
        )


def main() -> None:
    """Learns, measures and writes."""
    mails = examples()
    table = Table(mails)
    fresh = [at for at, mail in enumerate(mails) if not mail.tuned]
    print(f"{len(mails)} mails, {len(table.names)} features")
    print(f"left out and read right: {left_out(table, fresh):.3f} of {len(fresh)}")
    write(weights(table))


if __name__ == "__main__":
    main()
