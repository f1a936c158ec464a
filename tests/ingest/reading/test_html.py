"""HTML is read as a person sees it."""

import pytest

from ingest.html import read_html
from tests.ingest.reading.mails import body_of, check_offsets, read


def test_tables_keep_their_cells() -> None:
    """A table is lines of tab-separated cells and a Table with the same words; spans are filled."""
    message = read(
        html="<p>Limits:</p><table><tr><th>Buyer<th>Country<th>Limit</tr>"
        "<tr><td>A &amp; B<br>GmbH<td rowspan=2>DE<td> 250 000 </tr><tr><td>C<td>5</tr></table><p>Bye</p>"
    )
    check_offsets(message)
    [table] = message.tables
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Buyer", "Country", "Limit"],
        ["A & B GmbH", "DE", "250 000"],
        ["C", "DE", "5"],
    ]
    assert "A & B GmbH\tDE\t250 000" in message.parts[1].text


def test_layout_tables_are_text() -> None:
    """Tables that only place text are no data."""
    message = read(
        html="<table><tr><td><table><tr><td>Hello</td></tr><tr><td>World</td></tr></table></td></tr></table>"
    )
    assert message.tables == ()
    assert body_of(message) == "Hello\nWorld"


def test_lists_links_and_breaks_are_kept() -> None:
    """List items, the words of links and line breaks stay."""
    message = read(html='<ul><li>one</li><li><a href="http://x.example">two</a></li></ul>a<br>b')
    assert body_of(message) == "- one\n- two\n\na\nb"


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">secret</div>',
        '<span style="visibility: hidden">secret</span>',
        '<span style="font-size:0">secret</span>',
        '<span style="font-size:0.5px">secret</span>',
        '<span style="color:#ffffff">secret</span>',
        '<font color="white">secret</font>',
        '<div style="background:#000"><span style="color:black">secret</span></div>',
        '<span style="color:rgb(254,254,254)">secret</span>',
        '<span style="opacity:0">secret</span>',
        '<div style="max-height:0;overflow:hidden">secret</div>',
        '<div style="position:absolute;left:-9999px">secret</div>',
        '<p style="mso-hide:all">secret</p>',
        "<p hidden>secret</p>",
        '<style>.x{color:red;display:none}</style><p class="x">secret</p>',
        "<style>#x{font-size:0}</style><p id=x>secret</p>",
        "<!-- secret -->",
        "<script>secret</script>",
    ],
)
def test_hidden_text_is_left_out(hidden: str) -> None:
    """What a reader does not see is not in the text; where it is styled away the message says so."""
    message = read(html=f"<html><body><p>seen</p>{hidden}<p>end</p></body></html>")
    assert "secret" not in message.parts[1].text
    assert "seen" in message.parts[1].text
    assert "end" in message.parts[1].text
    if "style" in hidden or "color" in hidden or "hidden" in hidden:
        assert message.hidden_text
        assert any("does not see" in note for note in message.notes)


def test_white_text_on_a_dark_ground_is_read() -> None:
    """White words on a coloured row are no hiding place."""
    message = read(
        html='<table><tr style="background-color:#003366;color:#fff"><td>Buyer</td><td>Limit</td></tr></table>'
    )
    assert "Buyer\tLimit" in message.parts[1].text
    assert not message.hidden_text


def test_quotations_carry_marks() -> None:
    """Quoted blocks are lines with "> ", so that threads unfold the same way as in plain text."""
    found = read_html(
        '<p>new</p><blockquote type="cite"><p>old</p><blockquote type="cite">older</blockquote></blockquote>', 999
    )
    assert found.text.split("\n") == ["new", "", "> old", ">", ">> older"]


def test_pictures_of_the_text_are_no_documents() -> None:
    """A picture that the HTML shows by its Content-ID is inline."""
    raw = (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\n"
        b'Content-Type: text/html\r\n\r\n<p>Hi</p><img src="cid:logo@x">\r\n--r\r\nContent-Type: image/png; name="logo.png"\r\n'
        b"Content-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--r--\r\n"
    )
    from ingest.reading import read_message

    [file] = read_message(raw).attachments
    assert file.inline


def test_a_page_nested_without_end_is_read_in_time() -> None:
    """Two hundred thousand open elements cost no time in the square."""
    assert "hello" in read_html("<div>" * 200_000 + "hello", 1000).text
