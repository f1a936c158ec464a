"""The knowledge base on disk: one folder a generation, swapped as a whole, so that questions never meet a half-built one.

DATA_DIR/chroma/CURRENT names the generation in force; each generation holds its Chroma database (or uses a Chroma server),
the lexical index, the chunks and the manifest. A reader notices a new generation at its next question; the one that it
reads is locked (shared, on the manifest), and stays on the disk until nobody reads it.
"""

import fcntl
import json
import os
import shutil
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.errors import Unavailable
from knowledge.chunks import Chunk
from knowledge.embedding import Embedder, Vectors
from knowledge.lexical import LexicalIndex

READER_VERSION = 1  # raised when readers or chunk sizes change: everything is then read again
WRITE_BATCH = 5000


@dataclass(slots=True)
class FileEntry:
    """A file in the knowledge base; `by` is who indexed it."""

    name: str
    digest: str
    root: str
    chunks: int
    author: str = ""
    by: str = ""
    indexed_at: str = ""


@dataclass(slots=True)
class Manifest:
    """What a generation holds, by absolute path."""

    generation: int = 0
    embedder: str = ""
    dimension: int = 0
    reader: int = READER_VERSION
    language: str = ""  # of most of the text
    words: str = ""  # edition of the word lists in the lexical index
    files: dict[str, FileEntry] = field(default_factory=dict)

    @staticmethod
    def load(path: Path) -> "Manifest":
        """Reads what `save` wrote."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["files"] = {name: FileEntry(**entry) for name, entry in raw["files"].items()}
        return Manifest(**raw)

    def save(self, path: Path) -> None:
        """Writes it as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")


def home(data_dir: Path) -> Path:
    """The folder of the knowledge base."""
    return data_dir / "chroma"


def current_generation(data_dir: Path) -> int:
    """The generation in force; 0 where nothing was indexed."""
    try:
        return int((home(data_dir) / "CURRENT").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def generation_folder(data_dir: Path, generation: int) -> Path:
    """Where a generation lies."""
    return home(data_dir) / f"generation-{generation:06d}"


def put_in_force(data_dir: Path, generation: int) -> None:
    """Swaps to a complete generation atomically; older ones go, but the last and what is still read."""
    pointer = home(data_dir) / "CURRENT.new"
    with pointer.open("w", encoding="ascii") as file:
        file.write(str(generation))
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(home(data_dir) / "CURRENT")
    for folder in home(data_dir).glob("generation-*"):
        number = folder.name.removeprefix("generation-")
        if number.isdigit() and int(number) not in (generation, generation - 1):
            _drop_unread(folder)


def _drop_unread(folder: Path) -> None:
    try:
        with (folder / "manifest.json").open("rb") as manifest:
            fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:  # a slow reader: a later run drops it
        return
    except FileNotFoundError:  # a run that was killed before it wrote the manifest: nobody can read this
        shutil.rmtree(folder, ignore_errors=True)


class VectorStore:
    """One Chroma collection; the model's name and dimension are in the collection's name."""

    def __init__(self, folder: Path, chroma_url: str, embedder_name: str, dimension: int) -> None:
        self._folder, self._url = folder, chroma_url
        self.name = collection_name(embedder_name, dimension)
        self._client: Any = None
        self._collection: Any = None
        self._size: int | None = None  # counted once; a generation does not change while it is read
        self._lock = threading.Lock()

    def _open(self) -> Any:
        with self._lock:
            if self._collection is None:
                try:
                    self._client = _client(self._folder, self._url)
                    self._collection = self._client.get_or_create_collection(
                        self.name,
                        embedding_function=None,
                        configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
                    )
                except Exception as error:
                    raise self._away(error) from error
            return self._collection

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"the Chroma database ({self._url or self._folder}) does not answer ({error}): "
            "check CREDITDESK_CHROMA_URL or the rights on the data folder"
        )

    def add(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Stores chunks with their vectors."""
        collection = self._open()
        self._size = None
        for start in range(0, len(chunks), WRITE_BATCH):
            part = chunks[start : start + WRITE_BATCH]
            collection.upsert(
                ids=[chunk.chunk_id for chunk in part],
                embeddings=vectors[start : start + WRITE_BATCH],
                documents=[chunk.text for chunk in part],
                metadatas=[_metadata(chunk) for chunk in part],
            )

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Stored vectors by id; unknown ids are left out."""
        if not ids:
            return {}
        got = self._open().get(ids=list(ids), include=["embeddings"])
        return dict(zip(got["ids"], got["embeddings"], strict=True))

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """The nearest chunks as (id, cosine similarity), best first. Raises Unavailable."""
        collection = self._open()
        try:
            if self._size is None:
                self._size = int(collection.count())
            if not self._size:
                return []
            found = collection.query(query_embeddings=[vector], n_results=min(count, self._size), include=["distances"])
        except Exception as error:  # whatever Chroma or its connection raises; the next question connects anew
            self.close()
            raise self._away(error) from error
        return [
            (name, 1.0 - float(distance)) for name, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def delete(self, ids: Sequence[str]) -> None:
        """Removes chunks."""
        for start in range(0, len(ids), WRITE_BATCH):
            self._open().delete(ids=list(ids[start : start + WRITE_BATCH]))

    def close(self) -> None:
        """Lets go of the database's files."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._collection = None


def collection_name(embedder_name: str, dimension: int) -> str:
    """`manual-MODEL-DIMENSION`, in the characters that Chroma allows."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in embedder_name)
    return f"manual-{kept}-{dimension}"


def _client(folder: Path, url: str) -> Any:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    quiet = ChromaSettings(anonymized_telemetry=False)
    if not url:
        folder.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(path=str(folder), settings=quiet)
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return chromadb.HttpClient(
        host=parts.hostname or "localhost", port=parts.port or (443 if secure else 8000), ssl=secure, settings=quiet
    )


def _metadata(chunk: Chunk) -> dict[str, str | int]:
    return {
        "source": chunk.source,
        "headings": json.dumps(chunk.headings, ensure_ascii=False),
        "page": chunk.page or 0,
        "ordinal": chunk.ordinal,
        "part": chunk.part,
        "author": chunk.author,
    }


class ChunkTable:
    """The chunks of a generation, numbered as in the lexical index; read by number or id."""

    COLUMNS = "number, chunk_id, path, source, headings, page, ordinal, part, text, author"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def write(self, rows: Iterable[tuple[str, Chunk]]) -> None:
        """Writes all chunks, given as (path of the file, chunk), in order."""
        with sqlite3.connect(self._path) as connection:
            connection.execute(
                "create table chunks (number integer primary key, chunk_id text unique, path text, source text, headings text, "
                "page integer, ordinal integer, part integer, text text, author text)"
            )
            connection.execute("create index place on chunks (path, ordinal, part)")
            connection.executemany(
                f"insert into chunks ({self.COLUMNS}) values (?,?,?,?,?,?,?,?,?,?)",
                (
                    (n, c.chunk_id, path, c.source, json.dumps(c.headings), c.page, c.ordinal, c.part, c.text, c.author)
                    for n, (path, c) in enumerate(rows)
                ),
            )
        connection.close()

    def _read(self, condition: str, values: Sequence[object]) -> list[tuple[int, str, Chunk]]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(f"file:{self._path}?mode=ro&immutable=1", uri=True)
            self._local.connection = connection
        rows = connection.execute(f"select {self.COLUMNS} from chunks {condition}", values).fetchall()
        return [
            (n, path, Chunk(i, s, tuple(json.loads(h)), page, o, part, t, a))
            for n, i, path, s, h, page, o, part, t, a in rows
        ]

    def by_numbers(self, numbers: Sequence[int]) -> dict[int, Chunk]:
        """Chunks by their numbers."""
        marks = ",".join("?" * len(numbers))
        return {number: chunk for number, _, chunk in self._read(f"where number in ({marks})", list(numbers))}

    def by_ids(self, ids: Sequence[str]) -> dict[str, tuple[int, Chunk]]:
        """Chunks by their ids, with their numbers; ids of other generations are left out."""
        marks = ",".join("?" * len(ids))
        return {
            chunk.chunk_id: (number, chunk)
            for number, _, chunk in self._read(f"where chunk_id in ({marks})", list(ids))
        }

    def section(self, chunk_id: str) -> list[Chunk]:
        """All chunks of the section that a chunk belongs to, in order."""
        own = "select path, ordinal from chunks where chunk_id = ?"
        rows = self._read(f"where (path, ordinal) = ({own}) order by part", [chunk_id])
        return [chunk for _, _, chunk in rows]

    def all(self) -> list[tuple[str, Chunk]]:
        """Every chunk with its file's path, in order."""
        return [(path, chunk) for _, path, chunk in self._read("order by number", [])]

    def close(self) -> None:
        """Closes this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None


@dataclass(slots=True, weakref_slot=True)
class Generation:
    """A complete generation, open for reading; on the disk until closed or forgotten."""

    manifest: Manifest
    lexical: LexicalIndex
    chunks: ChunkTable
    vectors: VectorStore
    _let_go: Callable[[], object]

    @staticmethod
    def open(data_dir: Path, generation: int, chroma_url: str = "") -> "Generation":
        """Opens a generation; Chroma itself only when first asked. Raises FileNotFoundError where it is gone."""
        folder = generation_folder(data_dir, generation)
        lock = os.open(folder / "manifest.json", os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)
            manifest = Manifest.load(folder / "manifest.json")  # fails where the folder went before it was locked
            opened = Generation(
                manifest,
                LexicalIndex.load(folder),
                ChunkTable(folder / "chunks.db"),
                VectorStore(folder / "vectors", chroma_url, manifest.embedder, manifest.dimension),
                lambda: None,
            )
        except BaseException:
            os.close(lock)
            raise
        opened._let_go = weakref.finalize(opened, os.close, lock)
        return opened

    def close(self) -> None:
        """Lets go of its files."""
        self.chunks.close()
        self.vectors.close()
        self._let_go()


def check_embedder(manifest: Manifest, embedder: Embedder) -> bool:
    """Whether a generation was built with this model."""
    return manifest.embedder == embedder.name
