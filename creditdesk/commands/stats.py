"""`creditdesk stats`: figures without chat, as table, JSON, chart or workbook."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from config.errors import InvalidValue, WrongUse
from creditdesk.wiring import wire

if TYPE_CHECKING:
    from bot.tools import ToolContext
    from cases.statistics import StatisticsQuery, StatisticsResult

app = typer.Typer(add_completion=False)

EPILOG = (
    "Examples: creditdesk stats approval_rate --by team --period 'last quarter' | "
    "creditdesk stats amount_approved --by buyer --top 10 --where country=DE --period 2026 --xlsx figures.xlsx | "
    "creditdesk stats list"
)


@app.command(epilog=EPILOG)
def stats(
    metric: list[str] = typer.Argument(..., help="One metric or more; `list` names them all"),
    by: list[str] = typer.Option([], "--by", help="Dimension to cut by"),
    where: list[str] = typer.Option([], "--where", help="DIMENSION=VALUE (repeat for more values), or amount>=100000"),
    exclude: list[str] = typer.Option([], "--without", help="DIMENSION=VALUE to leave out"),
    period: str | None = typer.Option(None, "--period", help="In words: 'last week', 'Q3 2026', 'since january'"),
    compare: str | None = typer.Option(None, "--compare", help="Another period, in words"),
    top: int | None = typer.Option(None, "--top", min=1, help="Only the first groups"),
    ascending: bool = typer.Option(False, "--ascending", help="Smallest first"),
    share: bool = typer.Option(False, "--share", help="Each group's share of the total"),
    currency: str | None = typer.Option(None, "--currency", help="Currency of amounts"),
    chart: Path | None = typer.Option(None, "--chart", help="Write a PNG"),
    xlsx: Path | None = typer.Option(None, "--xlsx", help="Write an Excel workbook"),
    as_: str | None = typer.Option(None, "--as", help="E-mail of the person who asks"),
) -> None:
    """Figures from the register: a metric by dimensions, over a period."""
    if metric == ["list"]:
        _list()
        return
    from bot.tools.statistics import StatisticsArguments, parse_bound, statistics, to_query
    from cases.database import read_session

    wiring = wire()
    bounds = [parse_bound(text) for text in where if any(sign in text.replace("=", "", 1) for sign in "<>")]
    arguments = StatisticsArguments(
        metrics=metric,
        by=by,
        where=_pairs([text for text in where if not any(sign in text for sign in "<>")]),
        exclude=_pairs(exclude),
        bounds=bounds,
        period=period,
        compare=compare,
        top=top,
        ascending=ascending,
        share=share,
        currency=currency.upper() if currency else None,
    )
    with read_session(wiring.database) as session:
        context = _context(wiring, session, as_)
        result = statistics(context, to_query(context, arguments))
        if chart is not None:
            from bot.exports.chart import chart_png

            _write(chart, chart_png(result))
        if xlsx is not None:
            _write(xlsx, _workbook(context, result))
    _show(result, as_json=wiring.options.json)


def _pairs(texts: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not value:
            raise WrongUse(f"{text!r} is no filter: write it like country=DE, or amount>=100000")
        found.setdefault(name.strip(), []).append(value.strip())
    return found


def _context(wiring: Any, session: Any, email: str | None) -> "ToolContext":
    from bot.tools import ToolContext
    from cases.name_index import NameIndex
    from cases.rights import shell_operator
    from config.errors import Refused

    asker: Any = shell_operator()
    if email is not None:
        from creditdesk.commands.ask import find_asker

        asker = find_asker(wiring, email, None)
        if asker is None:
            raise Refused(f"{email} is not known to the desk: creditdesk people list shows who is")
    return ToolContext(asker, session, wiring.clock(), wiring.rules, NameIndex())


def _list() -> None:
    from cases.statistics import dimensions, metrics

    for name, one in metrics().items():
        sys.stdout.write(f"{name:<26} {one.definition}\n")
    sys.stdout.write("\ndimensions: " + ", ".join(dimensions()) + "\n")


def _workbook(context: "ToolContext", result: "StatisticsResult") -> bytes:
    from bot.exports.workbook import workbook
    from bot.tools.statistics import lines

    query: StatisticsQuery = result.query
    if query.metrics[0] in ("expiring_limits", "exposure"):
        return workbook(result, [], 0, author=context.known.name)
    behind, count = lines(context, query, limit=20_000)
    return workbook(result, behind, count, author=context.known.name)


def _write(target: Path, content: bytes) -> None:
    try:
        target.write_bytes(content)
    except OSError as error:
        raise InvalidValue(f"{target} cannot be written ({error.strerror}): choose another file") from error
    sys.stderr.write(f"{target}\n")


def _show(result: "StatisticsResult", *, as_json: bool) -> None:
    import json

    from bot.assistant.draft import plain_value
    from bot.tools.statistics import as_figures

    if as_json:
        figures = as_figures(result).model_dump()
        figures["rows"] = [[plain_value(value) for value in row] for row in figures["rows"]]
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    from bot.assistant.statistics_text import footer
    from bot.assistant.wording import Say, figure
    from cases.statistics import metrics

    say = Say("en")
    shown = [[name.replace("_", " ") for name in result.columns]]
    for row in result.rows:
        cells = []
        for name, value in zip(result.columns, row, strict=True):
            unit = _unit(name)
            cells.append(figure(value, unit, result.currency, say) if unit else str(value))
        shown.append(cells)
    widths = [max(len(line[column]) for line in shown) for column in range(len(result.columns))]
    for line in shown:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")
    if result.query.by:
        totals = ", ".join(
            f"{metrics()[name].title} {figure(result.total[name], metrics()[name].unit, result.currency, say)}"
            for name in result.query.metrics
        )
        sys.stdout.write(f"Total: {totals}\n")
    sys.stdout.write("\n" + "\n".join(footer(result, say, {})) + "\n")


def _unit(column: str) -> str:
    from cases.statistics import metrics

    if column == "share" or column.endswith("_change_rate"):
        return "rate"
    base = column.removesuffix("_compared").removesuffix("_change")
    return metrics()[base].unit if base in metrics() else ""
