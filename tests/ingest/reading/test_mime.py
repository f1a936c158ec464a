"""Mails that break the rules are read all the same."""

import pytest

from ingest.message import Address
from ingest.reading import read_message
from tests.ingest.reading.mails import body_of, check_offsets, mail

HEAD = b"From: Joanna Pike <J.Pike@client.example>\r\nSubject: Limit\r\nMIME-Version: 1.0\r\n"


def text_of(raw: bytes) -> str:
    message = read_message(raw)
    check_offsets(message)
    return message.parts[1].text


def test_a_plain_mail_has_subject_body_and_header_as_parts() -> None:
    """A plain mail has the parts subject, body and header, and one outer letter."""
    message = read_message(mail("Please raise the limit.\n"))
    assert [(part.name, part.kind) for part in message.parts] == [
        ("subject", "subject"),
        ("body", "body"),
        ("header", "header"),
    ]
    assert [letter.kind for letter in message.letters] == ["outer"]
    assert message.sender == Address("Piet Aalders", "piet@insurer.example")
    assert message.message_id == "1@mail.example"
    assert "From: Piet Aalders <piet@insurer.example>" in message.parts[2].text


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        (b"Content-Type: text/plain; charset=no-such-set\r\n", "Grüße".encode(), "Grüße"),
        (b"Content-Type: text/plain; charset=us-ascii\r\n", "Grüße".encode("latin-1"), "Grüße"),
        (b"Content-Type: text/plain; charset=utf-8\r\n", "Grüße".encode("cp1252"), "Grüße"),
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n", b"5 \x80", "5 €"),
        (b"Content-Type: text/plain; charset=gb2312\r\n", "信用额度".encode("gb18030"), "信用额度"),
        (b"Content-Transfer-Encoding: base64\r\n", b"SGVsbG8gd29ybGQ", "Hello world"),
        (b"Content-Transfer-Encoding: base64\r\n", b"SGVs!bG8g\r\n d29ybGQ=\r\n\r\nfooter", "Hello world"),
        (b"Content-Transfer-Encoding: quoted-printable\r\n", b"a=3Db=ZZ c=", "a=b=ZZ c"),
        (b"Content-Transfer-Encoding: nonsense\r\n", b"as it is", "as it is"),
        (b"Content-Type: garbage\r\n", b"still text", "still text"),
        (b"Content-Type: text\r\n", b"still text", "still text"),
        (b"Content-Type: multipart/mixed\r\n", b"no boundary at all", "no boundary at all"),
        (b'Content-Type: multipart/mixed; boundary="b"\r\n', b"--b\r\n\r\nfirst\r\n--b\r\n\r\nlast without end", "first\n\nlast without end"),
        (b"Content-Type: multipart/mixed\r\n", b"--x1x1\r\n\r\nfirst\r\n--x1x1\r\n\r\nlast\r\n--x1x1--\r\n", "first\n\nlast"),
    ],
)  # fmt: skip
def test_broken_mime_gives_its_text(headers: bytes, body: bytes, expected: str) -> None:
    """Wrong charsets, broken encodings and missing boundaries do not hide the text."""
    assert text_of(HEAD + headers + b"\r\n" + body) == expected


def test_mails_without_header_or_body_are_read() -> None:
    """Bytes without a header are all body; a header without a body is an empty mail."""
    assert text_of(b"just words, no header") == "just words, no header"
    assert read_message(HEAD).subject == "Limit"
    assert read_message(b"").parts[0].text == ""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?b?R3LDvMOf?= =?utf-8?b?ZQ==?=", "Grüße"),
        (b"=?utf-8?q?a=C3?= =?utf-8?q?=BCb?=", "aüb"),
        (b"=?iso-8859-1?Q?Erh=F6hung_Limit?=", "Erhöhung Limit"),
        (b"=?nonsense?q?abc?=", "abc"),
        (b"=?utf-8?b?broken", "=?utf-8?b?broken"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"folded\r\n  subject", "folded  subject"),
    ],
)  # fmt: skip
def test_subjects_are_decoded(written: bytes, expected: str) -> None:
    """Encoded words are decoded, also split ones and raw eight-bit characters."""
    assert read_message(b"From: a@b.example\r\nSubject: " + written + b"\r\n\r\nx").subject == expected


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        (b'"Pike, Joanna" <j@client.example>', "Pike, Joanna", "j@client.example"),
        (b"Pike, Joanna <j@client.example>", "Pike, Joanna", "j@client.example"),
        (b"j@client.example (Joanna Pike)", "Joanna Pike", "j@client.example"),
        (b"J@Client.Example", "", "j@client.example"),
        (b"=?utf-8?q?J=C3=BCrgen?= <j@client.example>", "Jürgen", "j@client.example"),
        (b"'j@client.example' <j@client.example>", "", "j@client.example"),
    ],
)  # fmt: skip
def test_senders_are_read(written: bytes, name: str, address: str) -> None:
    """Names and addresses are found in every usual way of writing them."""
    assert read_message(b"From: " + written + b"\r\n\r\nx").sender == Address(name, address)


def test_uuencoded_files_in_the_text_become_files() -> None:
    """A uuencoded file leaves the text and becomes an attachment."""
    raw = HEAD + b"\r\nsee file\r\nbegin 644 note.txt\r\n%:&5L;&\\\r\n`\r\nend\r\nbye\r\n"
    message = read_message(raw)
    assert message.parts[1].text == "see file\nbye"
    [file] = message.attachments
    assert (file.filename, message.parts[file.part or 0].text) == ("note.txt", "hello")


def test_names_of_files_are_decoded_and_made_safe() -> None:
    """File names are decoded by RFC 2231 and 2047; folders in them are dropped."""
    for written, expected in (
        (b"filename*=utf-8''J%C3%BCrgen.txt", "Jürgen.txt"),
        (b"filename*0=Jahres; filename*1=abschluss.txt", "Jahresabschluss.txt"),
        (b'filename="=?utf-8?q?J=C3=BCrgen.txt?="', "Jürgen.txt"),
        (b'filename="../../etc/passwd"', "passwd"),
        (b"filename=two words.txt", "two words.txt"),
    ):
        raw = HEAD + b"Content-Type: text/plain\r\nContent-Disposition: attachment; " + written + b"\r\n\r\nx"
        assert [file.filename for file in read_message(raw).attachments] == [expected]


def test_the_best_of_alternative_texts_is_read() -> None:
    """Plain text is read, unless it lacks what the reader of the HTML sees."""
    same = read_message(mail("Limit of EUR 5,000 please", html="<p>Limit of <b>EUR 5,000</b> please</p>"))
    assert body_of(same) == "Limit of EUR 5,000 please"
    poor = read_message(mail("Your mail program cannot show HTML", html="<p>Limit of EUR 5,000 on Nordwind please</p>"))
    assert body_of(poor) == "Limit of EUR 5,000 on Nordwind please"
    table = "<table><tr><th>Buyer</th><th>Limit</th></tr><tr><td>Nordwind</td><td>5</td></tr></table>"
    assert "Nordwind\t5" in body_of(read_message(mail("Buyer Limit\nNordwind\n5\n", html=table)))


def test_flowed_text_is_joined() -> None:
    """Lines of format=flowed that end in a space go on in the next line."""
    raw = HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\none long \r\nline\r\n> quoted \r\n> words\r\n"
    assert text_of(raw) == "one long line\n> quoted words"


def test_texts_are_read_twice_the_same() -> None:
    """Reading is deterministic."""
    raw = mail("x", files=(("a.csv", "text/csv", b"a;b\n1;2\n"),))
    assert read_message(raw) == read_message(raw)
