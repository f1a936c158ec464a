"""Dates with a meaning: from when and until when a limit is asked for, and by when the answer is needed."""

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta

from ingest.rules.cues import Cue
from ingest.rules.drafts import Fact, fact, place
from ingest.rules.lexicon import phrases
from ingest.rules.material import Passage
from ingest.rules.segments import units
from ingest.values.dates import DateFound, find_dates
from ingest.values.month_ranges import find_month_ranges
from ingest.values.spans import find_spans

_FROM = Cue("periods.from", r"(?<!\w)(?:<1>)\s*(?:<2>)?\s*$")
_IN_MONTHS = Cue("periods.in_months", r"(?<!\w)(?:<1>)\s*(?:<2>)?\s*$")
_UNTIL = Cue("periods.until", r"(?<!\w)(?:<1>)\s*(?:<2>)?\s*$")
_LIMIT_WORDS = Cue("periods.limit_words", r"<1>")
_BEGINS = Cue("periods.begins", r"(?:<1>)\s*(?:<2>)?\s*$")
_TAKES_EFFECT = Cue("periods.takes_effect", r"(?:<1>)\s*(?:<2>)?\s*$")
SHIPMENT = Cue("periods.shipment", r"(?:<1>)\w*")


def sentences(passages: list[Passage]) -> Iterator[Passage]:
    """The sentences and lines of passages."""
    for passage in passages:
        for start, end, _ in units(passage):
            yield passage.cut(start, end)


def validity(pieces: list[Passage], kind: str | None) -> dict[str, Fact]:
    """valid_from and valid_until of a request."""
    out: dict[str, Fact] = {}
    told = [(s, find_dates(s.text, s.written)) for s in sentences(pieces) if re.search(r"\d|[a-z]{3}", s.folded)]
    for sentence, dates in told:  # both ends told together go before one told alone
        if kind != "cancellation" and "valid_until" not in out:
            _months(sentence, out)
        _ranges(sentence, dates, out, kind)
    for sentence, dates in told:
        if not dates:
            continue
        if kind == "cancellation" and "valid_until" not in out:
            _effective(sentence, dates, out)
        elif kind in ("temporary_increase", "renewal") and "valid_until" not in out:
            _until(sentence, dates, out)
        elif "valid_from" not in out and "valid_until" not in out:
            _single(sentence, dates, out)
            if kind in ("increase", "new", None):
                _limited(sentence, dates, out)
        if kind != "cancellation" and "valid_until" not in out:
            _lasting(sentence, dates, out)
            _for_months(sentence, dates, out, kind)
    return out


def _months(sentence: Passage, out: dict[str, Fact], told: bool = False) -> None:
    """ "From June to the end of August" where the sentence speaks of the limit, or it is `told` that a period stands there."""
    if (
        not told
        and not _LIMIT_WORDS.search(sentence.folded)
        and not phrases("request_types").has(sentence.folded, "increase")
    ):
        return
    for one in find_month_ranges(sentence.text, sentence.written):
        before = sentence.folded[max(0, one.start - 34) : one.start]
        if one.last < sentence.written or (
            not _FROM.search(before) and not _IN_MONTHS.search(before) and re.search(r"[a-z]{3}\s*$", before)
        ):
            continue
        out["valid_from"] = fact(sentence, one.start, one.middle, one.first, derived="first day of the month")
        out["valid_until"] = fact(sentence, one.middle, one.end, one.last, derived="last day of the month")
        return


_ONLY_UNTIL = Cue("periods.only_until", r"(?:<1>)\s*(?:<2>)?\s*$")


def _limited(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    """ "Raise the limit to 90,000 until 30 September": the end of a higher limit, not the day for an answer."""
    if not phrases("request_types").has(sentence.folded, "increase") or is_answer_wanted(sentence):
        return
    for one in dates:
        before = _before(sentence, one)
        far = one.value >= sentence.written + timedelta(days=21)
        if (
            far
            and _ONLY_UNTIL.search(before)
            and not SHIPMENT.search(sentence.folded[max(0, one.start - 60) : one.start])
        ):
            out["valid_until"] = dated(sentence, one, one.value)
            return


_LASTS = Cue("periods.lasts", r"\b(?:<1>)\s+(?:<2>)?$")


def _lasting(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    """ "… of 200,000, valid until 31 December": how long the limit is to last."""
    for one in dates:
        if one.value > sentence.written and _LASTS.search(_before(sentence, one)):
            out["valid_until"] = dated(sentence, one, one.value)
            return


_DURING = Cue("periods.during", r"(?<!\w)(?:<1>)\s+(?:<2>)?$")


def _for_months(sentence: Passage, dates: list[DateFound], out: dict[str, Fact], kind: str | None) -> None:
    """ "For six months from 1 April": the last day is worked out."""
    if kind != "temporary_increase" and not _LIMIT_WORDS.search(sentence.folded) and not _SUM.search(sentence.folded):
        return
    starts = [one for one in dates if _FROM.search(_before(sentence, one)) or _BEGINS.search(_before(sentence, one))]
    if not starts or SHIPMENT.search(sentence.folded[max(0, starts[0].start - 45) : starts[0].start]):
        return
    for span in find_spans(sentence.text):
        if _DURING.search(sentence.folded[max(0, span.start - 34) : span.start]):
            first, spot = starts[0].first, place(sentence, span.start, span.end)
            start = dated(sentence, starts[0], first)
            out.setdefault("valid_from", start)
            rule = "last day of the months or weeks from the first"
            out["valid_until"] = Fact(span.end_from(first) - timedelta(days=1), (*start.places, spot), rule)
            return


def period_of(cell: Passage) -> dict[str, Fact]:
    """valid_from and valid_until where a text is nothing but a period ("1.4. - 30.9.", "bis Jahresende", "ab 1. Mai")."""
    dates, out = find_dates(cell.text, cell.written), dict[str, Fact]()
    _months(cell, out, told=True)
    if out or not dates:
        return out
    if len(dates) >= 2 and dates[0].first <= dates[-1].value:
        return {
            "valid_from": dated(cell, dates[0], dates[0].first),
            "valid_until": dated(cell, dates[-1], dates[-1].value),
        }
    _for_months(cell, dates, out, "temporary_increase")
    if not out and _UNTIL.search(_before(cell, dates[0])):
        out["valid_until"] = dated(cell, dates[0], dates[0].value)
    elif not out and (_FROM.search(_before(cell, dates[0])) or _BEGINS.search(_before(cell, dates[0]))):
        out["valid_from"] = dated(cell, dates[0], dates[0].first)
    return out


_WANTED = Cue("periods.wanted", r"\b(?:<1>)\b")
_SUM = Cue("periods.sum", r"\d ?(?:<1>)|(?:<2>) ?\d")


def _before(sentence: Passage, one: DateFound) -> str:
    return sentence.folded[max(0, one.start - 34) : one.start]


def _ranges(sentence: Passage, dates: list[DateFound], out: dict[str, Fact], kind: str | None) -> None:
    told = _LIMIT_WORDS.search(sentence.folded) or _SUM.search(sentence.folded)
    if not told and (kind not in ("temporary_increase", "renewal") or SHIPMENT.search(sentence.folded)):
        return
    for one, two in itertools.pairwise(dates):
        between = sentence.folded[one.end : two.start]
        if len(between) > 32 or not _UNTIL.search(between if between.strip() else "-"):
            continue
        if not _FROM.search(_before(sentence, one)) and not re.fullmatch(r"\s*[-–]\s*", between):
            continue
        if "valid_from" not in out and one.first <= two.value:
            out["valid_from"] = dated(sentence, one, one.first)
            out["valid_until"] = dated(sentence, two, two.value)
            return


_RUNS_OUT = Cue("periods.runs_out", r"\b(?:<1>)\b[^.;:,]{0,22}$")
_BY_OR_AND = Cue("periods.by_or_and", r"\b(?:<1>)\s*$")
_ON_DAY = Cue("periods.on_day", r"(?:<1>)\s*(?:the)?\s*$")


def _until(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    if is_answer(sentence) and not _LIMIT_WORDS.search(sentence.folded):
        return
    for one in dates:
        before = _before(sentence, one)
        if _RUNS_OUT.search(before):
            continue  # the end of the limit there is
        if _UNTIL.search(before) and not _BY_OR_AND.search(before) and one.value > sentence.written:
            out["valid_until"] = dated(sentence, one, one.value)
        elif (
            (_FROM.search(before) or _TAKES_EFFECT.search(before))
            and "valid_from" not in out
            and not SHIPMENT.search(sentence.folded[: one.start])
        ):
            out["valid_from"] = dated(sentence, one, one.first)


def _effective(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    """The day on which a cancellation takes effect."""
    for one in dates:
        before = _before(sentence, one)
        begins = _FROM.search(before) is not None or _TAKES_EFFECT.search(before) is not None
        ends = _UNTIL.search(before) or _ON_DAY.search(before)
        by = re.search(r"\bby\s*(?:the)?\s*$", before)
        if begins or (ends and not (is_answer(sentence) if by else is_answer_wanted(sentence))):
            out["valid_until"] = dated(sentence, one, one.value)
            return


def _single(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    """ "Limit from 1 March", "to start on 1 April": one end only, said of the limit itself."""
    for one in dates:
        before = _before(sentence, one)
        near = sentence.folded[max(0, one.start - 140) : one.start]
        after = sentence.folded[one.end : one.end + 110]
        if one.first < sentence.written or SHIPMENT.search(near[-45:]):
            continue
        if _TAKES_EFFECT.search(before):
            out["valid_from"] = dated(sentence, one, one.first)
            return
        told = _LIMIT_WORDS.search(near) or (_LIMIT_WORDS.search(after) and not SHIPMENT.search(after[:45]))
        told = told or (_SUM.search(near[-60:]) and _WANTED.search(near))
        if told and _BEGINS.search(before):
            out["valid_from"] = dated(sentence, one, one.first)
            return


_EFFECT = Cue("periods.effect", r"\b(?:<1>)\b")


def tells_effect(sentence: Passage) -> bool:
    """Whether a sentence says from or until when a change holds, and not by when an answer is wanted."""
    told = _EFFECT.search(sentence.folded) or phrases("request_types").has(sentence.folded)
    return bool(told) and not is_answer_wanted(sentence)


def dated(sentence: Passage, one: DateFound, value: object) -> Fact:
    """A date as a fact, with the rule that worked it out."""
    return fact(sentence, one.start, one.end, value, derived=one.rule if one.relative else None)  # type: ignore[arg-type]


def is_answer(sentence: Passage) -> bool:
    """Whether a sentence speaks of the answer that is wanted."""
    return phrases("phrases").has(sentence.folded, "answer")


def is_answer_wanted(sentence: Passage) -> bool:
    """Whether a sentence speaks of a reply or decision in so many words, not only of wishes."""
    return phrases("phrases").has(sentence.folded, "reply")
