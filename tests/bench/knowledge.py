"""Search in 100,000 sections against a plain Chroma query on the same vectors: `python -m tests.bench.knowledge`."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from knowledge.chunks import Chunk
from knowledge.embedding import PackagedEmbedder
from knowledge.indexing import chunk_keys
from knowledge.lexical import LexicalIndex
from knowledge.search import Knowledge
from knowledge.store import ChunkTable, Manifest, VectorStore, generation_folder, put_in_force

SECTIONS = 100_000
DISTINCT = 500  # texts that the model really reads; the rest are variations of their vectors
ASKED = 40
LIMIT = 0.100  # seconds

THINGS = [
    "limit",
    "report",
    "invoice",
    "appeal",
    "renewal",
    "premium",
    "claim",
    "mandate",
    "guarantee",
    "country",
    "grade",
    "document",
    "reminder",
    "decision",
]
ACTS = ["arrives expires", "sent", "registered", "declined", "reviewed", "charged", "kept", "paid", "reported"]
PLACES = ["Germany", "France", "Turkey", "Brazil", "Poland", "Italy", "Spain", "Austria", "Portugal", "Japan"]


def _text(draw: random.Random) -> str:
    first, second, place = draw.choice(THINGS), draw.choice(THINGS), draw.choice(PLACES)
    days, amount = draw.randint(2, 90), draw.randint(1, 900) * 1000
    return (
        f"The {first} for a buyer in {place} {draw.choice(ACTS).strip()} within {days} days. Above EUR {amount:,} the "
        f"{second} needs the consent of the team leader, and the {draw.choice(THINGS)} is not older than {days + 3} months."
    )


def _fill(home: Path, embedder: PackagedEmbedder) -> None:
    """Writes a generation of SECTIONS chunks."""
    draw = random.Random(7)
    noise = np.random.default_rng(7)
    texts = [_text(draw) for _ in range(DISTINCT)]
    base = embedder.passages(texts)
    keys = [chunk_keys(Chunk("", "", (), None, 0, 0, text)) for text in texts]
    chunks = [
        Chunk(f"c{n:06d}", f"manual-{n // 50}.md", (f"Section {n}",), None, n % 50, 0, texts[n % DISTINCT])
        for n in range(SECTIONS)
    ]
    folder = generation_folder(home, 1)
    folder.mkdir(parents=True)
    vectors = base[np.arange(SECTIONS) % DISTINCT] + noise.normal(0, 0.01, (SECTIONS, base.shape[1])).astype(np.float32)
    store = VectorStore(folder / "vectors", "", embedder.name, embedder.dimension)
    store.add(chunks, vectors)
    store.close()
    ChunkTable(folder / "chunks.db").write((chunk.source, chunk) for chunk in chunks)
    LexicalIndex.build([*keys[n % DISTINCT], f"section{n}"] for n in range(SECTIONS)).save(folder)
    Manifest(1, embedder.name, embedder.dimension, language="en").save(folder / "manifest.json")
    put_in_force(home, 1)


def _times(run: Callable[[str], object], questions: list[str]) -> list[float]:
    run(questions[0])
    taken = []
    for question in questions:
        start = time.perf_counter()
        run(question)
        taken.append(time.perf_counter() - start)
    return taken


def run() -> list[tuple[str, float]]:
    """Figures: median search in seconds, its ratio to a plain Chroma query (embedding included in both), p95 in seconds."""
    draw = random.Random(11)
    questions = [
        f"when does the {draw.choice(THINGS)} for a {draw.choice(PLACES)} buyer above {draw.randint(1, 900)}k need consent?"
        for _ in range(ASKED)
    ]
    embedder = PackagedEmbedder()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        _fill(home, embedder)
        knowledge = Knowledge(home, embedder)
        generation = knowledge.generation()
        assert generation is not None
        ours = _times(lambda question: knowledge.search(question, 5), questions)
        plain = _times(lambda question: generation.vectors.nearest(embedder.query(question), 5), questions)
        knowledge.close()
    median, base = statistics.median(ours), statistics.median(plain)
    return [
        (f"manual search at {SECTIONS:,} sections: seconds (limit {LIMIT})", median),
        ("manual search p95: seconds", sorted(ours)[int(len(ours) * 0.95) - 1]),
        ("manual search / plain Chroma query", median / base),
    ]


if __name__ == "__main__":
    for figure, value in run():
        print(f"{figure:<60} {value:.4f}")
