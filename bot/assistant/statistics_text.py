"""Figures as an answer: the numbers first, then what they mean, the filters understood, and as of when."""

from typing import Any

from bot.assistant.draft import Action
from bot.assistant.wording import Say, figure, moment, rate
from cases.statistics import StatisticsQuery, StatisticsResult, metrics

LINES = 20  # groups told one by one; all stand in the data


def text(result: StatisticsResult, say: Say, emails: dict[str, str]) -> str:
    """The answer in words; `emails` gives names to sales contacts (name → e-mail)."""
    lines = _groups(result, say, emails) if result.query.by else [_single(result, say)]
    return "\n".join([*lines, *footer(result, say, emails)])


def footer(result: StatisticsResult, say: Say, emails: dict[str, str]) -> list[str]:
    """Definition, filters, as of, notes."""
    definitions = "; ".join(f"{say.metric(name)}: {say.definition(name)}" for name in result.query.metrics)
    if result.query.by_decision:
        definitions += f" ({say('by_decision')})"
    lines = [
        f"{say('definition')}: {definitions}.",
        f"{say('filters')}: {filters(result.query, say, emails)}. {say('as_of')} {moment(result.as_of)}.",
    ]
    return lines + [note[:1].upper() + note[1:] + "." for note in result.notes]


def filters(query: StatisticsQuery, say: Say, emails: dict[str, str]) -> str:
    """The filters understood, period first."""
    names = {email: name for name, email in emails.items()}
    parts = [query.period.describe() if query.period else say("whole_register")]
    for name, values in query.where.items():
        parts.append(f"{say.dimension(name)} {_values(name, values, say, names)}")
    for name, values in query.exclude.items():
        parts.append(f"{say('without')} {say.dimension(name)} {_values(name, values, say, names)}")
    parts += [bound.describe() for bound in query.bounds]
    return "; ".join(parts)


def _values(name: str, values: tuple[str, ...], say: Say, names: dict[str, str]) -> str:
    return ", ".join(say.label(name, names.get(value, value)) for value in values)


def _single(result: StatisticsResult, say: Say) -> str:
    query, lines = result.query, []
    for name in query.metrics:
        unit = metrics()[name].unit
        shown = figure(result.total[name], unit, result.currency, say)
        line = f"{say.metric(name)}{_when(query)}: {shown}"
        if query.compare:
            then = result.compare_total[name]
            line += f", {query.compare.label}: {figure(then, unit, result.currency, say)}"
            line += change(result.total[name], then, unit)
        lines.append(line)
    if query.share:
        part, whole = result.total[query.metrics[0]], result.total["whole"]
        unit = metrics()[query.metrics[0]].unit
        lines[0] = f"{say.metric(query.metrics[0])}{_when(query)}: " + say(
            "share_text",
            share=rate(part / whole if whole else None),
            whole=figure(whole, unit, result.currency, say),
            part=figure(part, unit, result.currency, say),
        )
    return "\n".join(f"{line}." for line in lines)


def _when(query: StatisticsQuery) -> str:
    return f", {query.period.describe()}" if query.period else ""


def change(now_value: Any, then: Any, unit: str) -> str:
    """` (+1, +3.7 %)`; percentage points for rates."""
    if now_value is None or then is None:
        return ""
    difference = now_value - then
    if unit == "rate":
        return f" ({difference * 100:+.2f} pp)"
    relative = f", {difference / then * 100:+.1f} %" if then else ""
    absolute = f"{difference:+,.2f}".removesuffix(".00") if unit != "count" else f"{difference:+d}"
    return f" ({absolute}{relative})"


def _groups(result: StatisticsResult, say: Say, emails: dict[str, str]) -> list[str]:
    query = result.query
    titles = ", ".join(say.metric(name) for name in query.metrics)
    cut = ", ".join(say.dimension(name) for name in query.by)
    head = f"{titles} {say('by')} {cut}{_when(query)}"
    if query.compare:
        head += f", {say('compared')} {query.compare.describe()}"
    lines = [f"{head}:"]
    names = {email: name for name, email in emails.items()}
    for row in result.rows[:LINES]:
        label = ", ".join(
            say.label(name, names.get(str(part), part)) for name, part in zip(query.by, row, strict=False)
        )
        lines.append(f"• {label}: {_figures(result, list(row[len(query.by) :]), say)}")
    if len(result.rows) > LINES:
        lines.append(say("more", count=len(result.rows) - LINES))
    if not result.rows:
        lines.append(say("no_value"))
    if len(result.rows) > 1 and not query.compare and not query.top and not query.share:
        lines += _totals(result, say)
    return lines


def _totals(result: StatisticsResult, say: Say) -> list[str]:
    """What the groups make together, of what can be added; not where a case counts in several groups."""
    if "missing_document" in result.query.by:
        return []
    whole = [name for name in result.query.metrics if metrics()[name].additive]
    return [
        f"{say('total')}{f' ({say.metric(name)})' if len(whole) > 1 else ''}: "
        f"{figure(result.total[name], metrics()[name].unit, result.currency, say)}."
        for name in whole
    ]


def _figures(result: StatisticsResult, values: list[Any], say: Say) -> str:
    query, shown = result.query, []
    step = 4 if query.compare else 1
    for place, name in enumerate(query.metrics):
        unit = metrics()[name].unit
        value = values[place * step]
        piece = figure(value, unit, result.currency, say)
        if len(query.metrics) > 1:
            piece = f"{say.metric(name)} {piece}"
        if query.compare:
            then = values[place * step + 1]
            piece += f" / {figure(then, unit, result.currency, say)}{change(value, then, unit)}"
        shown.append(piece)
    if query.share:
        shown.append(rate(values[-1]))
    return ", ".join(shown)


def data(result: StatisticsResult, say: Say, emails: dict[str, str]) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows; countries and colleagues with code and name."""
    query = result.query
    columns, rows = list(result.columns), [list(row) for row in result.rows]
    names = {email: name for name, email in emails.items()}
    for dimension in ("country", "sales_contact"):
        if dimension in query.by:
            place = columns.index(dimension)
            columns.insert(place + 1, f"{dimension}_name")
            for row in rows:
                text = str(row[place])
                row.insert(place + 1, say.country(text) if dimension == "country" else names.get(text, text))
    return columns, rows


def buttons(say: Say) -> list[Action]:
    """What can be done with figures."""
    return [
        Action(say("show_cases"), "ask", {"en": "which ones?", "de": "welche?", "fr": "lesquels ?"}[say.language]),
        Action(say("as_excel"), "ask", {"en": "as Excel", "de": "als Excel", "fr": "en Excel"}[say.language]),
        Action(say("as_chart"), "ask", {"en": "as a chart", "de": "als Diagramm", "fr": "en graphique"}[say.language]),
    ]
