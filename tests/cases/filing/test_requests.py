"""From a limit request to a case: evidence, checks, documents, allocation, joins, answers."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import audit, filing
from cases.models import Case, CaseDocument, CaseLink, CaseMessage, Event, FieldEvidence, OutboxItem, StoredMessage
from cases.understanding import Disagreement, MessageFacts, Triage
from cases.vocabulary import EvidenceState, Intent, MessageState
from tests.cases.desk import (
    NOW,
    STAFF,
    add_buyer,
    add_client,
    add_limit,
    add_underwriter,
    check,
    facts,
    limit_request,
    rules,
    stored,
    triage,
)

RULES = rules()


def file(session: Session, row: StoredMessage, understood: Triage, known: MessageFacts) -> list[Case]:
    """Files and gives the message's cases, by reference."""
    result = filing.file_message(session, row, understood, known, RULES, NOW, slack_channel="C0DESK")
    found = session.scalars(select(Case).where(Case.reference.in_(result.cases)).order_by(Case.reference))
    return list(found)


def one(session: Session, name: str, understood: Triage, **more: object) -> Case:
    """Files a message of the client and gives its one case."""
    row = stored(session, name)
    [case] = file(session, row, understood, facts(row, **more))  # type: ignore[arg-type]
    return case


def letters(session: Session, kind: str | None = None) -> list[OutboxItem]:
    """Outgoing mail in order."""
    query = select(OutboxItem).where(OutboxItem.channel == "email").order_by(OutboxItem.id)
    return [row for row in session.scalars(query) if kind is None or row.kind == kind]


def counts(session: Session) -> tuple[int, ...]:
    """How many rows of everything there are."""
    session.flush()
    tables = (Case, CaseMessage, FieldEvidence, CaseDocument, Event, OutboxItem, CaseLink)
    return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_trusted_request_is_allocated(both: Session) -> None:
    """A request whose key values are all proved goes by itself to an underwriter of the team that the rule names."""
    add_underwriter(both, "Ada", "Domestic")
    case = one(both, "plain", triage(limit_request()))
    assert (case.status, case.team, case.assignee) == ("allocated", "Domestic", "ada@insurer.example")
    assert case.allocation_reason
    assert case.needs_review is False
    assert case.policyholder is not None
    assert case.policy is not None
    assert case.buyer is not None
    assert case.reference == "CR-2026-000001"
    assert audit.verify(both) == []
    kinds = both.scalars(select(Event.kind).where(Event.case_id == case.id).order_by(Event.sequence)).all()
    assert kinds[0] == "CaseOpened"
    assert kinds.count("StatusChanged") == 3


def test_untrusted_request_waits_for_a_person(both: Session) -> None:
    """A value that is not rated leaves the case in review, with the reason."""
    case = one(both, "unsure", triage(limit_request(), trust=None))
    assert (case.status, case.needs_review) == ("in_review", True)
    assert "amount" in check(case, "values_trusted")["detail"]


def test_filing_twice_changes_nothing(both: Session) -> None:
    """A second call with the same ledger row gives the same result and writes no row."""
    row = stored(both, "twice")
    understood, known = triage(limit_request(), limit_request(buyer_name="Sudwest Pumpen GmbH")), facts(row)
    first = filing.file_message(both, row, understood, known, RULES, NOW, slack_channel="C0DESK")
    both.commit()
    before = counts(both)
    again = filing.file_message(both, row, understood, known, RULES, NOW, slack_channel="C0DESK")
    assert again == first
    assert counts(both) == before
    assert len(first.cases) == 2


def test_evidence_of_every_value(desk: Session) -> None:
    """Each value of the case has its quote, proposed, and a value without one says so by an empty quote."""
    case = one(desk, "quotes", triage(limit_request(goods="bearings"), needed_by=date(2026, 3, 20)))
    rows = {r.field: r for r in desk.scalars(select(FieldEvidence).where(FieldEvidence.case_id == case.id))}
    for field in ("amount", "currency", "buyer_name", "policy_number", "goods", "payment_terms_days"):
        assert rows[field].quote == rows[field].value or field == "amount", field
        assert rows[field].state == EvidenceState.PROPOSED
    assert rows["needed_by"].quote == ""


def test_unknown_names_are_kept_as_written(desk: Session) -> None:
    """A client and a buyer that the register lacks make no rows there; the case keeps what was written."""
    understood = triage(
        limit_request(buyer_name="Buyer300 Handels GmbH"),
        policy_number="TC-204300",
        policyholder_name="Client300 Works Ltd",
    )
    case = one(desk, "unknown", understood, sender="credit300@client300-works.example")
    assert (case.policyholder_id, case.policy_id, case.buyer_id) == (None, None, None)
    assert (case.policyholder_name, case.buyer_name) == ("Client300 Works Ltd", "Buyer300 Handels GmbH")
    assert check(case, "policy_known")["outcome"] == "fail"
    assert check(case, "policy_in_force")["outcome"] == "unknown"
    [letter] = letters(desk)
    assert (letter.kind, letter.to, letter.state) == ("acknowledgement", "credit300@client300-works.example", "waiting")
    assert letter.message_id
    assert letter.in_reply_to == "<unknown@mail.example>"


def test_several_requests_are_several_cases(desk: Session) -> None:
    """n buyers make n cases, one acknowledgement and one card; they are no duplicates of each other."""
    names = [f"Buyer{i} Handels GmbH" for i in range(12)]
    row = stored(desk, "twelve")
    cases = file(desk, row, triage(*(limit_request(buyer_name=n) for n in names)), facts(row))
    assert [c.buyer_name for c in cases] == names
    assert all(check(c, "no_duplicate")["outcome"] == "pass" for c in cases)
    rows = desk.scalars(select(OutboxItem)).all()
    assert sorted(r.kind for r in rows) == ["acknowledgement", "review_card"]
    assert len(rows[0].payload["cases"]) == 12  # type: ignore[arg-type]


def test_missing_documents_are_asked_for_once(desk: Session) -> None:
    """A trusted request above the threshold waits for accounts; the acknowledgement asks for exactly these."""
    case = one(desk, "large", triage(limit_request(amount=Decimal(300_000)), language="de"))
    assert (case.status, case.missing_documents) == ("awaiting_documents", ["financial_statements"])
    [letter] = letters(desk)
    assert "Jahresabschluss" in letter.text
    assert "Zwischenabschluss" not in letter.text
    [document] = desk.scalars(select(CaseDocument)).all()
    assert document.state == "requested"
    assert document.due is not None


def test_enclosed_documents_are_ticked(desk: Session) -> None:
    """What came with the request is not asked for."""
    understood = triage(
        limit_request(amount=Decimal(300_000)), documents=(("financial_statements", "FY25.pdf"), ("other", "a.pdf"))
    )
    case = one(desk, "complete", understood)
    assert (case.status, case.missing_documents) == ("ready", [])
    assert [(d.type, d.state, d.filename) for d in case.documents] == [("financial_statements", "received", "FY25.pdf")]


def test_amount_in_another_currency(desk: Session) -> None:
    """Thresholds are in the reporting currency; without a rate nothing is asked for and the check says unknown."""
    case = one(desk, "dollars", triage(limit_request(amount=Decimal(270_000), currency="USD")))
    assert case.missing_documents == []
    unknown = one(
        desk, "yen", triage(limit_request(amount=Decimal(90_000_000), currency="JPY", buyer_name="Ost Handel GmbH"))
    )
    assert check(unknown, "documents_complete")["outcome"] == "unknown"
    assert check(unknown, "amount_plausible")["outcome"] == "unknown"
    assert unknown.status == "in_review"


def test_new_where_a_limit_stands_is_an_increase(desk: Session) -> None:
    """What is called new where a limit stands becomes an increase and says so, with the rule as evidence."""
    policy = case_policy(desk)
    add_limit(desk, policy, buyer_named(desk), 40_000)
    case = one(desk, "increase", triage(limit_request()))
    assert case.request_type == "increase"
    assert "called new" in check(case, "request_type_fits")["detail"]
    assert case.status == "in_review"
    [row] = desk.scalars(select(FieldEvidence).where(FieldEvidence.field == "request_type", FieldEvidence.current))
    assert (row.how, row.value) == ("derived", "increase")
    assert row.derived


def test_type_is_inferred(desk: Session) -> None:
    """Where no type is named, the limit that stands decides: none is new, another amount an increase or decrease."""
    assert one(desk, "no type", triage(limit_request(request_type=None))).request_type == "new"
    other = add_buyer(desk, "Elbtal Stahl GmbH")
    add_limit(desk, case_policy(desk), other, 150_000)
    lower = one(desk, "lower", triage(limit_request(request_type=None, buyer_name="Elbtal Stahl GmbH")))
    assert lower.request_type == "decrease"


def test_same_request_again_joins(both: Session) -> None:
    """The same policy, buyer, type and amount is one case, however often it is asked."""
    first = one(both, "first", triage(limit_request()))
    second = one(both, "second", triage(limit_request()))
    assert first.id == second.id
    relations = both.scalars(select(CaseMessage.relation).order_by(CaseMessage.id)).all()
    assert relations == ["opened", "joined"]


def test_other_amount_is_offered_not_joined(desk: Session) -> None:
    """Another amount on the same buyer is a case of its own that names the possible duplicate."""
    first = one(desk, "first", triage(limit_request()))
    second = one(desk, "second", triage(limit_request(amount=Decimal(150_000))))
    assert first.id != second.id
    assert check(second, "no_duplicate") == check(second, "no_duplicate") | {"outcome": "warn"}
    assert [c["reference"] for c in second.candidates if c["kind"] == "duplicate"] == [first.reference]
    assert desk.scalar(select(CaseLink.other_id)) == first.id


def test_later_mail_in_the_thread_changes_the_amount(desk: Session) -> None:
    """A changed figure in the same thread joins the case; both readings stand side by side for a person."""
    first = one(desk, "first", triage(limit_request(), trust=None))
    again = one(
        desk, "again", triage(limit_request(amount=Decimal(150_000)), trust=None), in_reply_to=["first@mail.example"]
    )
    assert again.id == first.id
    assert again.amount == 150_000
    assert again.conflicts == [
        {"path": "amount", "readings": ["100000", "150000"], "sources": ["earlier message", "this message"]}
    ]


@pytest.mark.parametrize("state", [EvidenceState.CONFIRMED, EvidenceState.CORRECTED])
def test_a_machine_never_overwrites_a_person(desk: Session, state: EvidenceState) -> None:
    """What a person set stays, whatever a later mail says; the other reading is kept as a conflict."""
    first = one(desk, "first", triage(limit_request(), trust=None))
    row = desk.scalar(select(FieldEvidence).where(FieldEvidence.field == "amount"))
    assert row is not None
    row.state, row.set_by = state.value, STAFF
    again = one(desk, "again", triage(limit_request(amount=Decimal(150_000))), in_reply_to=["first@mail.example"])
    assert again.id == first.id
    assert again.amount == 100_000
    assert again.conflicts[0]["readings"] == ["100000", "150000"]
    assert again.needs_review


def test_disagreements_stand_side_by_side(desk: Session) -> None:
    """Two readings of a field keep the case in review and are both kept."""
    two = [Disagreement(path="requests[0].amount", readings=["100000", "1000000"], sources=["rules", "llm"])]
    case = one(desk, "two readings", triage(limit_request(), disagreements=two))
    assert case.conflicts == [{"path": "amount", "readings": ["100000", "1000000"], "sources": ["rules", "llm"]}]
    assert case.status == "in_review"


def test_warnings_and_unread_files_ask_for_a_person(desk: Session) -> None:
    """A planted instruction or a file that could not be read stops the case from going on unasked."""
    case = one(desk, "warned", triage(limit_request(), warnings=["hidden instructions were left out"]))
    assert case.status == "in_review"
    other = limit_request(buyer_name="Elbtal Stahl GmbH")
    assert (
        "scan.pdf"
        in check(one(desk, "scan", triage(other, unread=["scan.pdf: no text layer"])), "values_trusted")["detail"]
    )


def test_nothing_understood_is_still_an_enquiry(desk: Session) -> None:
    """A request in which no buyer was understood is not lost: underwriting gets it."""
    case = one(desk, "empty", triage())
    assert (case.kind, case.team, case.needs_review) == ("enquiry", "Underwriting", True)


def test_forward_by_a_colleague(both: Session) -> None:
    """A forwarded request is the client's; the colleague gets one summary, the client nothing."""
    row = stored(both, "forwarded")
    known = facts(row, sender=STAFF, asker_address="j.pike@hartwell-bearings.example", from_staff=True)
    [case] = file(both, row, triage(limit_request(amount=Decimal(300_000))), known)
    assert case.policyholder_name == "Hartwell Bearings Ltd"
    assert (case.asker_address, case.reply_address) == ("j.pike@hartwell-bearings.example", None)
    [letter] = letters(both)
    assert (letter.kind, letter.to, letter.state) == ("summary", STAFF, "waiting")
    assert case.reference in letter.text
    assert "annual financial statements" in letter.text


def test_storable_values(both: Session) -> None:
    """Too long, too large and unprintable values never break the filing."""
    request = limit_request(
        buyer_name="N\0ordwind " * 100, amount=Decimal("1e30"), payment_terms_days=10**12, buyer_vat_id="X" * 500
    )
    case = one(both, "odd", triage(request, policy_number="9" * 500))
    both.commit()
    assert case.amount is None
    assert case.payment_terms_days is None
    assert len(case.buyer_name or "") <= 300


def case_policy(session: Session):  # type: ignore[no-untyped-def]
    """The policy of the furnished desk."""
    from cases.models import Policy

    return session.scalars(select(Policy)).one()


def buyer_named(session: Session, name: str = "Nordwind Antriebstechnik GmbH"):  # type: ignore[no-untyped-def]
    """A buyer by name."""
    from cases.models import Buyer

    return session.scalars(select(Buyer).where(Buyer.name == name)).one()


def test_two_clients_with_the_same_request(desk: Session) -> None:
    """The same buyer and amount asked by two policyholders are two cases."""
    add_client(desk, "Pellworth Tools Ltd", "TC-311846", ("pellworth-tools.example",))
    first = one(desk, "one", triage(limit_request()))
    understood = triage(limit_request(), policy_number="TC-311846", policyholder_name="Pellworth Tools Ltd")
    second = one(desk, "two", understood, sender="s@pellworth-tools.example")
    assert first.id != second.id
    assert second.candidates == []


def test_foreign_policy_number(desk: Session) -> None:
    """Who quotes another client's policy number joins nothing of that client and fails the sender check."""
    add_client(desk, "Pellworth Tools Ltd", "TC-311846", ("pellworth-tools.example",))
    first = one(desk, "one", triage(limit_request()))
    second = one(desk, "two", triage(limit_request()), sender="s@pellworth-tools.example")
    assert second.id != first.id
    assert check(second, "sender_belongs")["outcome"] == "fail"
    assert second.policyholder_id is None
    assert second.status == "in_review"


def test_ignored_mail_opens_nothing(both: Session) -> None:
    """Automatic and unrelated mail ends in the ledger with its reason."""
    for intent in (Intent.AUTO_REPLY, Intent.UNRELATED):
        row = stored(both, intent.value)
        result = filing.file_message(both, row, triage(intent=intent), facts(row, automatic=True), RULES, NOW)
        assert (result.state, result.cases) == (MessageState.IGNORED, [])
        assert result.reason
    assert counts(both)[0] == 0
    assert letters(both) == []
