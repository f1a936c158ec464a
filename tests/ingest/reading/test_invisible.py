"""Characters that nobody sees never reach a part's text; writing systems and emoji stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.charsets import visible
from tests.ingest.reading.mails import read

INVISIBLE = [
    "\u200b", "\u200e", "\u200f", "\u202a", "\u202e", "\u2060", "\u2066", "\ufeff", "\u00ad", "\u034f", "\u180e",
    "\U000e0041", "\U000e007f", "\U000e0101", "\ufe00", "\u2063", "\x07", "\x1b",
]  # fmt: skip


@pytest.mark.parametrize("char", INVISIBLE)
def test_invisible_characters_are_dropped_at_every_door(char: str) -> None:
    """Subject, body, HTML, file names, attachments and display names are all cleaned."""
    word = f"li{char}mit"
    message = read(
        word,
        word if ord(char) > 31 else "limit",
        html=f"<p>{word}</p>" if ord(char) > 31 else "",
        files=((f"{word}.txt" if ord(char) > 31 else "limit.txt", "text/plain", word.encode()),),
        sender=f'"{word if ord(char) > 31 else "limit"}" <a@b.example>',
    )
    assert [part.text for part in message.parts[:2]] == ["limit", "limit"]
    assert message.parts[3].text == "limit"
    assert message.attachments[0].filename == "limit.txt"
    assert message.sender is not None
    assert message.sender.name == "limit"


@pytest.mark.parametrize(
    "text",
    ["👩‍👩‍👧 family", "☀️ sun", "می‌خواهم", "信用额度", "مرحبا", "क्‍ष", "Łódź", "Ελλάδα", "한국어"],
)
def test_scripts_and_emoji_stay_whole(text: str) -> None:
    """Joiners that a script or an emoji needs are kept."""
    assert visible(text) == text


def test_decomposed_letters_are_composed() -> None:
    """Text is in NFC, so that word lists and names match however it was typed."""
    assert visible("Mu\u0308ller") == "Müller"


def test_odd_spaces_become_spaces() -> None:
    """No-break and thin spaces become plain ones, one for one."""
    assert visible("250\u202f000\u00a0EUR") == "250 000 EUR"


@given(st.text(max_size=200))
def test_cleaning_is_stable(text: str) -> None:
    """Cleaning clean text changes nothing, whatever the characters."""
    once = visible(text)
    assert visible(once) == once
