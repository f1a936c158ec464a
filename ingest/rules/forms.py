"""Forms: lines of "label: value", tick boxes, sections for the insured and for the buyer; one or more buyers."""

import re
from dataclasses import dataclass, field

from ingest.engine import Hint
from ingest.fields import MESSAGE_PATHS
from ingest.rules.boxes import TICKED
from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, fact
from ingest.rules.kinds import kind_of_cell
from ingest.rules.labels import hinted, put_value, read_label, whole
from ingest.rules.lexicon import fold
from ingest.rules.material import Passage
from ingest.rules.table_requests import finish_draft

_HEADING = re.compile(r"^[ \t]*[^:\n\t\d]{4,60}$", re.MULTILINE)
_LINE = re.compile(
    r"^[ \t>*•·-]*(?P<label>[^:\n\t]{2,60}?)[ .…_]*(?::|：|\t|\s{3,}|\.{3,})[ \t]*(?P<value>[^\n]*)$", re.MULTILINE
)
_DASHED = re.compile(r"^[ \t>*•·]*(?P<label>[^:\n\t\d-]{2,40}?) [-–—] (?P<value>[^\n]+)$", re.MULTILINE)
_INSURED = Cue("forms.insured", r"<1>")
_RISK = Cue("forms.risk", r"<1>")


@dataclass(slots=True)
class FormReading:
    """What labelled lines gave."""

    drafts: list[Draft] = field(default_factory=list)
    general: Draft = field(default_factory=Draft)
    lines: list[tuple[int, int]] = field(default_factory=list)  # the labelled lines, offsets in the passage
    count: int = 0  # labels of requests that were understood
    learned: bool = False  # one of them is known from a learned rule


def read_form(passage: Passage, hints: tuple[Hint, ...] = ()) -> FormReading:
    """All labelled values of a passage; a further buyer name begins a further request."""
    learned = {label.field for one in _LINE.finditer(passage.text) if (label := hinted(hints, one["label"]))}
    reading = FormReading()
    draft = Draft(source="form")
    section = ""
    lines = _lines(passage.text)
    headings = [(m.start(), fold(m.group())) for m in _HEADING.finditer(passage.text)]
    for match in lines:
        while headings and headings[0][0] < match.start():
            section = _section(headings.pop(0)[1], section)
        label = hinted(hints, match["label"]) or read_label(match["label"])
        if label is not None and label.learned is None and label.field in learned:
            label = None  # a learned rule says where it stands
        heading = fold(match["label"])
        if not match["value"].strip():
            section = _section(heading, section)
            continue
        if label is None or label.field in ("ignored", "row_number", "remarks", "case_reference"):
            continue
        value = passage.cut(match.start("value"), match.end("value"))
        if label.field in MESSAGE_PATHS:
            put_value(reading.general, label, value)
            section = "insured" if label.field == "policyholder_name" else section
            continue
        if (
            section == "insured"
            and label.field != "buyer_name"
            and label.field.startswith("buyer_")
            and "buyer_name" not in draft.facts
        ):
            continue
        if label.field == "buyer_name":
            if section == "insured" and not _RISK.search(heading) and "policyholder_name" not in reading.general.facts:
                reading.general.put("policyholder_name", whole(value))
                continue
            section = "buyer"
            if "buyer_name" in draft.facts:
                _close(reading, draft)
                draft = Draft(source="form")
        reading.lines.append((match.start(), match.end()))
        reading.count += 1
        reading.learned = reading.learned or label.learned is not None
        put_value(draft, label, value, 1)
    _ticks(passage, draft, reading)
    _close(reading, draft)
    return reading


def _lines(text: str) -> list[re.Match[str]]:
    """The labelled lines; those with a dash behind the label count where three of them bear known labels."""
    lines = list(_LINE.finditer(text))
    starts = {match.start() for match in lines}
    dashed = [
        match
        for match in _DASHED.finditer(text)
        if match.start() not in starts and len(match["label"].split()) <= 4 and read_label(match["label"]) is not None
    ]
    return sorted([*lines, *dashed], key=lambda match: match.start()) if len(dashed) >= 3 else lines


def _section(heading: str, section: str) -> str:
    insured, risk = _INSURED.search(heading), _RISK.search(heading)
    if len(heading.split()) > 6 or (insured is None) == (risk is None):
        return section
    return "insured" if insured else "buyer"


def _ticks(passage: Passage, draft: Draft, reading: FormReading) -> None:
    for match in TICKED.finditer(passage.text):
        kind = kind_of_cell(match[1])
        if kind:
            draft.put("request_type", fact(passage, match.start(1), match.end(1), kind, labelled=True))
            reading.count += 1


def _close(reading: FormReading, draft: Draft) -> None:
    if draft.facts:
        finish_draft(draft)
        reading.drafts.append(draft)
