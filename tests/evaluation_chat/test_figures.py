"""A hundred statistics questions equal what pandas makes of the same register."""

import pytest

from tests.evaluation_chat import more_figures
from tests.evaluation_chat.checking import lacks
from tests.evaluation_chat.conftest import Desk
from tests.evaluation_chat.figures import QUESTIONS, FigureQuestion


@pytest.mark.parametrize("question", QUESTIONS + more_figures.QUESTIONS, ids=lambda one: " > ".join(one.turns))
def test_figure_equals_pandas(desk: Desk, question: FigureQuestion) -> None:
    """The answer holds the figure that pandas computes on the same rows."""
    answer = desk.ask(question.user, *question.turns)
    assert lacks(answer, question.gold(desk.frame)) is None, answer.answer
