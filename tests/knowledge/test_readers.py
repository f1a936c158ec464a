"""The readers of the manual's formats, and what cannot be read."""

import io
import os
import tempfile
from pathlib import Path

import pytest

from knowledge.readers.blocks import Heading, Paragraph, TableBlock, UnreadableFile
from knowledge.sections import sentences, to_sections
from knowledge.sources import read_bytes, read_document, walk
from tests.knowledge.pdf_file import make_pdf

TEXT = [(11, False, "Terms above ninety days are not"), (11, False, "covered, and no")]
FEE = (11, False, "The fee is EUR 38.")


def test_markdown_gives_headings_items_and_tables() -> None:
    """Headings of every style, list items, pipe tables and the front matter's author are found; marks are dropped."""
    text = (
        "---\nauthor: Ann\n---\n# One\nSome **bold** [text](x.html)\non two lines.\n\nTwo\n---\n- first `item`\n- second\n\n"
        "| A | B |\n| --- | :-: |\n| 1 | a \\| b |\n\n == Three ==\nEnd.\n"
    )
    document = read_document("a.md", text.encode())
    assert document.author == "Ann"
    assert document.blocks == (
        Heading(1, "One"),
        Paragraph("Some bold text on two lines."),
        Heading(2, "Two"),
        Paragraph("first item", item=True),
        Paragraph("second", item=True),
        TableBlock((("A", "B"), ("1", "a | b"))),
        Heading(2, "Three"),
        Paragraph("End."),
    )


def test_html_drops_navigation_and_fills_spans() -> None:
    """Navigation and scripts are left out, nested lists keep their order, spanned cells are repeated in every row."""
    page = (
        "<html><head><meta charset='iso-8859-1'><meta name='author' content='Bo'><script>x()</script></head><body>"
        "<nav><a>Contents</a></nav><h1>Gr\xf6\xdfe</h1><p>Text <b>and</b> more<br>here.</p>"
        "<ul><li>one<ul><li>nested</li></ul></li></ul>"
        "<table><tr><th>A</th><th>B</th></tr><tr><td rowspan=2>x</td><td>1</td></tr><tr><td>2</td></tr></table></body></html>"
    )
    document = read_document("a.html", page.encode("latin-1"))
    assert document.author == "Bo"
    assert document.blocks == (
        Heading(1, "Größe"),
        Paragraph("Text and more here."),
        Paragraph("one", item=True),
        Paragraph("nested", item=True),
        TableBlock((("A", "B"), ("x", "1"), ("x", "2"))),
    )


def test_word_without_heading_styles_uses_bold_numbered_lines() -> None:
    """A document whose headings are only bold and numbered still falls into sections."""
    import docx

    document = docx.Document()
    document.add_paragraph().add_run("2.1 Above 500k").bold = True
    document.add_paragraph("Audited accounts are needed.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([c for row in table.rows for c in row.cells], ("Limit", "Paper", "5", "report"), strict=True):
        cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    blocks = read_document("a.docx", buffer.getvalue()).blocks
    assert blocks == (
        Heading(2, "2.1 Above 500k"),
        Paragraph("Audited accounts are needed."),
        TableBlock((("Limit", "Paper"), ("5", "report"))),
    )


def test_pdf_headings_pages_and_running_heads() -> None:
    """Headings are told by size and number, a paragraph goes on over a page break, running heads are dropped."""
    gap = (5, False, "")
    pages = [
        [(9, False, "Manual | page 1"), (18, True, "Limits"), gap, (14, True, "1.1 Terms"), gap, *TEXT],
        [(9, False, "Manual | page 2"), (11, False, "exception is made."), gap, (14, True, "1.2 Fees"), gap, FEE],
    ]
    sections = to_sections(read_document("a.pdf", make_pdf(pages)).blocks)
    assert [(s.headings, s.page, s.pieces[0].text) for s in sections] == [
        (("Limits", "1.1 Terms"), 1, "Terms above ninety days are not covered, and no exception is made."),
        (("Limits", "1.2 Fees"), 2, "The fee is EUR 38."),
    ]


def test_plain_text_headings() -> None:
    """Numbers, capitals, underlines and short lines that stand alone are headings in plain text; tabs make tables."""
    text = "RULES\n\n4.2 Above 500k\n\nMore papers.\n\nWho decides\n\nThe head.\n\na\tb\n1\t2\n"
    blocks = read_document("a.txt", text.encode()).blocks
    assert blocks == (
        Heading(1, "RULES"),
        Heading(2, "4.2 Above 500k"),
        Paragraph("More papers."),
        Heading(2, "Who decides"),
        Paragraph("The head."),
        TableBlock((("a", "b"), ("1", "2"))),
    )


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("a.pdf", b"not a pdf", "no readable PDF"),
        ("a.pdf", make_pdf([[]]), "no text"),
        ("a.docx", b"PK not a zip", "no readable DOCX"),
        ("a.docx", b"\xd0\xcf\x11\xe0rest", "encrypted"),
        ("a.txt", b"a\0b", "binary"),
        ("a.md", b"# only a heading\n", "no text"),
    ],
)
def test_bad_files_say_why(name: str, raw: bytes, reason: str) -> None:
    """A file that cannot be read is refused with the reason."""
    with pytest.raises(UnreadableFile, match=reason):
        read_document(name, raw)


def test_encrypted_pdf_is_named_as_such() -> None:
    """A PDF with a password is refused as encrypted."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf([[(11, False, "secret")]])))
    writer.encrypt("pass")
    buffer = io.BytesIO()
    writer.write(buffer)
    with pytest.raises(UnreadableFile, match="encrypted"):
        read_document("a.pdf", buffer.getvalue())


def test_walk_reports_what_is_absent_or_of_another_kind(tmp_path: Path) -> None:
    """Hidden files are passed over; an absent path and a file of another kind are reported."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.md").write_text("x")
    (tmp_path / ".hidden.md").write_text("x")
    (tmp_path / "a.zip").write_text("x")
    files, faults = walk([tmp_path, tmp_path / "none", tmp_path / "a.zip"])
    assert [file.name for file in files] == ["sub/b.md"]
    assert len(faults) == 2
    assert "does not exist" in faults[0].reason


def test_a_folder_without_rights_is_reported(tmp_path: Path) -> None:
    """What may not be opened is named with the cure; the rest is taken."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder is closed to the user that stands in for ours
        (Path(name) / "closed").mkdir()
        (Path(name) / "closed" / "a.md").write_text("x")
        (Path(name) / "b.md").write_text("x")
        (Path(name) / "closed").chmod(0)
        Path(name).chmod(0o755)
        ours = os.geteuid()
        if ours == 0:
            os.seteuid(65534)  # nobody: an administrator may open everything
        try:
            files, faults = walk([Path(name)])
        finally:
            os.seteuid(ours)
        (Path(name) / "closed").chmod(0o700)
    assert [file.name for file in files] == ["b.md"]
    assert ["give rights to it" in fault.reason for fault in faults] == [True]


def test_two_hundred_pages_are_read_with_their_numbers() -> None:
    """A long PDF gives every page's text, the last with its number."""
    things = ["fee", "limit", "appeal", "grade", "renewal", "report", "claim", "premium", "mandate", "reminder"]
    acts = ["lasts", "costs", "needs", "ends", "starts", "rests", "moves", "counts", "waits", "stays"]

    def rule(number: int) -> str:
        first, second, third = things[number % 10], acts[number // 10 % 10], things[number // 7 % 10]
        return f"The {first} {second} like a {third}, number {number}."

    pages = [[(11, False, rule(n)), (11, False, rule(n * 3 + 1)), (11, False, rule(n * 7 + 2))] for n in range(1, 201)]
    document = read_document("long.pdf", make_pdf(pages))
    texts = [(block.page, block.text) for block in document.blocks if isinstance(block, Paragraph)]
    assert all(any(rule(number) in text for page, text in texts if page == number) for number in (1, 100, 200))


def test_empty_file_is_refused(tmp_path: Path) -> None:
    """An empty file is refused."""
    (tmp_path / "a.md").write_text(" \n")
    (files, _) = walk([tmp_path])
    with pytest.raises(UnreadableFile, match="empty"):
        read_bytes(files[0])


def test_sentences_keep_abbreviations_whole() -> None:
    """A sentence does not end at an abbreviation or inside a number."""
    text = "See No. 5 of 1.5 m, e.g. Art. 3. Then come 2.5 %. The end?"
    assert sentences(text) == ["See No. 5 of 1.5 m, e.g. Art. 3.", "Then come 2.5 %.", "The end?"]
