"""The register on the command line: right output, right exit codes, one line for what is wrong."""

import json
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from tests.commands.desk import Shell

HEADER = "reference,received_at,channel,request_type,status,policy_number,policyholder,broker,buyer,buyer_country,buyer_vat_id,sector,currency,amount_requested,amount_approved,decided_at,team,underwriter,sales_contact,missing_documents,next_action_due,payment_terms_days,risk_grade,underwriter_note"  # fmt: skip
FILES = {
    "policies": "policy_number,policyholder,broker,status,currency,maximum_liability,covered_countries,discretionary_limit,max_terms_days,overdue_reporting_days,valid_from,valid_until\nTC-1,Ahorn GmbH,,active,EUR,5000000,DE,10000,90,60,2026-01-01,2026-12-31\n",
    "people": "name,email,role,team,slack_user_id,accounts\nUma Underwriter,uma@desk.example,underwriter,Domestic,U1,\nOlga Officer,olga@desk.example,officer,Back Office,U2,\nSven Sales,sven@desk.example,sales,Sales,U3,Ahorn GmbH\nMia Manager,mia@desk.example,manager,,U4,\n",
    "fx": "currency,eur_per_unit,date\nEUR,1,2026-01-01\nUSD,0.9,2026-01-01\n",
    "register": f"{HEADER}\nCR-2026-000007,2026-02-01T10:00:00Z,email,new,in_review,TC-1,Ahorn GmbH,,Birke Bau GmbH,DE,,Building,EUR,50000,,,,,sven@desk.example,,2026-02-20,60,4,Shaky group\nCR-2026-000008,2026-02-03T10:00:00Z,email,increase,in_underwriting,TC-1,Ahorn GmbH,,Esche Holz AG,DE,,Wood,EUR,90000,,,Domestic,Uma Underwriter,sven@desk.example,,2026-03-20,30,5,\nCR-2026-000009,2026-02-02T10:00:00Z,portal,new,approved,TC-1,Ahorn GmbH,,Linde SA,FR,,Wood,EUR,1000,1000,2026-02-05T16:00:00Z,Domestic,Uma Underwriter,sven@desk.example,,,30,5,\n",
}  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A desk with people, policies, rates and three cases, all imported by command."""
    desk = Shell(tmp_path / "data", capsys)
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        assert desk(f"import-{name}", str(tmp_path / f"{name}.csv")) == 0, desk.err
    return desk


def references(shell: Shell, *words: str) -> list[str]:
    """The references that `cases list` gives."""
    assert shell("cases", "list", "--json", *words) == 0, shell.err
    return [row["reference"] for row in json.loads(shell.out)]


def test_list(shell: Shell, tmp_path: Path) -> None:
    """Filters, JSON, table and Excel of `cases list`."""
    assert references(shell) == ["CR-2026-000008", "CR-2026-000009", "CR-2026-000007"]
    assert references(shell, "--status", "open", "--order", "reference") == ["CR-2026-000007", "CR-2026-000008"]
    assert references(shell, "--status", "approved,in_review", "--limit", "1") == ["CR-2026-000009"]
    assert references(shell, "--team", "domestic") == ["CR-2026-000008", "CR-2026-000009"]
    assert references(shell, "--due", "overdue") == ["CR-2026-000007"]
    assert references(shell, "--mine", "--as", "uma@desk.example") == ["CR-2026-000008", "CR-2026-000009"]
    assert references(shell, "--buyer", "esche") == ["CR-2026-000008"]
    row = json.loads(shell.out)[0]
    assert (row["amount"], row["next_action_due"], row["messages"], row["version"]) == (90000, "2026-03-20", [], 1)
    assert shell("cases", "list") == 0
    assert "Birke Bau GmbH" in shell.out
    file = tmp_path / "out.xlsx"
    assert shell("cases", "list", "--xlsx", str(file)) == 0
    book = openpyxl.load_workbook(file)
    assert next(cell.value for cell in next(iter(book.active.iter_rows(min_row=2)))) == "CR-2026-000008"  # type: ignore[union-attr]


def test_confirm_correct_decide(shell: Shell) -> None:
    """One case goes its way by commands; the history names everybody, refusals too."""
    assert shell("cases", "confirm", "CR-2026-000007", "--as", "sven@desk.example") == 1
    assert shell.lines() == [
        "creditdesk: Sven Sales (sales) may not confirm: this takes one of manager, officer, underwriter"
    ]
    assert (
        shell("cases", "correct", "CR-2026-000007", "amount=60.000", "goods=steel beams", "--as", "olga@desk.example")
        == 0
    )
    assert shell("cases", "confirm", "CR-2026-000007", "--as", "olga@desk.example", "--json") == 0, shell.err
    row = json.loads(shell.out)
    assert (row["amount"], row["status"] in ("ready", "allocated")) == (60000, True)
    assert shell("cases", "confirm", "CR-2026-000007", "--as", "mia@desk.example") == 1
    assert "already confirmed by Olga Officer" in shell.err
    assert shell("cases", "decide", "CR-2026-000007", "approved", "--valid-until", "2026-12-31", "--note", "fine", "--as", "uma@desk.example") == 0  # fmt: skip
    assert shell("cases", "decide", "CR-2026-000007", "declined") == 1
    assert "already decided" in shell.err
    assert shell("cases", "history", "CR-2026-000007") == 0
    for words in (
        "Refused",
        "Sven Sales <sven@desk.example>",
        "CaseConfirmed",
        "Olga Officer <olga@desk.example>",
        "CaseDecided",
    ):
        assert words in shell.out
    assert shell("cases", "history", "CR-2026-000007", "--json") == 0
    assert {entry["kind"] for entry in json.loads(shell.out)} >= {
        "Refused",
        "CaseConfirmed",
        "CaseCorrected",
        "CaseDecided",
    }
    assert shell("audit", "verify") == 0


def test_show(shell: Shell) -> None:
    """`cases show` has values, allocation and history; for sales no grade, no note, no history."""
    assert shell("cases", "show", "cr 2026 7") == 0
    for words in ("CR-2026-000007", "Values", "Birke Bau GmbH", "underwriter_note", "Shaky group", "History"):
        assert words in shell.out
    assert shell("cases", "show", "CR-2026-000007", "--as", "sven@desk.example") == 0
    for words in ("underwriter_note", "risk_grade", "Shaky", "History"):
        assert words not in shell.out
    assert shell("cases", "show", "CR-2026-000007", "--json", "--as", "sven@desk.example") == 0
    assert "Shaky" not in shell.out
    assert shell("cases", "history", "CR-2026-000007", "--as", "sven@desk.example") == 1


def test_everything_else(shell: Shell) -> None:
    """Note, assign, new, merge, split, link, appeal, withdraw, reject and files each do their part."""
    new = ["cases", "new", "buyer_name=Birke Bau GmbH", "request_type=new", "amount=5k", "currency=EUR", "buyer_country=DE", "policy_number=TC-1"]  # fmt: skip
    assert shell(*new, "--json") == 0, shell.err
    fresh = json.loads(shell.out)["reference"]
    assert fresh == "CR-2026-000010"
    for words in (
        ["note", fresh, "Call them", "--public"],
        ["assign", fresh, "--team", "Export"],
        ["link", fresh, "CR-2026-000008"],
        ["unlink", fresh, "CR-2026-000008"],
        ["merge", fresh, "CR-2026-000007"],
        ["split", fresh],
        ["files", fresh],
        ["reject", fresh, "--because", "a test"],
        ["appeal", "CR-2026-000009"],
        ["return", "CR-2026-000008", "--because", "old accounts"],
        ["withdraw", "CR-2026-000008"],
    ):
        assert shell("cases", *words) == 0, (words, shell.err)
    assert shell("cases", "show", fresh) == 0
    assert "Call them" in shell.out
    assert shell("audit", "verify") == 0


WRONG = [
    (1, ["cases", "show", "CR-1999-000001"], "no case CR-1999-000001"),
    (1, ["cases", "confirm", "Nordwind"], "write it like CR-2026-000123"),
    (1, ["cases", "correct", "CR-2026-000007", "amount=lots"], "write it like 250000"),
    (1, ["cases", "decide", "CR-2026-000008", "approved", "--amount", "1"], "partially_approved"),
    (1, ["cases", "list", "--as", "stranger@x.example"], "not known to the desk"),
    (1, ["cases", "withdraw", "CR-2026-000009"], "from here it may go to none"),
    (1, ["cases", "confirm", "CR-2026-000007", "--version", "9"], "look again"),
    (1, ["people", "add", "x", "--name", "X", "--role", "officer"], "no e-mail address"),
    (1, ["people", "disable", "x@y.example"], "no person"),
    (1, ["outbox", "show", "99"], "no outgoing message 99"),
    (1, ["erase", "client", "Nobody", "--yes"], "no policyholder"),
    (1, ["import-register", "/nowhere.csv"], "cannot be read"),
    (2, ["cases", "correct", "CR-2026-000007", "amount"], "FIELD=VALUE"),
    (2, ["cases", "list", "--status", "lost"], "choose open, ended or one of"),
    (2, ["cases", "list", "--due", "soon"], "no day"),
    (2, ["cases", "list", "--mine"], "--as EMAIL"),
    (2, ["cases", "list", "--limit", "0"], "greater than or equal to 1"),
    (2, ["cases", "shoe", "CR-2026-000007"], "No such command"),
    (2, ["cases", "show"], "Missing"),
    (2, ["cases", "show", "CR-2026-000007", "--colour"], "No such option"),
    (2, ["cases"], "say what to do"),
    (2, ["outbox", "list", "--state", "lost"], "choose one of"),
]


def test_wrong_uses(shell: Shell, tmp_path: Path) -> None:
    """What cannot be done exits 1, a wrong call 2; each says in one line what to do."""
    for name, content in {"bad.csv": b"a,b\n1\n", "bad.bin": b"\x00\x01"}.items():
        (tmp_path / name).write_bytes(content)
    files = [(1, ["import-register", str(tmp_path / "bad.csv")], "no column"), (1, ["import-fx", str(tmp_path / "bad.bin")], "no text")]  # fmt: skip
    for code, words, said in WRONG + files:
        assert shell(*words) == code, (words, shell.out, shell.err)
        assert said in shell.err, (words, shell.err)
        assert len(shell.lines()) == 1, (words, shell.err)
        assert shell.lines()[0].startswith("creditdesk: ")


def test_faulty_rows(shell: Shell, tmp_path: Path) -> None:
    """Faulty rows go to stderr with line and reason, the others go in, and the exit code is 1."""
    rows = FILES["register"].replace("CR-2026-00000", "CR-2026-00010").replace(",EUR,50000", ",EUR,many")
    (tmp_path / "register.csv").write_text(rows, encoding="utf-8")
    assert shell("import-register", str(tmp_path / "register.csv"), "--json") == 1
    assert json.loads(shell.out)["added"] == 2
    assert "line 2: amount_requested 'many' is no amount" in shell.err
    assert len(references(shell)) == 5


def test_people(shell: Shell) -> None:
    """Colleagues are added, sent away and disabled; the disabled may nothing."""
    assert shell("people", "add", "Nora@desk.example", "--name", "Nora Neu", "--role", "officer", "--as", "mia@desk.example") == 0  # fmt: skip
    assert shell("people", "absent", "uma@desk.example", "2026-07-01", "2026-07-14") == 0
    assert shell("people", "list", "--json") == 0
    people = {person["email"]: person for person in json.loads(shell.out)}
    assert people["nora@desk.example"]["role"] == "officer"
    assert people["uma@desk.example"]["absences"] == [{"from": "2026-07-01", "until": "2026-07-14"}]
    assert shell("people", "disable", "nora@desk.example") == 0
    assert shell("cases", "confirm", "CR-2026-000007", "--as", "nora@desk.example") == 1
    assert "not known" in shell.err
    assert (
        shell("people", "add", "x@desk.example", "--name", "X", "--role", "officer", "--as", "olga@desk.example") == 1
    )
    assert shell("people", "list") == 0


def test_outbox(shell: Shell) -> None:
    """A draft is shown, edited, approved once; what was rejected stays so."""
    with sqlite3.connect(shell.folder / "creditdesk.db") as connection:
        for key in ("one", "two"):
            connection.execute(
                'insert into outbox (key, kind, channel, "to", case_id, state, subject, text, payload, "references", automatic,'
                " created_at, due_at, attempts) values (?, 'reminder', 'email', 'c@client.example', 1, 'draft', 'S', 'Dear \x1b[31mC', '{}', '[]', 0,"
                " '2026-03-01 00:00:00', '2026-03-01 00:00:00', 0)",
                (key,),
            )
    connection.close()
    assert shell("outbox", "list", "--json") == 0
    item = json.loads(shell.out)[0]
    assert item.keys() >= {
        "id",
        "kind",
        "channel",
        "to",
        "case",
        "state",
        "text",
        "created_at",
        "sent_at",
        "message_id",
    }
    assert item["case"] is not None
    assert shell("outbox", "show", "1") == 0
    assert "\x1b" not in shell.out
    assert shell("outbox", "approve", "1", "--as", "sven@desk.example") == 1
    assert shell("outbox", "edit", "1", "--text", "Dear all") == 0
    assert shell("outbox", "approve", "1", "--as", "olga@desk.example") == 0
    assert shell("outbox", "approve", "1") == 1
    assert "by olga@desk.example" in shell.err
    assert shell("outbox", "reject", "2") == 0
    assert shell("outbox", "edit", "2", "--text", "x") == 1
    assert shell("outbox", "list") == 0


def test_audit_names_the_row(shell: Shell) -> None:
    """An altered event is named and the exit code is 1."""
    with sqlite3.connect(shell.folder / "creditdesk.db") as connection:
        connection.execute("update events set kind = 'Nothing' where sequence = 3")
    connection.close()
    assert shell("audit", "verify") == 1
    assert "event 3 (Nothing" in shell.out
    assert len(shell.lines()) == 1
    assert "has a fault:" in shell.err


def test_erase(shell: Shell) -> None:
    """A client is erased by command; the file holds no trace and the chain verifies."""
    assert shell("erase", "client", "Ahorn GmbH", "--yes", "--as", "olga@desk.example") == 1
    assert shell("erase", "client", "Ahorn GmbH", "--yes", "--as", "mia@desk.example") == 0, shell.err
    assert shell("audit", "verify") == 0
    held = b"".join(file.read_bytes() for file in shell.folder.glob("creditdesk.db*"))
    assert b"Ahorn" not in held
    assert b"Birke" not in held
