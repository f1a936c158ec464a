"""The scene of a Slack test. Most run on SQLite; what depends on the database takes `database` itself."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine

from tests.bot.slack.scene import Scene, scene_of


@pytest.fixture
async def scene(desk_database: Engine) -> AsyncIterator[Scene]:
    """The app in HTTP mode, on SQLite."""
    async with scene_of(desk_database) as found:
        yield found


@pytest.fixture
async def socket_scene(desk_database: Engine) -> AsyncIterator[Scene]:
    """The app in socket mode, on SQLite."""
    async with scene_of(desk_database, mode="socket") as found:
        yield found
