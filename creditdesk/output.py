"""What commands print: JSON for machines, tables for people. Data goes to stdout, all else to stderr.

Text from outside is shown without control characters, so that no mail can move the cursor or colour the screen.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import DeskError

if TYPE_CHECKING:
    from rich.console import Console

_KEPT = {"\n", "\t"}
_UNSEEN = {"Cc", "Cf", "Co", "Cs"}
_JOINERS = {"\u200c", "\u200d"}  # needed inside words of some scripts


def plain(value: object) -> object:
    """The value as JSON knows it: amounts as numbers (whole ones without a point), dates in ISO 8601."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    return str(value)


def to_json(value: object, indent: int | None = None) -> str:
    """The value as JSON text."""
    return json.dumps(value, ensure_ascii=False, default=plain, indent=indent)


def print_json(value: object) -> None:
    """One JSON value to stdout."""
    sys.stdout.write(to_json(value, indent=2 if sys.stdout.isatty() else None) + "\n")


def print_json_list(values: Iterable[object]) -> None:
    """A JSON list to stdout, item by item, however many there are."""
    sys.stdout.write("[")
    for number, value in enumerate(values):
        sys.stdout.write((",\n" if number else "\n") + to_json(value))
    sys.stdout.write("\n]\n")


def note(message: str) -> None:
    """A line for people, to stderr."""
    sys.stderr.write(safe(message) + "\n")


def safe(value: object) -> str:
    """Text without control and invisible characters; line breaks stay."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c for c in text if c in _KEPT or c in _JOINERS or unicodedata.category(c) not in _UNSEEN)


def shown(value: object) -> str:
    """A value in a table: amounts with separators, dates, lists joined, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(item) for item in value)
    return safe(value)


def console() -> "Console":
    """Rich on stdout; wide where nobody watches, so that no pipe loses text."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 240
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "nothing found") -> int:
    """A table to stdout and the number of its rows; `empty` goes to stderr where there is none."""
    count = _rich_table(columns, rows) if sys.stdout.isatty() else _plain_table(columns, rows)
    if not count:
        note(empty)
    return count


def _rich_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            *(Text(shown(value), justify="right" if isinstance(value, Decimal | int) else "left") for value in row)
        )
    if table.row_count:
        console().print(table)
    return table.row_count


def _plain_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    lines = [[shown(value).replace("\n", " ") for value in row] for row in rows]
    if not lines:
        return 0
    widths = [max(len(line[n]) for line in [list(columns), *lines]) for n in range(len(columns))]
    for line in [list(columns), *lines]:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")
    return len(lines)


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], sheet: str = "Cases") -> int:
    """The rows as an Excel file and their number; text never becomes a formula or a link. Raises DeskError."""
    import xlsxwriter

    count = 0
    try:
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "constant_memory": True,
            "default_date_format": "yyyy-mm-dd",
            "remove_timezone": True,
        }
        with xlsxwriter.Workbook(str(path), options) as book:
            page = book.add_worksheet(sheet)
            page.freeze_panes(1, 0)
            page.write_row(0, 0, columns, book.add_format({"bold": True}))
            page.autofilter(0, 0, 0, len(columns) - 1)
            for count, row in enumerate(rows, start=1):
                for place, value in enumerate(row):
                    _write_cell(page, count, place, value)
    except (OSError, xlsxwriter.exceptions.XlsxFileError) as error:
        raise DeskError(f"{path} cannot be written ({error}): close it elsewhere or choose another place") from error
    return count


def _write_cell(page: "object", row: int, column: int, value: object) -> None:
    from xlsxwriter.worksheet import Worksheet

    assert isinstance(page, Worksheet)
    if isinstance(value, Decimal):
        page.write_number(row, column, float(value))
    elif isinstance(value, bool) or value is None or not isinstance(value, int | float | datetime | date):
        page.write_string(row, column, shown(value))
    elif isinstance(value, datetime | date):
        page.write_datetime(row, column, value)
    else:
        page.write_number(row, column, value)
