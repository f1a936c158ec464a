"""Loads prompts: `prompts/NAME/vN.md`, the newest version unless one is named, and the examples beside it."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text that is sent to a model, with its version ("v1")."""

    name: str
    version: str
    text: str


@cache
def load_prompt(name: str, version: str | None = None) -> Prompt:
    """The prompt `name`; raises FileNotFoundError for an unknown name or version."""
    if version is None:
        numbers = [
            int(match[1]) for file in (FOLDER / name).glob("v*.md") if (match := re.fullmatch(r"v(\d+)", file.stem))
        ]
        if not numbers:
            raise FileNotFoundError(f"no prompt named {name!r} in {FOLDER}")
        version = f"v{max(numbers)}"
    return Prompt(name, version, (FOLDER / name / f"{version}.md").read_text(encoding="utf-8").strip())


@cache
def load_examples(name: str) -> tuple[dict[str, Any], ...]:
    """The worked examples of a prompt (`prompts/NAME/examples/*.json`), in the order of their file names."""
    files = sorted((FOLDER / name / "examples").glob("*.json"))
    return tuple(json.loads(file.read_text(encoding="utf-8")) for file in files)
