"""Running the command line inside the test process."""

from pathlib import Path

import pytest

from creditdesk.cli import main


class Shell:
    """The `creditdesk` command on one data folder; keeps what the last call printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.out = self.err = ""

    def __call__(self, *words: str, now: str | None = "2026-03-02T09:00:00Z") -> int:
        """Runs the command and returns its exit code."""
        clock = ["--now", now] if now else []
        with pytest.raises(SystemExit) as ended:
            main(["--data-dir", str(self.folder), *clock, *words])
        self.out, self.err = self._capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else int(code is not None)

    def lines(self) -> list[str]:
        """What went to stderr, line by line."""
        return self.err.splitlines()
