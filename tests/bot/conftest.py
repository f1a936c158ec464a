"""The invented register and manual of the chat evaluation, for tests of tools and of the model."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.embedding import PackagedEmbedder
from knowledge.indexing import index_paths
from knowledge.search import Knowledge
from tests.evaluation_chat.conftest import Desk, desk

__all__ = ["Desk", "desk"]

MANUAL = Path(__file__).parents[1] / "evaluation_chat" / "manual"


@pytest.fixture(scope="session")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    """The invented manual, indexed."""
    home, embedder = tmp_path_factory.mktemp("manual"), PackagedEmbedder()
    index_paths(home, [MANUAL], embedder, now=datetime(2026, 11, 1, tzinfo=UTC))
    knowledge = Knowledge(home, embedder)
    yield knowledge
    knowledge.close()
