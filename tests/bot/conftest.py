"""The invented register and manual of the chat evaluation, for tests of tools and of the model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.embedding import PackagedEmbedder
from knowledge.search import Knowledge
from tests.evaluation_chat.conftest import Desk, desk

__all__ = ["Desk", "desk"]


@pytest.fixture(scope="session")
def manual(manual_home: Path) -> Iterator[Knowledge]:
    """The invented manual, indexed."""
    knowledge = Knowledge(manual_home, PackagedEmbedder())
    yield knowledge
    knowledge.close()
