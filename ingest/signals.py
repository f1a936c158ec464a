"""What can be checked about a value: where its quote stands, what stands beside it, what else the message holds.

No signal comes from what an engine says of itself. A message is looked at once; each value is then asked about.
"""

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import regex

from cases.understanding import Evidence, Triage
from cases.vocabulary import Intent
from ingest.fields import field_of, read, request_of
from ingest.message import Message
from ingest.rules.buyers import name_key
from ingest.rules.lexicon import fold, phrases
from ingest.values.dates import find_dates
from ingest.values.found import compiled
from ingest.values.identifiers import vat_is_valid
from ingest.values.legal_forms import find_companies
from ingest.values.money import MoneyFound, find_money

_CLEAR = 0.8  # the chance from which on a reading of the figures leaves no other
_LIKELY = 0.6  # and below which another may as well be meant
_LONGEST = 6_000  # characters of one stretch that are looked at
_LABEL = regex.compile(r"\p{L}[\p{L} ./()'-]{1,40}[:=|\t]\s*$")
_KINDS = ("new", "increase", "decrease", "renewal", "temporary_increase", "cancellation")
_WORD = regex.compile(r"^\p{L}.*\p{L}$", regex.DOTALL)


@dataclass(slots=True)
class _Stretch:
    """Text that an author of the mail wrote, not what was quoted."""

    part: str
    start: int
    text: str
    money: list[MoneyFound] = field(default_factory=list)

    def holds(self, evidence: Evidence) -> bool:
        return self.part == evidence.part and self.start <= evidence.start < self.start + len(self.text)


class Look:
    """One message, looked at for all its values."""

    def __init__(self, message: Message, triage: Triage) -> None:
        self._message, self._triage = message, triage
        self._parts = {part.name: part for part in message.parts}
        self._disputed = {one.path for one in triage.disagreements}
        self._by_path: dict[str, list[Evidence]] = {}
        self._odd: dict[int, bool] = {}
        for one in triage.evidence:
            self._by_path.setdefault(one.path, []).append(one)

    @cached_property
    def _stretches(self) -> list[_Stretch]:
        found = []
        for letter in self._message.letters:
            for span in letter.body if letter.kind != "quoted" else ():
                part = self._message.parts[span.part]
                text = part.text[span.start : min(span.end, span.start + _LONGEST)]
                found.append(_Stretch(part.name, span.start, text, find_money(text)))
        return found

    @cached_property
    def _folded(self) -> str:
        return fold("\n".join([self._message.subject, *(one.text for one in self._stretches)]))

    @cached_property
    def _kinds_said(self) -> set[str]:
        """The kinds of request whose words stand in the text."""
        return {hit.key for hit in phrases("request_types").find(self._folded)} & set(_KINDS)

    @cached_property
    def _computes(self) -> bool:
        """Whether the text speaks of doubling, or of more or less than now: the figure in it may be no total."""
        return bool(phrases("changes").find(self._folded)) or _patterns()["computing"].search(self._folded) is not None

    @cached_property
    def _money_left_over(self) -> bool:
        """Whether an amount of the text is no value of anything: perhaps it is what was meant."""
        used = [(one.part, one.start, one.end) for one in self._triage.evidence]
        return any(
            not any(p == s.part and a < s.start + m.end and s.start + m.start < b for p, a, b in used)
            for s in self._stretches
            for m in s.money
        )

    @cached_property
    def _companies_left_over(self) -> bool:
        """Whether a company of the text is neither a buyer nor the policyholder: perhaps a sum is meant for it."""
        names = [self._triage.policyholder_name, *(request.buyer_name for request in self._triage.requests)]
        known = [key for name in names if (key := name_key(name or ""))]
        told = {name_key(one.name) for s in self._stretches for one in find_companies(s.text)}
        return any(not any(key in name or name in key for key in known) for name in told)

    @cached_property
    def _dates_left_over(self) -> bool:
        used = [(one.part, one.start, one.end) for one in self._triage.evidence]
        day = self._message.date.date() if self._message.date else None
        if day is None:
            return False
        return any(
            not any(p == s.part and a < s.start + d.end and s.start + d.start < b for p, a, b in used)
            for s in self._stretches
            for d in find_dates(s.text, day)
        )

    @cached_property
    def _currencies(self) -> set[str]:
        return {m.currency for s in self._stretches for m in s.money if m.currency}

    def of(self, evidence: Evidence) -> list[str]:
        """The names of the signals that hold for a piece of evidence."""
        name = field_of(evidence.path)
        held: list[str] = [evidence.how]
        if (evidence.derived or "").startswith("learned: "):
            held.append("learned")
        if self._quoted(evidence):
            held.append("in quoted text")
        if self._in_table(evidence) or self._labelled(evidence):
            held.append("beside its label")
        if evidence.path in self._disputed:
            held.append("engines disagree")
        if self._buyer_is_odd(request_of(evidence.path)):
            held.append("buyer's name is odd")
        if len(self._triage.requests) > 3:
            held.append("many requests")
        if evidence.chance is not None and evidence.chance < _CLEAR:
            held.append("other readings" if evidence.chance >= _LIKELY else "hardly this reading")
        if self._triage.intent is Intent.DECISION_APPEAL:
            held.append("contested decision")
        if self._triage.warnings:
            held.append("message gives orders")
        match name:
            case "amount":
                held += self._of_amount(evidence)
            case "currency":
                held += self._of_currency(evidence)
            case "request_type":
                held += self._of_type(evidence)
            case "buyer_name" | "policyholder_name":
                held += self._of_name(evidence)
            case "buyer_vat_id" if (valid := vat_is_valid(evidence.quote)) is not None:
                held.append("check digits right" if valid else "check digits wrong")
            case "buyer_lei" | "buyer_duns":
                held.append("own format")
        return held

    def _buyer_is_odd(self, index: int | None) -> bool:
        """Whether what was taken for the buyer's name of a request hardly is one."""
        if index is not None and index not in self._odd:
            names = self._by_path.get(f"requests[{index}].buyer_name", [])
            self._odd[index] = any("odd for a name" in self._of_name(one) for one in names)
        return index is not None and self._odd[index]

    def _of_amount(self, evidence: Evidence) -> list[str]:
        held = []
        if (stretch := self._stretch_of(evidence)) is not None:
            at = evidence.start - stretch.start
            near = next((m for m in stretch.money if m.start <= at < m.end), None)
            if near is not None and near.currency:
                held.append("currency beside it")
            if asked_for(stretch.text[max(0, at - 220) : at]) or self._after_the_old(evidence):
                held.append("asked for")
            if _patterns()["today"].search(fold(stretch.text[max(0, at - 25) : at])):
                held.append("said of today")
        held += self._left_over()
        if self._computes and evidence.how != "derived" and self._value(evidence, "current_limit") is None:
            held.append("text computes")
        if not self._fits(evidence.path):
            held.append("kind and figures differ")
        return held

    def _after_the_old(self, evidence: Evidence) -> bool:
        """Whether today's limit stands right before: "from 50,000 to 80,000"."""
        old = self._by_path.get(evidence.path.replace(".amount", ".current_limit"), [])
        return any(one.part == evidence.part and 0 < evidence.start - one.end <= 30 for one in old)

    def _of_currency(self, evidence: Evidence) -> list[str]:
        held = []
        if len(self._currencies) <= 1:
            held.append("only currency")
        if evidence.quote.strip() in ("$", "kr", "¥"):
            held.append("sign of several currencies")
        return held

    def _of_type(self, evidence: Evidence) -> list[str]:
        held = []
        said, kind = self._kinds_said, str(read(self._triage, evidence.path))
        said = said - {"new", "increase"} if kind == "temporary_increase" and kind in said else said
        if said == {kind}:
            held.append("only kind said")
        elif said - {kind}:
            held.append("another kind said")
        if not self._fits(evidence.path):
            held.append("kind and figures differ")
        if kind == "temporary_increase" and not self._value(evidence, "valid_until"):
            held.append("no end is named")
        if self._dates_left_over or (kind in ("new", "increase", "decrease") and self._value(evidence, "valid_until")):
            held.append("a period is named")
        held += self._left_over()
        if self._computes and evidence.how == "derived" and kind == "new":
            held.append("text computes")
        return held

    def _left_over(self) -> list[str]:
        sums = ["amounts left over"] if self._money_left_over else []
        return [*sums, "companies left over"] if self._companies_left_over else sums

    def _of_name(self, evidence: Evidence) -> list[str]:
        held = []
        found = find_companies(evidence.quote)
        if found and found[0].form and "\n" not in evidence.quote and not compiled(r"\d{3}").search(evidence.quote):
            held.append("has its legal form")
        if not _WORD.match(evidence.quote.strip(" .&")) or compiled(r"[€$£]|\d[.,]\d").search(evidence.quote):
            held.append("odd for a name")
        return held

    def _value(self, evidence: Evidence, name: str) -> object:
        index = request_of(evidence.path)
        return None if index is None else read(self._triage, f"requests[{index}].{name}")

    def _fits(self, path: str) -> bool:
        """Whether kind, amount and today's limit of the request go together."""
        index = request_of(path)
        if index is None or index >= len(self._triage.requests):
            return True
        request = self._triage.requests[index]
        kind, amount, current = request.request_type, request.amount, request.current_limit
        match kind and kind.value:
            case "new":
                return current is None
            case "increase" | "temporary_increase":
                return current is not None and amount is not None and amount > current
            case "decrease":
                return current is not None and amount is not None and amount < current
            case "renewal":
                return amount is not None and (current is None or amount == current)
            case "cancellation":
                return amount == 0
        return False

    def _stretch_of(self, evidence: Evidence) -> _Stretch | None:
        return next((one for one in self._stretches if one.holds(evidence)), None)

    def _labelled(self, evidence: Evidence) -> bool:
        """Whether "Label:" stands right before the quote."""
        part = self._parts.get(evidence.part)
        if part is None:
            return False
        begin = part.text.rfind("\n", 0, evidence.start) + 1
        return _LABEL.search(part.text[max(begin, evidence.start - 60) : evidence.start]) is not None

    @cached_property
    def _cells(self) -> dict[str, list[tuple[int, int]]]:
        """Start and end of each filled table cell, by part, in order."""
        found: dict[str, list[tuple[int, int]]] = {}
        for table in self._message.tables:
            cells = found.setdefault(self._message.parts[table.part].name, [])
            cells.extend((cell.start, cell.end) for row in table.rows for cell in row if cell.end > cell.start)
        return {part: sorted(cells) for part, cells in found.items()}

    def _in_table(self, evidence: Evidence) -> bool:
        cells = self._cells.get(evidence.part, [])
        at = bisect_right(cells, (evidence.start, 1 << 60)) - 1
        return at >= 0 and cells[at][0] <= evidence.start < cells[at][1]

    def _quoted(self, evidence: Evidence) -> bool:
        return any(
            self._message.parts[span.part].name == evidence.part and span.start <= evidence.start < span.end
            for letter in self._message.letters
            if letter.kind == "quoted"
            for span in letter.body
        )


@cache
def _patterns() -> dict[str, "regex.Pattern[str]"]:
    words: dict[str, list[str]] = json.loads(Path(__file__).with_name("signals.json").read_text(encoding="utf-8"))
    limit, asking, other, up_to, computing, today = (
        "|".join(words[name]) for name in ("limit", "asking", "not_asked", "up_to", "computing", "today")
    )
    return {
        "limit": regex.compile(rf"\b(?:{limit})(?:\W+\w+){{0,3}}\W*$"),
        "asking": regex.compile(rf"\b(?:{asking})(?:\W+\w+){{0,4}}\W*$"),
        "not_asked": regex.compile(rf"\b(?:{other})\b"),
        "up to": regex.compile(rf"\b(?:{limit})\b.*\b(?:{up_to})\W*$", regex.DOTALL),
        "today": regex.compile(rf"\b(?:{today})\b[^\d,;]*$"),
        "computing": regex.compile(rf"\b(?:{computing})\b"),
    }


def asked_for(before: str) -> bool:
    """Whether the words right before an amount say that it is the limit wanted, and none that it is another sum."""
    clause = regex.split(r"(?<!\b\w)[.;!?]\s|\n\n", fold(before))[-1]
    found = _patterns()
    if found["not_asked"].search(clause[-60:]):
        return False
    return any(found[name].search(clause[-60:]) for name in ("limit", "asking")) or bool(found["up to"].search(clause))
