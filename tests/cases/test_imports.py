"""Registers, people, policies and rates come in from files; faulty rows are told by line and reason."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import audit, commands
from cases.imports import ImportResult, Sheet, import_fx, import_people, import_policies, import_register, read_sheet
from cases.models import Buyer, Case, CaseDocument, CreditLimit, Decision, Event, FxRate, Person, Policy, Policyholder
from cases.queries import find_case, history
from cases.references import next_reference
from config.errors import InvalidValue
from tests.cases.support import NOW, OFFICER, rules

HEADER = (
    "reference,received_at,channel,request_type,status,policy_number,policyholder,broker,buyer,buyer_country,buyer_vat_id,"
    "sector,currency,amount_requested,amount_approved,decided_at,team,underwriter,sales_contact,missing_documents,"
    "next_action_due,payment_terms_days,risk_grade,underwriter_note"
)
OPEN = 'CR-2026-000007,2026-02-01T10:00:00Z,email,new,awaiting_documents,TC-1,Ahorn GmbH,,Birke Bau GmbH,DE,,Building,EUR,50000,,,Domestic,,s@desk.example,financial_statements;invoice,2026-02-20,60,4,"Says, ""soon""."'  # fmt: skip
DECIDED = "CR-2026-000009,2026-02-02T10:00:00Z,portal,increase,partially_approved,TC-1,Ahorn GmbH,Makler AG,Birke Bau GmbH,DE,,Building,EUR,90000,70000,2026-02-05T16:00:00Z,Domestic,Uma Underwriter,s@desk.example,,,30,5,"  # fmt: skip
POLICIES = (
    "policy_number;policyholder;broker;status;currency;maximum_liability;covered_countries;discretionary_limit;max_terms_days;"
    "overdue_reporting_days;valid_from;valid_until\n"
    "TC-1;Ahorn GmbH;;active;EUR;5000000;DE;10000;90;60;2026-01-01;2026-12-31\n"
)
PEOPLE = "name,email,role,team,slack_user_id,accounts\nUma Underwriter,UMA@desk.example,underwriter,Domestic,U1,\n"

Importer = Callable[[Session, Sheet, object, str], ImportResult]


def sheet(tmp_path: Path, content: str | bytes, name: str = "in.csv") -> Sheet:
    """A file with that content, read."""
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_sheet(file)


def take(session: Session, tmp_path: Path, *rows: str) -> ImportResult:
    """Imports register rows."""
    return import_register(session, sheet(tmp_path, "\n".join([HEADER, *rows]) + "\n"), NOW, "shell")


def prepare(session: Session, tmp_path: Path) -> None:
    """Policies and people first."""
    assert import_policies(session, sheet(tmp_path, POLICIES), NOW, "shell").added == 1
    assert import_people(session, sheet(tmp_path, PEOPLE), NOW, "shell").added == 1


def test_register(session: Session, tmp_path: Path) -> None:
    """A register makes cases, buyers, limits, decisions and missing documents; the same file again changes nothing."""
    prepare(session, tmp_path)
    result = take(session, tmp_path, OPEN, DECIDED)
    assert (result.added, result.faults) == (2, [])
    opened, decided = find_case(session, "CR-2026-000007"), find_case(session, "CR-2026-000009")
    assert (opened.status, opened.missing_documents) == ("awaiting_documents", ["financial_statements", "invoice"])
    assert (opened.risk_grade, opened.underwriter_note, opened.amount) == (4, 'Says, "soon".', Decimal(50_000))
    assert (decided.amount_approved, decided.assignee) == (Decimal(70_000), "uma@desk.example")
    assert opened.buyer_id == decided.buyer_id is not None
    [limit] = session.scalars(select(CreditLimit))
    assert (limit.amount, limit.valid_from, limit.case_id) == (Decimal(70_000), date(2026, 2, 5), decided.id)
    assert session.scalar(select(Decision.outcome)) == "partially_approved"
    assert session.scalar(select(func.count()).select_from(CaseDocument)) == 2
    assert next_reference(session, "CR", 2026) == "CR-2026-000010"
    events = session.scalar(select(func.count()).select_from(Event))
    again = take(session, tmp_path, OPEN, DECIDED)
    assert (again.added, again.changed, again.unchanged, again.faults) == (0, 0, 2, [])
    assert session.scalar(select(func.count()).select_from(Event)) == events
    assert audit.verify(session) == []


def test_register_again_with_changes(session: Session, tmp_path: Path) -> None:
    """A known case takes what the file says otherwise, by legal steps, except what a person set here."""
    prepare(session, tmp_path)
    take(session, tmp_path, OPEN, DECIDED)
    opened = find_case(session, "CR-2026-000007")
    commands.correct(session, opened, OFFICER, NOW, rules(), "currency", "USD")
    changed = OPEN.replace("50000,,", "60000,,").replace("financial_statements;invoice", "invoice")
    backwards = DECIDED.replace("partially_approved", "ready").replace("70000,2026-02-05T16:00:00Z", ",")
    result = take(session, tmp_path, changed, backwards)
    assert (result.changed, [str(f) for f in result.faults]) == (
        1,
        ["line 3: CR-2026-000009 is partially_approved here and cannot become ready: no such step is allowed"],
    )
    assert (opened.amount, opened.currency, opened.missing_documents) == (Decimal(60_000), "USD", ["invoice"])
    approved = changed.replace("awaiting_documents,", "approved,").replace(
        "60000,,", "60000,60000,2026-03-01T08:00:00Z"
    )
    assert take(session, tmp_path, approved).changed == 1
    steps = [str(e.after["status"]) for e in history(session, opened) if e.kind == "StatusChanged"]
    assert steps == ["ready", "allocated", "in_underwriting", "approved"]
    assert audit.verify(session) == []


def test_unknown_policy(session: Session, tmp_path: Path) -> None:
    """A policy that nobody knows is not made up; once it is there, the same file brings the limit."""
    take(session, tmp_path, DECIDED)
    assert session.scalars(select(Policy)).all() == []
    assert session.scalars(select(CreditLimit)).all() == []
    assert find_case(session, "CR-2026-000009").policy_number == "TC-1"
    prepare(session, tmp_path)
    assert take(session, tmp_path, DECIDED).changed == 1
    assert session.scalar(select(CreditLimit.amount)) == Decimal(70_000)


FAULTY = {
    "bad reference": (OPEN.replace("CR-2026-000007", "7"), "not like CR-2026-000123"),
    "bad time": (OPEN.replace("2026-02-01T10:00:00Z", "yesterday"), "received_at 'yesterday' is no time"),
    "bad status": (OPEN.replace("awaiting_documents", "lost"), "status 'lost' is none of"),
    "bad type": (OPEN.replace(",new,", ",gift,"), "request_type 'gift' is none of"),
    "no buyer": (OPEN.replace("Birke Bau GmbH", ""), "buyer is empty"),
    "bad amount": (OPEN.replace("50000", "many"), "amount_requested 'many' is no amount"),
    "negative amount": (OPEN.replace("50000", "-5"), "is no amount"),
    "bad currency": (OPEN.replace("EUR", "Euro"), "no currency code"),
    "bad country": (OPEN.replace(",DE,", ",Germany,"), "no country code"),
    "bad document": (OPEN.replace("invoice", "papers"), "missing_documents has 'papers'"),
    "bad grade": (OPEN.replace(",60,4,", ",60,11,"), "risk_grade '11'"),
    "undated decision": (DECIDED.replace("2026-02-05T16:00:00Z", ""), "needs decided_at"),
    "decided before it came": (DECIDED.replace("2026-02-05T16", "2025-02-05T16"), "lies before received_at"),
    "decision without amount": (DECIDED.replace(",70000,", ",,"), "needs amount_approved"),
    "decision on an open case": (OPEN.replace("50000,,", "50000,5,"), "has a decision"),
    "short row": ("CR-2026-000007,2026-02-01T10:00:00Z", "has only 2 of 24 columns"),
    "long row": (OPEN + ",x", "has 25 columns where the header has 24"),
}


def test_faulty_rows(session: Session, tmp_path: Path) -> None:
    """Each faulty row is told with its line and reason; the good ones go in."""
    rows = [row.replace("CR-2026-000007", f"CR-2026-{n:06d}") for n, (row, _) in enumerate(FAULTY.values(), start=100)]
    result = take(session, tmp_path, DECIDED, *rows, DECIDED)
    assert result.added == 1
    assert [fault.line for fault in result.faults] == list(range(3, 3 + len(rows) + 1))
    for fault, (name, (_, reason)) in zip(result.faults, FAULTY.items(), strict=False):
        assert reason in fault.reason, name
    assert "stands in line 2 already" in result.faults[-1].reason


def test_buyers(session: Session, tmp_path: Path) -> None:
    """One buyer for one VAT id or one name in one country; another legal form is another company."""
    names = [
        ("Birke Bau GmbH", "DE", "DE1"),
        ("Birke-Bau G.m.b.H.", "DE", "DE1"),
        ("Birke Bau GmbH", "DE", ""),
        ("Birke Bau AG", "DE", ""),
        ("Birke Bau GmbH", "AT", ""),
    ]
    rows = [
        OPEN.replace("CR-2026-000007", f"CR-2026-{n:06d}").replace("Birke Bau GmbH,DE,", f"{name},{country},{vat}")
        for n, (name, country, vat) in enumerate(names, start=1)
    ]
    assert take(session, tmp_path, *rows).faults == []
    found = [find_case(session, f"CR-2026-{n:06d}").buyer_id for n in range(1, 6)]
    assert found[0] == found[1] == found[2]
    assert len({found[0], found[3], found[4]}) == 3
    assert session.scalar(select(func.count()).select_from(Buyer)) == 3
    assert session.scalar(select(func.count()).select_from(Policyholder)) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_dialects(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """CSV of any usual delimiter and encoding reads alike."""
    text = f'Name{delimiter}E-Mail\r\n"Jürgen{delimiter} Weiß"{delimiter}j@x.example\r\n\r\n'
    read = sheet(tmp_path, text.encode(encoding))
    assert read.columns == ("name", "e_mail")
    assert read.rows == ((2, (f"Jürgen{delimiter} Weiß", "j@x.example")),)


def test_excel(session: Session, tmp_path: Path) -> None:
    """An Excel file reads like the CSV: dates, whole numbers and empty cells."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["currency", "eur_per_unit", "date"])
    page.append(["USD", 0.9, date(2026, 9, 30)])
    page.append(["JPY", 1, "2026-09-30"])
    file = tmp_path / "fx.xlsx"
    book.save(file)
    result = import_fx(session, read_sheet(file), NOW, "shell")
    assert (result.added, result.faults) == (2, [])
    assert session.scalar(select(FxRate.date).where(FxRate.currency == "USD")) == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"a,b\n1\n", "no column"),
        ("b.bin", b"\x00\x01", "is no text"),
        ("c.csv", b"", "is empty"),
        ("d.xlsx", b"PK\x03\x04 not really", "no Excel file"),
        ("e.csv", b"name,name\n", "twice"),
    ],
)
def test_wrong_files(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """A file that cannot be what is wanted is refused in one sentence."""
    with pytest.raises(InvalidValue, match=said):
        sheet(tmp_path, content, name).check(("reference", "status"))


def test_people_and_policies(session: Session, tmp_path: Path) -> None:
    """People and policies are updated by address and number; faulty rows are told."""
    prepare(session, tmp_path)
    people = PEOPLE.replace("Domestic", "Export") + "No Body,nobody,officer,,,\nOdd Role,o@desk.example,king,,,\n"
    result = import_people(session, sheet(tmp_path, people), NOW, "shell")
    assert (result.changed, [fault.line for fault in result.faults]) == (1, [3, 4])
    assert session.scalar(select(Person.team)) == "Export"
    policies = POLICIES.replace("active", "suspended") + "TC-2;Ahorn GmbH;;active;EUR;x;DE;;;;;\n"
    result = import_policies(session, sheet(tmp_path, policies), NOW, "shell")
    assert (result.changed, [str(f) for f in result.faults]) == (1, ["line 3: maximum_liability 'x' is no amount"])
    assert session.scalar(select(Policy.status)) == "suspended"
    assert session.scalar(select(Case.id)) is None


@pytest.mark.slow
def test_ten_thousand_rows(session: Session, tmp_path: Path) -> None:
    """Ten thousand rows go in at once, and the chain over them verifies."""
    prepare(session, tmp_path)
    rows = [
        DECIDED.replace("CR-2026-000009", f"CR-2026-{n:06d}").replace("Birke Bau", f"Birke {n % 2000}")
        for n in range(1, 10_001)
    ]
    assert take(session, tmp_path, *rows).added == 10_000
    session.commit()
    assert audit.verify(session) == []
