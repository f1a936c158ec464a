"""From a reading (and the query before it) to a typed statistics query."""

from bot.assistant import lexicon
from bot.assistant.intents import in_hand
from bot.assistant.reading import Reading
from bot.tools import ToolContext
from cases.name_index import Named
from cases.periods import Period, before
from cases.statistics import NOTHING, StatisticsQuery, metrics
from cases.vocabulary import Role

RATES = {
    "approved": "approval_rate",
    "fully_approved": "full_approval_rate",
    "partially_approved": "partial_rate",
    "declined": "decline_rate",
    "withdrawn": "withdrawal_rate",
}
UNITS = ("week", "month", "quarter")
OPEN_RATES = {"overdue_next_actions": "overdue_rate", "missing_documents": "missing_documents_rate"}
OF_NOW = frozenset({"open", "overdue_next_actions", "missing_documents", "workload", "exposure", "ageing"})
OPEN_STATES = frozenset({"received", "in_review", "awaiting_documents", "ready", "allocated", "in_underwriting"})


def build(
    reading: Reading, context: ToolContext, companies: list[Named], base: StatisticsQuery | None
) -> StatisticsQuery:
    """The query; `base` is the one that a follow-up changes, `companies` are the ones chosen for the names."""
    where = _filters(reading, context, companies)
    names = _metrics(reading, where, base)
    period, compare = _periods(reading, base)
    if period is not None and set(names) <= OF_NOW and _is_today(period, reading):
        period = None  # what is open, overdue or missing "as of today" came at any time
    together = _together(reading)
    if together is not None:
        period, compare = together, None
    split = tuple(reading.by) or ((reading.periods[0].period.unit,) if together else ())
    if not split and compare is not None and len(reading.periods) < 2 and base is None:
        split = _sides(reading) or _steps(reading)
        compare = None if split else compare
    query = StatisticsQuery(
        metrics=tuple(names),
        by=split or _own_dimension(names, base),
        where=where,
        exclude={name: tuple(values) for name, values in reading.exclude.items()},
        bounds=tuple(reading.bounds),
        period=period,
        compare=compare,
        top=reading.top if reading.by or base is not None else None,
        ascending=reading.ascending,
        by_decision=any(_of_decisions(reading, name) for name in names),
    )
    if base is not None:
        query = _merged(query, base, reading)
    query = _in_currency(query, reading)
    return _with_parts(_as_share(query, reading))


def _filters(reading: Reading, context: ToolContext, companies: list[Named]) -> dict[str, tuple[str, ...]]:
    where = {name: tuple(values) for name, values in reading.where.items()}
    for one in companies:
        where[one.kind] = (*where.get(one.kind, ()), one.register_name)
    for match in reading.people:
        name = match.candidates[0].name
        if context.index.roles.get(name) == Role.SALES:
            where["sales_contact"] = (*where.get("sales_contact", ()), context.index.emails[name])
        else:
            where["underwriter"] = (*where.get("underwriter", ()), name)
    asker = context.known
    if reading.says("team_mine") and asker.team in context.index.teams:
        where["team"] = (asker.team or "",)
    elif reading.says("mine") and asker.role is Role.SALES:
        where["sales_contact"] = (asker.email,)
    elif reading.says("mine") and asker.role is Role.UNDERWRITER:
        where["underwriter"] = (asker.name,)
    return where


def _metrics(reading: Reading, where: dict[str, tuple[str, ...]], base: StatisticsQuery | None) -> list[str]:
    sized = reading.amount and not (reading.says("share") and reading.says("reset"))  # "as share of total" is no amount
    strong = bool(reading.exact or reading.states or reading.count or sized)
    names = list(reading.metrics)
    if base is not None and (not names or not strong):
        return _reshaped(base, reading)
    if base is not None and reading.says("of_them") and base.metrics == ("requests_received",):
        outcomes = [state for state in reading.states if state in RATES]
        where["state"] = tuple("any_approved" if state == "approved" else state for state in outcomes) or ("decided",)
        return list(base.metrics)
    if not names:
        names = ["requests_received"]
    _outcome_of_received(reading, names, where)
    if names == ["requests_received"] and in_hand(reading):
        return ["open"]
    if names == ["requests_received"] and "received" not in reading.states:
        status = where.get("status", ())
        if (
            (status and set(status) <= OPEN_STATES)
            or "missing_document" in where
            or any(bound.field == "age" for bound in reading.bounds)
            or "age_band" in reading.by
            or NOTHING in where.get("underwriter", ())
            or (reading.people and not reading.periods and not reading.objects and not reading.states)
        ):
            names = ["open"]
        elif any(bound.field == "turnaround" for bound in reading.bounds):
            names = ["decided"]
    if any(metrics()[name].basis == "decided" and metrics()[name].unit == "days" for name in names) or any(
        _of_decisions(reading, name) for name in names
    ):
        outcomes = [state for state in reading.states if state in (*RATES, "decided")]
        if outcomes:
            where["state"] = tuple("any_approved" if state == "approved" else state for state in outcomes)
    return names


def _reshaped(base: StatisticsQuery, reading: Reading) -> list[str]:
    """ "and the median?" after a mean: the same figure in the other shape, where there is one."""
    for shape in reading.shapes:
        name = f"{base.metrics[0].rpartition('_')[0]}_{shape}"
        if base.metrics[0].rpartition("_")[2] in ("mean", "median", "p90", "max", "min") and name in metrics():
            return [name]
    return list(base.metrics)


def _of_decisions(reading: Reading, name: str) -> bool:
    """What counts by receipt, asked of decisions: "mean grade of what was declined", "how many buyers did we approve"."""
    decided = ({*RATES, "decided"} - {"withdrawn"}) & set(reading.states)
    return (
        metrics()[name].basis == "received" and name != "requests_received" and len(decided) == len(reading.states) > 0
    )


def _outcome_of_received(reading: Reading, names: list[str], where: dict[str, tuple[str, ...]]) -> None:
    """ "of the requests received in May, how many were declined": counted by receipt."""
    outcomes = [state for state in reading.states if state in RATES]
    if "received" not in reading.states or len(outcomes) != 1 or reading.exact or len(names) > 1:
        return
    if reading.says("of_received"):
        where["state"] = ("any_approved" if outcomes[0] == "approved" else outcomes[0],)
        names[:] = ["requests_received"]


def _periods(reading: Reading, base: StatisticsQuery | None) -> tuple[Period | None, Period | None]:
    found = [one.period for one in reading.periods]
    comparing = reading.says("compare") and len(reading.metrics) < 2
    if len(found) > 1:
        return found[0], found[1]
    if comparing and found and base is not None and base.period is not None and not reading.exact:
        return base.period, found[0]
    if comparing and found:
        return found[0], before(found[0])
    return (found[0] if found else None), None


def _is_today(period: Period, reading: Reading) -> bool:
    return period.unit == "day" and period.first_day == reading.now.date() and "received" not in reading.states


def _sides(reading: Reading) -> tuple[str, ...]:
    """ "Domestic against Export", "mail vs portal": what is compared are the values of a filter."""
    return tuple(name for name, values in reading.where.items() if len(values) > 1)[:1]


def _steps(reading: Reading) -> tuple[str, ...]:
    """ "how did it develop over the last four quarters": the steps of a long period."""
    if not reading.says("trend") or not reading.periods:
        return ()
    period = reading.periods[0].period
    days = (period.end - period.start).days
    named = lexicon.table("dimensions", "names")
    unit = next((name for name, words in named if name in UNITS and words.search(_period_words(reading))), None)
    return (unit or ("month" if days > 45 else "week"),) if days > 13 else ()


def _period_words(reading: Reading) -> str:
    """The words of the first period, as asked."""
    found = reading.periods[0]
    return reading.question.plain[found.start : found.end]


def _together(reading: Reading) -> Period | None:
    """ "in July and August": two units that follow each other and are not compared are one period, told by unit."""
    if len(reading.periods) != 2 or reading.says("compare") or reading.says("share"):
        return None
    first, second = sorted((one.period for one in reading.periods), key=lambda period: period.start)
    if first.unit != second.unit or first.unit not in ("week", "month", "quarter", "year") or first.end != second.start:
        return None
    return Period(first.start, second.end, f"{first.label} to {second.label}")


def _own_dimension(names: list[str], base: StatisticsQuery | None) -> tuple[str, ...]:
    by = metrics()[names[0]].by
    return (by,) if by and base is None else ()


def _merged(query: StatisticsQuery, base: StatisticsQuery, reading: Reading) -> StatisticsQuery:
    """A follow-up: what it names replaces, the rest stays."""
    where = base.where | query.where
    if reading.says("reset") and not query.where:
        where = {}
    exclude = base.exclude | query.exclude
    for name in query.where:
        exclude.pop(name, None)
    return query.with_(
        by=query.by or base.by,
        where=where,
        exclude=exclude,
        bounds=query.bounds or base.bounds,
        period=query.period or base.period,
        compare=query.compare or (base.compare if query.period is None else None),
        top=query.top or (base.top if not reading.by else None),
        ascending=query.ascending or base.ascending,
        share=base.share or reading.says("share"),
        share_of=base.share_of,
        currency=base.currency,
        by_decision=query.by_decision or base.by_decision,
    )


def _in_currency(query: StatisticsQuery, reading: Reading) -> StatisticsQuery:
    """ "in USD" beside an amount is the unit; otherwise it filters."""
    if reading.currency and any(metrics()[name].unit == "money" for name in query.metrics):
        where = {name: values for name, values in query.where.items() if name != "currency"}
        return query.with_(where=where, currency=reading.currency)
    return query


def _as_share(query: StatisticsQuery, reading: Reading) -> StatisticsQuery:
    """ "share of requests that were declined" is a rate; "share that came via the portal" a part of the whole."""
    first = metrics()[query.metrics[0]]
    lacking = "missing_documents" if first.name == "open" and reading.says("missing_only") else first.name
    if reading.says("share") and lacking in OPEN_RATES and not query.by:
        return query.with_(metrics=(OPEN_RATES[lacking],))
    if not reading.says("share") or first.unit in ("rate", "days", "number"):
        return query
    if first.name in RATES and not query.by and "received" not in reading.states:
        return query.with_(metrics=(RATES[first.name],))
    if query.by and not _part(query, reading):
        return query.with_(share=True, share_of=())
    part = _part(query, reading)
    if first.name == "amount_approved" and not part:
        return query.with_(metrics=("share_of_amount_approved",))
    return query.with_(share=bool(part) or bool(query.by), share_of=part)


def _part(query: StatisticsQuery, reading: Reading) -> tuple[str, ...]:
    """The filters that make the part: those behind "that", "came via", "are", else the first one named."""
    named = [name for name in query.where if name in reading.spots]
    if "state" in query.where:
        return ("state",)
    if not named:
        return ("amount",) if reading.bounds else ()
    if len(named) == 1:
        return (named[0],)
    turns = [match.start() for match in lexicon.pattern("intents", "part_words").finditer(reading.question.plain)]
    later = tuple(name for name in named if any(turn < reading.spots[name] for turn in turns))
    if later and len(later) < len(named):
        return later
    return (min(named, key=lambda name: reading.spots[name]),)


def _with_parts(query: StatisticsQuery) -> StatisticsQuery:
    """Approved alone is told with its two parts, in full and in part."""
    if query.metrics == ("approved",) and not query.compare and not query.share:
        return query.with_(metrics=("approved", "fully_approved", "partially_approved"))
    return query
