"""Who asks, and for whom: names as they are signed, brokers and their clients."""

import pytest

from tests.ingest.rules.mails import understood

ASKED = "please grant EUR 50,000 on Nordwind GmbH, Berlin, Germany"


@pytest.mark.parametrize(
    ("sender", "signed", "name"),
    [
        ("PARDO Joaquín <j.pardo@castings.example>", "Joaquín Pardo", "Joaquín Pardo"),
        ("Pardo Joaquín <j.pardo@castings.example>", "Joaquín Pardo", "Joaquín Pardo"),
        ("joaquín pardo <j.pardo@castings.example>", "Joaquín Pardo", "Joaquín Pardo"),
        ("Joaquín Pardo <j.pardo@castings.example>", "Joaquín Pardo Rey", "Joaquín Pardo Rey"),
        ("Exportaciones Maipo Sur <export@maiposur-berries.example>", "Renata Leiva", "Renata Leiva"),
        ("Cobros Arenzana <cobros@bodegasarenzana.example>", "Rogelio Arenzana", "Rogelio Arenzana"),
        ("Joaquín Pardo <j.pardo@castings.example>", "Tobias Wren", "Joaquín Pardo"),
    ],
)
def test_the_contact_as_signed(sender: str, signed: str, name: str) -> None:
    """The signature tells a person's name better than the address does; another person's is left alone."""
    triage = understood(f"Hello,\n\n{ASKED}.\n\nKind regards\n{signed}\nPoole Castings Ltd\n", sender=sender)
    assert triage.contact.name == name


@pytest.mark.parametrize(
    ("text", "subject", "client"),
    [
        (
            "Pennyroyal Soaps Ltd (my client, TC-257713) deal with small shops. " + ASKED,
            "Limits",
            "Pennyroyal Soaps Ltd",
        ),
        ("Same client (Aldous Leather Ltd, AF-228/C): " + ASKED, "Limits", "Aldous Leather Ltd"),
        ("For our above client " + ASKED, "Tamarind Kitchenware Ltd - 330-118-TK - review", "Tamarind Kitchenware Ltd"),
        ("Has anything moved? " + ASKED, "Limits", None),
    ],
)
@pytest.mark.parametrize(
    "broker", ["Kintyre Credit Partners LLP", "Northgate Surety & Credit Ltd", "Liffeyside Credit Brokers"]
)
def test_a_broker_is_no_policyholder(text: str, subject: str, client: str | None, broker: str) -> None:
    """The client whom the broker names, or nobody."""
    triage = understood(
        f"Hello,\n\n{text}.\n\nKind regards\nTobias Wren\n{broker}\n",
        subject=subject,
        sender="Tobias Wren <t.wren@brokerage.example>",
    )
    assert triage.policyholder_name == client


def test_an_elided_preposition_is_no_part_of_a_name() -> None:
    """ "Pour le compte d'Ateliers Brun SAS"."""
    triage = understood(
        f"Bonjour,\n\npour le compte d'Ateliers Brun SAS, {ASKED}.\n\nCordialement\nAnne Roy\nRoy Courtage\n",
        sender="Anne Roy <a.roy@roy-courtage.example>",
    )
    assert triage.policyholder_name == "Ateliers Brun SAS"
