"""Requests in tables and forms."""

from cases.vocabulary import DocumentType, RequestType
from ingest.engine import Hint
from tests.ingest.rules.mails import FOOT, understood

CSV = (
    "Alle Beträge in TEUR;;;;;\n"
    "Währung;Ziel;Limit neu;Limit alt;Land;Firma\n"
    "EUR;60;120;80;Belgien;Ressorts Bel SA\n"
    "EUR;dito;45;;Portugal;Molas Ibérica Lda\n"
    "Summe;;165;80;;\n"
)


def test_a_csv_with_odd_headers_is_read() -> None:
    """Order and language of headers do not matter; thousands, ditto marks and totals are understood."""
    triage = understood(
        "Anbei unsere Anträge.\n\nGruß\nMary Poole\nPoole Castings Ltd\n", files={"antraege.csv": CSV.encode()}
    )
    first, second = triage.requests
    assert (first.buyer_name, first.amount, first.current_limit) == ("Ressorts Bel SA", 120_000, 80_000)
    assert (second.buyer_name, second.amount, second.request_type) == ("Molas Ibérica Lda", 45_000, RequestType.NEW)
    assert first.payment_terms_days == second.payment_terms_days == 60
    assert first.buyer_country == "BE"
    assert triage.documents[0].type == DocumentType.APPLICATION_FORM


def test_a_form_in_the_letter_is_read() -> None:
    """Lines of label and value give one request for each buyer."""
    triage = understood(
        "Hello,\n\nBuyer: Wohnkultur Seidel GmbH\nCountry: Germany\nLimit requested: USD 120,000\nTerms: 90 days\n\n"
        "Buyer: Meubles Ixelles SA\nCountry: Belgium\nLimit requested: USD 60,000\nCurrent limit: USD 40,000\n" + FOOT
    )
    first, second = triage.requests
    assert (first.buyer_name, first.amount, first.request_type) == ("Wohnkultur Seidel GmbH", 120_000, RequestType.NEW)
    assert (second.buyer_country, second.current_limit, second.request_type) == ("BE", 40_000, RequestType.INCREASE)


def test_an_html_table_is_read_and_the_text_around_it_counts_for_all() -> None:
    """What the sentence before a table says of all buyers is filled in."""
    rows = "<tr><th>Customer</th><th>Country</th><th>Limit wanted</th></tr><tr><td>Kaunas Hydro UAB</td><td>Lithuania</td><td>95.000 EUR</td></tr>"
    triage = understood(
        f"<p>Hi, all pay 30 days, please:</p><table>{rows}</table><p>Regards<br>Mary Poole<br>Poole Castings Ltd</p>",
        html=True,
    )
    (request,) = triage.requests
    assert (request.buyer_name, request.amount, request.payment_terms_days) == ("Kaunas Hydro UAB", 95_000, 30)


def test_learned_rules_apply() -> None:
    """A learned currency and a learned column are used."""
    currency = Hint("default_currency", {"currency": "PLN"}, "amounts without a currency are in PLN")
    triage = understood(
        "Hello,\n\nplease put in a new limit of 80,000 on Stal Sp. z o.o., Poland." + FOOT, hints=(currency,)
    )
    assert triage.requests[0].currency == "PLN"
    column = Hint("column_meaning", {"column": "Wunsch X", "field": "amount"}, "column 'Wunsch X' is the amount")
    data = b"Firma;Wunsch X;Limit alt\nRessorts Bel SA;45000;20000\n"
    triage = understood("Anbei.\n\nMary Poole\n", files={"liste.csv": data}, hints=(column,))
    assert triage.requests[0].amount == 45_000


WIDE = (
    "Account;Customer;Where;Tax / register no.;Limit in force;Limit to be;Remarks\n"
    "4401;Lanificio Verdeoro S.p.A.;Biella, Italy;P. IVA 02744180361;EUR 150,000;EUR 90,000;60 days\n"
    "4402;Strickhaus Imst GmbH;Imst, Austria;FN 284417 k;-;EUR 65,000;45 days, planned sales EUR 280,000 p.a.\n"
)


def test_a_column_of_any_number_and_one_of_remarks() -> None:
    """Tax and register numbers in one column are told apart, remarks give the terms, an account number is no buyer."""
    triage = understood("Please see attached." + FOOT, files={"changes.csv": WIDE.encode()})
    first, second = triage.requests
    assert (first.buyer_name, first.buyer_vat_id, first.payment_terms_days) == (
        "Lanificio Verdeoro S.p.A.", "IT02744180361", 60,
    )  # fmt: skip
    assert (second.buyer_registration_number, second.payment_terms_days) == ("FN 284417 k", 45)
    assert second.expected_turnover == 280_000


def test_a_superseded_sheet_is_not_read() -> None:
    """A list that says of itself that it is old gives no requests."""
    old = "Old list - superseded;;\nBuyer;Country;Limit wanted\nNordwind GmbH;Germany;EUR 35,000\n"
    triage = understood("For your records, our new list follows tomorrow." + FOOT, files={"list.csv": old.encode()})
    assert not triage.requests
