"""The word lists of the rules are well formed: no entry that the file format turned into something else."""

from collections.abc import Iterator

import pytest

from ingest.rules.lexicon import DATA, phrases, table

NAMES = sorted(file.stem for file in DATA.glob("*.yaml"))


def _entries(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _entries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _entries(inner)
    else:
        yield value


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_is_text(name: str) -> None:
    """An unquoted colon makes a mapping of a phrase, whose words are then found nowhere."""
    for key, group in table(name).items():
        lists = group.values() if isinstance(group, dict) and name == "intent" else [group]
        for listed in lists:
            if name != "cues":
                assert isinstance(listed, list) or name == "intent", key
                assert all(isinstance(one, str | int | float) for one in listed), key
        assert all(isinstance(one, str | int | float) for one in _entries(group)), key


def test_brokers_words_are_found() -> None:
    """A phrase that stands among others in one entry is found by itself."""
    assert phrases("phrases").has("we act for roseacre nurseries limited", "on_behalf")
