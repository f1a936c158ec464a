"""Searching the manual: lexical and vector hits fused, then ranked anew by what is cheap; the entry to the knowledge base."""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from config.errors import Unavailable
from knowledge.chunks import Chunk
from knowledge.embedding import Embedder, choose_embedder
from knowledge.passages import KnowledgeAnswer, Passage
from knowledge.question import Question, read_question
from knowledge.ranking import Candidate, rank
from knowledge.store import Generation, current_generation

log = logging.getLogger("creditdesk.knowledge")

LONGEST_QUESTION = 2000  # characters; what follows is not read
OF_BEST, OF_OTHERS = 2, 1  # hits of the best hit's file, and of any other, before further files have their turn
CANDIDATES = 60  # from each of the two indexes


@dataclass(frozen=True, slots=True)
class KnowledgeStatus:
    """For `doctor` and answers: what the knowledge base holds."""

    documents: int
    chunks: int
    embedder: str
    generation: int


class Knowledge:
    """The knowledge base of one data folder; safe to use from several threads and while it is indexed anew."""

    def __init__(self, data_dir: Path, embedder: Embedder, chroma_url: str = "") -> None:
        self._data_dir, self._embedder, self._chroma_url = data_dir, embedder, chroma_url
        self._generation: Generation | None = None
        self._lock = threading.Lock()

    def generation(self) -> Generation | None:
        """The generation in force, opened once; None where nothing was indexed."""
        with self._lock:
            while number := current_generation(self._data_dir):
                if self._generation is not None and self._generation.manifest.generation == number:
                    return self._generation
                try:
                    self._generation = Generation.open(self._data_dir, number, self._chroma_url)
                except FileNotFoundError:
                    if current_generation(self._data_dir) == number:
                        raise  # not replaced meanwhile: it was damaged
            return None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was indexed yet."""
        generation = self.generation()
        return generation is None or generation.lexical.size == 0

    @property
    def status(self) -> KnowledgeStatus:
        """What it holds."""
        generation = self.generation()
        if generation is None:
            return KnowledgeStatus(0, 0, self._embedder.name, 0)
        manifest = generation.manifest
        return KnowledgeStatus(len(manifest.files), generation.lexical.size, manifest.embedder, manifest.generation)

    def search(self, question: str, k: int = 5) -> list[Passage]:
        """The `k` best passages, best first, each with the sentence or row that fits best."""
        from knowledge.answers import best_quote

        asked = self.read(question)
        ranked = self.candidates(asked)
        return [passage_of(candidate, best_quote(candidate.chunk, asked)) for candidate in spread(ranked)[:k]]

    def read(self, question: str) -> Question:
        """A question understood against the vocabulary in force."""
        generation = self.generation()
        return read_question(question[:LONGEST_QUESTION], generation.lexical if generation else None)

    def candidates(self, asked: Question) -> list[Candidate]:
        """All candidates of both indexes, ranked."""
        generation = self.generation()
        if generation is None or not asked.text:
            return []
        scores = generation.lexical.scores([word.weights for word in asked.words])
        top = _top(scores, CANDIDATES)
        near = self._near(generation, asked)
        known = generation.chunks.by_ids([name for name, _ in near])
        by_number: dict[int, Chunk] = generation.chunks.by_numbers(
            [n for n in top if n not in {n for n, _ in known.values()}]
        )
        by_number |= dict(known.values())
        similarity = {known[name][0]: value for name, value in near if name in known}
        found = [Candidate(chunk, float(scores[n]), similarity.get(n)) for n, chunk in sorted(by_number.items())]
        return rank(asked, found, generation.lexical)

    def _near(self, generation: Generation, asked: Question) -> list[tuple[str, float]]:
        if generation.manifest.embedder != self._embedder.name:  # another model was configured since: lexical only
            return []
        try:
            return generation.vectors.nearest(self._embedder.query(asked.text), CANDIDATES)
        except Unavailable as error:
            log.warning("the manual is searched by its words alone: %s", error.message)
            return []

    def answer(
        self, question: str, language: str = "en", previous: str = "", cited: Sequence[str] = ()
    ) -> KnowledgeAnswer:
        """An answer from the manual without a model: exact sentences first, cited; `found` false when nothing fits."""
        from knowledge.answers import answer_question

        return answer_question(self, question, language, previous, cited)

    def close(self) -> None:
        """Lets go of files."""
        with self._lock:
            if self._generation is not None:
                self._generation.close()
                self._generation = None


def _top(scores: "np.ndarray[tuple[int], np.dtype[np.float32]]", count: int) -> list[int]:
    places = np.argpartition(scores, -count)[-count:] if scores.size > count else np.arange(scores.size)
    return [int(place) for place in places[np.argsort(-scores[places], kind="stable")] if scores[place] > 0]


def spread(ranked: list[Candidate]) -> list[Candidate]:
    """The same hits, but two of the best file and one of each other file before any further ones."""
    seen: Counter[str] = Counter()
    early: list[Candidate] = []
    late: list[Candidate] = []
    for candidate in ranked:
        seen[candidate.chunk.source] += 1
        most = OF_BEST if candidate.chunk.source == ranked[0].chunk.source else OF_OTHERS
        (early if seen[candidate.chunk.source] <= most else late).append(candidate)
    return early + late


def passage_of(candidate: Candidate, quote: str) -> Passage:
    """A candidate as a hit."""
    chunk = candidate.chunk
    return Passage(
        chunk.source,
        chunk.headings,
        chunk.page,
        chunk.text,
        quote,
        min(candidate.score, 1.0),
        chunk.chunk_id,
        chunk.author,
    )


def open_knowledge(
    data_dir: Path,
    *,
    embedding_model: str = "",
    chroma_url: str = "",
    openai_base_url: str = "",
    openai_api_key: str = "",
) -> Knowledge:
    """The knowledge base of a data folder; nothing is loaded before the first question."""
    return Knowledge(data_dir, choose_embedder(embedding_model, openai_base_url, openai_api_key), chroma_url)
