"""docs/trust.md names tests that exist."""

import re

from tests.conftest import ROOT


def test_every_named_test_exists() -> None:
    """A row of the table cannot name a test that is gone; `::name` alone belongs to the file named before it."""
    text = (ROOT / "docs/trust.md").read_text(encoding="utf-8")
    file, missing = "", []
    for path, name in re.findall(r"`(tests/[\w/]+\.py)?(?:::(\w+))?`", text):
        file = path or file
        if not name and not path:
            continue
        source = ROOT / file
        if not source.exists() or (name and f"def {name}(" not in source.read_text(encoding="utf-8")):
            missing.append(f"{file}::{name}")
    assert missing == []
