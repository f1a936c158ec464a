"""Takes out of a model's text what does not match the tools' results: "what does not match is not said"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.assistant.claims import MARK, REFERENCE, Facts, sentences
from bot.assistant.said import names_held, states_held

LONGEST = 6000  # characters of an answer


@dataclass(frozen=True, slots=True)
class Checked:
    """What may be said, and which share of the text that is (0 to 1)."""

    text: str
    kept: float


class CheckedText:
    """The facts of one answer: those of each case apart, of each passage apart, and of everything else."""

    def __init__(
        self, now: datetime, questions: list[str], is_name: Callable[[str], bool] = lambda word: False
    ) -> None:
        """`is_name` tells whether a folded word stands in a name of the register."""
        self._now, self._is_name = now, is_name
        self._common = list(questions)
        self._other: list[Any] = []
        self._cases: dict[str, list[Any]] = {}
        self._passages: list[str] = []
        self._only_cases = True  # no result counts cases or sums them up

    def add(self, result: Any) -> None:
        """Takes up a result (plain values); rows with a reference belong to their case."""
        before = sum(map(len, self._cases.values()))
        self._sort(result)
        self._only_cases = self._only_cases and sum(map(len, self._cases.values())) > before

    def add_passages(self, texts: list[str]) -> None:
        """The numbered passages of the manual, all of them, in order."""
        self._passages = list(texts)

    def _sort(self, value: Any) -> None:
        if isinstance(value, dict) and isinstance(value.get("reference"), str):
            self._cases.setdefault(value["reference"].upper(), []).append(value)
        elif isinstance(value, dict):
            for name, one in value.items():
                self._other.append(str(name))
                self._sort(one)
        elif isinstance(value, list | tuple):
            self._other.append(len(value))
            for one in value:
                self._sort(one)
        else:
            self._other.append(value)

    def check(self, text: str, manual_only: bool = False) -> Checked:
        """The text without sentences that do not match; `manual_only`: each must cite a passage."""
        text = text.strip()[:LONGEST]
        common = Facts(self._now).and_also(*self._common, *self._other)
        cases = common.and_also(*self._cases.values())
        facts = _Layers(common, cases, cases.and_also(*self._passages))
        lines, kept, said = [], 0, 0
        for line in text.split("\n"):
            parts = sentences(line)
            good = [part for part in parts if self._sayable(part, facts, manual_only)]
            said += len(line.strip())
            kept += len("".join(good).strip())
            if good or not line.strip():
                lines.append("".join(good).rstrip())
        return Checked(_tidy(lines), kept / said if said else 0.0)

    def _sayable(self, sentence: str, facts: "_Layers", manual_only: bool) -> bool:
        if not sentence.strip() or set(sentence.strip()) <= set("|-: "):
            return True
        marks = [int(number) for number in MARK.findall(sentence)]
        if any(not 0 < number <= len(self._passages) for number in marks):
            return False
        if marks:  # rests on its passages, the question, and what was looked up of cases
            return facts.cases.and_also(*(self._passages[number - 1] for number in marks)).holds(sentence)
        if manual_only:
            return sentence.rstrip().endswith(":") and facts.whole.holds(sentence)
        named = {match[0].upper() for match in REFERENCE.finditer(sentence)}
        if not self._states_and_names(sentence, named & set(self._cases), facts):
            return False
        if len(named) == 1 and named <= set(self._cases):  # a sentence about one case takes no other one's figures
            return facts.common.and_also(self._cases[named.pop()]).holds(sentence)
        return facts.whole.holds(sentence)

    def _states_and_names(self, sentence: str, named: set[str], facts: "_Layers") -> bool:
        """Whether the states that a sentence gives to cases are theirs, and its names were read or asked for."""
        if named or self._only_cases:
            held = [row for reference in named or self._cases for row in self._cases[reference]]
            if held and not states_held(sentence, held):
                return False
        return names_held(sentence, facts.whole.words, self._is_name)


@dataclass(frozen=True, slots=True)
class _Layers:
    """Question and results without a case; those with all cases; with the manual's passages too."""

    common: Facts
    cases: Facts
    whole: Facts


def _tidy(lines: list[str]) -> str:
    """Without headings whose lines are gone, and without runs of empty lines."""
    kept: list[str] = []
    for place, line in enumerate(lines):
        follows = next((one for one in lines[place + 1 :] if one.strip()), "")
        heading = line.rstrip().endswith(":") or line.startswith("#")
        if heading and (not follows or follows.startswith("#")):
            continue
        kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def cited_numbers(text: str, count: int) -> list[int]:
    """The numbers of passages that the text cites, in order of appearance, each once."""
    found = (int(number) for number in MARK.findall(text))
    return list(dict.fromkeys(number for number in found if 0 < number <= count))
