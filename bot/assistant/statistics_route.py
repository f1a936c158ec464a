"""Answers with figures, lists of cases, limits that end, and what was sent; as text, Excel or chart."""

from typing import Any

from bot.assistant import statistics_text
from bot.assistant.draft import AnswerFile, Draft
from bot.assistant.reading import Reading
from bot.assistant.status_text import LINE_HEADS, line_row, short_case
from bot.assistant.wording import Say, amount, day
from bot.tools import ToolContext
from bot.tools.limits import expiring, sent_items
from bot.tools.statistics import lines, statistics
from cases.periods import Period, whole
from cases.statistics import Order, StatisticsQuery, StatisticsResult, metrics

SHOWN = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def answer_figures(query: StatisticsQuery, context: ToolContext, say: Say) -> Draft:
    """Figures of a query."""
    return figures_draft(statistics(context, query), context, say)


def figures_draft(result: StatisticsResult, context: ToolContext, say: Say) -> Draft:
    """A result told and as data."""
    query, emails = result.query, context.index.emails
    columns, rows = statistics_text.data(result, say, emails)
    return Draft(
        statistics_text.text(result, say, emails),
        "statistics",
        columns=columns,
        rows=rows,
        actions=statistics_text.buttons(say),
        state={"kind": "statistics", "query": query.as_json()},
        confidential="risk_grade_mean" in query.metrics or "risk_grade" in query.by,
    )


def answer_list(query: StatisticsQuery, reading: Reading, context: ToolContext, say: Say) -> Draft:
    """The cases behind a query, in the order asked for."""
    order = list_order(query, reading)
    found, count = lines(context, query, order, reading.top or 200)
    if reading.top:
        count = min(count, reading.top)
    shown = found[:SHOWN]
    if not found:
        head = say("no_cases_list")
    elif len(shown) < count:
        head = say("first_of", shown=len(shown), count=count)
    else:
        head = say("one_case_fits") if count == 1 else say("cases_fit", count=count)
    texts = [head, *("• " + short_case(one, say) for one in shown)]
    filters = statistics_text.filters(query, say, context.index.emails)
    texts.append(f"{say('definition')}: {say.definition(query.metrics[0])}. {say('filters')}: {filters}.")
    return Draft(
        "\n".join(texts),
        "statistics",
        columns=list(LINE_HEADS),
        rows=[line_row(one) for one in found],
        actions=statistics_text.buttons(say)[1:2],
        state={
            "kind": "statistics",
            "listing": True,
            "query": query.as_json(),
            "references": [one.reference for one in found[:SHOWN]],
        },
    )


def list_order(query: StatisticsQuery, reading: Reading) -> Order:
    """The order named, else what suits the metric."""
    decided = metrics()[query.metrics[0]].basis == "decided"
    if decided and reading.order in (None, "newest", "oldest"):
        return "decided_first" if reading.order == "oldest" else "decided"
    if reading.order is not None:
        order: Order = reading.order  # type: ignore[assignment]
        if order in ("slowest", "fastest") and query.metrics[0] in (
            "open",
            "overdue_next_actions",
            "missing_documents",
        ):
            return "oldest" if order == "slowest" else "newest"
        return order
    if query.metrics[0] in ("overdue_next_actions", "next_actions_due"):
        return "due"
    return "received"


def answer_limits(reading: Reading, where: dict[str, tuple[str, ...]], context: ToolContext, say: Say) -> Draft:
    """Limits in force that end in the period (this quarter where none is named)."""
    period = reading.periods[0].period if reading.periods else whole(context.now.date(), "quarter")
    found = expiring(context, where, period)
    if not found:
        text = f"{say('no_limits')} ({period.describe()})."
    else:
        rows = [
            f"• {one.buyer} ({one.country or '–'}), {one.client}: {amount(one.amount, one.currency)} "
            f"{say('until', date=day(one.valid_until))}"
            for one in found[:SHOWN]
        ]
        text = "\n".join([f"{say('limits', count=len(found))} ({period.describe()}):", *rows])
    columns = ["buyer", "country", "client", "policy_number", "amount", "currency", "valid_until", "reference"]
    data: list[list[Any]] = [list(one.model_dump().values()) for one in found]
    query = StatisticsQuery(("expiring_limits",), where=where, period=period)
    return Draft(text, "status", columns=columns, rows=data, state={"kind": "statistics", "query": query.as_json()})


def answer_sent(period: Period, context: ToolContext, say: Say) -> Draft:
    """What left the desk in the period."""
    found = sent_items(context, period)
    if not found:
        return Draft(
            say("nothing_sent", period=period.describe()), "status", state={"kind": "status", "references": []}
        )
    rows = [f"• {one.kind} → {one.to}" + (f" ({one.reference})" if one.reference else "") for one in found[:SHOWN]]
    return Draft(
        "\n".join([say("sent", period=period.describe(), count=len(found)), *rows]),
        "status",
        columns=["kind", "channel", "to", "reference", "state", "sent_at"],
        rows=[list(one.model_dump().values()) for one in found],
    )


def as_file(query: StatisticsQuery, context: ToolContext, say: Say, *, chart: bool) -> Draft:
    """The figures once more, with a workbook or a picture."""
    draft = answer_figures(query, context, say)
    result = statistics(context, query)
    if chart:
        from bot.exports.chart import chart_png

        draft.files.append(AnswerFile("figures.png", "image/png", chart_png(result, say.language)))
        draft.text = say("file_chart") + "\n" + draft.text
    else:
        from bot.exports.workbook import workbook

        behind, count = lines(context, query, limit=5000)
        content = workbook(result, behind, count, author=context.known.name)
        draft.files.append(AnswerFile("figures.xlsx", XLSX, content))
        draft.text = say("file_excel") + "\n" + draft.text
    return draft
