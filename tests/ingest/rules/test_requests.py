"""Requests told in sentences."""

from datetime import date
from decimal import Decimal

import pytest

from cases.vocabulary import Intent, RequestType
from tests.ingest.rules.mails import FOOT, understood


@pytest.mark.parametrize(
    ("sentence", "kind", "amount", "current"),
    [
        ("please increase the limit by EUR 50k from EUR 100k", RequestType.INCREASE, 150_000, 100_000),
        ("please raise the limit from EUR 100,000 to EUR 150,000", RequestType.INCREASE, 150_000, 100_000),
        ("we need EUR 150,000 instead of the present EUR 100,000", RequestType.INCREASE, 150_000, 100_000),
        ("please double the limit, which is EUR 75,000 today", RequestType.INCREASE, 150_000, 75_000),
        ("please reduce the limit from EUR 1.2m to EUR 600k", RequestType.DECREASE, 600_000, 1_200_000),
        ("please cancel the limit of EUR 35,000", RequestType.CANCELLATION, 0, 35_000),
        ("please renew the limit of EUR 35,000", RequestType.RENEWAL, 35_000, 35_000),
        ("we apply for a new limit of EUR 35,000", RequestType.NEW, 35_000, None),
        ("wir bitten um Erhöhung des Limits von 100.000 EUR auf 150.000 EUR", RequestType.INCREASE, 150_000, 100_000),
        ("merci de porter la garantie de 100 000 € à 150 000 €", RequestType.INCREASE, 150_000, 100_000),
        ("rogamos suban el límite de 100.000 a 150.000 euros", RequestType.INCREASE, 150_000, 100_000),
        ("chiediamo di portare il fido da 100.000 a 150.000 euro", RequestType.INCREASE, 150_000, 100_000),
        ("prosimy o podniesienie limitu z 100 tys. EUR do 150 tys. EUR", RequestType.INCREASE, 150_000, 100_000),
        ("graag de limiet verhogen van € 100.000 naar € 150.000", RequestType.INCREASE, 150_000, 100_000),
        ("prosíme o zvýšení limitu ze 100 000 EUR na 150 000 EUR", RequestType.INCREASE, 150_000, 100_000),
    ],
)
def test_figures_and_verbs_settle_the_request(
    sentence: str, kind: RequestType, amount: int, current: int | None
) -> None:
    """The total that should stand afterwards is told from the limit today, in every language."""
    triage = understood(f"Hello,\n\nNordwind Antriebe GmbH, Kiel, Germany: {sentence}.{FOOT}")
    assert triage.intent == Intent.CREDIT_LIMIT_REQUEST
    (request,) = triage.requests
    assert request.buyer_name == "Nordwind Antriebe GmbH"
    assert request.buyer_country == "DE"
    assert (request.request_type, request.amount, request.current_limit) == (kind, amount, current)
    assert request.currency == "EUR"


def test_each_buyer_keeps_its_own_figures() -> None:
    """Two buyers in one letter do not share amounts, and what is said for both goes to both."""
    triage = understood(
        "Hello,\n\nplease raise the limit on Alster Werkzeuge GmbH (Hamburg, Germany) from EUR 40,000 to EUR 60,000. "
        "We also need a new limit of EUR 25,000 on Outils Vidal SAS (Lyon, France). Both pay at 45 days." + FOOT
    )
    first, second = triage.requests
    assert (first.buyer_name, first.amount, first.buyer_country) == ("Alster Werkzeuge GmbH", 60_000, "DE")
    assert (second.buyer_name, second.amount, second.buyer_country) == ("Outils Vidal SAS", 25_000, "FR")
    assert second.current_limit is None
    assert first.payment_terms_days == second.payment_terms_days == 45


def test_the_newest_figure_of_a_thread_wins() -> None:
    """A corrected amount replaces the quoted one; what was not corrected is taken from the older letter."""
    triage = understood(
        "Hi,\n\nplease make it EUR 140,000 and not EUR 120,000. The rest stays.\n\nMary\n\n"
        "On Mon, 2 Mar 2026 at 10:00, Mary Poole <mary@poole-castings.example> wrote:\n"
        "> we apply for a new limit of EUR 120,000 on Delta Tools Oy, Tampere, Finland, 60 days net.\n>\n"
        "> Mary Poole\n> Poole Castings Ltd\n> Policy TC-100200\n"
    )
    (request,) = triage.requests
    assert (request.buyer_name, request.amount) == ("Delta Tools Oy", 140_000)
    assert request.payment_terms_days == 60
    assert triage.policy_number == "TC-100200"


def test_the_senders_own_footer_never_becomes_the_buyers() -> None:
    """Registration and VAT numbers of the signature stay with the sender."""
    triage = understood(
        "Hello,\n\nwe need a new limit of EUR 25,000 on Outils Vidal SAS, Lyon, France."
        + FOOT
        + "Company no. 04471926, VAT GB381554247\n"
    )
    assert triage.requests[0].buyer_registration_number is None
    assert triage.requests[0].buyer_vat_id is None


def test_the_buyers_own_turnover_is_not_ours() -> None:
    """Planned sales to the buyer count, the buyer's own revenue does not."""
    body = "Hello,\n\nwe need a new limit of EUR 25,000 on Outils Vidal SAS, Lyon, France. {}" + FOOT
    theirs = understood(body.format("Their turnover was EUR 48m last year."))
    ours = understood(body.format("We expect sales of EUR 180,000 a year."))
    assert theirs.requests[0].expected_turnover is None
    assert ours.requests[0].expected_turnover == Decimal(180_000)


def test_dates_are_told_apart() -> None:
    """Validity and the day by which the answer is needed are two things."""
    triage = understood(
        "Hello,\n\nfor the summer season please raise the limit on Outils Vidal SAS (Lyon, France) temporarily from EUR 25,000 "
        "to EUR 40,000, from 1 May 2026 until 30 September 2026. We need your answer by Friday." + FOOT
    )
    (request,) = triage.requests
    assert request.request_type == RequestType.TEMPORARY_INCREASE
    assert (request.valid_from, request.valid_until) == (date(2026, 5, 1), date(2026, 9, 30))
    assert triage.needed_by == date(2026, 3, 6)


def test_every_value_points_to_its_quote() -> None:
    """`text[start:end] == quote` for all evidence, with letters of any width before it."""
    triage = understood(
        "Hallo Müller 😀 žluťoučký e\u0301 漢字,\n\nplease raise the limit on Łódź Trans S.A. (Łódź, Poland, NIP 781-240-93-61) "
        "from PLN 40,000 to PLN 60,000, 30 days." + FOOT
    )
    texts = {part.name: part.text for part in triage.parts}
    assert triage.evidence
    assert all(texts[e.part][e.start : e.end] == e.quote for e in triage.evidence)
    said = {e.path for e in triage.evidence}
    assert {"requests[0].amount", "requests[0].buyer_name", "policy_number", "contact.email"} <= said


@pytest.mark.parametrize(
    ("text", "kind", "amount", "current"),
    [
        (
            "please take 40,000 euros off the 150,000 euros you hold on Vouga Lda, Aveiro, Portugal.",
            "decrease",
            110_000,
            150_000,
        ),
        ("deduct EUR 20,000 from the EUR 90,000 limit on Nordwind GmbH, Berlin, please.", "decrease", 70_000, 90_000),
        (
            "happy to hand back EUR 60,000 of the EUR 200,000 you hold on Nordwind GmbH, Berlin.",
            "decrease",
            140_000,
            200_000,
        ),
        ("instead of today's EUR 90,000 on Nordwind GmbH, Berlin, EUR 40,000 will do.", "decrease", 40_000, 90_000),
        ("Nordwind GmbH, Berlin, can manage with half of the EUR 90,000 you cover.", "decrease", 45_000, 90_000),
    ],
)
def test_less_in_other_words(text: str, kind: str, amount: int, current: int) -> None:
    """What is given back comes off the limit of today."""
    [one] = understood(f"Hello,\n\n{text}{FOOT}").requests
    assert (one.request_type, one.amount, one.current_limit) == (kind, amount, current)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "You went to GBP 60,000, citing two judgments. We had applied for GBP 100,000 on Glen Ltd, Perth, Scotland.",
            "new",
        ),
        ("Gezeichnet haben Sie 60.000 EUR; beantragt hatten wir für die Glen GmbH erstmals 100.000 EUR.", "new"),
        ("Vous nous avez accordé 60 000 €. Nous avions demandé 100 000 € sur Glen SARL, Lyon.", "new"),
        (
            "You granted EUR 60,000. We had asked to increase Glen GmbH, Ulm, Germany from EUR 60,000 to EUR 100,000.",
            "increase",
        ),
    ],
)
def test_what_was_granted_of_a_contested_request(text: str, kind: str) -> None:
    """The request as it was first asked, with what was granted as the limit of today."""
    triage = understood(f"Hello,\n\n{text} We do not agree with this decision: please reconsider it.{FOOT}")
    [one] = triage.requests
    assert (triage.intent, one.request_type, one.amount, one.current_limit) == (
        "decision_appeal",
        kind,
        100_000,
        60_000,
    )


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("Everything concerned is hydraulic hoses.", "hydraulic hoses"),
        ("Hier geht es um Sattelfedern, Ziel 30 Tage.", "Sattelfedern"),
        ("Ce sont des brosses industrielles, à 45 jours.", "brosses industrielles"),
        ("They want more studio monitors than last year.", "studio monitors"),
    ],
)
def test_goods_in_everyday_sentences(text: str, goods: str) -> None:
    """No label announces them."""
    [one] = understood(f"Hello,\n\nEUR 40,000 on Nordwind Pte. Ltd., Singapore, please. {text}{FOOT}").requests
    assert one.goods == goods


def test_more_for_some_months_only() -> None:
    """Months in a list are the period, and what falls back by itself is temporary."""
    said = "The standing limit on Nordwind GmbH, Berlin, is EUR 60,000. Could you put another 25,000 on top of that for"
    triage = understood(f"Hi,\n\n{said} April, May and June only? After that it can drop back by itself.{FOOT}")
    [one] = triage.requests
    assert (one.request_type, one.amount, one.current_limit) == ("temporary_increase", 85_000, 60_000)
    assert (str(one.valid_from), str(one.valid_until)) == ("2026-04-01", "2026-06-30")


def test_a_form_with_boxes() -> None:
    """Only the box that is ticked says what is asked for."""
    boxes = "Type of request: ☐ new ☒ change of existing limit ☐ cancel"
    form = f"Buyer: Nordwind GmbH, Berlin\n{boxes}\nLimit at present: EUR 20,000\nLimit requested: EUR 35,000\n"
    [one] = understood(f"Hello,\n\n{form}{FOOT}").requests
    assert (one.request_type, one.amount, one.current_limit) == ("increase", 35_000, 20_000)


def test_thanks_that_open_a_letter_close_none() -> None:
    """ "Thanks for that one …" above the letter's matter is no sign-off."""
    matter = "On another note, please arrange EUR 40,000 on Nordwind GmbH, Berlin, Germany, at 30 days net, since they have ordered again."
    triage = understood(f"Thanks for that one, my file is closed too.\n\n{matter}\n\nMany thanks\nMary Poole\n")
    assert [one.buyer_name for one in triage.requests] == ["Nordwind GmbH"]


def test_a_list_behind_the_policy_number() -> None:
    """The first company of a list is a buyer, although the policy's number stands right before the list."""
    first = "- Nordwind B.V., Breda: graag terugbrengen van € 175.000 naar € 100.000."
    second = "- Ateliers Brun SRL, Namen, België: de limiet van € 20.000 mag per 31 december 2026 vervallen."
    triage = understood(
        f"Hoi,\n\nTwee die niet meer kloppen (polis NL-60.118.3):\n\n{first}\n{second}\n\nGroet,\nMary\nPoole B.V.\n"
    )
    found = [(one.buyer_name, one.request_type, one.amount) for one in triage.requests]
    assert found == [("Nordwind B.V.", "decrease", 100_000), ("Ateliers Brun SRL", "cancellation", 0)]


def test_a_letter_in_a_file_asks() -> None:
    """The mail says nothing: the attached letter is the application."""
    letter = (
        "Dear Hugh,\n\nWe have supplied Waikato Dairy Ltd, Hamilton, New Zealand under a limit of NZD 120,000. "
        "We should be grateful to see the limit doubled, and ask you to raise the limit soon.\n\nYours sincerely\n"
    )
    triage = understood("Hugh, a letter, no less.\n\nMary\n", files={"letter.txt": letter.encode()})
    [one] = triage.requests
    assert (one.request_type, one.amount, one.current_limit) == ("increase", 240_000, 120_000)
    assert [file.type for file in triage.documents] == ["application_form"]


def test_half_of_something_else() -> None:
    """What is halved must be a sum or a limit."""
    aside = "La moitié de l'atelier est au froid."
    text = f"Bonjour,\n\n{aside} Merci de renouveler pour un an la limite de 70 000 € sur Montelupo S.r.l., Empoli, Italie."
    [one] = understood(f"{text}{FOOT}").requests
    assert (one.request_type, one.amount) == ("renewal", 70_000)


def test_a_correction_that_names_the_old_figure() -> None:
    """ "It will be 140, not the 120 I told you" puts the new figure in place of the old one."""
    older = "> Please set a limit of USD 120,000 on Cerralvo S.A. de C.V., Monterrey, Mexico. We have not covered them before."
    body = f"Hugh, sorry, it will be 140, not the 120 I told you.\n\nMary Poole\n\nOn 3 March 2026 Mary Poole wrote:\n{older}\n"
    [one] = understood(body).requests
    assert (one.request_type, one.amount, one.current_limit) == ("new", 140_000, None)
