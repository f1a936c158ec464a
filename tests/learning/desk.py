"""One client whose mails the machine reads wrongly in one way, an officer who sets them right, and the error left."""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage

import openpyxl
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from cases import commands
from cases.clock import fixed_clock
from cases.commands.review import correct_all
from cases.models import Case, CaseMessage
from cases.rights import Asker
from cases.vocabulary import Role
from ingest import ledger
from ingest.batches import IntakeDesk
from ingest.intake import Intake
from ingest.understand import Circumstances, Understood, understand_by_rules
from tests.cases.desk import add_client, rules

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OFFICER = Asker("olga@insurer.example", "Olga Officer", Role.OFFICER)
BUYERS = ("Stalmet", "Drewpol", "Budomax", "Szklarnia", "Chemix", "Papirus", "Elektron", "Tekstyl", "Rolmasz", "Okna")
TOWNS = ("Poznań", "Gdynia", "Łódź", "Opole")


def mail(number: int, body: str, *, files: dict[str, bytes] | None = None, **headers: str) -> bytes:
    """A mail of the client, its number in subject and Message-ID."""
    message = EmailMessage()
    message["From"] = headers.get("sender", "Jan Nowak <jan.nowak@kuznia-polska.example>")
    message["To"] = "desk@insurer.example"
    message["Subject"] = headers.get("subject", f"Limit no. {number}")
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0100"
    message["Message-ID"] = f"<{headers.get('id', 'n')}{number}@kuznia-polska.example>"
    message.set_content(body)
    for name, data in (files or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def buyer_of(number: int) -> str:
    """An invented buyer."""
    return f"{BUYERS[number % 10]} {TOWNS[number % 4]} {'ABCDEFG'[number // 10]} Sp. z o.o."


def without_currency(number: int, policy: str = "TC-881100", name: str = "Kuźnia Polska S.A.", **headers: str) -> bytes:
    """A request whose amount has no currency; the client means PLN."""
    amount = f"{60 + number},000"
    return mail(
        number,
        f"Good morning,\n\nplease set up a new credit limit of {amount} on {buyer_of(number)}, Poland.\n"
        f"Payment terms 45 days.\n\nOur policy: {policy}\n\nJan Nowak\n{name}\n",
        **headers,
    )


def odd_header(number: int) -> bytes:
    """A sheet of the client's own: "Limit neu" is what is wanted, "Limit" what stands."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Kunde", "Land", "Rahmen alt", "Obergrenze XQ", "Währung", "Tage"])
    page.append([buyer_of(number), "Polen", 20_000 + number, 60_000 + number * 1_000, "EUR", 60])
    data = io.BytesIO()
    book.save(data)
    body = "Guten Tag,\n\nbitte die Limite laut Liste erhöhen.\n\nPolice TC-881100\n\nJan Nowak\nKuźnia Polska S.A.\n"
    return mail(number, body, files={"limite.xlsx": data.getvalue()})


class Desk:
    """An intake on a database, without worker processes."""

    def __init__(self, database: Engine, sessions: "sessionmaker[Session]") -> None:
        self.database, self.sessions, self.rules = database, sessions, rules()
        self._desk = IntakeDesk(database, sessions, self.rules, fixed_clock(NOW), _understand)
        with sessions.begin() as session:
            add_client(session, "Kuźnia Polska S.A.", "TC-881100", ("kuznia-polska.example",), covered_countries=["PL"])

    def take(self, mails: Sequence[bytes]) -> list[str]:
        """Takes mails in; gives the references of the first case of each, in order."""
        with self.sessions.begin() as session:
            ids = [ledger.store(session, raw, now=NOW).id for raw in mails]
        with Intake(self.database, self._desk, poll_seconds=0.02) as intake:
            intake.finish(ids)
        with self.sessions() as session:
            query = (
                select(CaseMessage.message_row_id, Case.reference).join(Case).where(CaseMessage.relation == "opened")
            )
            found = {row.message_row_id: row.reference for row in session.execute(query)}
        return [found[row_id] for row_id in ids]

    def correct(self, reference: str, **fields: str) -> None:
        """The officer sets fields right, and confirms."""
        with self.sessions.begin() as session:
            case = session.scalars(select(Case).where(Case.reference == reference)).one()
            correct_all(session, case, OFFICER, NOW, self.rules, fields)
            session.flush()
            commands.confirm(session, case, OFFICER, NOW, self.rules)

    def values(self, references: Sequence[str], field: str) -> list[object]:
        """The values of a field."""
        with self.sessions() as session:
            query = select(Case).where(Case.reference.in_(references))
            found = {case.reference: getattr(case, field) for case in session.scalars(query)}
        return [found[reference] for reference in references]

    def errors(self, mails: Sequence[bytes], field: str, right: Callable[[int], object]) -> int:
        """Of these mails, how many give a wrong value; `right` gives the right one by position."""
        values = self.values(self.take(mails), field)
        return sum(value != right(at) for at, value in enumerate(values))


def _understand(raw: bytes, circumstances: Circumstances) -> "Future[Understood]":
    future: Future[Understood] = Future()
    try:
        future.set_result(understand_by_rules(raw, circumstances))
    except Exception as error:
        future.set_exception(error)
    return future


def wanted_amount(number: int) -> Decimal:
    """What `odd_header` asks for."""
    return Decimal(60_000 + number * 1_000)
