"""The invented register in a database, once for all questions."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from bot.assistant.answer import Answer, Assistant
from cases.database import open_database
from cases.people import asker_by_email
from config.desk import load_desk_rules
from tests.evaluation_chat.loading import load
from tests.evaluation_chat.world import NOW, write


@dataclass
class Desk:
    """An assistant over the invented register, and the register as a frame."""

    assistant: Assistant
    frame: pd.DataFrame

    def ask(self, user: str, *turns: str) -> Answer:
        """The last answer of a conversation of its own."""
        with Session(self.assistant.database) as session:
            asker = asker_by_email(session, user)
        state: dict[str, object] = {}
        for text in turns:
            answer, state = self.assistant.reply(asker, text, NOW, state)
        return answer


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk of the invented register on SQLite."""
    folder = tmp_path_factory.mktemp("world")
    frame = write(Path(folder))
    engine = open_database(f"sqlite:///{folder / 'desk.db'}")
    load(engine, Path(folder))
    yield Desk(Assistant(engine, load_desk_rules()), frame)
    engine.dispose()
