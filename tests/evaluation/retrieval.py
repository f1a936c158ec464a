"""How well the manual search finds gold passages: `python -m tests.evaluation.retrieval FOLDER`.

Prints, for each corpus, the share of gold characters that the first five hits cover, and for tables with text the share of
questions whose document is among the first five.
"""

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from knowledge.embedding import PackagedEmbedder
from knowledge.indexing import index_paths
from knowledge.search import Knowledge

FOLDER = Path(__file__).parents[3] / "shared" / "testdata" / "rag"
HITS = 5


def _bare(text: str) -> str:
    return "".join(text.split())


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _knowledge(home: Path, paths: list[Path]) -> Knowledge:
    embedder = PackagedEmbedder()
    report = index_paths(home, paths, embedder, now=datetime.now(UTC))
    assert not report.faults, report.faults
    return Knowledge(home, embedder)


def character_recall(corpus: Path, questions: Path, home: Path) -> float:
    """Share of gold characters (spaces apart) that lie in the first hits, over all questions."""
    text = _bare(corpus.read_text(encoding="utf-8"))
    knowledge = _knowledge(home, [corpus])
    gold = covered = 0
    for question in _lines(questions):
        marks = bytearray(len(text))
        for passage in knowledge.search(question["question"], HITS):
            for line in passage.headings[-1:] + tuple(passage.text.split("\n")):
                piece = _bare(line.removeprefix("- "))
                start = text.find(piece)
                while start >= 0 and piece:
                    marks[start : start + len(piece)] = b"\1" * len(piece)
                    start = text.find(piece, start + 1)
        for reference in question["references"]:
            wanted = _bare(reference["content"])
            start = text.find(wanted)
            if start >= 0:
                gold += len(wanted)
                covered += sum(marks[start : start + len(wanted)])
    return covered / gold if gold else 0.0


def document_recall(records: Path, home: Path) -> tuple[float, float]:
    """Share of questions whose document is the first hit's, and among the first five hits'."""
    folder = home / "documents"
    folder.mkdir(parents=True)
    questions: list[tuple[str, str]] = []
    for record in _lines(records):
        rows = [line.split(" | ") for line in record["table"].split("\n")]
        width = max(map(len, rows))
        table = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
        table.insert(1, "|" + " --- |" * width)
        text = "\n\n".join(passage["text"] for passage in record["passages"])
        (folder / f"{record['id']}.md").write_text(text + "\n\n" + "\n".join(table) + "\n", encoding="utf-8")
        questions += [(question["q"], f"{record['id']}.md") for question in record["questions"]]
    knowledge = _knowledge(home, [folder])
    first = five = 0
    for question, name in questions:
        files = [passage.file for passage in knowledge.search(question, HITS)]
        first += files[:1] == [name]
        five += name in files
    return first / len(questions), five / len(questions)


def measure(folder: Path) -> list[tuple[str, float]]:
    """All figures of a folder: name and share."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        for questions in sorted(folder.glob("chroma_questions_*.jsonl")):
            corpus = questions.stem.removeprefix("chroma_questions_")
            path = folder / "chroma_corpora" / f"{corpus}.md"
            figures.append(
                (f"{corpus}: gold characters in the first 5", character_recall(path, questions, home / corpus))
            )
        if (records := folder / "tatqa_dev.jsonl").exists():
            first, five = document_recall(records, home / "tables")
            figures += [("tables: document first", first), ("tables: document in the first 5", five)]
    return figures


def main() -> None:
    """Prints the figures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: give the folder with the corpora and questions")
    for name, value in measure(folder):
        print(f"{name:<55} {value:.3f}")


if __name__ == "__main__":
    main()
