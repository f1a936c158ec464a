"""The structure holds: imports point one way, modules stay small, nothing opens on import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "cases", "knowledge", "prompts", "runtime", "ingest", "bot", "creditdesk")
LONGEST_MODULE = 350
# Modules over the limit, each with its reason.
LONGER = {"cases/migrations/versions/0001_baseline.py": "generated, one statement for each table"}
LONGEST_FUNCTION = 60


def sources() -> list[Path]:
    """Every module of the product."""
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def test_imports_point_one_way() -> None:
    """The layers of the design hold for every module."""
    checker = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([checker, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("file", sources(), ids=lambda f: str(f.relative_to(ROOT)))
def test_modules_and_functions_stay_small(file: Path) -> None:
    """No module is longer than 350 lines and no function longer than 60 without a reason given here."""
    text = file.read_text(encoding="utf-8")
    name = str(file.relative_to(ROOT))
    if name in LONGER:
        return
    assert text.count("\n") <= LONGEST_MODULE, f"{name} has {text.count(chr(10))} lines: split it"
    long = [
        f"{node.name} ({(node.end_lineno or 0) - node.lineno + 1} lines)"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == [], f"{name}: split {', '.join(long)}"


def test_the_lock_files_name_no_registry() -> None:
    """Every pinned package has hashes, and no address stands in the lock."""
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
        assert pins, lock.name
        assert text.count("--hash=sha256:") >= len(pins), lock.name
