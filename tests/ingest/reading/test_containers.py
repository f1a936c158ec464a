"""XLS, ODS, MSG and winmail.dat give their tables, texts and files like any other attachment."""

import pytest

from ingest.message import Message
from tests.ingest.reading.containers import msg, ods, tnef, xls
from tests.ingest.reading.mails import check_offsets, read

ROWS: list[list[str | float]] = [
    ["Buyer", "Limit", "Währung"],
    ["Süd Käse AG", 250000, "EUR"],
    ["Łódź Stal S.A.", 1234.5, "PLN"],
]


def attached(name: str, data: bytes) -> Message:
    """A mail with one file, read."""
    message = read("see attached", files=((name, "application/octet-stream", data),))
    check_offsets(message)
    return message


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_old_and_open_spreadsheets_give_tables(kind: str) -> None:
    """Cells with umlauts and numbers come out as written, whatever the container."""
    message = attached(f"limits.{kind}", xls(ROWS) if kind == "xls" else ods(ROWS))
    [table] = message.tables
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Buyer", "Limit", "Währung"],
        ["Süd Käse AG", "250000", "EUR"],
        ["Łódź Stal S.A.", "1234.5", "PLN"],
    ]


def test_an_outlook_message_is_a_letter() -> None:
    """Subject, sender and text of an attached MSG are read."""
    data = msg("Limit for Süd Käse", "Please grant EUR 90,000 on Süd Käse AG.", ("Jan Nowak", "jan@kuznia.example"))
    message = attached("request.msg", data)
    letter = next(one for one in message.letters if one.kind == "forwarded")
    assert (letter.subject, letter.sender and letter.sender.address) == ("Limit for Süd Käse", "jan@kuznia.example")
    assert any("EUR 90,000 on Süd Käse AG" in part.text for part in message.parts)


def test_winmail_dat_gives_text_and_files() -> None:
    """The file inside a winmail.dat is read, and its text where the mail itself has none."""
    data = tnef("Grüße aus Köln", "accounts.csv", b"Buyer;Limit\nNord AG;5000\n")
    message = read("", files=(("winmail.dat", "application/ms-tnef", data),))
    assert any("Grüße aus Köln" in part.text for part in message.parts)
    assert "accounts.csv" in [file.filename for file in message.attachments]
    assert message.tables[0].rows[1][0].text == "Nord AG"


@pytest.mark.parametrize("kind", ["xls", "ods", "msg", "dat"])
def test_a_damaged_container_is_named(kind: str) -> None:
    """Half a container harms nobody: the file is listed with the reason."""
    whole = {
        "xls": xls(ROWS),
        "ods": ods(ROWS),
        "msg": msg("a", "b", ("c", "d@e.example")),
        "dat": tnef("x", "y", b"z"),
    }[kind]
    message = attached(f"broken.{kind}", whole[: len(whole) // 2])
    [file] = message.attachments
    assert file.part is None or message.parts[file.part].text.strip() or file.unread_reason
