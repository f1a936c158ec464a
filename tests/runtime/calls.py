"""What the tests give to worker processes to do."""

import os
import time
from pathlib import Path


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


def refuse(word: str) -> None:
    """Raises."""
    raise ValueError(word)


def sleep(seconds: float) -> None:
    """Takes its time."""
    time.sleep(seconds)


def eat(megabytes: int) -> int:
    """Takes memory."""
    return len(bytearray(megabytes * 1024 * 1024))


def die() -> None:
    """Ends its process."""
    os._exit(3)


def secrets() -> list[str]:
    """Names of the desk's variables that this process sees."""
    return [name for name in os.environ if name.startswith(("CREDITDESK_", "SLACK_", "OPENAI_"))]


def process() -> int:
    """The worker itself."""
    return os.getpid()


def parent() -> int:
    """The process that forked the worker."""
    return os.getppid()


def foreign() -> object:
    """Something that nobody said answers may hold."""
    return Path("/")
