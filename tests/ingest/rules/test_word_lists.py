"""The word lists of the rules are well formed: no entry that the file format turned into something else."""

from collections.abc import Iterator

import pytest
import yaml

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


def _twice(node: yaml.Node) -> Iterator[str]:
    """Keys that stand twice in one mapping."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        yield from {key for key in keys if keys.count(key) > 1}
    for inner in node.value if isinstance(node, yaml.SequenceNode | yaml.MappingNode) else ():
        for one in inner if isinstance(inner, tuple) else (inner,):
            yield from _twice(one)


@pytest.mark.parametrize("name", NAMES)
def test_no_key_stands_twice(name: str) -> None:
    """Of two lists with one name the file format keeps the last and says nothing."""
    whole = yaml.compose((DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert whole is not None
    assert list(_twice(whole)) == []


def test_brokers_words_are_found() -> None:
    """A phrase that stands among others in one entry is found by itself."""
    assert phrases("phrases").has("we act for roseacre nurseries limited", "on_behalf")
