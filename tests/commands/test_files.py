"""`cases files --save` writes what came with a case: safe names, inside the folder, nothing overwritten."""

import zipfile
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from pathlib import Path

import pytest

from tests.commands.desk import Shell
from tests.ingest.intake.mails import request
from tests.serving.conftest import Desk

SHEET = "Nordbach 1 GmbH;Balance sheet 2025\nTotal assets;4200000\n"


def with_files() -> bytes:
    """A request with a table, another of the same name, one with a path for a name, and an archive."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside/accounts.csv", SHEET)
    mail = message_from_bytes(request(1), EmailMessage, policy=SMTP)
    for name, text in (("sheet.csv", SHEET), ("sheet.csv", SHEET + "Equity;1\n"), ("../../escape.csv", "a;b\n1;2\n")):
        mail.add_attachment(text, subtype="csv", filename=name)
    mail.add_attachment(packed.getvalue(), maintype="application", subtype="zip", filename="papers.zip")
    return mail.as_bytes()


def test_files_are_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file has its bytes; a second run overwrites none; a folder that is none is said in one line."""
    shell = Shell(tmp_path / "data", capsys)
    (tmp_path / "mail.eml").write_bytes(with_files())
    Desk(tmp_path / "data", {}).run("intake", str(tmp_path / "mail.eml"), now="2026-03-02T09:00:00Z")
    place = tmp_path / "deep" / "papers"
    assert shell("cases", "files", "CR-2026-000001", "--save", str(place)) == 0, shell.err
    saved = {file.name: file.read_text() for file in place.iterdir()}
    assert saved.keys() == {"sheet.csv", "sheet (2).csv", "escape.csv", "accounts.csv"}
    assert saved["sheet.csv"].splitlines() == saved["accounts.csv"].splitlines() == SHEET.splitlines()
    assert saved["sheet (2).csv"].splitlines()[-1] == "Equity;1"
    assert len([line for line in shell.lines() if line.startswith("saved ")]) == 4
    (place / "sheet.csv").write_text("mine")
    assert shell("cases", "files", "CR-2026-000001", "--save", str(place)) == 0
    assert (place / "sheet.csv").read_text() == "mine"
    assert len(list(place.iterdir())) == 8
    assert not list(tmp_path.glob("escape*"))
    assert shell("cases", "files", "CR-2026-000001", "--save", str(tmp_path / "mail.eml")) == 2
    assert len(shell.lines()) == 1
    assert "choose another folder" in shell.err
