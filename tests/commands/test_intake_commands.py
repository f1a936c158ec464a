"""`triage`, `intake` and `messages` keep their contracts at the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from creditdesk.cli import main
from tests.conftest import ROOT
from tests.ingest.intake.mails import OUT_OF_OFFICE, request

LABELS = {
    "id", "intent", "department", "language", "case_references", "policy_number", "policyholder_name", "contact",
    "needed_by", "documents", "requests", "evidence", "parts", "forwarded", "engine",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Runs `creditdesk`; gives stdout (bytes) and stderr. What carries messages runs in a process of its own."""

    def run(*words: object, code: int = 0) -> tuple[bytes, str]:
        if words[0] == "messages" and words[1] != "retry":
            with pytest.raises(SystemExit) as ended:
                main(["--data-dir", str(tmp_path / "desk"), *map(str, words)])
            printed = capsysbinary.readouterr()
            assert (ended.value.code or 0) == code, printed.err
            return printed.out, printed.err.decode()
        command = [sys.executable, "-c", "from creditdesk.cli import main; main()", *map(str, words)]
        environment = os.environ | {"CREDITDESK_DATA_DIR": str(tmp_path / "desk"), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False)
        errors = done.stderr.decode()
        assert done.returncode == code, errors
        assert "Traceback" not in errors
        return done.stdout, errors

    return run


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """A folder with a folder in it."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "b.eml").write_bytes(request(2))
    (tmp_path / "in" / "a.eml").write_bytes(request(1))
    (tmp_path / "in" / "deep" / "c").write_bytes(OUT_OF_OFFICE)
    (tmp_path / "in" / "empty.eml").write_bytes(b"")
    return tmp_path / "in"


def test_triage_prints_the_contract_and_does_the_rest(desk: Any, mails: Path, tmp_path: Path) -> None:
    """One JSON object a line, every quote in its part; an absent file is named, the others are read, no data is made."""
    out, errors = desk("triage", "--jsonl", mails / "a.eml", mails / "none.eml", mails / "b.eml", code=1)
    first, second = map(json.loads, out.splitlines())
    assert set(first) >= LABELS
    assert (first["id"], second["id"], first["engine"]) == ("a", "b", "rules")
    assert first["requests"][0]["amount"] == 20000
    parts = {part["name"]: part["text"] for part in first["parts"]}
    assert first["evidence"]
    for proof in first["evidence"]:
        assert parts[proof["part"]][proof["start"] : proof["end"]] == proof["quote"]
    assert "none.eml" in errors
    assert not (tmp_path / "desk").exists()


def test_triage_without_files_is_wrong_use(desk: Any) -> None:
    """No files: exit 2."""
    desk("triage", code=2)


def test_intake_and_the_ledger(desk: Any, mails: Path) -> None:
    """Folders are taken in path order; again changes nothing; the bytes come out as they went in."""
    out, _ = desk("intake", mails, mails / "none", "--json", code=1)
    taken = json.loads(out)
    assert [row["state"] for row in taken] == ["filed", "filed", "ignored", "quarantined"]
    assert [len(row["cases"]) for row in taken] == [1, 1, 0, 0]
    assert set(taken[0]) == {"digest", "state", "cases", "reason"}
    before, _ = desk("messages", "list", "--json")
    desk("intake", mails)
    after, _ = desk("messages", "list", "--json")
    assert before == after
    rows = json.loads(after)
    assert {
        "id",
        "digest",
        "message_id",
        "state",
        "intent",
        "cases",
        "reason",
        "subject",
        "sender",
        "received_at",
    } <= set(rows[0])
    exported, _ = desk("messages", "export", rows[0]["id"])
    assert exported == (mails / "a.eml").read_bytes()
    shown, _ = desk("messages", "show", rows[0]["id"])
    assert rows[0]["cases"][0] in shown.decode()
    out, _ = desk("messages", "list", "--json", "--state", "quarantined")
    assert [row["id"] for row in json.loads(out)] == [rows[3]["id"]]


def test_a_quarantined_message_is_retried_and_filed_by_hand(desk: Any, mails: Path) -> None:
    """Retrying what is still unreadable quarantines it again; a person can file it all the same."""
    desk("intake", mails)
    rows = json.loads(desk("messages", "list", "--json")[0])
    empty = rows[3]["id"]
    out, _ = desk("messages", "retry", empty, "--json")
    assert [row["state"] for row in json.loads(out)] == ["quarantined"]
    _, errors = desk("messages", "retry", rows[0]["id"], code=1)
    assert "filed already" in errors
    desk("messages", "file", empty, code=2)
    desk("messages", "file", empty, "--to", rows[0]["cases"][0])
    rows = json.loads(desk("messages", "list", "--json")[0])
    assert (rows[3]["state"], rows[3]["cases"]) == ("filed", rows[0]["cases"])
    desk("messages", "file", rows[2]["id"], "--new")
    rows = json.loads(desk("messages", "list", "--json")[0])
    assert rows[2]["cases"][0].startswith("EN-")


def test_a_full_disk_is_one_line(desk: Any, mails: Path, tmp_path: Path) -> None:
    """Where the database cannot grow, the intake says so in one line and leaves nothing half."""
    import sqlite3

    desk("messages", "list")
    database = sqlite3.connect(tmp_path / "desk" / "creditdesk.db")
    database.execute(
        "create trigger full before insert on messages begin select raise(fail, 'database or disk is full'); end"
    )
    database.commit()
    _, errors = desk("intake", mails, code=1)
    assert len(errors.strip().splitlines()) == 1
    assert "make room" in errors
    database.execute("drop trigger full")
    database.commit()
    database.close()
    out, _ = desk("intake", mails, "--json")
    assert [row["state"] for row in json.loads(out)] == ["filed", "filed", "ignored", "quarantined"]
