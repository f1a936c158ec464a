"""Keys and likeness of company names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.names import legal_form, name_key, similarity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nordstern Metall GmbH", "NORDSTERN METALL G.m.b.H."),
        ("Weiß & Söhne OHG", "Weiss und Söhne"),
        ("Łódź Meble Sp. z o.o.", "Lodz Meble Spółka z ograniczoną odpowiedzialnością"),
        ("Jylland Korn A/S", "Jylland Korn AS"),
        ("Ålesund Fisk ASA", "Alesund Fisk"),
        ("Sofia Papir ООД", "Sofia Papir OOD"),
        ("ООО Заря", "Zarya OOO"),
        ("Société Lumière S.à r.l.", "SARL Societe Lumiere"),
        ("Brno Stroje, spol. s r.o.", "Brno Stroje s.r.o."),
        ("Pécs Gép Kft.", "Pecs Gep Kft"),
        ("Boğaz Kablo San. ve Tic. A.Ş.", "Bogaz Kablo"),
        ("Great Plains Tooling, Inc.", "The Great Plains Tooling Incorporated"),
        ("Kumo Trading Co., Ltd.", "Kumo Trading"),
        ("B. V. Tulp B.V.", "BV Tulp"),
        ("Acero del Norte S.A. de C.V.", "Acero del Norte"),
        ("Vesta Bau GmbH & Co. KG", "Vesta Bau"),
    ],
)
def test_same_key(one: str, other: str) -> None:
    """Spellings of one company meet under one key."""
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Alpha Bau GmbH", "Beta Bau GmbH"), ("Nord 1 AG", "Nord 2 AG")])
def test_other_key(one: str, other: str) -> None:
    """Different companies have different keys."""
    assert name_key(one) != name_key(other)


def test_a_form_alone_is_a_name() -> None:
    """A name that is nothing but a legal form keeps it."""
    assert name_key("AG") == "ag"
    assert name_key("") == name_key(" .,- ") == ""


def test_legal_forms_have_one_spelling() -> None:
    """A legal form is named alike however it is written."""
    assert legal_form("Tees Ltd.") == legal_form("Tees Limited") == "ltd"
    assert legal_form("Tees") is None


def test_likeness() -> None:
    """Equal names are 1, another legal form or a shortened name is offered but never certain, strangers are far."""
    assert similarity("Möller Guss GmbH", "Moeller Guss GmbH") == 1.0
    assert 0.9 < similarity("Nord GmbH", "Nord AG") < 0.97
    assert 0.8 < similarity("Nordwind", "Nordwind Antriebstechnik GmbH") < 0.97
    assert 0.8 < similarity("Hartwel Bearing", "Hartwell Bearings Ltd") < 1
    assert similarity("Alpha", "Omega") < 0.5
    assert similarity("", "Alpha") == 0.0


@given(st.text(max_size=60))
def test_key_of_anything(name: str) -> None:
    """Any text has a key; it is in small letters, and stable for case and surrounding blanks."""
    key = name_key(name)
    assert key == key.casefold()
    assert name_key(f"  {name}  ") == key


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_symmetric(one: str, other: str) -> None:
    """Likeness lies between 0 and 1 and does not depend on the order."""
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, other) == pytest.approx(similarity(other, one))
