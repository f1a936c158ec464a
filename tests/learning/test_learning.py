"""Corrections teach: the same error is rare on mails not seen, until the rule is taken back."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from cases import buyers, learning, policies
from cases.models import Case, Event, FieldEvidence, Policyholder
from tests.cases.desk import add_buyer, add_client
from tests.conftest import POSTGRES_SLOW
from tests.learning.desk import NOW, OFFICER, Desk, buyer_of, mail, odd_header, wanted_amount, without_currency


@pytest.fixture
def desk(database: Engine, sessions: "sessionmaker[Session]") -> Desk:
    """A desk with one client."""
    return Desk(database, sessions)


KINDS: dict[str, tuple[Callable[[int], bytes], str, Callable[[int], object], Callable[[int], dict[str, str]], str]] = {
    "default_currency": (without_currency, "currency", lambda n: "PLN", lambda n: {"currency": "PLN"},
                         "amounts of TC-881100 without a currency are in PLN"),
    "column_meaning": (odd_header, "amount", wanted_amount, lambda n: {"amount": str(wanted_amount(n))},
                       "column 'Obergrenze XQ' of TC-881100 is the amount"),
}  # fmt: skip


@pytest.mark.parametrize("database_url", POSTGRES_SLOW, indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_twenty_corrections_halve_the_error(desk: Desk, kind: str) -> None:
    """Twenty corrections of one kind at least halve that error on ten mails not seen; removal brings it back."""
    make, field, right, correction, sentence = KINDS[kind]
    before = desk.errors([make(n) for n in range(10)], field, right)
    taught = desk.take([make(n) for n in range(10, 30)])
    for n, reference in enumerate(taught, 10):
        desk.correct(reference, **correction(n))
    after = desk.errors([make(n) for n in range(30, 40)], field, lambda at: right(at + 30))
    assert before == 10
    assert after <= before / 2
    with desk.sessions.begin() as session:
        [rule] = learning.active(session, [kind])
        assert rule.sentence == sentence
        learning.remove(session, rule.id, OFFICER, NOW)
    again = desk.errors([make(n) for n in range(40, 50)], field, lambda at: right(at + 40))
    assert again == before


def test_a_rule_of_one_client_leaves_others_alone(desk: Desk) -> None:
    """Neither the same broker's mail for another policy nor a stranger's mail gets the client's currency."""
    broker = "Ann Broker <ann@broker.example>"
    with desk.sessions.begin() as session:
        add_client(session, "Other Works Ltd", "TC-772200", ("other-works.example",))
    [reference] = desk.take([without_currency(1, sender=broker)])
    desk.correct(reference, currency="PLN")
    own = desk.take([without_currency(2, sender=broker, id="own")])
    other = desk.take([
        without_currency(3, sender=broker, id="other", policy="TC-772200", name="Other Works Ltd"),
        without_currency(4, sender="Bo <bo@stranger.example>", id="stranger", policy="TC-990000", name="Stranger AG"),
    ])  # fmt: skip
    assert desk.values(own, "currency") == ["PLN"]
    assert desk.values(other, "currency") == [None, None]


def test_the_quote_names_the_learned_rule(desk: Desk) -> None:
    """A value that a learned rule gave says so in its evidence."""
    [reference] = desk.take([without_currency(1)])
    desk.correct(reference, currency="PLN")
    [taught] = desk.take([without_currency(2)])
    with desk.sessions() as session:
        case = session.scalars(select(Case).where(Case.reference == taught)).one()
        query = select(FieldEvidence).where(FieldEvidence.case_id == case.id, FieldEvidence.field == "currency")
        evidence = session.scalars(query).one()
    assert (evidence.how, evidence.quote) == ("derived", "62,000")
    assert evidence.derived == "learned: amounts of TC-881100 without a currency are in PLN"


def test_a_label_in_a_line_is_learned(desk: Desk) -> None:
    """A label that the machine does not know is learned from a line of the mail, against one that it knows better."""

    def lines(number: int, **more: str) -> bytes:
        body = f"Hello,\n\nnew limit please.\n\nBuyer: {buyer_of(number)}\nCountry: Poland\nLimit: EUR 5,000\n"
        return mail(number, f"{body}Ceiling XQ: EUR {number + 50},000\n\nPolicy TC-881100\n\nJan Nowak\n", **more)

    assert desk.values(desk.take([lines(1)]), "amount") == [5000]
    [reference] = desk.take([lines(2)])
    desk.correct(reference, amount="52000")
    assert desk.values(desk.take([lines(3)]), "amount") == [53000]
    with desk.sessions() as session:
        assert [r.sentence for r in learning.active(session, ["column_meaning"])] == [
            "column 'Ceiling XQ' of TC-881100 is the amount"
        ]


def test_a_later_correction_replaces_the_rule(desk: Desk) -> None:
    """Of two rules on the same thing the newer one counts; the older stays visible as taken back."""
    first, second = desk.take([without_currency(1), without_currency(2)])
    desk.correct(first, currency="PLN")
    desk.correct(second, currency="CZK")
    with desk.sessions() as session:
        [rule] = learning.active(session, ["default_currency"])
        assert rule.payload == {"currency": "CZK"}
        assert len([one for one in learning.all_rules(session) if one.kind == "default_currency"]) == 2


def test_no_rule_where_the_message_said_otherwise(desk: Desk) -> None:
    """A wrong currency that the mail itself named is one client's slip, not a rule."""
    stated = mail(1, f"Please set a new limit of EUR 70,000 on {buyer_of(1)}, Poland.\n\nPolicy TC-881100\nJan Nowak\n")
    [reference] = desk.take([stated])
    desk.correct(reference, currency="PLN")
    with desk.sessions() as session:
        assert learning.active(session, ["default_currency", "column_meaning", "alias"]) == []


def test_an_alias_of_a_buyer_is_learned_and_taken_back(desk: Desk) -> None:
    """The client's own name for a buyer of the register leads to it next time, until the rule is removed."""
    with desk.sessions.begin() as session:
        buyer = add_buyer(session, "Zakłady Chemiczne Wschód S.A.", "PL")
        buyer_id = buyer.id
    asked = "Please set a new limit of EUR 70,000 on ZCW Chem Sp. z o.o., Poland.\n\nPolicy TC-881100\nJan Nowak\n"
    [reference] = desk.take([mail(1, asked)])
    desk.correct(reference, buyer_name="Zakłady Chemiczne Wschód S.A.")
    [later] = desk.take([mail(2, asked.replace("70,000", "90,000"), subject="Another request")])
    assert desk.values([later], "buyer_id") == [buyer_id]
    with desk.sessions.begin() as session:
        [rule] = learning.active(session, ["alias"])
        assert rule.sentence == "'ZCW Chem Sp. z o.o.' is Zakłady Chemiczne Wschód S.A."
        learning.remove(session, rule.id, OFFICER, NOW)
    with desk.sessions() as session:
        assert buyers.identify(session, "ZCW Chem Sp. z o.o.", "PL").buyer is None


def test_an_alias_of_the_policyholder_is_learned(desk: Desk) -> None:
    """A trading name that a person replaced by the policyholder's own leads there afterwards."""
    text = without_currency(1, name="Nowak Forge Works Sp. z o.o.")
    [reference] = desk.take([text])
    desk.correct(reference, policyholder_name="Kuźnia Polska S.A.")
    with desk.sessions() as session:
        party = policies.identify(session, number="TC-881100", name="Nowak Forge Works Sp. z o.o.", address=None)
    assert party.policyholder is not None
    assert party.contradiction is None


SENDERS = {
    "own.example": ["kuznia-polska.example", "own.example"],
    "gmail.com": ["kuznia-polska.example"],
    "kuznia-po1ska.example": ["kuznia-polska.example"],
}


@pytest.mark.parametrize("domain", SENDERS)
def test_a_confirmation_teaches_the_senders_domain(desk: Desk, domain: str) -> None:
    """A new domain belongs to the policyholder once confirmed; not a public one, not one that mimics one on file."""
    [reference] = desk.take([without_currency(1, sender=f"Jan <jan@{domain}>")])
    desk.correct(reference, currency="PLN")
    with desk.sessions.begin() as session:
        holder = session.scalars(select(Policyholder)).one()
        assert holder.email_domains == SENDERS[domain]
        for rule in learning.active(session, ["sender_domain"]):
            learning.remove(session, rule.id, OFFICER, NOW)
        assert holder.email_domains == ["kuznia-polska.example"]
        kinds = set(session.scalars(select(Event.kind)))
    assert ("RuleLearned" in kinds, "SenderNotLearned" in kinds) == (True, domain == "kuznia-po1ska.example")


def test_a_confirmed_correction_is_an_example(desk: Desk) -> None:
    """The message's text and its right values with their quotes are kept for the model."""
    text = f"Please raise the limit on {buyer_of(1)}, Poland, to EUR 70,000.\nPolicy TC-881100\nJan Nowak\n"
    [reference] = desk.take([mail(1, text)])
    desk.correct(reference, amount="70001", payment_terms_days="30", goods="raise")
    with desk.sessions() as session:
        [rule] = learning.active(session, ["example"])
    values = rule.payload["values"]
    assert isinstance(values, dict)
    assert values["goods"] == {"value": "raise", "quotes": ["raise"]}
    assert "payment_terms_days" not in values


def test_a_plain_mail_of_a_known_client_passes_unasked(desk: Desk) -> None:
    """Policy, sender and buyer known, everything said once and plainly: the case goes on without a person."""
    with desk.sessions.begin() as session:
        add_buyer(session, "Kessler Antriebe GmbH", "PL")
    text = "Dear all,\n\nplease grant a new credit limit of EUR 80,000 on Kessler Antriebe GmbH, Opole, Poland.\nTerms 60 days.\n\nPolicy: TC-881100\n\nJan Nowak\nKuźnia Polska S.A.\n"
    [reference] = desk.take([mail(1, text)])
    with desk.sessions() as session:
        case = session.scalars(select(Case).where(Case.reference == reference)).one()
        why = next(check["detail"] for check in case.checks if check["name"] == "values_trusted")
    assert (why, case.needs_review) == ("every key value is trusted", False)
    assert case.status in ("awaiting_documents", "ready", "allocated")
