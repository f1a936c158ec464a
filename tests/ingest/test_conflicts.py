"""A mail that says two sums is told so: both readings with their places, and no trust in either."""

from tests.ingest.rules.mails import FOOT, understood

FORM = b"Application\nBuyer: Kessler Antriebe GmbH\nCountry: Germany\nRequest type: new\nRequested limit: EUR 90,000\nTerms: 60 days\n"


def test_text_and_attached_form_differ() -> None:
    """The sum of the text and the one of the form stand side by side, and a person looks."""
    text = "Hello,\n\nplease grant a credit limit of EUR 80,000 on Kessler Antriebe GmbH, Germany, form attached."
    triage = understood(text + FOOT, files={"application.txt": FORM})
    [one] = triage.disagreements
    assert one.path == "requests[0].amount"
    assert sorted(one.readings) == ["80000", "90000"]
    assert sorted(one.sources) == ["attachment: application.txt", "body"]
    assert max(e.trust or 0 for e in triage.evidence if e.path == one.path) < 0.9


def test_text_and_attached_form_agree() -> None:
    """The same sum twice is no conflict."""
    text = "Hello,\n\nplease grant a credit limit of EUR 90,000 on Kessler Antriebe GmbH, Germany, form attached."
    assert understood(text + FOOT, files={"application.txt": FORM}).disagreements == []
