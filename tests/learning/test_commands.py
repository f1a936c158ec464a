"""`creditdesk learned` on the command line: seen by credit people, taken back by the desk, exported for measuring."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.desk import Shell
from tests.conftest import ROOT
from tests.learning.desk import without_currency

PEOPLE = "name,email,role,team,slack_user_id,accounts\nOlga Officer,olga@insurer.example,officer,Back Office,U2,\nSven Sales,sven@insurer.example,sales,Sales,U3,\n"
POLICIES = "policy_number,policyholder,broker,status,currency,maximum_liability,covered_countries,discretionary_limit,max_terms_days,overdue_reporting_days,valid_from,valid_until\nTC-881100,Kuźnia Polska S.A.,,active,EUR,5000000,PL,10000,90,60,2026-01-01,2026-12-31\n"


def taken(data: Path, file: Path) -> list[str]:
    """Runs `intake` in a process of its own; gives the references."""
    words = ["--data-dir", str(data), "--now", "2026-03-02T09:00:00Z", "intake", str(file), "--json"]
    command = [sys.executable, "-c", "from creditdesk.cli import main; main()", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=file.parent, env=environment, capture_output=True, timeout=120, check=True)
    references: list[str] = json.loads(done.stdout)[0]["cases"]
    return references


def test_learned_from_correction_to_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A correction shows in the list, sales may not see it, the mail is exported, and the rule can be taken back."""
    shell = Shell(tmp_path / "data", capsys)
    for name, text in (("people", PEOPLE), ("policies", POLICIES)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        assert shell(f"import-{name}", str(tmp_path / f"{name}.csv")) == 0, shell.err
    (tmp_path / "mail.eml").write_bytes(without_currency(1))
    [reference] = taken(tmp_path / "data", tmp_path / "mail.eml")
    assert shell("cases", "correct", reference, "currency=PLN", "--as", "olga@insurer.example") == 0, shell.err
    assert shell("cases", "confirm", reference, "--as", "olga@insurer.example") == 0, shell.err

    assert shell("learned", "list", "--as", "sven@insurer.example") == 1
    assert shell("learned", "list", "--json") == 0
    [rule] = [one for one in json.loads(shell.out) if one["kind"] == "default_currency"]
    assert rule["says"] == "amounts of TC-881100 without a currency are in PLN"
    assert (rule["case"], rule["created_by"], rule["policyholder"]) == (reference, "olga@insurer.example", "Kuźnia Polska S.A.")  # fmt: skip
    assert shell("learned", "show", str(rule["id"])) == 0
    assert "PLN" in shell.out

    assert shell("learned", "export", str(tmp_path / "set")) == 0, shell.err
    [line] = (tmp_path / "set" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    gold = json.loads(line)
    assert gold["requests"][0]["currency"] == "PLN"
    assert gold["requests"][0]["amount"] == 61000
    assert (tmp_path / "set" / "eml" / f"{gold['id']}.eml").read_bytes() == without_currency(1)

    assert shell("learned", "remove", str(rule["id"]), "--as", "sven@insurer.example") == 1
    assert shell("learned", "remove", str(rule["id"]), "--as", "olga@insurer.example") == 0, shell.err
    assert shell("learned", "remove", str(rule["id"])) == 1
    assert "taken back already" in shell.err
    assert shell("cases", "history", reference) == 0
    assert "RuleLearned" in shell.out
    assert "RuleRemoved" in shell.out
