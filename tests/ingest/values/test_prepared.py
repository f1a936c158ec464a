"""Compiled patterns and the language model, kept for the processes to come."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import regex

from ingest.values import prepared
from ingest.values.language import KNOWN, READ


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own for prepared things."""
    monkeypatch.setattr(prepared, "folder", lambda: tmp_path / "kept")
    prepared.patterns.cache_clear()
    yield tmp_path / "kept"
    prepared.patterns.cache_clear()


def test_patterns_come_back(home: Path) -> None:
    """A kept pattern is found by the next process and matches the same; a torn file is thrown away."""
    prepared.keep_pattern(r"(?P<n>\p{L}+)", regex.IGNORECASE, regex.compile(r"(?P<n>\p{L}+)", regex.IGNORECASE))
    prepared.keep_pattern(r"\d+", 0, regex.compile(r"\d+"))
    kept = prepared.patterns()
    assert set(kept) == {(r"(?P<n>\p{L}+)", int(regex.IGNORECASE)), (r"\d+", 0)}
    assert kept[r"\d+", 0].findall("a1 b22") == ["1", "22"]
    [file] = home.iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    prepared.patterns.cache_clear()
    assert prepared.patterns() == {}
    assert not file.exists()


def test_unpacked_model_says_the_same(home: Path) -> None:
    """The unpacked language model judges as the packed one does, also when it is read back."""
    texts = [
        "Wir bitten um ein höheres Limit für den Abnehmer",
        "we kindly ask for cover",
        "prosimy o zwiększenie limitu",
    ]
    packed, unpacked = prepared.LanguageModel(KNOWN), prepared.LanguageModel(KNOWN)
    assert len(list(home.glob("languages-*/*.npy"))) == 5
    for languages in (KNOWN, READ):
        one, other = packed.identifier(languages), unpacked.identifier(languages)
        assert [one.classify(text) for text in texts] == [other.classify(text) for text in texts]
        assert [one.classify(text)[0] for text in texts] == ["de", "en", "pl"]
