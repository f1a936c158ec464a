"""Later messages: thread, case number, parties; submissions, appeals, enquiries, bounces; never across clients."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import filing
from cases.models import Case, CaseLink, CaseMessage, Event, OutboxItem, Policyholder
from cases.understanding import Triage
from cases.vocabulary import Intent, MessageState
from tests.cases.desk import NOW, STAFF, add_client, add_underwriter, facts, limit_request, rules, stored, triage
from tests.cases.filing.test_requests import counts, file, letters, one

RULES = rules()
ACCOUNTS = (("financial_statements", "FY25 accounts.pdf"),)
NAMELESS = {"policy_number": None, "policyholder_name": None}


def submission(**more: object) -> Triage:
    """Accounts that are sent for a request made before."""
    return triage(intent=Intent.DOCUMENT_SUBMISSION, documents=ACCOUNTS, **more)  # type: ignore[arg-type]


def waiting_case(session: Session, name: str = "large") -> Case:
    """A case that waits for accounts, its acknowledgement sent."""
    return one(session, name, triage(limit_request(amount=Decimal(300_000))))


def our_message_id(session: Session) -> str:
    """The Message-ID of the first mail that went out, as the client's reply quotes it."""
    return (letters(session)[0].message_id or "").strip("<>")


def test_reply_with_documents_completes_the_case(both: Session) -> None:
    """Accounts that answer our mail tick the list, and the case goes by itself to an underwriter."""
    add_underwriter(both, "Ada")
    case = waiting_case(both)
    reply = one(both, "reply", submission(**NAMELESS), in_reply_to=[our_message_id(both)])
    assert reply.id == case.id
    assert (case.status, case.missing_documents, case.assignee) == ("allocated", [], "ada@insurer.example")
    relations = both.scalars(select(CaseMessage.relation).order_by(CaseMessage.id)).all()
    assert relations == ["opened", "documents"]


def test_reply_to_the_clients_own_mail(desk: Session) -> None:
    """A reply to the client's own earlier mail finds its case as well."""
    case = waiting_case(desk)
    assert one(desk, "reply", submission(**NAMELESS), in_reply_to=["large@mail.example"]).id == case.id


def test_case_number_of_the_same_client(desk: Session) -> None:
    """A case number joins its case when the client's own address gives it."""
    case = waiting_case(desk)
    assert one(desk, "by number", submission(case_references=[case.reference])).id == case.id


@pytest.mark.parametrize("way", ["number", "thread"])
def test_case_number_of_another_client(desk: Session, way: str) -> None:
    """A stranger who quotes a case number or a Message-ID gets an enquiry, and the case stays untouched."""
    case = waiting_case(desk)
    before = counts(desk)[2:4]
    row = stored(desk, "stranger")
    more = {"case_references": [case.reference]} if way == "number" else {}
    thread = [our_message_id(desk)] if way == "thread" else []
    understood = submission(**(NAMELESS | more))
    [other] = file(desk, row, understood, facts(row, sender="x@stranger.example", in_reply_to=thread))
    assert (other.kind, other.team) == ("enquiry", "Underwriting")
    assert case.missing_documents == ["financial_statements"]
    assert counts(desk)[3] == before[1]


def test_parties_find_the_case(desk: Session) -> None:
    """Without thread and number, the policyholder and the buyer's name find the one open case."""
    case = waiting_case(desk)
    row = stored(desk, "parties")
    known = facts(row, text="Please find the accounts of Nordwind Antriebstechnik for our request.")
    assert [c.id for c in file(desk, row, submission(), known)] == [case.id]


def test_several_by_parties_are_offered(desk: Session) -> None:
    """Where two open cases may be meant, nothing is joined and both are offered."""
    first = waiting_case(desk)
    second = one(desk, "second", triage(limit_request(amount=Decimal(400_000))))
    row = stored(desk, "parties")
    [enquiry] = file(desk, row, submission(), facts(row, text="accounts of Nordwind Antriebstechnik GmbH"))
    assert enquiry.kind == "enquiry"
    assert {c["reference"] for c in enquiry.candidates} == {first.reference, second.reference}


def test_amount_tells_cases_apart(desk: Session) -> None:
    """Of two decided cases on a buyer, an appeal that restates the amount means the one of that amount."""
    for name, amount in (("small", 100_000), ("big", 200_000)):
        case = one(desk, name, triage(limit_request(amount=Decimal(amount))))
        case.status, case.decided_at = "declined", NOW
    row = stored(desk, "appeal")
    understood = triage(limit_request(amount=Decimal(100_000)), intent=Intent.DECISION_APPEAL)
    [appeal] = file(desk, row, understood, facts(row, text="Nordwind Antriebstechnik GmbH"))
    original = desk.get(Case, appeal.appeal_of_id)
    assert original is not None
    assert original.amount == 100_000


def test_appeal_reopens_as_linked_case(both: Session) -> None:
    """An appeal against a decision is a case of its own, linked, with what the first one asked."""
    case = one(both, "asked", triage(limit_request()))
    case.status, case.decided_at = "declined", NOW
    understood = triage(intent=Intent.DECISION_APPEAL, case_references=[case.reference])
    appeal = one(both, "appeal", understood)
    assert (appeal.kind, appeal.appeal_of_id) == ("request", case.id)
    assert (appeal.buyer_name, appeal.amount) == (case.buyer_name, case.amount)
    assert case.status == "declined"
    assert both.scalar(select(CaseLink.relation)) == "appeal"
    assert one(both, "again", understood).id == appeal.id


def test_appeal_without_known_case(desk: Session) -> None:
    """An appeal against nothing known opens an enquiry to underwriting."""
    case = one(desk, "appeal", triage(intent=Intent.DECISION_APPEAL, case_references=["CR-2020-000001"]))
    assert (case.kind, case.team, case.reference[:2]) == ("enquiry", "Underwriting", "EN")


@pytest.mark.parametrize(
    ("intent", "team"),
    [
        (Intent.STATUS_QUERY, "Credit Back Office"),
        (Intent.PROCEDURE_QUERY, "Credit Back Office"),
        (Intent.STATISTICS_REQUEST, "Credit Back Office"),
        (Intent.POLICY_ADMINISTRATION, "Policy Administration"),
        (Intent.CLAIM_NOTIFICATION, "Claims"),
        (Intent.COLLECTIONS_QUERY, "Collections"),
        (Intent.DOCUMENT_SUBMISSION, "Underwriting"),
    ],
)
def test_enquiries_go_to_their_department(desk: Session, intent: Intent, team: str) -> None:
    """What is no request opens an enquiry with the department's team, acknowledged to the client."""
    case = one(desk, intent.value, triage(intent=intent))
    assert (case.kind, case.status, case.team, case.intent) == ("enquiry", "assigned", team, intent.value)
    assert case.reference.startswith("EN-2026-")
    [letter] = letters(desk)
    assert case.reference in letter.subject


def test_status_query_is_linked_to_its_case(desk: Session) -> None:
    """A question about a case is answered by the department, beside the case it is about."""
    case = waiting_case(desk)
    enquiry = one(desk, "where", triage(intent=Intent.STATUS_QUERY, case_references=[case.reference]))
    assert enquiry.kind == "enquiry"
    link = desk.scalars(select(CaseLink)).one()
    assert (link.case_id, link.other_id, link.relation) == (enquiry.id, case.id, "related")
    more = one(desk, "still", triage(intent=Intent.STATUS_QUERY), in_reply_to=["where@mail.example"])
    assert more.id == enquiry.id


def test_bounce_comes_back_to_its_case(both: Session) -> None:
    """A mail of ours that could not be delivered is an event of its case; the report itself opens nothing."""
    case = waiting_case(both)
    row = stored(both, "bounce")
    known = facts(row, sender="mailer-daemon@mx.example", automatic=True, bounce_of=our_message_id(both))
    result = filing.file_message(both, row, triage(intent=Intent.AUTO_REPLY), known, RULES, NOW)
    assert (result.state, result.cases) == (MessageState.IGNORED, [case.reference])
    assert "MailBounced" in both.scalars(select(Event.kind).where(Event.case_id == case.id)).all()
    assert len(letters(both)) == 1


def test_colleague_in_the_thread(desk: Session) -> None:
    """A colleague who answers in a case's thread adds to it; by number alone only when the sender is proved."""
    case = waiting_case(desk)
    row = stored(desk, "colleague")
    known = facts(row, sender=STAFF, asker_address=None, from_staff=True, in_reply_to=[our_message_id(desk)])
    assert [c.id for c in file(desk, row, submission(**NAMELESS), known)] == [case.id]
    for name, proved in (("forged", False), ("proved", True)):
        row = stored(desk, name)
        by_number = facts(row, sender=STAFF, asker_address=None, from_staff=True, authenticated=proved)
        [found] = file(desk, row, submission(**(NAMELESS | {"case_references": [case.reference]})), by_number)
        assert (found.id == case.id) is proved


def test_filed_by_hand(desk: Session) -> None:
    """A colleague moves a message to its case, or makes a case of an ignored one; nothing is sent for it."""
    case = waiting_case(desk)
    sent = len(letters(desk))
    row = stored(desk, "ignored")
    understood, known = triage(intent=Intent.UNRELATED, **NAMELESS), facts(row, sender="x@unknown.example")
    assert filing.file_message(desk, row, understood, known, RULES, NOW).state is MessageState.IGNORED
    moved = filing.file_by_hand(desk, row, understood, known, RULES, NOW, actor=STAFF, to=case)
    assert (moved.state, moved.cases) == (MessageState.FILED, [case.reference])
    other = stored(desk, "rescued")
    rescued = filing.file_by_hand(desk, other, understood, facts(other), RULES, NOW, actor=STAFF)
    assert rescued.cases[0].startswith("EN-")
    assert len(letters(desk)) == sent


_CLIENTS = [
    ("TC-204518", "Hartwell Bearings Ltd", "j@hartwell-bearings.example"),
    ("TC-311846", "Pellworth Tools Ltd", "s@pellworth-tools.example"),
    (None, "Quillon Logistics Ltd", "r@quillon-logistics.example"),
    (None, None, "someone@gmail.com"),
]
_STEP = st.fixed_dictionaries(
    {
        "client": st.integers(0, 3),
        "claimed": st.integers(0, 3),  # whose policy and name the mail states
        "intent": st.sampled_from(
            [Intent.CREDIT_LIMIT_REQUEST, Intent.DOCUMENT_SUBMISSION, Intent.DECISION_APPEAL, Intent.STATUS_QUERY]
        ),
        "buyer": st.sampled_from(["Nordwind Antriebstechnik GmbH", "Elbtal Stahl GmbH"]),
        "amount": st.sampled_from([50_000, 300_000]),
        "thread": st.integers(-1, 5),
        "number": st.integers(0, 6),
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(_STEP, min_size=2, max_size=8))
def test_never_across_policyholders_and_twice_is_once(desk: Session, steps: list[dict[str, int]]) -> None:
    """Whatever is claimed, quoted or answered: no case gets mail of two clients, and refiling all changes nothing."""
    if len(desk.scalars(select(Policyholder)).all()) == 1:
        add_client(desk, "Pellworth Tools Ltd", "TC-311846", ("pellworth-tools.example",))
        desk.commit()
    filed = []
    for number, step in enumerate(steps):
        sender = _CLIENTS[step["client"]][2]
        policy, name, _ = _CLIENTS[step["claimed"]]
        row = stored(desk, f"m{number}", sender=sender)
        ids = [f"m{step['thread']}@mail.example"] if 0 <= step["thread"] < number else []
        asked = [limit_request(buyer_name=step["buyer"], amount=Decimal(step["amount"]))]
        understood = triage(
            *(asked if step["intent"] == Intent.CREDIT_LIMIT_REQUEST else []),
            intent=Intent(step["intent"]),
            documents=ACCOUNTS if step["intent"] == Intent.DOCUMENT_SUBMISSION else (),
            policy_number=policy,
            policyholder_name=name,
            case_references=[f"CR-2026-{step['number']:06d}"] if step["number"] else [],
        )
        known = facts(row, sender=sender, in_reply_to=ids, text=str(step["buyer"]))
        filing.file_message(desk, row, understood, known, RULES, NOW + timedelta(minutes=number))
        filed.append((row, understood, known))
    senders: dict[int, set[str | None]] = {}
    for link in desk.scalars(select(CaseMessage)):
        message = next(row for row, _, _ in filed if row.id == link.message_row_id)
        senders.setdefault(link.case_id, set()).add(message.sender)
    before = counts(desk)
    for row, understood, known in filed:
        filing.file_message(desk, row, understood, known, RULES, NOW)
    assert counts(desk) == before
    desk.rollback()
    assert all(len(found) == 1 for found in senders.values()), senders


def test_outbox_rows_have_their_own_message_ids(desk: Session) -> None:
    """Every mail has a Message-ID in angle brackets that no other has."""
    for number in range(3):
        one(
            desk,
            f"m{number}",
            triage(limit_request(buyer_name=f"Buyer{number} GmbH")),
            sender=f"a{number}@b{number}.example",
        )
    ids = desk.scalars(select(OutboxItem.message_id).where(OutboxItem.channel == "email")).all()
    assert len(set(ids)) == len(ids) == 3
    assert all(i is not None and i.startswith("<") and i.endswith("@insurer.example>") for i in ids)
