"""Whatever the bytes, reading gives a message whose every place is right."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.reading import read_message
from tests.ingest.reading.mails import check_offsets, mail

TYPES = st.sampled_from(
    [
        "text/plain", "text/html", "text/plain; charset=utf-8", "text/plain; charset=iso-2022-jp", "text/plain; format=flowed",
        "multipart/mixed; boundary=b", "multipart/alternative; boundary=b", "multipart/mixed", "multipart/related; boundary=c",
        "message/rfc822", "message/partial", "application/octet-stream", "application/ms-tnef", "text/csv", "", "bad", "image/png",
        "multipart/report; boundary=b", "multipart/signed; boundary=b", "application/pdf; name=x.pdf", "text/enriched",
    ]
)  # fmt: skip
ENCODINGS = st.sampled_from(["", "base64", "quoted-printable", "x-uuencode", "8bit", "nonsense"])
LINES = st.sampled_from(
    [
        "--b", "--b--", "--c", "", "> quoted", ">> deeper", "-- ", "From: a <a@b.example>", "Von: Max <m@c.example>",
        "Gesendet: Mittwoch, 30. September 2026 08:05", "Betreff: x", "An: y@z.example", "---------- Forwarded message ---------",
        "On Tue, Mar 3, 2026 at 10:15 AM Max <m@c.example> wrote:", "-----Original Message-----", "Best regards", "Max Muster",
        "<table><tr><td>a</td><td>b</td></tr></table>", "<p style='display:none'>x</p>", "<blockquote type=cite>", "a\tb\tc",
        "a  b   c", "| a | b |", "begin 644 x", "end", "SGVsbG8=", "Content-Type: text/html", "Mu\u0308ller 信用 🙂 \u200b", "=3D=",
        "This e-mail is confidential", "____________", "Sent from my phone",
    ]
)  # fmt: skip
TEXT = st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=25).map("\n".join)


@st.composite
def trees(draw: st.DrawFn) -> bytes:
    """Bytes like a mail: headers that lie, boundaries that come or not, text of every kind."""
    out = f"From: {draw(st.text(max_size=30))}\r\nSubject: {draw(st.text(max_size=30))}\r\n"
    for _ in range(draw(st.integers(1, 4))):
        out += f"Content-Type: {draw(TYPES)}\r\nContent-Transfer-Encoding: {draw(ENCODINGS)}\r\n"
        if draw(st.booleans()):
            out += f'Content-Disposition: attachment; filename="{draw(st.text(max_size=12))}"\r\n'
        out += f"\r\n{draw(TEXT)}\r\n--b\r\n"
    return out.encode("utf-8", "surrogatepass") + draw(st.binary(max_size=40))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees())
def test_no_tree_stops_reading(raw: bytes) -> None:
    """Random MIME trees never raise, and every span and cell says what it says."""
    message = read_message(raw)
    check_offsets(message)
    assert message.letters[0].kind == "outer"
    assert [part.name for part in message.parts[:3]] == ["subject", "body", "header"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_stop_reading(raw: bytes) -> None:
    """Random bytes are a message too."""
    check_offsets(read_message(raw))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT, st.sampled_from(["Re: x", "Fwd: x", "x"]))
def test_no_text_is_lost_or_given_twice(text: str, subject: str) -> None:
    """Spans of letters do not overlap, and no word outside marks and headers is lost."""
    message = read_message(mail(text.replace("\x00", ""), subject))
    check_offsets(message)
    spans = sorted(
        (span.start, span.end)
        for letter in message.letters
        for span in letter.body + letter.signature + letter.disclaimer + letter.header
        if span.part == 1
    )
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=4), min_size=1, max_size=5))
def test_any_cells_of_a_csv_keep_their_places(rows: list[list[str]]) -> None:
    """Cells of every script stand where the table says."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    check_offsets(read_message(mail("x", files=(("a.csv", "text/csv", out.getvalue().encode("utf-8", "replace")),))))
