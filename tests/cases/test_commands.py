"""What people do to cases: rights, legal steps, evidence, history."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from cases import audit, commands
from cases.models import Case, CaseLink, CaseMessage, CreditLimit, Decision, FieldEvidence, StoredMessage
from cases.queries import case_view, find_case, history
from cases.rights import Asker
from cases.vocabulary import Status
from config.errors import Conflict, IllegalTransition, InvalidValue, NotFound, Refused
from tests.cases.support import (
    ADMIN,
    MANAGER,
    NOW,
    OFFICER,
    OTHER_OFFICER,
    SALES,
    UNDERWRITER,
    enquiry,
    furnish,
    request,
    rules,
)


@pytest.fixture
def desk(session: Session) -> Session:
    """A session on a furnished desk."""
    furnish(session)
    return session


def kinds(session: Session, case: Case) -> list[str]:
    """The kinds of a case's events, in order."""
    return [entry.kind for entry in history(session, case)]


def test_confirm(desk: Session) -> None:
    """Confirming takes a case out of review, marks its evidence, and the history names who did it."""
    case = request(desk)
    commands.confirm(desk, case, OFFICER, NOW, rules())
    assert case.status not in (Status.RECEIVED, Status.IN_REVIEW)
    assert case.needs_review is False
    evidence = desk.scalars(
        select(FieldEvidence).where(FieldEvidence.case_id == case.id, FieldEvidence.field == "amount")
    )
    assert [(row.state, row.set_by) for row in evidence] == [("confirmed", OFFICER.email)]
    [confirmed] = [entry for entry in history(desk, case) if entry.kind == "CaseConfirmed"]
    assert (confirmed.who, confirmed.actor) == (OFFICER.name, OFFICER.email)
    assert audit.verify(desk) == []


def test_second_confirm(desk: Session) -> None:
    """The second who confirms is told who was first, and nothing more is written."""
    case = request(desk)
    commands.confirm(desk, case, OFFICER, NOW, rules())
    before = kinds(desk, case)
    with pytest.raises(Conflict, match="already confirmed by Olga Officer"):
        commands.confirm(desk, case, OTHER_OFFICER, NOW + timedelta(minutes=1), rules())
    assert kinds(desk, case) == before


def test_correct(desk: Session) -> None:
    """A correction keeps the old quote, is marked as a person's, and stands in the history with both values."""
    case = request(desk)
    commands.correct(desk, case, OFFICER, NOW, rules(), "amount", "150.000,00")
    assert case.amount == Decimal(150_000)
    [amount] = [field for field in case_view(desk, case.reference).fields if field.name == "amount"]
    assert [(e.value, e.state, e.engine, e.set_by) for e in amount.evidence] == [
        ("150000.00", "corrected", "person", OFFICER.email)
    ]
    assert [e.quote for e in amount.earlier] == ["EUR 100,000"]
    [entry] = [entry for entry in history(desk, case) if entry.kind == "CaseCorrected"]
    assert (entry.before, entry.after) == ({"amount": "100000"}, {"amount": "150000"})
    assert any(check["name"] == "amount_plausible" for check in case.checks), "the checks ran again"


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("amount", "a lot", "write it like 250000"),
        ("amount", "12,34,56", "odd places"),
        ("currency", "EURO", "ISO code"),
        ("buyer_country", "Atlantis", "like DE"),
        ("valid_until", "03/04/2026", "two days"),
        ("valid_until", "31.02.2026", "no date"),
        ("request_type", "gift", "temporary_increase"),
        ("payment_terms_days", "soon", "0 to 720"),
        ("buyer_lei", "123", "20 characters"),
        ("contact_email", "me at home", "name@company.example"),
        ("buyer_name", "-", "cannot be taken away"),
        ("ammount", "1", "did you mean amount"),
        ("status", "approved", "no field that can be corrected"),
    ],
)
def test_bad_values(field: str, text: str, said: str) -> None:
    """A value that cannot be stored is refused with what would be right."""
    with pytest.raises(InvalidValue, match=said):
        commands.parse_field(field, text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("250000", "250000"),
        ("250,000", "250000"),
        ("250.000", "250000"),
        ("1,250,000.50", "1250000.50"),
        ("1.250.000,50", "1250000.50"),
        ("250 000", "250000"),
        ("1'250'000", "1250000"),
        ("0,5", "0.5"),
        ("250k", "250000"),
        ("1.5m", "1500000"),
        ("1,5 Mio.", "1500000"),
        ("0", "0"),
    ],
)
def test_amounts(text: str, amount: str) -> None:
    """An amount is read as people of different countries write it."""
    assert commands.parse_field("amount", text) == Decimal(amount)


def test_correcting_a_decided_case(desk: Session) -> None:
    """The values of a decided case stay as they were decided on."""
    case = request(desk, Status.APPROVED)
    with pytest.raises(IllegalTransition, match="too late"):
        commands.correct(desk, case, OFFICER, NOW, rules(), "amount", "1")


@pytest.mark.parametrize("status", [Status.READY, Status.ALLOCATED, Status.IN_UNDERWRITING])
def test_decide(desk: Session, status: Status) -> None:
    """An approval passes every step before it, writes decision and limit, and ends the case."""
    case = request(desk, status)
    commands.decide(
        desk,
        case,
        UNDERWRITER,
        NOW,
        rules(),
        outcome="approved",
        valid_until=date(2027, 3, 1),
        tell="Gladly.",
        note="Solid.",
    )
    assert (case.status, case.amount_approved, case.decided_at) == (Status.APPROVED, Decimal(100_000), NOW)
    steps = [str(e.after["status"]) for e in history(desk, case) if e.kind == "StatusChanged"]
    way = ["allocated", "in_underwriting", "approved"]
    assert steps == way[{"ready": 0, "allocated": 1, "in_underwriting": 2}[status.value] :]
    [decision] = desk.scalars(select(Decision))
    assert (decision.sentence, decision.rationale, decision.decided_by) == ("Gladly.", "Solid.", UNDERWRITER.email)
    [limit] = desk.scalars(select(CreditLimit))
    assert (limit.amount, limit.currency, limit.valid_until) == (Decimal(100_000), "EUR", date(2027, 3, 1))


@pytest.mark.parametrize(
    ("outcome", "amount", "error", "said"),
    [
        ("partially_approved", None, InvalidValue, "--amount"),
        ("partially_approved", 100_000, InvalidValue, "below the 100,000"),
        ("partially_approved", 0, InvalidValue, "no partial approval"),
        ("approved", 50_000, InvalidValue, "partially_approved"),
        ("declined", 50_000, InvalidValue, "no amount"),
        ("maybe", None, InvalidValue, "choose approved"),
    ],
)
def test_wrong_decisions(desk: Session, outcome: str, amount: int | None, error: type[Exception], said: str) -> None:
    """A decision that contradicts itself is refused and changes nothing."""
    case = request(desk, Status.READY)
    with pytest.raises(error, match=said):
        commands.decide(
            desk, case, MANAGER, NOW, rules(), outcome=outcome, amount=None if amount is None else Decimal(amount)
        )
    assert case.status == Status.READY


def test_deciding_twice_or_too_early(desk: Session) -> None:
    """A case is decided once, and not before it was confirmed."""
    case = request(desk, Status.IN_REVIEW)
    with pytest.raises(IllegalTransition, match="confirm it first"):
        commands.decide(desk, case, UNDERWRITER, NOW, rules(), outcome="approved")
    decided = request(desk, Status.READY)
    commands.decide(desk, decided, UNDERWRITER, NOW, rules(), outcome="declined", reason="lack of turnover")
    assert (decided.amount_approved, desk.scalar(select(Decision.reason_code))) == (0, "14")
    with pytest.raises(Conflict, match="already decided"):
        commands.decide(desk, decided, MANAGER, NOW, rules(), outcome="approved")


def test_appeal(desk: Session) -> None:
    """An appeal is a new linked case with a number of its own; the decision stays."""
    case = request(desk, Status.READY)
    commands.decide(desk, case, UNDERWRITER, NOW, rules(), outcome="declined")
    appeal = commands.appeal(desk, case, OFFICER, NOW, rules())
    assert (appeal.appeal_of_id, appeal.amount, appeal.buyer_name) == (case.id, case.amount, case.buyer_name)
    assert appeal.reference != case.reference
    assert case.status == Status.DECLINED
    assert [link.relation for link in case_view(desk, case.reference).links] == ["appeal"]


def stored(session: Session, number: int) -> StoredMessage:
    """A message in the ledger."""
    row = StoredMessage(
        digest=f"{number:064x}",
        raw=b"x",
        size=1,
        received_at=NOW,
        stored_at=NOW,
        state="filed",
        subject=f"Mail {number}",
    )
    session.add(row)
    session.flush()
    return row


def test_merge_and_split(desk: Session) -> None:
    """A merge brings the messages along and ends the merged case; undone, both stand as before under their numbers."""
    one, two = request(desk), request(desk)
    for number, case in ((1, one), (2, two)):
        desk.add(CaseMessage(case_id=case.id, message_row_id=stored(desk, number).id, relation="opened"))
    references = {one.reference, two.reference}
    commands.merge(desk, two, OFFICER, NOW, rules(), into=one)
    assert (two.status, two.merged_into_id) == (Status.WITHDRAWN, one.id)
    assert len(case_view(desk, one.reference).messages) == 2
    with pytest.raises(Conflict, match="merged already"):
        commands.merge(desk, two, OFFICER, NOW, rules(), into=one)
    commands.split(desk, two, OFFICER, NOW, rules())
    assert (two.status, two.merged_into_id) == (Status.IN_REVIEW, None)
    assert [len(case_view(desk, case.reference).messages) for case in (one, two)] == [1, 1]
    assert desk.scalars(select(CaseLink)).all() == []
    assert request(desk).reference not in references


def test_split_off_a_message(desk: Session) -> None:
    """A message that does not belong to a case leaves it for a new linked one."""
    case = request(desk)
    for number in (1, 2):
        desk.add(CaseMessage(case_id=case.id, message_row_id=stored(desk, number).id, relation="opened"))
    desk.flush()
    twin = commands.split(desk, case, OFFICER, NOW, rules(), message=f"{2:064x}")
    assert [m.subject for m in case_view(desk, twin.reference).messages] == ["Mail 2"]
    assert [m.subject for m in case_view(desk, case.reference).messages] == ["Mail 1"]
    with pytest.raises(Conflict, match="only message"):
        commands.split(desk, case, OFFICER, NOW, rules(), message=f"{1:064x}")


def test_link(desk: Session) -> None:
    """Links are made once and can be taken away."""
    one, two = request(desk), request(desk)
    commands.link(desk, one, OFFICER, NOW, rules(), two)
    with pytest.raises(Conflict, match="already"):
        commands.link(desk, two, OFFICER, NOW, rules(), one)
    commands.unlink(desk, two, OFFICER, NOW, rules(), one)
    with pytest.raises(NotFound):
        commands.unlink(desk, two, OFFICER, NOW, rules(), one)


def test_new_case(desk: Session) -> None:
    """A case opened by hand states what the person stated, with the person as evidence."""
    case = commands.new_case(
        desk,
        OFFICER,
        NOW,
        rules(),
        fields={"buyer_name": "Birke Bau GmbH", "request_type": "new", "amount": "5000", "currency": "EUR"},
    )
    assert case.reference == "CR-2026-000001"
    assert case.status != Status.RECEIVED
    with pytest.raises(InvalidValue, match="buyer_name"):
        commands.new_case(desk, OFFICER, NOW, rules(), fields={"request_type": "new"})


def test_enquiry_way(desk: Session) -> None:
    """An enquiry is assigned, answered and closed, and has nothing to decide."""
    case = enquiry(desk)
    with pytest.raises(IllegalTransition, match="enquiry"):
        commands.decide(desk, case, MANAGER, NOW, rules(), outcome="approved")
    commands.assign(desk, case, OFFICER, NOW, rules(), to=OTHER_OFFICER.email)
    assert (case.status, case.assignee) == (Status.ASSIGNED, OTHER_OFFICER.email)
    commands.answer(desk, case, OFFICER, NOW, rules())
    commands.close(desk, case, OFFICER, NOW, rules())
    assert case.status == Status.CLOSED


def test_assign(desk: Session) -> None:
    """A ready request given to an underwriter is allocated; giving it again to the same person is told."""
    case = request(desk, Status.READY)
    commands.assign(desk, case, OFFICER, NOW, rules(), to="Uma Underwriter")
    assert (case.status, case.underwriter, case.assignee, case.team) == (
        Status.ALLOCATED,
        UNDERWRITER.name,
        UNDERWRITER.email,
        "Domestic",
    )
    with pytest.raises(Conflict, match="already"):
        commands.assign(desk, case, OFFICER, NOW, rules(), to=UNDERWRITER.email)
    with pytest.raises(NotFound, match="no active person"):
        commands.assign(desk, case, OFFICER, NOW, rules(), to="Nobody")


def test_notes(desk: Session) -> None:
    """Internal notes are for credit people; the view of others does not hold them."""
    case = request(desk)
    commands.note(desk, case, OFFICER, NOW, rules(), "Group in trouble.")
    commands.note(desk, case, SALES, NOW, rules(), "Client rang.", internal=False)
    assert [n.text for n in case_view(desk, case.reference).notes] == ["Client rang."]
    assert len(case_view(desk, case.reference, confidential=True).notes) == 2
    with pytest.raises(Refused):
        commands.note(desk, case, SALES, NOW, rules(), "secret", internal=True)


WORKS: dict[str, Callable[[Session, Case, Asker], object]] = {
    "confirm": lambda s, c, a: commands.confirm(s, c, a, NOW, rules()),
    "correct": lambda s, c, a: commands.correct(s, c, a, NOW, rules(), "amount", "1"),
    "decide": lambda s, c, a: commands.decide(s, c, a, NOW, rules(), outcome="approved"),
    "withdraw": lambda s, c, a: commands.withdraw(s, c, a, NOW, rules()),
    "assign": lambda s, c, a: commands.assign(s, c, a, NOW, rules(), team="Export"),
    "reject": lambda s, c, a: commands.reject(s, c, a, NOW, rules(), "spam"),
    "split": lambda s, c, a: commands.split(s, c, a, NOW, rules()),
    "merge": lambda s, c, a: commands.merge(s, c, a, NOW, rules(), c),
    "link": lambda s, c, a: commands.link(s, c, a, NOW, rules(), c),
    "appeal": lambda s, c, a: commands.appeal(s, c, a, NOW, rules()),
}


def test_refusals_are_kept(sessions: "sessionmaker[Session]") -> None:
    """What sales and admin may not do changes nothing and stands in the history with the name."""
    with sessions.begin() as session:
        furnish(session)
        reference = request(session, Status.READY).reference
    for asker in (SALES, ADMIN):
        for action, work in WORKS.items():
            with pytest.raises(Refused, match="may not"):
                commands.perform(
                    sessions, asker, NOW, action, reference, lambda s, w=work, a=asker: w(s, find_case(s, reference), a)
                )
    with sessions() as session:
        case = find_case(session, reference)
        refused = [entry for entry in history(session, case) if entry.kind == "Refused"]
        assert len(refused) == 2 * len(WORKS)
        assert {entry.who for entry in refused} == {SALES.name, ADMIN.name}
        assert (case.status, case.amount, case.team) == (Status.READY, Decimal(100_000), None)
        assert audit.verify(session) == []


def test_lost_race(sessions: "sessionmaker[Session]") -> None:
    """Of two who change one version of a case, the second is told and nothing of theirs is written."""
    with sessions.begin() as session:
        furnish(session)
        reference = request(session).reference
        seen = find_case(session, reference).version
    commands.perform(
        sessions, OFFICER, NOW, "correct", reference,
        lambda s: commands.correct(s, find_case(s, reference), OFFICER, NOW, rules(), "goods", "bricks"),
    )  # fmt: skip

    def late(session: Session) -> None:
        case = find_case(session, reference)
        session.execute(update(Case.__table__).where(Case.id == case.id).values(version=case.version + 5))
        case.goods = "tiles"
        session.flush()

    with pytest.raises(Conflict, match="somebody else"):
        commands.perform(sessions, OFFICER, NOW, "correct", reference, late)
    with sessions() as session, pytest.raises(Conflict, match="since you looked"):
        find_case(session, reference, version=seen)
    with sessions() as session:
        assert find_case(session, reference).goods == "bricks"
