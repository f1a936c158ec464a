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
        (
            "We look after Wexcombe Seeds Limited (your policy HT/25-40718). " + ASKED,
            "Limits",
            "Wexcombe Seeds Limited",
        ),
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


def test_the_head_of_a_table_names_nobody() -> None:
    """A row of column heads is no policyholder."""
    table = "Supplier\tCustomer since\tHigh credit\tPays\nOrin Ltd\t2014\tEUR 40,000\tpromptly\n"
    triage = understood(
        "Hello,\n\nthe referees are attached.\n\nYours\nAnn Poole\nPoole Castings Ltd\n",
        files={"referees.txt": table.encode()},
    )
    assert triage.policyholder_name == "Poole Castings Ltd"


def test_a_number_under_a_long_line_of_a_signature() -> None:
    """Lines of a signature stand for themselves, however long."""
    signed = "Ngaire Halloran\nClient Services, Saltmarsh & Pike Risk Partners\n0131 555 0169\n"
    triage = understood(
        f"Hello,\n\n{ASKED}.\n\nBest\n{signed}", sender="Ngaire Halloran <n.halloran@saltmarsh.example>"
    )
    assert triage.contact.phone == "01315550169"
