"""The lexical index: BM25 over stems and concepts, with headings weighing more; one file, replaced whole."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.6
HEADING_WEIGHT = 2  # a heading's word counts as often


class LexicalIndex:
    """Postings in compressed rows: for each key the chunks (by number) and the weight each gets from it."""

    def __init__(
        self,
        vocabulary: dict[str, int],
        starts: NDArray[np.int64],
        chunks: NDArray[np.int32],
        weights: NDArray[np.float32],
        size: int,
    ) -> None:
        self.vocabulary = vocabulary
        self.size = size
        self._starts, self._chunks, self._weights = starts, chunks, weights

    @staticmethod
    def build(documents: Iterable[Sequence[str]]) -> "LexicalIndex":
        """An index over documents given as their keys (with repeats)."""
        counts = [Counter(document) for document in documents]
        size = len(counts)
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        mean = float(lengths.mean()) if size and lengths.any() else 1.0
        postings: dict[str, list[tuple[int, int]]] = {}
        for number, count in enumerate(counts):
            for key, times in count.items():
                postings.setdefault(key, []).append((number, times))
        vocabulary = {key: place for place, key in enumerate(postings)}
        starts = np.zeros(len(postings) + 1, dtype=np.int64)
        np.cumsum([len(rows) for rows in postings.values()], out=starts[1:]) if postings else None
        total = int(starts[-1])
        chunks, weights = np.zeros(total, dtype=np.int32), np.zeros(total, dtype=np.float32)
        for place, rows in enumerate(postings.values()):
            numbers = np.array([number for number, _ in rows], dtype=np.int32)
            times_array = np.array([times for _, times in rows], dtype=np.float64)
            idf = _idf(size, len(rows))
            norm = K1 * (1 - B + B * lengths[numbers] / mean)
            chunks[starts[place] : starts[place + 1]] = numbers
            weights[starts[place] : starts[place + 1]] = idf * times_array * (K1 + 1) / (times_array + norm)
        return LexicalIndex(vocabulary, starts, chunks, weights, size)

    def idf(self, key: str) -> float:
        """How much a key says: high for rare ones, highest for unknown ones."""
        place = self.vocabulary.get(key)
        return _idf(self.size, 0 if place is None else int(self._starts[place + 1] - self._starts[place]))

    def scores(self, groups: Sequence[Mapping[str, float]]) -> NDArray[np.float32]:
        """Scores of all chunks. Each group is one word of the question: its keys with weights; the best key counts."""
        total = np.zeros(self.size, dtype=np.float32)
        for group in groups:
            best: NDArray[np.float32] | None = None
            for key, factor in group.items():
                place = self.vocabulary.get(key)
                if place is None:
                    continue
                rows = slice(self._starts[place], self._starts[place + 1])
                if len(group) == 1:
                    total[self._chunks[rows]] += self._weights[rows] * factor
                    continue
                one = np.zeros(self.size, dtype=np.float32)
                one[self._chunks[rows]] = self._weights[rows] * factor
                best = one if best is None else np.maximum(best, one)
            if best is not None:
                total += best
        return total

    def save(self, folder: Path) -> None:
        """Writes the index into a folder that nobody reads yet."""
        (folder / "vocabulary.json").write_text(json.dumps(self.vocabulary, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / "postings.npz",
            starts=self._starts,
            chunks=self._chunks,
            weights=self._weights,
            size=np.array(self.size),
        )

    @staticmethod
    def load(folder: Path) -> "LexicalIndex":
        """Reads what `save` wrote."""
        vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        with np.load(folder / "postings.npz") as arrays:
            return LexicalIndex(vocabulary, arrays["starts"], arrays["chunks"], arrays["weights"], int(arrays["size"]))


def _idf(size: int, holding: int) -> float:
    return float(np.log(1 + (size - holding + 0.5) / (holding + 0.5)))
