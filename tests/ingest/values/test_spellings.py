"""Values in the spellings in which they really come."""

from datetime import date
from decimal import Decimal

import pytest

from ingest.values.countries import find_countries, parse_country
from ingest.values.dates import find_dates
from ingest.values.identifiers import find_case_references, find_identifiers
from ingest.values.language import detect
from ingest.values.legal_forms import find_companies
from ingest.values.money import find_money, parse_amount
from ingest.values.numbers import parse_number
from ingest.values.phones import find_phones
from ingest.values.terms import find_terms

WRITTEN = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1.250.000,- EUR", 1_250_000, "EUR"), ("CHF 1'250'000.–", 1_250_000, "CHF"), ("T€ 250", 250_000, "EUR"),
        ("250 TEUR", 250_000, "EUR"), ("1,5 Mio. €", 1_500_000, "EUR"), ("250 mil. Kč", 250_000_000, "CZK"),
        ("250 mil euros", 250_000, "EUR"), ("half a million dollars", 500_000, "USD"), ("INR 2.5 crore", 25_000_000, "INR"),
        ("zweihundertfünfzigtausend Euro", 250_000, "EUR"), ("deux cent mille euros", 200_000, "EUR"),
        ("dwieście pięćdziesiąt tysięcy złotych", 250_000, "PLN"), ("půl milionu korun", 500_000, "CZK"),
        ("Rs. 2,50,00,000", 25_000_000, "INR"), ("£1.2m", 1_200_000, "GBP"), ("kr 5 000", 5_000, None), ("80K €", 80_000, "EUR"),
    ],
)  # fmt: skip
def test_money(text: str, amount: int, currency: str | None) -> None:
    """Each spelling gives the amount and the currency, and the whole of it is the quote."""
    found = find_money(f"we need {text} for them")
    assert [(one.amount, one.currency, one.text) for one in found] == [(amount, currency, text)]


@pytest.mark.parametrize(
    "text",
    [
        "12.03.2026",
        "+44 113 555 0172",
        "TC-204518",
        "HRB 88213",
        "12,5 %",
        "CR-2026-000123",
        "5 m",
        "DE811907980",
        "at 10.30",
    ],
)
def test_what_is_no_money(text: str) -> None:
    """Dates, phones, identifiers, shares and lengths are no amounts."""
    assert find_money(text) == []


def test_two_amounts_share_no_currency() -> None:
    """A currency between two figures belongs to one of them."""
    assert [(one.amount, one.currency) for one in find_money("EUR 250.000 USD 300.000")] == [
        (250_000, "EUR"),
        (300_000, "USD"),
    ]
    assert [(one.amount, one.currency) for one in find_money("250 000 EUR 300 000 USD")] == [
        (250_000, "EUR"),
        (300_000, "USD"),
    ]


@pytest.mark.parametrize(
    ("cell", "amount"), [("250", 250), ("1.250", 1250), ("12,50", Decimal("12.5")), ("€ 35.000", 35_000), ("35 000 EUR", 35_000), ("n/a", None), ("12 pcs", None)]
)  # fmt: skip
def test_cells(cell: str, amount: int | Decimal | None) -> None:
    """A cell is an amount only where it holds nothing else."""
    found = parse_amount(cell)
    assert (found.amount if found else None) == amount


def test_scales_and_habits() -> None:
    """A caller's scale counts, and so does a known decimal mark."""
    assert parse_number("1,250", scale=1000) == 1_250_000
    assert parse_number("1,250", decimal=",") == Decimal("1.250")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("by Friday", "2026-11-27"), ("bis Ende nächsten Monats", "2026-12-31"), ("übermorgen", "2026-11-26"),
        ("in two weeks", "2026-12-08"), ("fin de semaine prochaine", "2026-12-04"), ("do końca marca", "2027-03-31"),
        ("konce měsíce", "2026-11-30"), ("eind volgende maand", "2026-12-31"), ("entro fine gennaio", "2027-01-31"),
        ("within 5 working days", "2026-12-01"), ("Freitag nächster Woche", "2026-12-04"), ("el 27 de febrero", "2027-02-27"),
        ("31.12.", "2026-12-31"), ("03/15/2026", "2026-03-15"), ("15/03/2026", "2026-03-15"), ("end of Q1 2027", "2027-03-31"),
        ("za dva týdny", "2026-12-08"), ("w piątek", "2026-11-27"), ("bis Jahresende", "2026-12-31"), ("tomorrow", "2026-11-25"),
        ("by Friday 18", "2026-12-18"), ("el viernes 18", "2026-12-18"), ("bis Freitag, den 18.", "2026-12-18"),
        ("Friday 18 December", "2026-12-18"), ("by Friday 5 pm", "2026-11-27"), ("by Friday 17", "2026-11-27"),
    ],
)  # fmt: skip
def test_dates(text: str, day: str) -> None:
    """Each wording is the day that a colleague would write into the file."""
    found = find_dates(f"please {text} if you can", WRITTEN)
    assert [one.value.isoformat() for one in found] == [day]


def test_a_range_shares_its_year() -> None:
    """The first day of a range takes the year of the second."""
    found = find_dates("valid 1 July - 30 September 2026", WRITTEN)
    assert [one.value.isoformat() for one in found] == ["2026-07-01", "2026-09-30"]


@pytest.mark.parametrize(
    ("text", "days"),
    [("60 days net", 60), ("30 Tage netto", 30), ("30 jours fin de mois", 30), ("2 Monate Ziel", 60), ("splatnost 90 dní", 90), ("cash in advance", 0), ("gegen Vorkasse", 0), ("net 45", 45), ("payment within terms of 8 weeks", 56), ("sixty days net", 60)],
)  # fmt: skip
def test_terms(text: str, days: int) -> None:
    """Payment terms come out in days and are known as such."""
    found = find_terms(text)
    assert [one.days for one in found] == [days]
    assert found[0].has_context


def test_periods_that_are_no_terms() -> None:
    """Lateness, deadlines and cash discounts are marked."""
    assert find_terms("overdue by 30 days")[0].adverse
    assert find_terms("answer within 10 days")[0].adverse
    assert [one.discount for one in find_terms("3 % Skonto 10 Tage, 30 Tage netto")] == [True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USt-IdNr. DE136695976", [("vat", "DE136695976", True)]),
        ("NIP 781-240-93-61", [("vat", "PL7812409361", True)]),
        ("P. IVA 02188470369", [("vat", "IT02188470369", True)]),
        ("IČO: 27184404, DIČ: CZ27184404", [("registration", "27184404", True), ("vat", "CZ27184404", True)]),
        ("CHE-287.140.532", [("registration", "CHE-287.140.532", True)]),
        ("MWST-Nr. CHE-287.140.532", [("vat", "CHE287140532", True)]),
        ("HRB 88213", [("registration", "HRB 88213", None)]),
        ("FN 123456a", [("registration", "FN 123456a", None)]),
        ("RCS Rodez 310 228 747", [("registration", "310 228 747", True)]),
        ("KvK 27361904", [("registration", "27361904", None)]),
        ("Company no. 05582910", [("registration", "05582910", None)]),
        ("Perth, Scotland (SC214406)", [("registration", "SC214406", None)]),
        ("C.R. n. 1184027", [("registration", "1184027", None)]),
        ("Registry code 12408873", [("registration", "12408873", None)]),
        ("reg. no. PVT-9XU3K7B", [("registration", "PVT-9XU3K7B", None)]),
        ("organisation number 924 183 055", [("registration", "924 183 055", None)]),
        ("n° d'entreprise 0471.926.378", [("registration", "0471.926.378", None)]),
        ("D-U-N-S 31-123-4567", [("duns", "311234567", None)]),
        ("D\u2011U\u2011N\u2011S 31\u2011123\u20114567", [("duns", "311234567", None)]),
        ("DE811907981", []),
    ],
)
def test_identifiers(text: str, expected: list[tuple[str, str, bool | None]]) -> None:
    """Identifiers come out as the desk files them, with their check digits verified."""
    assert [(one.kind, one.value, one.checked) for one in find_identifiers(text)] == expected


def test_case_references() -> None:
    """References of the desk are found in any case."""
    assert [one.reference for one in find_case_references("re cr-2026-000123, EN-2026-000999.")] == [
        "CR-2026-000123",
        "EN-2026-000999",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a limit for Perlbach & Söhne GmbH & Co. KG, Zwiesel", ["Perlbach & Söhne GmbH & Co. KG"]),
        ("sell to Envases del Norte, S.A. de C.V. in Mexico", ["Envases del Norte, S.A. de C.V."]),
        ("limit na Okna Beskid Sp. z o.o. z Bielska", ["Okna Beskid Sp. z o.o."]),
        ("Please increase Torvald Marine AS to", ["Torvald Marine AS"]),
        ("Limit von Gastro Perlbach GmbH", ["Gastro Perlbach GmbH"]),
        ("Meyer, Perl & Partner GmbH", ["Meyer, Perl & Partner GmbH"]),
        ("für die Gesellschaft für Prüftechnik mbH", ["Gesellschaft für Prüftechnik mbH"]),
        ("Limit: de Beer & Zonen B.V.", ["de Beer & Zonen B.V."]),
        ("Acme Tools Ltd and Perlbach AG", ["Acme Tools Ltd", "Perlbach AG"]),
        ("PT Kayu Lestari in Jakarta", ["PT Kayu Lestari"]),
        ("2. Ningbo Haitian Tools Co., Ltd.", ["Ningbo Haitian Tools Co., Ltd."]),
        ("Holz Beskid GmbH, Villach: to run until 30 June 2026\nPerlbach AG", ["Holz Beskid GmbH", "Perlbach AG"]),
        ("Holz Beskid GmbH - slow, please drop 20k of the 30k\n2 Perlbach AG", ["Holz Beskid GmbH", "Perlbach AG"]),
        ("won a customer in Reykjavik, Perlfoss Dælur ehf. They want", ["Perlfoss Dælur ehf."]),
        ("we sell to Perlbach Nets P/F (Faroe Islands)", ["Perlbach Nets P/F"]),
        ("Regards\nRhona Pell\nPell Fastenings Ltd", ["Pell Fastenings Ltd"]),
        ("Severočeské sklárny a.s.", ["Severočeské sklárny a.s."]),
        ("Agrohurt Sieradzki Spółka Jawna\nul. Polna 1", ["Agrohurt Sieradzki Spółka Jawna"]),
        ("Perlbach Gesellschaft mit beschränkter Haftung", ["Perlbach Gesellschaft mit beschränkter Haftung"]),
        ("It's the Tarn Outdoor Equipment Ltd policy", ["Tarn Outdoor Equipment Ltd"]),
        ("Ann Marlow of Corve Valley Ciders Ltd rang", ["Corve Valley Ciders Ltd"]),
        ("Royal Bank of Scotland plc", ["Royal Bank of Scotland plc"]),
        ("Naopak Hotel Perla a.s.", ["Hotel Perla a.s."]),
        ("Hai Phong Copper Works Joint Stock Company (Vietnam)", ["Hai Phong Copper Works Joint Stock Company"]),
        ("spółki Kombinati Elbasan sh.p.k. z Albanii", ["Kombinati Elbasan sh.p.k."]),
        ("from Ltd", []),
    ],
)  # fmt: skip
def test_companies(text: str, names: list[str]) -> None:
    """A company's name is found whole: neither a word more nor less."""
    assert [one.name for one in find_companies(text)] == names


def test_countries() -> None:
    """Countries by name in any language, by postcode and by city, the strongest ground told."""
    assert [(one.country, one.ground) for one in find_countries("D-20095 Hamburg")] == [
        ("DE", "postcode"),
        ("DE", "city"),
    ]
    assert [one.country for one in find_countries("z siedzibą we Włoszech, Südafrika et Royaume-Uni")] == [
        "IT",
        "ZA",
        "GB",
    ]
    assert [parse_country(one) for one in ("DE", "Allemagne", "UK", "POL", "xyz")] == ["DE", "DE", "GB", "PL", None]


def test_phones() -> None:
    """Digits with a + where written, "(0)" dropped, faxes marked; dates and amounts are no phones."""
    assert [one.number for one in find_phones("Tel. +49 (0)89 5550 120")] == ["+49895550120"]
    assert [one.number for one in find_phones("Ann Pell\n020 5550 1177 / 07700 900 452")] == ["02055501177"]
    assert [one.number for one in find_phones("Ann Pell | Pell Inc. | 617-555-0145")] == ["6175550145"]
    assert find_phones("Fax: +49 89 5550 121")[0].fax
    assert find_phones("12.03.2026, EUR 1 250 000, 391 072 550") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wir bitten um Erhöhung des Limits", "de"), ("prosíme o navýšení limitu pro odběratele", "cs"),
        ("we would like to raise the limit", "en"), ("merci d'augmenter la garantie sur ce client", "fr"),
        ("prosimy o podwyższenie limitu dla odbiorcy", "pl"), ("graag de limiet voor onze klant verhogen", "nl"), ("ok", None),
    ],
)  # fmt: skip
def test_language(text: str, language: str | None) -> None:
    """The language of a sentence; nothing is said of a word."""
    assert detect(text) == language
