"""What goes out: to whom, in what words, how often, and never into a loop."""

import re
from datetime import date, timedelta
from decimal import Decimal
from string import Template

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import filing, letters, outgoing, texts
from cases.models import Case, Event, OutboxItem, Person
from cases.understanding import Contact, ForwardedMail
from cases.vocabulary import DocumentType, Intent, OutboxState, RequestType
from tests.cases.desk import NOW, STAFF, add_underwriter, facts, limit_request, rules, stored, triage
from tests.cases.filing.test_requests import file, one
from tests.cases.filing.test_requests import letters as sent

RULES = rules()
PLACES = {"name", "desk", "references", "reference", "date", "original", "days"}


def test_every_language_has_every_text() -> None:
    """All eight files have the same sections with the same places, and words for all types and documents."""
    english = texts.sections("en")
    for language in texts.LANGUAGES:
        sections = texts.sections(language)
        assert sections.keys() == english.keys()
        for name, text in sections.items():
            assert text, (language, name)
            places = set(Template(text).get_identifiers())
            assert places == set(Template(english[name]).get_identifiers()), (language, name)
            assert places <= PLACES
        assert {f"type {t}" for t in RequestType} | {f"document {d}" for d in DocumentType} <= sections.keys()


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_no_place_stays_unfilled(language: str) -> None:
    """No letter in any language shows a place that was not filled in."""
    case = Case(reference="CR-2026-000001", buyer_name="Nordwind $name GmbH", amount=Decimal("1250000.50"), currency="EUR",
                request_type="new", buyer_country="DE", payment_terms_days=60)  # fmt: skip
    owed = [letters.Owed(case, list(DocumentType))]
    due = date(2026, 3, 20)
    written = [
        letters.acknowledgement(language, "Jo", [case], owed, due, RULES),
        letters.acknowledgement(language, None, [case], [], None, RULES),
        letters.documents_received(language, None, [case], owed, due, RULES),
        letters.documents_received(language, None, [case], [], due, RULES),
        letters.asking(language, "document_request", None, owed, due, RULES),
        letters.asking(language, "reminder", None, owed, None, RULES),
        letters.too_large(language, None, [case], due, RULES),
        *(
            letters.plain_acknowledgement(language, s, None, [case], RULES, "CR-2026-000009")
            for s in ("enquiry", "reply", "appeal")
        ),
    ]
    for subject, text in written:
        assert not re.search(r"\$(?!name GmbH)|\{|None", subject + text), text
        assert "CR-2026-000001" in text
        assert RULES.desk.signature in text


def test_values_from_outside_are_harmless(desk: Session) -> None:
    """What a mail of ours repeats from outside is one line, without links, and never reaches a header."""
    name = "Evil GmbH\r\nBcc: all@victims.example\r\n\r\nVisit https://planted.example/x now <b>"
    row = stored(desk, "planted")
    known = facts(row, message_id="<id@x>\r\nBcc: a@b.example")
    file(desk, row, triage(limit_request(buyer_name=name)), known)
    [letter] = sent(desk)
    assert "planted.example" not in letter.text
    assert "\r" not in letter.text + letter.subject
    assert "\n" not in letter.subject + (letter.in_reply_to or "") + "".join(letter.references)
    assert not re.search(r"^Bcc:", letter.text, re.MULTILINE)


@pytest.mark.parametrize(
    ("sender", "more"),
    [
        ("no-reply@portal.example", {}),
        ("MAILER-DAEMON@mx.example", {}),
        ("donotreply@x.example", {}),
        ("postmaster@x.example", {}),
        ("desk@insurer.example", {}),
        ("client@x.example", {"automatic": True}),
        ("client@x.example", {"reply_to": "no-reply@x.example"}),
        ("client@x.example", {"asker_address": "somebody@else.example"}),
        ("not an address", {}),
        ("a@b.example, c@d.example", {}),
    ],
)
def test_who_is_never_answered(desk: Session, sender: str, more: dict[str, object]) -> None:
    """Robots, automatic mail, our own address, and whoever only passed a mail on get no answer; the case is filed."""
    row = stored(desk, "trap")
    assert len(file(desk, row, triage(limit_request()), facts(row, sender=sender, **more))) == 1
    assert sent(desk) == []


@pytest.mark.parametrize(
    ("reply_to", "to"),
    [
        ("office@x.example", "office@x.example"),
        ("victim@other.example", "client@x.example"),
        (None, "client@x.example"),
    ],
)
def test_reply_to(desk: Session, reply_to: str | None, to: str) -> None:
    """A Reply-To counts within the sender's domain; a stranger's would make us write to third parties."""
    row = stored(desk, "reply to")
    file(desk, row, triage(limit_request()), facts(row, sender="client@x.example", reply_to=reply_to))
    assert [letter.to for letter in sent(desk)] == [to]


def test_what_a_scanner_sent(desk: Session) -> None:
    """A scanner's mail is answered to the person of the same domain that it names, never of another."""
    for number, (named, to) in enumerate((("jo@x.example", "jo@x.example"), ("jo@y.example", "scan@x.example"))):
        row = stored(desk, f"scan {number}")
        understood = triage(limit_request(buyer_name=f"Kunde {number} GmbH"), contact=Contact(email=named))
        file(desk, row, understood, facts(row, sender="scan@x.example"))
        assert sent(desk)[-1].to == to


def test_one_unattended_mail_a_day(both: Session) -> None:
    """The second mail of a sender on a day is filed without an answer; what it owes is held; the next day it is answered."""
    buyers = ["Alpha GmbH", "Beta GmbH", "Gamma GmbH", "Delta GmbH"]
    for number, (name, days) in enumerate(zip(buyers, (0, 0, 0, 1), strict=True)):
        row = stored(both, f"m{number}")
        amount = 300_000 if number == 2 else 100_000
        understood = triage(limit_request(buyer_name=name if number != 2 else None, amount=Decimal(amount)))
        if number == 2:
            understood = triage(limit_request(amount=Decimal(amount)))
        filing.file_message(both, row, understood, facts(row), RULES, NOW + timedelta(days=days))
    assert [(r.state, r.kind) for r in sent(both)] == [
        ("waiting", "acknowledgement"),
        ("held", "acknowledgement"),
        ("waiting", "acknowledgement"),
    ]
    assert "AcknowledgementSkipped" in both.scalars(select(Event.kind)).all()
    held = sent(both)[1]
    assert held.error == outgoing.CAP_REASON
    case = both.scalars(select(Case).where(Case.status == "awaiting_documents")).one()
    assert case.documents[0].state == "missing"


def test_colleagues(desk: Session) -> None:
    """A colleague gets one summary for each mail forwarded; other mail of hers is answered once a day: no loop."""
    for number in range(6):
        row = stored(desk, f"m{number}")
        forwarded = [ForwardedMail(sender_address="a@b.example")] if number < 3 else []
        understood = triage(limit_request(buyer_name=f"Buyer{number} GmbH"), forwarded=forwarded)
        file(desk, row, understood, facts(row, sender=STAFF, from_staff=True, asker_address="a@b.example"))
    assert [letter.kind for letter in sent(desk)] == ["summary"] * 3
    assert {letter.to for letter in sent(desk)} == {STAFF}


def test_summary_keeps_the_register_from_strangers(desk: Session) -> None:
    """What the register knows stands in the summary only where the colleague is beyond doubt one."""
    loose = rules(staff_domains=[])
    for number, proved in enumerate((False, True)):
        row = stored(desk, f"m{number}")
        known = facts(row, sender="x@evil.example", from_staff=True, authenticated=proved)
        understood = triage(limit_request(), policyholder_name="Evil Ltd", forwarded=[ForwardedMail()])
        filing.file_message(desk, row, understood, known, loose, NOW)
        assert ("Hartwell" in sent(desk)[-1].text) is proved


def test_confirming_asks_for_documents(both: Session) -> None:
    """After a person confirmed, the request for documents leaves at once, beside the acknowledgement of the same day."""
    case = one(both, "unsure", triage(limit_request(amount=Decimal(300_000)), trust=None))
    assert [r.kind for r in sent(both)] == ["acknowledgement"]
    case.needs_review = False
    filing.review(both, case, RULES, NOW, STAFF)
    assert case.status == "awaiting_documents"
    request = sent(both, "document_request")[0]
    assert (request.state, request.automatic, request.approved_by) == ("waiting", False, STAFF)
    assert request.in_reply_to == "<unsure@mail.example>"
    assert case.documents[0].state == "requested"
    filing.review(both, case, RULES, NOW, STAFF)
    assert len(sent(both)) == 2


def test_documents_of_a_forwarded_request_are_a_draft(desk: Session) -> None:
    """A client to whom only a colleague wrote is asked by a draft."""
    row = stored(desk, "forwarded")
    known = facts(row, sender=STAFF, asker_address="j.pike@hartwell-bearings.example", from_staff=True)
    [case] = file(desk, row, triage(limit_request(amount=Decimal(300_000)), trust=None), known)
    case.needs_review = False
    filing.review(desk, case, RULES, NOW, STAFF)
    [request] = sent(desk, "document_request")
    assert (request.state, request.to) == ("draft", "j.pike@hartwell-bearings.example")
    assert case.documents[0].state == "missing"


def test_confirmed_buyer_enters_the_register(desk: Session) -> None:
    """A buyer that the register lacks enters it when a person confirms the case."""
    case = one(desk, "new buyer", triage(limit_request(buyer_name="Elbtal Stahl GmbH")))
    assert case.buyer_id is None
    case.needs_review = False
    filing.review(desk, case, RULES, NOW, STAFF)
    assert case.buyer is not None
    assert case.buyer.name == "Elbtal Stahl GmbH"


def test_too_large_mail(desk: Session) -> None:
    """The sender of a mail over the size limit is told; an enquiry remembers it."""
    row = stored(desk, "huge", truncated=True)
    [case] = file(desk, row, triage(intent=Intent.UNRELATED), facts(row))
    assert case.kind == "enquiry"
    assert "larger than we can take" in sent(desk)[0].text


def test_hand_over_to_a_department(desk: Session) -> None:
    """A department with an address is told of its enquiries."""
    row = stored(desk, "claim")
    own = rules(departments={"claims": {"email": "claims@insurer.example", "team": "Claims"}})
    filing.file_message(desk, row, triage(intent=Intent.CLAIM_NOTIFICATION), facts(row), own, NOW)
    assert [(r.kind, r.to) for r in sent(desk)] == [
        ("acknowledgement", "j.pike@hartwell-bearings.example"),
        ("handover", "claims@insurer.example"),
    ]


def test_switched_off(desk: Session) -> None:
    """Each kind of automatic mail can be switched off."""
    off = rules(automatic_mail={"acknowledge": False, "request_documents": False, "summary_to_forwarder": False})
    for name, more in (("client", {}), ("colleague", {"sender": STAFF, "from_staff": True})):
        row = stored(desk, name)
        filing.file_message(desk, row, triage(limit_request()), facts(row, **more), off, NOW)
    assert sent(desk) == []


def test_allocation_is_spread(desk: Session) -> None:
    """Cases go to whoever has fewest, within one; who is absent gets none."""
    for name in ("Ada", "Ben", "Cyd"):
        add_underwriter(desk, name, "Domestic")
    away = add_underwriter(desk, "Dee", "Domestic")
    away.absences = [{"from": "2026-03-01", "until": "2026-03-31"}]
    for number in range(10):
        from tests.cases.desk import add_buyer

        add_buyer(desk, f"Kunde {number} Handel GmbH")
        one(desk, f"m{number}", triage(limit_request(buyer_name=f"Kunde {number} Handel GmbH")))
    got = desk.scalars(select(Case.assignee)).all()
    shares = [got.count(p.email) for p in desk.scalars(select(Person))]
    assert sorted(shares) == [0, 3, 3, 4]
    assert got.count(away.email) == 0


def test_waiting_rows_only(desk: Session) -> None:
    """All unattended mail waits to be sent under the desk's own rules; nothing is marked sent by filing."""
    one(desk, "m", triage(limit_request()))
    assert {r.state for r in desk.scalars(select(OutboxItem))} == {OutboxState.WAITING.value}
