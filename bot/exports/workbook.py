"""Figures as an Excel workbook: summary, rows, definitions. Numbers and dates are real; text never becomes a formula."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from cases.statistics import CaseLine, StatisticsResult, metrics

FORMATS = {"money": "#,##0.00", "rate": "0.0%", "days": "0.00", "count": "0", "number": "0.00"}


def workbook(result: StatisticsResult, cases: Sequence[CaseLine], count: int, *, author: str) -> bytes:
    """The workbook's bytes; `cases` are the rows behind the figures, `count` how many there are in all."""
    import xlsxwriter

    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": "Figures", "author": author, "created": result.as_of.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1})
        _summary(book, result, bold)
        _rows(book, cases, count, bold)
        _definitions(book, result, author, bold)
    return target.getvalue()


def _summary(book: Any, result: StatisticsResult, bold: Any) -> None:
    sheet = book.add_worksheet("Summary")
    formats = {unit: book.add_format({"num_format": text}) for unit, text in FORMATS.items()}
    for column, name in enumerate(result.columns):
        sheet.write_string(0, column, name.replace("_", " "), bold)
    for line, row in enumerate(result.rows, start=1):
        for column, (name, value) in enumerate(zip(result.columns, row, strict=True)):
            _write(sheet, line, column, value, formats.get(_unit(name)))
    if result.query.by:
        last = len(result.rows) + 2
        sheet.write_string(last, 0, "Total", bold)
        for name in result.query.metrics:
            _write(sheet, last, result.columns.index(name), result.total[name], formats[metrics()[name].unit])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(0, len(result.columns) - 1), 22)


def _unit(column: str) -> str:
    if column == "share" or column.endswith("_change_rate"):
        return "rate"
    base = column.removesuffix("_compared").removesuffix("_change")
    return metrics()[base].unit if base in metrics() else ""


def _rows(book: Any, cases: Sequence[CaseLine], count: int, bold: Any) -> None:
    sheet = book.add_worksheet("Rows")
    names = list(CaseLine.model_fields)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    minute = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    money = book.add_format({"num_format": FORMATS["money"]})
    for column, name in enumerate(names):
        sheet.write_string(0, column, name.replace("_", " "), bold)
    for line, one in enumerate(cases, start=1):
        for column, name in enumerate(names):
            value = getattr(one, name)
            style = minute if isinstance(value, datetime) else day if isinstance(value, date) else None
            _write(sheet, line, column, value, money if isinstance(value, Decimal) else style)
    if count > len(cases):
        sheet.write_string(len(cases) + 2, 0, f"{count - len(cases)} more rows are not shown")
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(names) - 1, 18)
    if cases:
        sheet.autofilter(0, 0, len(cases), len(names) - 1)


def _definitions(book: Any, result: StatisticsResult, author: str, bold: Any) -> None:
    sheet = book.add_worksheet("Definitions")
    period = result.query.period.describe() if result.query.period else "the whole register"
    facts = [
        ("Period", period),
        ("Compared with", result.query.compare.describe() if result.query.compare else "–"),
        ("Filters", "; ".join(result.filters) or "none"),
        ("Currency of amounts", result.currency),
        ("As of (UTC)", f"{result.as_of:%Y-%m-%d %H:%M}"),
        ("Made for", author),
        *(("Definition", text) for text in result.definitions),
        *(("Note", text) for text in result.notes),
    ]
    for line, (name, text) in enumerate(facts):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, text)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 90)


def _write(sheet: Any, line: int, column: int, value: Any, style: Any) -> None:
    """Numbers as numbers, dates as dates, all else as text."""
    if value is None:
        sheet.write_blank(line, column, None)
    elif isinstance(value, datetime):
        sheet.write_datetime(line, column, value.astimezone(UTC).replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        text = "; ".join(value) if isinstance(value, list) else str(value)
        sheet.write_string(line, column, text)
    else:
        sheet.write_number(line, column, float(value), style)
