"""Building the index: only what changed is read and embedded; what is gone goes; the new generation is swapped in whole."""

import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from config.errors import Conflict
from knowledge import sources, store
from knowledge.chunks import Chunk, cut
from knowledge.embedding import Embedder, Vectors
from knowledge.lexical import HEADING_WEIGHT, LexicalIndex
from knowledge.readers.blocks import UnreadableFile
from knowledge.sections import to_sections
from knowledge.words import edition, keys, language_of

EMBED_BATCH = 16
Progress = Callable[[str, int, int], None]  # what is done, done so far, of how many


@dataclass(slots=True)
class IndexReport:
    """What an index run did; names as cited. `embedded` counts the chunks that the model read."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    faults: list[sources.SourceFault] = field(default_factory=list)
    embedded: int = 0
    chunks: int = 0

    def as_json(self) -> dict[str, object]:
        """For `index --json`."""
        return {
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "errors": [{"path": fault.path, "reason": fault.reason} for fault in self.faults],
            "embedded": self.embedded,
            "chunks": self.chunks,
        }


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """One index run at a time; raises Conflict while another one goes on."""
    folder = store.home(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "LOCK").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict("another `creditdesk index` is at work on this folder: wait until it is done") from error
        yield


def index_paths(
    data_dir: Path,
    paths: Sequence[Path],
    embedder: Embedder,
    *,
    now: datetime,
    chroma_url: str = "",
    by: str = "",
    prune: bool = False,
    progress: Progress | None = None,
) -> IndexReport:
    """Brings the knowledge base up to what lies under `paths`.

    A folder indexed again loses what is gone from it; with `prune` everything outside `paths` goes too. A file that can no
    longer be read keeps its earlier version and is reported. Raises Conflict beside another run.
    """
    with _only_one(data_dir):
        old = store.current_generation(data_dir)
        before = store.Generation.open(data_dir, old, chroma_url) if old else None
        try:
            plan, report = _plan(before, paths, now, by, prune, progress)
            made = (before.manifest.embedder, before.manifest.words) if before is not None else None
            outdated = made is not None and made != (embedder.name, edition())
            if report.added or report.changed or report.removed or outdated:
                _build(data_dir, old + 1, before, plan, embedder, chroma_url, report, progress)
            report.chunks = sum(len(chunks) for _, chunks in plan.values())
            return report
        finally:
            if before is not None:
                before.close()


Plan = dict[str, tuple[store.FileEntry, list[Chunk]]]  # absolute path → entry and chunks


def _plan(
    before: store.Generation | None,
    paths: Sequence[Path],
    now: datetime,
    by: str,
    prune: bool,
    progress: Progress | None,
) -> tuple[Plan, IndexReport]:
    """What the next generation will hold; files that did not change are not read again."""
    files, faults = sources.walk(paths)
    report = IndexReport(faults=faults)
    plan = _kept(before)
    same_reader = before is not None and before.manifest.reader == store.READER_VERSION
    for done, source in enumerate(files, start=1):
        path = str(source.path)
        known = plan.get(path)
        try:
            raw = sources.read_bytes(source)
            identity = sources.digest(raw)
            if known and known[0].digest == identity and known[0].name == source.name and same_reader:
                report.unchanged.append(source.name)
            else:
                document = sources.read_document(source.name, raw)
                chunks = cut(source.name, to_sections(document.blocks), document.author)
                chunks = [_unique(chunk, path) for chunk in chunks]
                entry = store.FileEntry(
                    source.name, identity, str(source.root), len(chunks), document.author, by, now.isoformat()
                )
                plan[path] = (entry, chunks)
                (report.changed if known else report.added).append(source.name)
        except UnreadableFile as error:
            kept = "; its earlier version stays" if known else ""
            report.faults.append(sources.SourceFault(source.name, error.message + kept))
        if progress:
            progress("reading", done, len(files))
    _drop_gone(plan, files, [path.absolute() for path in paths], prune, report)
    return plan, report


def _unique(chunk: Chunk, path: str) -> Chunk:
    """Two folders may hold files of one name, so the id depends on the path."""
    return replace(chunk, chunk_id=sha256(f"{path}\x1f{chunk.chunk_id}".encode()).hexdigest()[:32])


def _kept(before: store.Generation | None) -> Plan:
    if before is None:
        return {}
    by_path: dict[str, list[Chunk]] = {}
    for path, chunk in before.chunks.all():
        by_path.setdefault(path, []).append(chunk)
    return {path: (entry, by_path.get(path, [])) for path, entry in before.manifest.files.items()}


def _drop_gone(
    plan: Plan, files: list[sources.SourceFile], given: list[Path], prune: bool, report: IndexReport
) -> None:
    present = {str(source.path) for source in files}
    faulty = {fault.path for fault in report.faults}
    for path in [path for path in plan if path not in present]:
        inside = any(Path(path).is_relative_to(folder) and folder.is_dir() for folder in given)
        hidden = any(Path(path).is_relative_to(fault) for fault in faulty)  # a folder that cannot be opened now
        if (inside and not hidden) or prune:
            report.removed.append(plan.pop(path)[0].name)


def _build(
    data_dir: Path,
    number: int,
    before: store.Generation | None,
    plan: Plan,
    embedder: Embedder,
    chroma_url: str,
    report: IndexReport,
    progress: Progress | None,
) -> None:
    """Writes the next generation beside the one in force, then swaps."""
    folder = store.generation_folder(data_dir, number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = [(path, chunk) for path in sorted(plan) for chunk in plan[path][1]]
    wanted = {chunk.chunk_id: chunk for _, chunk in rows}
    same_model = before is not None and store.check_embedder(before.manifest, embedder)
    stored = {chunk.chunk_id: chunk for _, chunk in before.chunks.all()} if before is not None and same_model else {}
    new = [chunk for name, chunk in wanted.items() if name not in stored]
    reused = _reused(before, stored, new) if before is not None else {}
    if before is not None and stored and not chroma_url:
        before.vectors.close()
        shutil.copytree(store.generation_folder(data_dir, number - 1) / "vectors", folder / "vectors")
    vectors = store.VectorStore(folder / "vectors", chroma_url, embedder.name, embedder.dimension)
    try:
        _embed(vectors, [chunk for chunk in new if chunk.chunk_id not in reused], embedder, progress)
        if reused:
            again = [chunk for chunk in new if chunk.chunk_id in reused]
            vectors.add(again, np.stack([reused[chunk.chunk_id] for chunk in again]))
        gone = [name for name in stored if name not in wanted]
        if not chroma_url:
            vectors.delete(gone)
        _write_rest(folder, number, plan, rows, embedder)
        store.put_in_force(data_dir, number)
        if chroma_url:  # readers know the new generation's chunks only, so what is gone may go after the swap
            vectors.delete(gone)
    finally:
        vectors.close()
    report.embedded = len(new) - len(reused)


def _write_rest(folder: Path, number: int, plan: Plan, rows: list[tuple[str, Chunk]], embedder: Embedder) -> None:
    store.ChunkTable(folder / "chunks.db").write(rows)
    LexicalIndex.build(chunk_keys(chunk) for _, chunk in rows).save(folder)
    entries = {path: entry for path, (entry, _) in plan.items()}
    language = language_of(" ".join(chunk.text[:300] for _, chunk in rows[:: max(1, len(rows) // 60)]))
    store.Manifest(number, embedder.name, embedder.dimension, store.READER_VERSION, language, edition(), entries).save(
        folder / "manifest.json"
    )


def chunk_keys(chunk: Chunk) -> list[str]:
    """The lexical keys of a chunk: its text once, its innermost heading more."""
    heading = keys(chunk.headings[-1]) if chunk.headings else []
    outer = [key for title in chunk.headings[:-1] for key in keys(title)]
    return keys(chunk.text) + heading * HEADING_WEIGHT + outer


def _reused(before: store.Generation, stored: dict[str, Chunk], new: list[Chunk]) -> dict[str, Vectors]:
    """Vectors of new chunks whose text was embedded before (a file renamed, a section moved), by new id."""
    by_text = {chunk.embedded_text: name for name, chunk in stored.items()}
    pairs = {chunk.chunk_id: by_text[chunk.embedded_text] for chunk in new if chunk.embedded_text in by_text}
    vectors = before.vectors.vectors(sorted(set(pairs.values())))
    return {name: vectors[old] for name, old in pairs.items() if old in vectors}


def _embed(vectors: store.VectorStore, chunks: list[Chunk], embedder: Embedder, progress: Progress | None) -> None:
    for start in range(0, len(chunks), EMBED_BATCH):
        part = chunks[start : start + EMBED_BATCH]
        vectors.add(part, embedder.passages([chunk.embedded_text for chunk in part]))
        if progress:
            progress("embedding", min(start + EMBED_BATCH, len(chunks)), len(chunks))
