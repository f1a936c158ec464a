"""The scene of a Slack test. Most run on SQLite; what depends on the database takes `database` itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cases.database import open_database
from tests.bot.slack.scene import Scene, scene_of


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """The app in HTTP mode, on SQLite."""
    engine = open_database(f"sqlite:///{tmp_path / 'slack.db'}")
    async with scene_of(engine) as found:
        yield found
    engine.dispose()


@pytest.fixture
async def socket_scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """The app in socket mode, on SQLite."""
    engine = open_database(f"sqlite:///{tmp_path / 'slack.db'}")
    async with scene_of(engine, mode="socket") as found:
        yield found
    engine.dispose()
