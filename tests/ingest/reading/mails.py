"""Builds the mails that these tests read."""

import email.policy
from email.message import EmailMessage
from pathlib import Path

from ingest.message import Letter, Message, Span
from ingest.reading import read_message

SHARED = Path(__file__).parents[4] / "shared" / "testdata"


def mail(
    body: str = "",
    subject: str = "Limit",
    *,
    html: str = "",
    files: tuple[tuple[str, str, bytes], ...] = (),
    sender: str = "Piet Aalders <piet@insurer.example>",
    to: str = "desk@insurer.example",
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """The bytes of a well-formed mail; files are (name, media type, bytes)."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = "Mon, 02 Mar 2026 10:00:00 +0000", "<1@mail.example>"
    for name, value in headers:
        message[name] = value
    if body or not html:
        message.set_content(body)
    if html and body:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    for name, media_type, data in files:
        main, _, sub = media_type.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def read(*args: object, **kwargs: object) -> Message:
    """Build and read a mail."""
    return read_message(mail(*args, **kwargs))  # type: ignore[arg-type]


def body_of(message: Message, letter: Letter | None = None) -> str:
    """The own text of a letter (the outer one by default), spans joined by line feeds."""
    return "\n".join(message.text_of(span) for span in (letter or message.letters[0]).body)


def check_offsets(message: Message) -> None:
    """Every cell and span lies in its part and says what it says."""
    names = [part.name for part in message.parts]
    assert len(set(names)) == len(names)
    for table in message.tables:
        text = message.parts[table.part].text
        assert len({len(row) for row in table.rows}) == 1
        for row in table.rows:
            for cell in row:
                assert text[cell.start : cell.end] == cell.text
    for letter in message.letters:
        spans: tuple[Span, ...] = letter.body + letter.signature + letter.disclaimer + letter.header
        for span in spans:
            assert 0 <= span.start <= span.end <= len(message.parts[span.part].text)
    for file in message.attachments:
        assert file.part is None or message.parts[file.part].kind == "attachment"
        assert file.part is not None or file.unread_reason
