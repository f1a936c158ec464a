"""Threads are unfolded: what is new, what was forwarded, what is quoted, in the words of many mail clients."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ingest.maildates import parse_date
from ingest.message import Address
from ingest.reading import read_message
from ingest.threads import flowing_text
from tests.ingest.reading.mails import body_of, check_offsets, mail, read

MAX = Address("Max Muster", "max@client.example")
WHEN = datetime(2026, 9, 30, 8, 5)  # noqa: DTZ001 (these clients write no zone)

FORWARDS = {
    "outlook, German": (
        "Von: Max Muster <max@client.example>\nGesendet: Mittwoch, 30. September 2026 08:05\n"
        "An: Piet <piet@insurer.example>\nBetreff: Limit Nord\n\nBODY"
    ),
    "outlook with a link": (
        "From: Max Muster [mailto:max@client.example]\nSent: Wednesday, September 30, 2026 8:05 AM\n"
        "To: Piet Aalders\nSubject: Limit Nord\n\nBODY"
    ),
    "outlook with a rule": (
        "________________________________\nDe : Max Muster <max@client.example>\n"
        "Envoyé : mercredi 30 septembre 2026 08:05\nÀ : piet@insurer.example <piet@insurer.example>\nObjet : Limit Nord\n\nBODY"
    ),
    "gmail, Spanish": (
        "---------- Forwarded message ---------\nDe: Max Muster <max@client.example>\n"
        "Date: mié, 30 sept 2026 a las 8:05\nSubject: Limit Nord\nTo: <piet@insurer.example>\n\nBODY"
    ),
    "apple mail, Italian": (
        "> Inizio messaggio inoltrato:\n>\n> Da: Max Muster <max@client.example>\n> Oggetto: Limit Nord\n"
        "> Data: 30 settembre 2026 alle ore 08:05:00\n> A: piet@insurer.example\n>\n> BODY"
    ),
    "thunderbird, Polish": (
        "-------- Treść przekazanej wiadomości --------\nTemat: \tLimit Nord\nData: \tśr., 30 wrz 2026 08:05\n"
        "Nadawca: \tMax Muster <max@client.example>\nAdresat: \tpiet@insurer.example\n\n\nBODY"
    ),
    "yahoo on one line, Dutch": (
        '  ----- Doorgestuurd bericht ----- Van: Max Muster <max@client.example>Aan: "piet@insurer.example" '
        "<piet@insurer.example>Verzonden: woensdag 30 september 2026 08:05:00Onderwerp: Limit Nord\nBODY"
    ),
    "seznam, Czech": (
        "---------- Přeposlaná zpráva ----------\nOd: Max Muster <max@client.example>\nKomu: piet@insurer.example\n"
        "Datum: 30. 9. 2026 8:05:00\nPředmět: Limit Nord\n\nBODY"
    ),
    "gmx": (
        'Gesendet: Mittwoch, 30. September 2026 um 08:05 Uhr\nVon: "Max Muster" <max@client.example>\n'
        "An: piet@insurer.example\nBetreff: Limit Nord\n\nBODY"
    ),
    "proton": (
        "------- Forwarded Message -------\nFrom: Max Muster <max@client.example>\n"
        "Date: On Wednesday, September 30th, 2026 at 8:05 AM\nSubject: Limit Nord\nTo: piet@insurer.example\n\n> BODY"
    ),
    "zimbra, French": (
        '----- Mail transféré -----\nDe: "Max Muster" <max@client.example>\nÀ: piet@insurer.example\n'
        "Envoyé: Mercredi 30 Septembre 2026 08:05:00\nObjet: Limit Nord\n\nBODY"
    ),
    "outlook for Mac": 'On 30/09/2026 08:05, "Max Muster" <max@client.example> wrote:\n\n    BODY',
    "in bold": (
        "*From:* Max Muster <max@client.example>\n*Sent:* 30 September 2026 08:05\n*To:* Piet\n*Subject:* Limit Nord\n\nBODY"
    ),
    "double spaced": (
        "From: Max Muster <max@client.example>\n\nSent: 30 September 2026 08:05\n\nTo: Piet\n\nSubject: Limit Nord\n\nBODY"
    ),
    "a language without a mark of its own": (
        "---------- Xyz abc ----------\nFrom: Max Muster <max@client.example>\nDate: 30.09.2026 08:05\n"
        "Subject: Limit Nord\nTo: piet@insurer.example\n\nBODY"
    ),
}  # fmt: skip


@pytest.mark.parametrize("client", FORWARDS)
def test_a_forward_is_unfolded(client: str) -> None:
    """Sender, subject, date and text of a forwarded mail are found; the colleague's note stays apart."""
    forwarded = FORWARDS[client].replace("BODY", "We need EUR 50,000.")
    message = read(f"Please process.\n\n{forwarded}\n", "Fwd: Limit Nord")
    check_offsets(message)
    outer, inner = message.letters
    assert (outer.kind, inner.kind, inner.depth) == ("outer", "forwarded", 1)
    assert body_of(message) == "Please process."
    assert inner.sender == MAX
    assert inner.subject == "Limit Nord"
    assert inner.date == WHEN
    assert body_of(message, inner).strip() == "We need EUR 50,000."
    assert inner.header


OUTLOOK = "From: {}\nSent: 30 September 2026 08:05\nTo: {}\nSubject: Limit\n\nold words\n"


def test_replies_and_forwards_are_told_apart() -> None:
    """The same header block is a quotation in a reply and a forwarded mail in a forward."""
    block = OUTLOOK.format("Max <max@client.example>", "Piet <piet@insurer.example>")
    for subject, text, kind in (
        ("RE: Limit", "see below\n\n", "quoted"),
        ("AW: Limit", "see below\n\n", "quoted"),
        ("WG: Limit", "see below\n\n", "forwarded"),
        ("[EXTERNAL] TR: Limit", "see below\n\n", "forwarded"),
        ("New request", "see below\n\n", "forwarded"),  # does not go back to its writer
        ("Limit", "", "forwarded"),  # nothing was written above
        ("RE: WG: Limit", "see below\n\n", "quoted"),
    ):
        assert [letter.kind for letter in read(text + block, subject).letters[1:]] == [kind], subject
    back = read(f"agreed\n\n{block}", "Limit", to="max@client.example")
    assert back.letters[1].kind == "quoted"


INTROS = [
    "On Tue, Mar 3, 2026 at 10:15 AM Max Muster <max@client.example> wrote:",
    "Am 03.03.2026 um 10:15 schrieb Max Muster <max@client.example>:",
    "Max Muster <max@client.example> schrieb am Di., 3. März 2026\num 10:15:",
    "Le mar. 3 mars 2026 à 10:15, Max Muster <max@client.example> a\nécrit :",
    "El mar, 3 mar 2026 a las 10:15, Max Muster (<max@client.example>)\nescribió:",
    "Il giorno mar 3 mar 2026 alle ore 10:15 Max Muster <max@client.example>\nha scritto:",
    "wt., 3 mar 2026 o 10:15 Max Muster <max@client.example> napisał(a):",
    "út 3. 3. 2026 v 10:15 odesílatel Max Muster <max@client.example> napsal:",
    "Op di 3 mrt 2026 om 10:15 schreef Max Muster <max@client.example>:",
    "Em ter., 3 de mar. de 2026 às 10:15, Max Muster <max@client.example>\nescreveu:",
    "Den tis 3 mars 2026 kl 10:15 skrev Max Muster <max@client.example>:",
    "ti 3.3.2026 klo 10.15 Max Muster (max@client.example) kirjoitti:",
    "вт, 3 мар. 2026 г. в 10:15, Max Muster <max@client.example>:",
    "Max Muster <max@client.example>, 3 Mar 2026 Sal, 10:15 tarihinde şunu yazdı:",
    "2026年3月3日(火) 10:15 Max Muster <max@client.example>:",
]


@pytest.mark.parametrize("intro", INTROS)
def test_a_reply_is_split_from_what_it_quotes(intro: str) -> None:
    """Text above and below a quotation is the author's; the quotation has its own sender and date."""
    message = read(f"Now 60,000.\n\n{intro}\n\n> we said 50,000\n> old\n\nand 30 days\n", "Re: Limit")
    check_offsets(message)
    outer, quoted = message.letters
    assert body_of(message) == "Now 60,000.\nand 30 days"
    assert (quoted.kind, quoted.sender, quoted.date) == ("quoted", MAX, datetime(2026, 3, 3, 10, 15))  # noqa: DTZ001
    assert body_of(message, quoted) == "we said 50,000\nold"
    assert outer.kind == "outer"


def test_answers_between_quoted_lines_stay_the_authors() -> None:
    """An interleaved reply keeps every answer as the author's own text."""
    message = read("> amount?\n\n60,000 EUR\n\n> terms?\n\n30 days\n", "Re: questions")
    assert body_of(message) == "60,000 EUR\n30 days"


def test_words_that_look_like_an_intro_are_text() -> None:
    """A sentence with "wrote" or lines "From: … To: …" of dates start no quotation."""
    text = "On this day\n\nI wrote something.\n\nFrom: 1 March 2026\nTo: 30 June 2026\nAmount: 5,000\n\nOur buyer wrote:\nyes\n"
    message = read(text)
    assert len(message.letters) == 1


def test_a_chain_of_forwards_nests() -> None:
    """A forward inside a forward is one level deeper, in order from the outermost."""
    inner = FORWARDS["gmail, Spanish"].replace("BODY", "50,000")
    outer = "From: Broker <b@broker.example>\nSent: 1 October 2026 09:00\nTo: Piet\nSubject: Fwd: Limit Nord\n\npassing on\n\n"
    message = read(f"fyi\n\n{outer}{inner}\n", "FW: Fwd: Limit Nord")
    assert [(letter.kind, letter.depth) for letter in message.letters] == [
        ("outer", 0),
        ("forwarded", 1),
        ("forwarded", 2),
    ]
    assert body_of(message, message.letters[2]) == "50,000"


def test_an_attached_mail_is_a_letter_with_its_files() -> None:
    """A forwarded mail that hangs on as message/rfc822 is a letter; its files know their container and letter."""
    client = mail(
        "We need 50,000.\n",
        "Limit Nord",
        sender="Max Muster <max@client.example>",
        files=(("a.csv", "text/csv", b"x;1\n"),),
    )
    raw = mail("see attached", "Limit Nord")
    from email import message_from_bytes, policy
    from email.message import EmailMessage

    outer = message_from_bytes(raw, policy=policy.SMTP)
    inner = message_from_bytes(client, policy=policy.SMTP)
    assert isinstance(outer, EmailMessage)
    assert isinstance(inner, EmailMessage)
    outer.add_attachment(inner)
    message = read_message(outer.as_bytes())
    check_offsets(message)
    assert [(letter.kind, letter.sender) for letter in message.letters[1:]] == [("forwarded", MAX)]
    assert message.letters[1].date == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert body_of(message, message.letters[1]) == "We need 50,000."
    attached, table = message.attachments
    assert attached.is_message
    assert (table.filename, table.container, table.letter) == ("a.csv", attached.filename, 1)


def test_signatures_and_small_print_are_marked() -> None:
    """Name and address below the sign-off are the signature, legal text is the disclaimer, a postscript is text."""
    message = read(
        "Please raise the limit to 50,000.\n\nMit freundlichen Grüßen\n\nMax Muster\nMuster GmbH\nTel. +49 40 1234567\n\n"
        "PS: and quickly\n\nThis e-mail and any attachments are confidential. If you are not the intended recipient, delete it.\n"
    )
    letter = message.letters[0]
    assert body_of(message) == "Please raise the limit to 50,000.\n\nMit freundlichen Grüßen\nPS: and quickly"
    assert [message.text_of(span) for span in letter.signature] == ["Max Muster\nMuster GmbH\nTel. +49 40 1234567"]
    assert "confidential" in message.text_of(letter.disclaimer[0])


def test_a_drawn_table_is_no_signature() -> None:
    """A rule under a table's head does not end the letter, and the table is found."""
    message = read(
        "Limits:\n\nBuyer        Limit   Terms\n-----------------------------\nNord AG      5,000   30\nSud SA       7,000   60\n\nBye\n"
    )
    assert "7,000" in body_of(message)
    assert [[cell.text for cell in row] for row in message.tables[0].rows] == [
        ["Buyer", "Limit", "Terms"], ["Nord AG", "5,000", "30"], ["Sud SA", "7,000", "60"],
    ]  # fmt: skip
    check_offsets(message)


def test_flowing_text_maps_back() -> None:
    """The joined text of quoted lines knows the place of each character in the part."""
    message = read(
        "> Inizio messaggio inoltrato:\n>\n> Da: Max <max@client.example>\n> Oggetto: x\n> Data: 3 marzo 2026\n>\n> one\n> two\n",
        "Fwd: x",
    )
    spans = message.letters[1].body
    text, offsets = flowing_text(message, spans)
    assert text == "one\ntwo"
    source = message.parts[spans[0].part].text
    assert all(source[offset] == char for char, offset in zip(text, offsets, strict=True) if char != "\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mittwoch, 30. September 2026 08:05", datetime(2026, 9, 30, 8, 5)),  # noqa: DTZ001
        ("vie, 2 oct 2026 a las 13:20", datetime(2026, 10, 2, 13, 20)),  # noqa: DTZ001
        ("27 mars 2026 à 10:40", datetime(2026, 3, 27, 10, 40)),  # noqa: DTZ001
        ("csütörtök, 2021. október 28. 12:46", datetime(2021, 10, 28, 12, 46)),  # noqa: DTZ001
        ("26. lokakuuta 2021 klo 14.25.08 UTC+3", datetime(2021, 10, 26, 14, 25, 8, tzinfo=timezone(timedelta(hours=3)))),
        ("úterý 2. listopadu 2021 09:26:50 SEČ", datetime(2021, 11, 2, 9, 26, 50, tzinfo=timezone(timedelta(hours=1)))),
        ("02/10/2023 4:52 PM EST", datetime(2023, 2, 10, 16, 52, tzinfo=timezone(timedelta(hours=-5)))),
        ("28/10/2021 12:46", datetime(2021, 10, 28, 12, 46)),  # noqa: DTZ001
        ("sri, 27. lis 2021. u 09:31", datetime(2021, 10, 27, 9, 31)),  # noqa: DTZ001
        ("no date at all", None),
        ("99/99/2026 10:00", None),
    ],
)  # fmt: skip
def test_dates_of_mail_clients_are_read(text: str, expected: datetime | None) -> None:
    """Localised dates give the time, aware where a zone is named."""
    assert parse_date(text) == expected
