"""The library behind the model is loaded before the first test: that takes seconds, and each call has its time limit."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _library_is_loaded() -> None:
    """Loads it."""
    import langchain_openai  # noqa: F401 - loading it is the point
