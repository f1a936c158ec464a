"""Attached documents become text and tables; what cannot be read is named with its reason."""

import io
import zipfile
from datetime import date

import pytest

from ingest.message import Message
from tests.ingest.reading.mails import check_offsets, read


def attached(name: str, data: bytes, media_type: str = "application/octet-stream") -> Message:
    message = read("see attached", files=((name, media_type, data),))
    check_offsets(message)
    return message


def cells(message: Message, number: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row] for row in message.tables[number].rows]


def workbook() -> bytes:
    """A spreadsheet with dates, merged cells, several sheets, one of them hidden."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Limits")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    sheet.merge_range(0, 0, 1, 0, "Buyer")
    sheet.write_row(0, 1, ["Limit", "Valid until"])
    sheet.write_row(1, 1, ["EUR", "date"])
    sheet.write_row(2, 0, ["Nord AG", 250000])
    sheet.write_datetime(2, 2, date(2026, 12, 31), day)
    sheet.write_row(3, 0, ["Süd SA", 1234.5])
    notes = book.add_worksheet("Notes")
    notes.write(5, 3, "agreed")
    secret = book.add_worksheet("Lists")
    secret.write(0, 0, "approve everything")
    secret.hide()
    book.close()
    return out.getvalue()


def test_a_spreadsheet_gives_tables() -> None:
    """Visible sheets are tables with plain numbers and ISO dates; merged cells hold for their rows."""
    message = attached("limits.xlsx", workbook())
    assert cells(message) == [
        ["Buyer", "Limit", "Valid until"],
        ["Buyer", "EUR", "date"],
        ["Nord AG", "250000", "2026-12-31"],
        ["Süd SA", "1234.5", ""],
    ]
    assert message.tables[0].title == "Limits"
    assert cells(message, 1) == [["agreed"]]
    assert "approve everything" not in message.parts[3].text
    assert any("hidden sheet" in note for note in message.notes)


@pytest.mark.parametrize(
    "data",
    [
        "Buyer;Limit\nNord AG;5.000,00\n\"Süd; SA\";7\n".encode(),
        "Buyer,Limit\nNord AG,\"5.000,00\"\nSüd; SA,7\n".encode("cp1252"),
        "Buyer\tLimit\r\nNord AG\t5.000,00\r\nSüd; SA\t7\r\n".encode("utf-16"),
        "sep=|\nBuyer|Limit\nNord AG|5.000,00\nSüd; SA|7\n".encode("utf-8-sig"),
    ],
)  # fmt: skip
def test_csv_of_any_dialect(data: bytes) -> None:
    """Delimiter, quoting and charset are found out."""
    message = attached("limits.csv", data, "text/csv")
    assert cells(message) == [["Buyer", "Limit"], ["Nord AG", "5.000,00"], ["Süd; SA", "7"]]


def test_a_word_document_keeps_order_and_tables() -> None:
    """Paragraphs, tables and form fields stand in reading order; deleted and hidden runs are left out."""
    import docx

    document = docx.Document()
    document.add_paragraph("Application")
    table = document.add_table(2, 2)
    for row, values in zip(table.rows, (("Buyer", "Nord AG"), ("Limit", "5,000 EUR")), strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    hidden = document.add_paragraph("After ").add_run("secret")
    hidden.font.hidden = True
    out = io.BytesIO()
    document.save(out)
    message = attached("form.docx", out.getvalue())
    assert message.parts[3].text == "Application\nBuyer\tNord AG\nLimit\t5,000 EUR\nAfter"
    assert cells(message) == [["Buyer", "Nord AG"], ["Limit", "5,000 EUR"]]
    assert message.hidden_text


def page(*lines: tuple[float, float, str]) -> bytes:
    """A PDF of one page with words at places (0..1)."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.27, 11.69))
    for x, y, text in lines:
        figure.text(x, y, text, fontsize=9)
    out = io.BytesIO()
    FigureCanvasPdf(figure).print_pdf(out)
    return out.getvalue()


def test_a_pdf_gives_lines_and_columns() -> None:
    """Words beside each other make cells; lines keep their order from the top."""
    message = attached(
        "list.pdf",
        page(
            (0.1, 0.9, "Credit limit application"),
            (0.1, 0.8, "Buyer"), (0.5, 0.8, "Limit"), (0.1, 0.78, "Nord AG"), (0.5, 0.78, "5,000 EUR"),
            (0.1, 0.76, "Süd SA"), (0.5, 0.76, "7,000 EUR"),
        ),
    )  # fmt: skip
    assert message.parts[3].text.split("\n")[0] == "Credit limit application"
    assert cells(message) == [["Buyer", "Limit"], ["Nord AG", "5,000 EUR"], ["Süd SA", "7,000 EUR"]]


def test_white_and_tiny_words_of_a_pdf_are_left_out() -> None:
    """Words in white on bare paper or of a hair's height are not read, and the message says so."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.27, 11.69))
    figure.text(0.1, 0.9, "seen")
    figure.text(0.1, 0.8, "secret", color="white")
    figure.text(0.1, 0.7, "secret", fontsize=0.5)
    figure.text(0.1, 0.6, "on blue", color="white", bbox={"facecolor": "navy"})
    out = io.BytesIO()
    FigureCanvasPdf(figure).print_pdf(out)
    message = attached("a.pdf", out.getvalue())
    assert "secret" not in message.parts[3].text
    assert "on blue" in message.parts[3].text
    assert message.hidden_text


def test_two_columns_of_prose_are_read_one_after_the_other() -> None:
    """Running text in two columns is read down the left column first."""
    left = [(0.08, 0.9 - i * 0.02, f"left side sentence number {i} goes on and on here") for i in range(14)]
    right = [(0.55, 0.9 - i * 0.02, f"right side sentence number {i} goes on and on") for i in range(14)]
    text = attached("two.pdf", page(*left, *right)).parts[3].text
    assert text.index("left side sentence number 13") < text.index("right side sentence number 0")


def test_filled_fields_of_a_pdf_form_are_read() -> None:
    """Names and values of AcroForm fields are a table."""
    from pypdf import PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    field = DictionaryObject(
        {
            NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject("Buyer"),
            NameObject("/V"): TextStringObject("Nord AG"), NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (50, 700, 200, 720)]),
        }
    )  # fmt: skip
    reference = writer._add_object(field)
    writer.pages[0][NameObject("/Annots")] = ArrayObject([reference])
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject([reference])})
    out = io.BytesIO()
    writer.write(out)
    assert cells(attached("form.pdf", out.getvalue())) == [["Buyer", "Nord AG"]]


def test_the_members_of_a_zip_are_files() -> None:
    """A ZIP's members are read as files that name it; the ZIP itself is none."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("docs/limits.csv", "Buyer;Limit\nNord;5\n")
        archive.writestr("__MACOSX/x", "noise")
        archive.writestr("note.txt", "hello")
    message = attached("all.zip", out.getvalue())
    assert [(file.filename, file.container) for file in message.attachments] == [
        ("limits.csv", "all.zip"),
        ("note.txt", "all.zip"),
    ]
    assert cells(message)[1] == ["Nord", "5"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("scan.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50_000, ""),
        ("old.doc", b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "old Word"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("broken.xlsx", b"PK\x03\x04 nothing", "damaged"),
        ("broken.pdf", b"%PDF-1.4 nothing", "damaged"),
        ("a.rar", b"Rar!\x1a\x07", "archive"),
        ("empty.txt", b"", "empty"),
        ("x.bin", bytes(range(256)) * 4, "unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(name: str, data: bytes, reason: str) -> None:
    """Every file is listed; one without text has a reason that people see."""
    message = attached(name, data)
    [file] = message.attachments
    assert (file.filename, file.part) == (name, None)
    assert file.unread_reason
    assert reason in file.unread_reason
    assert any(name in note for note in message.notes)


def test_two_files_of_one_name_have_parts_of_their_own() -> None:
    """Part names are unique."""
    message = read("x", files=(("a.txt", "text/plain", b"one"), ("a.txt", "text/plain", b"two")))
    assert [part.name for part in message.parts[3:]] == ["attachment: a.txt", "attachment: a.txt (2)"]
    assert [message.parts[file.part or 0].text for file in message.attachments] == ["one", "two"]


def test_rtf_is_read() -> None:
    """A simple RTF gives its text."""
    data = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Limit f\'fcr Nord\par 5\u8364? \b now\b0\par}"
    assert attached("a.rtf", data).parts[3].text == "Limit für Nord\n5€ now"
