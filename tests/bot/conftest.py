"""The invented register of the chat evaluation, for tests of the tools."""

from tests.evaluation_chat.conftest import Desk, desk

__all__ = ["Desk", "desk"]
