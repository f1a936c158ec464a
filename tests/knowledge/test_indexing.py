"""Building the index: incremental, pruning, safe while questions are asked."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import Conflict
from knowledge.embedding import PackagedEmbedder
from knowledge.indexing import IndexReport, _only_one, index_paths
from knowledge.search import Knowledge
from knowledge.store import Generation, Manifest, generation_folder

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EMBEDDER = PackagedEmbedder()


def index(home: Path, *paths: Path, prune: bool = False) -> IndexReport:
    """An index run of the packaged model."""
    return index_paths(home, list(paths), EMBEDDER, now=NOW, prune=prune)


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    """A folder with two files."""
    folder = tmp_path / "manual"
    folder.mkdir()
    (folder / "a.md").write_text("# Fees\nA report costs EUR 38.\n\n# Terms\nTerms above 90 days are not covered.\n")
    (folder / "b.md").write_text("# Appeals\nAn appeal must arrive within 30 days.\n")
    return folder


def test_only_what_changed_is_embedded(tmp_path: Path, manual: Path) -> None:
    """A second run does nothing; after a change only the changed section is embedded; a renamed file costs nothing."""
    home = tmp_path / "data"
    first = index(home, manual)
    assert (sorted(first.added), first.embedded) == (["a.md", "b.md"], 3)
    assert index(home, manual).embedded == 0
    (manual / "a.md").write_text("# Fees\nA report costs EUR 41.\n\n# Terms\nTerms above 90 days are not covered.\n")
    (manual / "b.md").rename(manual / "c.md")
    again = index(home, manual)
    assert (again.added, again.changed, again.removed, again.embedded) == (["c.md"], ["a.md"], ["b.md"], 1)
    knowledge = Knowledge(home, EMBEDDER)
    assert "EUR 41" in knowledge.search("what does a report cost?")[0].text
    assert {passage.file for passage in knowledge.search("appeal", 5)} == {"a.md", "c.md"}


def test_new_word_lists_are_taken_in_without_embedding(tmp_path: Path, manual: Path) -> None:
    """An index made with other word lists is made anew at the next run; no passage is read by the model again."""
    home = tmp_path / "data"
    index(home, manual)
    path = generation_folder(home, 1) / "manifest.json"
    manifest = Manifest.load(path)
    manifest.words = "earlier"
    manifest.save(path)
    again = index(home, manual)
    assert (again.embedded, len(again.unchanged)) == (0, 2)
    knowledge = Knowledge(home, EMBEDDER)
    assert knowledge.status.generation == 2
    assert knowledge.search("appeal")[0].file == "b.md"
    assert index(home, manual).embedded == 0
    assert Knowledge(home, EMBEDDER).status.generation == 2


def test_a_folder_indexed_again_loses_what_is_gone_and_nothing_else(tmp_path: Path, manual: Path) -> None:
    """What is gone from a folder goes; another folder's files stay, unless everything outside is pruned."""
    home, other = tmp_path / "data", tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text("# Holidays\nClosed on 24 December.\n")
    index(home, manual, other)
    (manual / "b.md").unlink()
    report = index(home, manual)
    assert report.removed == ["b.md"]
    knowledge = Knowledge(home, EMBEDDER)
    assert knowledge.status.documents == 2
    assert index(home, manual, prune=True).removed == ["a.md"]
    assert knowledge.status.documents == 1


def test_a_file_that_breaks_keeps_its_earlier_version(tmp_path: Path, manual: Path) -> None:
    """A file that can no longer be read is reported, and what it said before can still be found."""
    home = tmp_path / "data"
    index(home, manual)
    (manual / "b.md").write_text("")
    report = index(home, manual)
    assert [fault.path for fault in report.faults] == ["b.md"]
    assert "earlier version" in report.faults[0].reason
    assert Knowledge(home, EMBEDDER).search("appeal")[0].file == "b.md"


def test_questions_are_answered_while_the_index_is_built(tmp_path: Path, manual: Path) -> None:
    """A reader asking without pause meets whole generations only, and sees the last one at the end."""
    home = tmp_path / "data"
    index(home, manual)
    knowledge, stop, faults, seen = Knowledge(home, EMBEDDER), threading.Event(), [], set()

    def ask() -> None:
        while not stop.is_set():
            try:
                seen.add(knowledge.search("what does a report cost?", 1)[0].text)
            except Exception as error:
                faults.append(error)

    reader = threading.Thread(target=ask)
    reader.start()
    for price in range(40, 45):
        (manual / "a.md").write_text(f"# Fees\nA report costs EUR {price}.\n")
        index(home, manual)
    stop.set()
    reader.join()
    assert not faults
    assert seen <= {f"A report costs EUR {price}." for price in range(38, 45)}
    assert "EUR 44" in knowledge.search("what does a report cost?", 1)[0].text


def test_a_generation_that_is_still_read_stays(tmp_path: Path, manual: Path) -> None:
    """Three runs later a slow reader still finds its chunks; once it has let go, the next run clears them away."""
    home = tmp_path / "data"
    index(home, manual)
    slow = Generation.open(home, 1)
    for price in range(40, 43):
        (manual / "a.md").write_text(f"# Fees\nA report costs EUR {price}.\n")
        index(home, manual)
    assert "EUR 38" in slow.chunks.all()[0][1].text
    assert not generation_folder(home, 2).exists()
    slow.close()
    (manual / "a.md").write_text("# Fees\nA report costs EUR 43.\n")
    index(home, manual)
    assert not generation_folder(home, 1).exists()


def test_two_runs_at_once_are_refused(tmp_path: Path, manual: Path) -> None:
    """While one run is at work another one is refused."""
    with _only_one(tmp_path), pytest.raises(Conflict, match="another"):
        index(tmp_path, manual)


def test_a_run_that_was_killed_leaves_the_old_generation_in_force(tmp_path: Path, manual: Path) -> None:
    """A half-written generation is never read, and the next run replaces it."""
    home = tmp_path / "data"
    index(home, manual)
    half = home / "chroma" / "generation-000002"
    half.mkdir()
    (half / "chunks.db").write_text("half")
    assert Knowledge(home, EMBEDDER).search("appeal")[0].file == "b.md"
    (manual / "b.md").write_text("# Appeals\nWithin 31 days.\n")
    index(home, manual)
    assert "31 days" in Knowledge(home, EMBEDDER).search("appeal")[0].text


def test_nothing_indexed_is_said(tmp_path: Path) -> None:
    """An empty knowledge base says so and finds nothing."""
    knowledge = Knowledge(tmp_path, EMBEDDER)
    assert knowledge.is_empty
    assert knowledge.search("anything") == []
    answer = knowledge.answer("what does a report cost?")
    assert not answer.found
    assert "creditdesk index" in answer.text
