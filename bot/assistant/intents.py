"""What a question wants: a case's status, figures, a list, the manual, small talk. By weighing what was read."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.assistant import lexicon
from bot.assistant.reading import Reading, names_company
from cases.statistics import metrics

Intent = Literal[
    "status", "mine", "statistics", "listing", "procedure", "smalltalk", "sent", "limits", "propose", "other"
]
CASE_METRICS = frozenset({"open", "overdue_next_actions", "next_actions_due", "missing_documents"})


@dataclass(frozen=True, slots=True)
class Weights:
    """How much speaks for figures and for the manual."""

    figures: int
    strong: int  # words of rules: must, may, allowed, the manual
    weak: int

    @property
    def manual(self) -> int:
        """All that speaks for the manual."""
        return 2 * self.strong + self.weak


def weigh(reading: Reading) -> Weights:
    """Counts the signs."""
    plain = reading.question.plain
    strong = len({match[0] for match in lexicon.pattern("intents", "procedure").finditer(plain)})
    strong += reading.says("hypothetical")  # "a Swedish buyer": none of the register
    weak = len({match[0] for match in lexicon.pattern("intents", "procedure_weak").finditer(plain)})
    return Weights(_figures(reading), strong, weak)


def _figures(reading: Reading) -> int:
    figures = 2 * bool(set(reading.exact) - {"risk_grade", "payment_terms"})
    figures += 2 * bool(reading.metrics and {"risk_grade", "payment_terms"} & set(reading.exact))
    figures += 2 * (
        reading.count and bool(reading.objects or reading.states or set(reading.metrics) & {"buyers", "clients"})
    )
    figures += 2 * bool(reading.by)
    figures += bool(reading.periods) and bool(reading.objects or reading.states or reading.amount)
    figures += 2 * reading.average
    figures += reading.says("share") and bool(reading.objects or reading.states)
    figures += reading.says("compare") and bool(reading.periods)
    figures += reading.ranked and bool(reading.by or reading.objects)
    figures += bool(reading.order and reading.objects and (reading.states or reading.periods))
    figures += reading.amount and bool(reading.states)
    figures += bool(reading.bounds)
    figures += bool({"team", "sector", "country", "channel", "request_type", "status", "currency"} & set(reading.where))
    return int(figures)


def confidential_fields(reading: Reading, has_subject: bool) -> list[str]:
    """Which confidential fields the question is after."""
    fields = [name for name in ("risk_grade", "underwriter_note") if reading.says("confidential", name)]
    if "underwriter_note" not in fields and has_subject and reading.says("confidential", "note_weak"):
        fields.append("underwriter_note")
    if any(bound.field == "risk_grade" for bound in reading.bounds) and "risk_grade" not in fields:
        fields.append("risk_grade")
    return fields


def decide(reading: Reading, weights: Weights) -> Intent:
    """The intent of a question that stands by itself."""
    if _smalltalk(reading):
        return "smalltalk"
    if _proposal(reading) and (reading.references or reading.companies):
        return "propose"
    if reading.references:
        return "status"
    if "expiring_limits" in reading.exact and weights.strong == 0:
        return "statistics" if reading.count or reading.by else "limits"
    if sent_asked(reading):
        return "sent"
    if reading.identifiers or reading.companies:
        return _about_company(reading, weights)
    if _is_mine(reading, weights):
        return "mine"
    if names_company(reading) and (weights.figures < 2 or any(word.role == "form" for word in reading.question.words)):
        return "other" if weights.manual < 2 else "procedure"
    if in_hand(reading) and not weights.strong:
        return "listing"
    if _wants_figures(reading, weights) and not _to_come(reading):
        return "listing" if wants_list(reading) else "statistics"
    if reading.people and not weights.strong and (reading.says("on_desk") or reading.says("status_frames")):
        return "listing"
    if weights.manual and not (reading.says("status_strong") and reading.unmatched and weights.strong == 0):
        return "procedure"
    return "other"


def _about_company(reading: Reading, weights: Weights) -> Intent:
    """A company or policy is named: its cases, unless figures are asked for."""
    if (reading.objects or reading.says("listing")) and reading.periods and not weights.strong and wants_list(reading):
        return "listing"
    if (
        weights.figures >= 2
        and weights.strong == 0
        and (reading.count or reading.by or reading.periods or reading.exact or reading.average)
    ):
        listed = wants_list(reading) and not reading.exact
        return (
            "status" if listed and not reading.periods and not reading.bounds else "listing" if listed else "statistics"
        )
    return "status"


def _wants_figures(reading: Reading, weights: Weights) -> bool:
    """Figures of the register, not a rule of the manual: something must tie the question to what happened."""
    if not reading.metrics and not (reading.by and (reading.ranked or reading.periods)):
        return False
    if reading.says("hypothetical") and not (reading.periods or reading.count):
        return False
    if weights.strong:
        tied = bool(reading.periods or reading.average or (reading.by and reading.metrics))
        return tied and weights.figures > weights.manual
    if not _tied(reading):
        return False
    if weights.figures >= 2 and weights.weak <= 1:
        return True
    if weights.figures > weights.manual:
        return True
    spoken = bool(reading.states) or "underwriter" in reading.where or wants_list(reading)
    return weights.manual == 0 and bool(reading.metrics) and spoken


def hardly_figures(reading: Reading, weights: Weights) -> bool:
    """Whether little but a word of the register speaks for figures, beside words that say none: the manual is asked first."""
    tied = reading.periods or reading.people or reading.where or reading.bounds or reading.says("mine")
    unsaid = bool(reading.unmatched) or (bool(reading.states) and weights.figures == 0)
    return weights.figures < 2 and unsaid and not (tied or reading.count or reading.says("listing"))


def _to_come(reading: Reading) -> bool:
    """A day to come is one on which actions fall due or limits end; nothing was received or decided on it yet."""
    coming = bool(reading.periods) and all(one.period.start > reading.now for one in reading.periods)
    return coming and not set(reading.metrics) & {"next_actions_due", "expiring_limits"}


def _tied(reading: Reading) -> bool:
    """Whether time, groups, counts, people or outcomes tie the question to the register."""
    filters = {"team", "status", "underwriter"} & set(reading.where)
    rates = {name for name in reading.metrics if metrics()[name].unit == "rate" and name != "sla_kept"}
    counted = reading.count and bool(reading.objects or reading.states or reading.metrics)
    spoken = bool({"open", "declined", "withdrawn", "partially_approved"} & set(reading.states))
    asked = bool(reading.states and reading.objects and (reading.says("listing") or reading.where or reading.bounds))
    return bool(
        reading.periods or reading.by or reading.average or reading.people or filters or rates or counted or spoken or asked
        or set(reading.metrics) & {"overdue_next_actions", "next_actions_due", "workload", "exposure", "ageing", "expiring_limits", "missing_documents"}
        or (reading.ranked and reading.objects) or reading.says("mine") or reading.says("share") or reading.says("compare")
        or (reading.bounds and reading.says("listing"))
        or (reading.amount and {"approved", "declined", "decided"} & set(reading.states) and not reading.says("procedure_weak"))
    )  # fmt: skip


def in_hand(reading: Reading) -> bool:
    """Whether the question is what a colleague has on his desk now, case by case."""
    figures = reading.count or reading.by or reading.average or reading.periods or reading.says("share")
    return bool(reading.people and reading.says("on_desk") and not figures)


def wants_list(reading: Reading) -> bool:
    """Whether cases are wanted one by one rather than a figure."""
    if in_hand(reading):
        return True
    if reading.count or reading.by or reading.average or reading.says("share"):
        return False
    if not reading.metrics:
        return bool(reading.people and reading.says("on_desk"))
    first = metrics()[reading.metrics[0]]
    if reading.companies and reading.objects and reading.periods and first.unit == "count":
        return not reading.says("compare")
    if "underwriter" in reading.where and reading.objects:
        return True
    ranked = reading.order is not None and (reading.top is not None or reading.ranked) and reading.objects
    if first.unit == "rate" or (first.unit in ("days", "money", "number") and not ranked):
        return False
    if ranked or reading.metrics[0] in CASE_METRICS:
        return not reading.says("compare")
    return reading.says("listing") and not reading.says("compare")


def _is_mine(reading: Reading, weights: Weights) -> bool:
    if not reading.says("mine") or reading.count or reading.by or reading.average or weights.strong:
        return False
    if set(reading.exact) - {"workload"} or reading.periods or reading.bounds or reading.amount:
        return False
    if set(reading.where) - {"status", "missing_document"}:
        return False
    desk = re.search(
        r"(?:my|mein\w*|mon) (?:desk|plate|table|tray|inbox|pile|\w*tisch|bureau|queue|list)|bei mir|chez moi|for me|assigned to me",
        reading.question.plain,
    )
    return bool(reading.objects or reading.states or desk or reading.where or reading.says("attributes", "missing"))


def _smalltalk(reading: Reading) -> bool:
    """Nothing but greetings, thanks and small words."""
    if reading.references or reading.names or reading.where or reading.exact or reading.identifiers:
        return False
    left, hits = lexicon.pattern("intents", "smalltalk").subn(" ", reading.question.plain)
    if not hits:
        return False
    rest = [word for word in re.findall(r"[a-z']+", left) if word not in lexicon.all_stopwords() and len(word) > 2]
    asks = reading.says("status_strong") or reading.count or bool(reading.states)
    return len(rest) <= 1 and not asks


def _proposal(reading: Reading) -> bool:
    return proposal_of(reading) is not None


def proposal_of(reading: Reading) -> str | None:
    """The change that is asked for, said as an order."""
    text = re.sub(
        r"^(?:please|pls|can you|could you|bitte|kannst du|konnen sie|svp|peux-tu|pouvez-vous)\s+",
        "",
        reading.question.plain,
    )
    for name, pattern in lexicon.table("intents", "proposals"):
        if pattern.match(text):
            return name
    return None


def sent_asked(reading: Reading) -> bool:
    """Whether the question is what left the desk in a period."""
    asked = re.match(r"(?:what|which|was|welche\w*|que|qu'|quels?|quelles?|did we|haben wir)", reading.question.plain)
    return bool(asked and reading.periods and reading.says("sent") and reading.metrics[:1] != ["decided"])
