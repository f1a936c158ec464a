"""A chart of figures: labelled, readable, in colours that colour-blind people can tell apart."""

from io import BytesIO
from math import isnan, nan
from typing import Any

from cases.statistics import StatisticsResult, dimensions, metrics

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")  # Okabe and Ito
BARS = 25  # the rest is summed up in a note


def chart_png(result: StatisticsResult, language: str = "en") -> bytes:
    """The result as PNG: bars by group, lines over time; a single figure as one bar."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    labels, series = _series(result)
    over_time = bool(result.query.by) and dimensions()[result.query.by[0]].time
    size = max(4.0, 0.34 * len(labels) + 2) if not over_time else 4.8
    figure = Figure(figsize=(9, min(size, 14)), dpi=120, layout="constrained")
    axes = figure.subplots()
    if over_time:
        _lines(axes, labels, series)
    else:
        _bars(axes, labels, series)
    unit = metrics()[result.query.metrics[0]].unit
    name = {"money": result.currency, "rate": "%", "days": "days", "count": "cases", "number": ""}[unit]
    (axes.set_ylabel if over_time else axes.set_xlabel)(name)
    titles = ", ".join(metrics()[one].title for one in result.query.metrics)
    period = f" – {result.query.period.describe()}" if result.query.period else ""
    axes.set_title(titles + period, fontsize=11, loc="left")
    notes = [*result.filters, f"as of {result.as_of:%Y-%m-%d %H:%M} UTC"]
    if len(result.rows) > BARS:
        notes.append(f"the first {BARS} of {result.groups} groups")
    figure.text(0.01, 0.005, "; ".join(notes), fontsize=7, color="#444444")
    axes.spines[["top", "right"]].set_visible(False)
    if len(series) > 1:
        figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=len(series))
    picture = BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _series(result: StatisticsResult) -> tuple[list[str], list[tuple[str, list[float]]]]:
    query = result.query
    rows = result.rows[:BARS]
    labels = [", ".join(str(part) for part in row[: len(query.by)]) or "all" for row in rows]
    first = metrics()[query.metrics[0]].unit
    names = [name for name in query.metrics if metrics()[name].unit == first]
    columns = [(name, metrics()[name].title) for name in names]
    if query.compare:
        columns = [(names[0], query.period.label)] if query.period else columns[:1]
        columns.append((f"{names[0]}_compared", query.compare.label))
    scale = 100.0 if first == "rate" else 1.0
    found = []
    for column, title in columns:
        place = result.columns.index(column)
        # Where a group has no value there is no bar, which is not the same as a bar of nought.
        found.append((title, [nan if row[place] is None else float(row[place]) * scale for row in rows]))
    return labels, found


def _bars(axes: Any, labels: list[str], series: list[tuple[str, list[float]]]) -> None:
    height = 0.8 / len(series)
    for number, (title, values) in enumerate(series):
        places = [row + number * height for row in range(len(labels))]
        bars = axes.barh(places, values, height=height, label=title, color=COLOURS[number % len(COLOURS)])
        axes.bar_label(bars, labels=[_short(value) for value in values], padding=3, fontsize=8)
    middle = (len(series) - 1) * height / 2
    axes.set_yticks([row + middle for row in range(len(labels))], [label[:40] for label in labels], fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.12)


def _lines(axes: Any, labels: list[str], series: list[tuple[str, list[float]]]) -> None:
    for number, (title, values) in enumerate(series):
        axes.plot(labels, values, marker="os^Dv"[number % 5], label=title, color=COLOURS[number % len(COLOURS)])
        for place, value in enumerate(values):
            if isnan(value):
                continue
            axes.annotate(
                _short(value), (place, value), textcoords="offset points", xytext=(0, 6), fontsize=7, ha="center"
            )
    axes.set_ylim(bottom=0)
    axes.tick_params(axis="x", rotation=45 if len(labels) > 8 else 0, labelsize=8)
    axes.grid(axis="y", alpha=0.3)


def _short(value: float) -> str:
    if isnan(value):
        return "–"
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:,.1f}m"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.2f}"
