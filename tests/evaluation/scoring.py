"""How far predicted triage records agree with gold ones.

Requests and documents are paired one to one, best likeness first. Names and ids are compared by letters and digits,
phones by digits, amounts to the cent, dates exactly, goods by their share of common words (at least 0.4).
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.fuzz import ratio

Record = dict[str, Any]
Same = Callable[[Any, Any], bool]


def squash(value: Any) -> str:
    """Letters and digits only, without case."""
    return "".join(c for c in unicodedata.normalize("NFKC", str(value)).casefold() if c.isalnum())


def _same_registration(a: Any, b: Any) -> bool:
    label = re.compile(r"^(krs|sirene?|siret|ico|kvk|crn|companyno)(?=\d)")
    return label.sub("", squash(a).replace("č", "c")) == label.sub("", squash(b).replace("č", "c"))


def _same_amount(a: Any, b: Any) -> bool:
    return abs(float(a) - float(b)) < 0.005


def _same_phone(a: Any, b: Any) -> bool:
    return re.sub(r"\D", "", str(a)) == re.sub(r"\D", "", str(b))


def _same_goods(a: Any, b: Any) -> bool:
    left, right = (
        {w for w in re.findall(r"\w+", unicodedata.normalize("NFKC", str(v)).casefold()) if len(w) > 2} for v in (a, b)
    )
    return len(left & right) >= 0.4 * len(left | right) if left | right else squash(a) == squash(b)


def _same_id(a: Any, b: Any) -> bool:
    return squash(a) == squash(b)


MESSAGE: dict[str, Same] = {
    "policy_number": _same_id,
    "policyholder_name": _same_id,
    "contact.name": _same_id,
    "contact.email": _same_id,
    "contact.phone": _same_phone,
    "needed_by": _same_id,
}
REQUEST: dict[str, Same] = {
    "request_type": _same_id,
    "buyer_name": _same_id,
    "buyer_country": _same_id,
    "buyer_registration_number": _same_registration,
    "buyer_vat_id": _same_id,
    "buyer_lei": _same_id,
    "buyer_duns": _same_id,
    "amount": _same_amount,
    "currency": _same_id,
    "current_limit": _same_amount,
    "payment_terms_days": _same_amount,
    "valid_from": _same_id,
    "valid_until": _same_id,
    "expected_turnover": _same_amount,
    "overdue_amount": _same_amount,
    "goods": _same_goods,
}
DOCUMENT: dict[str, Same] = {"type": _same_id, "filename": _same_id}
RIGHT, WRONG, INVENTED, MISSED = "right", "wrong", "invented", "missed"


@dataclass
class Score:
    """Counts over a set of messages."""

    messages: int = 0
    intents: int = 0
    values: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    errors: list[str] = field(default_factory=list)

    def f1(self, names: list[str] | None = None) -> float:
        """Harmonic mean of precision and recall over the named fields (all where none is named)."""
        total = self._total(names)
        seen = 2 * total[RIGHT] + 2 * total[WRONG] + total[INVENTED] + total[MISSED]
        return 2 * total[RIGHT] / seen if seen else 1.0

    def _total(self, names: list[str] | None) -> Counter[str]:
        return sum((self.values[name] for name in names or list(self.values)), Counter())

    def metrics(self) -> dict[str, float]:
        """The figures that the project's targets speak of, each 0 to 1."""
        every = self._total(None)
        predicted = every[RIGHT] + every[WRONG] + every[INVENTED]
        return {
            "intent_accuracy": self.intents / self.messages if self.messages else 1.0,
            "request_micro_f1": self.f1(list(REQUEST)),
            "field_micro_f1": self.f1(),
            "invented": every[INVENTED] / predicted if predicted else 0.0,
            "wrong": every[WRONG] / predicted if predicted else 0.0,
        }

    def judge(self, where: str, name: str, same: Same, gold: Any, predicted: Any) -> None:
        """Counts one value; two nulls count nothing."""
        gold, predicted = (None if v in ("", []) else v for v in (gold, predicted))
        if gold is None and predicted is None:
            return
        if gold is None:
            kind = INVENTED
        elif predicted is None:
            kind = MISSED
        else:
            kind = RIGHT if same(gold, predicted) else WRONG
        self.values[name][kind] += 1
        if kind != RIGHT:
            self.errors.append(f"{where}\t{name}\t{kind}\tgold {gold!r}\tgot {predicted!r}")

    def add(self, gold: Record, predicted: Record) -> None:
        """Counts one message."""
        where = str(gold["id"])
        self.messages += 1
        if gold["intent"] == predicted.get("intent"):
            self.intents += 1
        else:
            self.errors.append(f"{where}\tintent\twrong\tgold {gold['intent']!r}\tgot {predicted.get('intent')!r}")
        for name, same in MESSAGE.items():
            self.judge(where, name, same, _look(gold, name), _look(predicted, name))
        self._references(where, gold.get("case_references") or [], predicted.get("case_references") or [])
        for a, b in pairs(gold.get("documents") or [], predicted.get("documents") or [], "filename"):
            for name, same in DOCUMENT.items():
                self.judge(where, f"documents.{name}", same, a.get(name), b.get(name))
        for a, b in pairs(gold.get("requests") or [], predicted.get("requests") or [], "buyer_name"):
            for name, same in REQUEST.items():
                self.judge(where, name, same, a.get(name), b.get(name))

    def _references(self, where: str, gold: list[str], predicted: list[str]) -> None:
        have = {squash(v) for v in predicted}
        for value in gold:
            self.judge(where, "case_references", _same_id, value, value if squash(value) in have else None)
        for value in predicted:
            if squash(value) not in {squash(v) for v in gold}:
                self.judge(where, "case_references", _same_id, None, value)


def _look(record: Record, path: str) -> Any:
    value: Any = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _likeness(a: Record, b: Record, name: str) -> float:
    left, right = squash(a.get(name) or ""), squash(b.get(name) or "")
    alike = 100.0 if left == right else ratio(left, right)
    if left and right and alike < 60 and left not in right and right not in left:
        same_amount = a.get("amount") and a.get("amount") == b.get("amount")
        return 40.0 if same_amount or a.get("type", "-") == b.get("type") else -1.0
    return max(alike, 40.0)


def pairs(gold: list[Record], predicted: list[Record], name: str) -> Iterator[tuple[Record, Record]]:
    """Gold entries with the predicted ones that are meant, best likeness of `name` first; what is left over with {}."""
    scored = sorted(
        ((_likeness(a, b, name), -i, -j) for i, a in enumerate(gold) for j, b in enumerate(predicted)), reverse=True
    )
    free_gold, free_predicted = dict(enumerate(gold)), dict(enumerate(predicted))
    for likeness, i, j in scored:
        if likeness >= 0 and -i in free_gold and -j in free_predicted:
            yield free_gold.pop(-i), free_predicted.pop(-j)
    yield from ((a, {}) for a in free_gold.values())
    yield from (({}, b) for b in free_predicted.values())
