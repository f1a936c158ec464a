"""By when the sender needs the answer: deadlines, wishes, plans, and days counted back from an event."""

import itertools
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from ingest.rules.cues import Cue
from ingest.rules.date_roles import SURE, Place, each_date, roles
from ingest.rules.drafts import Fact, place
from ingest.rules.lexicon import Phrases, fold, phrases
from ingest.rules.material import Passage
from ingest.rules.periods import SHIPMENT, dated, is_answer, is_answer_wanted, sentences
from ingest.values.calendar_words import grammar, number_pattern, plus_months, plus_working_days, small_number
from ingest.values.dates import DateFound, find_dates
from ingest.values.found import alternatives, load_words
from ingest.values.month_ranges import find_month_ranges

_PAYS = Cue("needs.pays", r"<1>")
_IN_TIME = Cue("needs.in_time", r"(?:(?:<1>)\w*\b[^.]{0,25}|(?:<2>)\s+(?:the\s+)?\d[^.]{0,22})$")
_NEEDED = Cue("needs.needed", r"\b(?:<1>)\b")
_UNTIL_DAY = Cue("needs.until_day", r"\b(?:<1>)\s*$")
_STILL = Cue("needs.still", r"\s*(?:<1>)\b")
_CLAUSE = Cue("needs.clause", r"\b(?:<1>)\s[^,.;:!?]{4,40}\s(?:<2>)?\s*(?:<3>)?(?:<4>)?$")
_CONFIRM = Cue("needs.confirm", r"\b(?:<1>)")
_OCCASION = Cue("needs.occasion", r"'s (?:\w+ )?(?:<1>)\b")
_FOR_OCCASION = Cue("needs.for_occasion", r"\b(?:<1>) (?:<2>)?$")
_BEFORE = Cue("needs.before", r"\b(?:<1>)\s+(?:<2>)?$")
_RANGE = Cue("needs.range", r"\s*(?:<1>)\s*(?:<2>)?\s*")
_LIMIT = Cue("needs.limit", r"<1>")
_WE_NEED = Cue("needs.we_need", r"\b(?:<1>)\b")
_MUST_TELL = Cue("needs.must_tell", r"\b(?:<1>)\b")
_WANTS = Cue("needs.wants", r"\b(?:<1>)\b")
_BY = Cue("needs.by", r"\b(?:<1>)\s+(?:the\s+)?$")
_BEFORE_WEEKDAY = Cue("needs.before_weekday", r"(?:\b(?:<1>)\s+)?")
_BEHIND_WEEKDAY = Cue("needs.behind_weekday", r"(?:(?:<1>)\s+)?")
_EARLIER = Cue("needs.earlier", r"(?:<1>)\b")
_CLAUSE_BORDER = Cue("needs.clause_border", r"[,;:]|\s(?:<1>)\s")
_UNTIL = Cue("needs.until", r"<1>")
_ANSWER = Cue("needs.answer", r"<1>")


@cache
def _weekday_before() -> re.Pattern[str]:
    days = [name for listed in load_words("dates")["weekdays"].values() for names in listed for name in names]
    return re.compile(rf"{_BEFORE_WEEKDAY.pattern}\b{fold(alternatives(days))}\b[\s,]*{_BEHIND_WEEKDAY.pattern}$")


_SAID, _DOUBTED = 2.0, 0.1  # where the rules are this sure, a model need only not contradict


def needed_by(passages: list[Passage]) -> Fact | None:
    """By when the sender needs the answer."""
    best: tuple[float, Fact] | None = None
    previous: tuple[DateFound, Passage] | None = None
    for spot, need in dates_told(passages):
        one = spot.dates[spot.index]
        likely = roles(spot, need)["needed_by"]
        least = SURE if need < _SAID else _DOUBTED
        if likely >= least and one.value >= spot.sentence.written and likely > (best[0] if best else 0.0):
            best = (likely, dated(spot.sentence, one, one.value))
    for sentence in sentences(passages):
        dates = _dates(sentence)
        if previous is not None or dates:
            for score, fact in _pointing_back(sentence, dates, previous):
                if score > (best[0] if best else 0.0):
                    best = (score, fact)
        if dates:
            previous = (dates[-1], sentence)
    return best[1] if best else None


def limits_of(pieces: list[Passage]) -> dict[str, Fact]:
    """valid_from and valid_until by what the words around the dates are like."""
    best: dict[str, tuple[float, Fact]] = {}
    for spot, need in dates_told(pieces):
        one, likely = spot.dates[spot.index], roles(spot, need)
        for name, value in (("valid_from", one.first), ("valid_until", one.value)):
            if likely[name] >= SURE and likely[name] > best.get(name, (0.0,))[0]:
                best[name] = (likely[name], dated(spot.sentence, one, value))
    return {name: found for name, (_, found) in best.items()}


def _dates(sentence: Passage) -> list[DateFound]:
    dates = [*find_dates(sentence.text, sentence.written), *_days_alone(sentence)]
    return sorted(dates, key=lambda one: one.start)


def dates_told(passages: list[Passage]) -> Iterator[tuple[Place, float]]:
    """Each date in its sentence, and how much its words say that the answer is needed by then."""
    told = [(sentence, _dates(sentence)) for sentence in sentences(passages)]
    for one in each_date(told):
        free = _outside_ranges(one.sentence, list(one.dates))
        day = one.dates[one.index]
        yield one, _need(one.sentence, day) if day in free else 0.0


def _pointing_back(
    sentence: Passage, dates: list[DateFound], previous: tuple[DateFound, Passage] | None
) -> Iterator[tuple[float, Fact]]:
    """ "We need it by then", "a week before would be perfect"."""
    then = phrases("phrases").first(sentence.folded, "by_then")
    if then and (dates or previous):
        day, where = (dates[-1], sentence) if dates and dates[-1].end <= then.start else (previous or (None, sentence))
        asked = is_answer(sentence) or _MUST_TELL.search(sentence.folded)
        if day is not None and asked and day.value >= sentence.written:
            places = (place(where, day.start, day.end), place(sentence, then.start, then.end))
            yield 2.1, Fact(day.value, places, "the date that 'by then' points to")
    book = phrases("needs")
    if not book.has(sentence.folded, "earlier") or not (
        book.has(sentence.folded, "wish", "settled") or is_answer_wanted(sentence)
    ):
        return
    for match in _back().finditer(sentence.folded):
        day, where = next(
            ((d, sentence) for d in reversed(dates) if d.end <= match.start()), previous or (None, sentence)
        )
        count = small_number(match["count"])
        if day is None or count is None or day.value < sentence.written:
            continue
        value = _earlier(day.value, count, grammar().unit_of(match["unit"]))
        if value >= sentence.written:
            places = (place(where, day.start, day.end), place(sentence, match.start(), match.end()))
            yield 3.5, Fact(value, places, "counted back from the date")


_DAY_ALONE = Cue("needs.day_alone", r"(?<!\w)(?:<1>)(?=\s*(?:$|[.,;:!?)])|\s(?:<2>))")


def _days_alone(sentence: Passage) -> Iterator[DateFound]:
    """ "By the 15th": the next such day after the letter."""
    for match in _DAY_ALONE.finditer(sentence.folded):
        number = int(next(group for group in match.groups() if group))
        months = (plus_months(sentence.written.replace(day=1), k) for k in range(3))
        day = next((d for m in months if (d := _in_month(m, number)) and d >= sentence.written), None)
        if number and day is not None:
            start = match.start(match.lastindex or 0)
            yield DateFound(start, match.end(), sentence.text[start : match.end()], day, day, True, "next such day")


def _in_month(first: date, number: int) -> date | None:
    try:
        return first.replace(day=number)
    except ValueError:
        return None


@cache
def _back() -> re.Pattern[str]:
    units = [word for listed in load_words("dates")["units"].values() for word in listed]
    words = "|".join(re.escape(fold(w)) for w in sorted(units, key=len, reverse=True))
    numbers = fold(number_pattern()).replace(r"a\s+couple\s+of|", "")
    return re.compile(rf"(?<!\w)(?P<count>{numbers})\s+(?P<unit>{words})\s+{_EARLIER.pattern}")


def _earlier(day: date, count: int, unit: str) -> date:
    if unit == "week":
        return day - timedelta(weeks=count)
    if unit == "month":
        return plus_months(day, -count)
    if unit == "working_day":
        start = day - timedelta(days=count)
        while plus_working_days(start, count) > day:
            start -= timedelta(days=1)
        return start
    return day - timedelta(days=count)


def _need(sentence: Passage, one: DateFound) -> float:
    """How likely a date is the one by which the answer is needed."""
    if one.value < sentence.written:
        return 0.0
    book, needs = phrases("phrases"), phrases("needs")
    before = _weekday_before().sub("", sentence.folded[max(0, one.start - 44) : one.start])[-32:]
    near = [hit for hit in [*book.find(before, "deadline"), *needs.find(before, "near")] if len(before) - hit.end <= 8]
    inside = book.find(sentence.folded[one.start : one.end], "deadline")
    wished = needs.has(sentence.folded, "wish")
    if (told := _by_occasion(sentence, one, before, bool(near or inside))) is not None:
        return told
    if not near and not inside:
        return 2.4 if wished and _set_apart(sentence, one, needs) else 0.0
    if near and len(sentence.text) <= 48 and sentence.text.rstrip().endswith("?"):
        return 2.2  # "Kan het voor vrijdag?"
    if (
        (one.rule or "").startswith("in_")
        and not is_answer_wanted(sentence)
        and not wished
        and not _NEEDED.search(sentence.folded)
    ):
        return 0.0  # "we must report within 60 days" asks for nothing
    strong = any(len(before) - hit.end <= 8 for hit in needs.find(before, "strong"))
    answers = [*book.find(sentence.folded, "answer"), *needs.find(sentence.folded, "settled")]
    if answers:
        gap = min(max(a.start - one.end, one.start - a.end, 0) for a in answers)
        score = (3.0 if gap <= 60 else 2.2) + 0.3 * strong
    elif wished or (strong and not _limits(sentence)):
        score = 2.4
    elif _WE_NEED.search(sentence.folded) and _BEFORE.search(before):
        return 2.2  # "before Friday's shipment leaves we need 70,000"
    elif needs.has(sentence.folded, "plan"):
        return 2.1
    else:
        return 2.1 if _WANTS.search(sentence.folded[: one.start]) and _BY.search(before) else 0.0
    if (one.value - sentence.written).days > 120 and (_limits(sentence) or _LIMIT.search(sentence.folded)):
        return 0.0  # so far ahead it is the limit's own date
    return score - _doubts(sentence, one, before)


def _by_occasion(sentence: Passage, one: DateFound, before: str, near: bool) -> float | None:
    """The score of a day told by an occasion or a plain word ("for tomorrow", "before the lorry leaves on Tuesday"); None otherwise."""
    if one.rule in ("today", "tomorrow") and _NEEDED.search(sentence.folded):
        after = sentence.folded[one.end : one.end + 12]
        if _UNTIL_DAY.search(before) or _STILL.match(after):
            return 2.2  # "I need this for tomorrow", "liefst vandaag nog"
    if _CLAUSE.search(sentence.folded[: one.start]) and is_answer_wanted(sentence) and not SHIPMENT.search(before[-8:]):
        return 2.2  # "an answer before the lorry leaves on Tuesday"
    if _OCCASION.match(sentence.folded, one.end) and _FOR_OCCASION.search(before) and _NEEDED.search(sentence.folded):
        return 2.2  # "we need the list for Monday's board pack"
    if not near and one.rule == "last_of_week" and (is_answer_wanted(sentence) or _CONFIRM.search(sentence.folded)):
        return 0.0 if SHIPMENT.search(sentence.folded) else 2.2  # "please confirm this week"
    return None


def _outside_ranges(sentence: Passage, dates: list[DateFound]) -> list[DateFound]:
    """The dates that neither begin nor end a range ("from 15 September to 31 January")."""
    inside: set[int] = set()
    for one, two in itertools.pairwise(dates):
        if _RANGE.fullmatch(sentence.folded[one.end : two.start]):
            inside.update((one.start, two.start))
    months = find_month_ranges(sentence.text, sentence.written)
    return [d for d in dates if d.start not in inside and not any(d.overlaps(m.start, m.end) for m in months)]


def _set_apart(sentence: Passage, one: DateFound, needs: Phrases) -> bool:
    """Whether a date stands in brackets or behind "say" or "i.e."."""
    before = sentence.folded[max(0, one.start - 24) : one.start]
    if before.rstrip().endswith("(") and sentence.folded[one.end :].lstrip().startswith(")"):
        return True
    return any(len(before) - hit.end <= 4 for hit in needs.find(before, "so"))


def _limits(sentence: Passage) -> bool:
    """Whether a sentence speaks of a limit or a change of it: its date may be the limit's own."""
    return phrases("request_types").has(
        sentence.folded, "cancellation", "renewal", "increase", "decrease", "temporary_increase"
    )


def _doubts(sentence: Passage, one: DateFound, before: str) -> float:
    """What speaks against it: the clause is about a shipment or a payment, or the date ends a limit."""
    doubt = 0.0
    clause = _CLAUSE_BORDER.split(sentence.folded[: one.start])[-1]
    if SHIPMENT.search(clause) or _PAYS.search(clause):
        doubt += 1.2
    if _IN_TIME.search(before):
        doubt += 1.5
    if _UNTIL.search(before[-14:]) and not _ANSWER.search(sentence.folded):
        doubt += 1.2
    return doubt
