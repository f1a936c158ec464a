"""Spreadsheets: XLSX, XLS and ODS, all visible sheets, with merged cells, dates in ISO form and plain numbers."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ingest.gather import Reading, TextTable, write_table
from ingest.limits import Limits

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Value = int | float | str | bool | time | date | datetime | timedelta
MAX_UNPACKED = 150_000_000


def read_sheets(data: bytes, kind: str, limits: Limits) -> Reading:
    """Every visible sheet as a table; each sheet's text begins with its name where there are several."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    if kind != "xls" and (bomb := _unpacked(data, limits)):
        return Reading(reason=bomb)
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    notes: list[str] = []
    grids: list[tuple[str, list[list[str]]]] = []
    cells = 0
    for meta in workbook.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != SheetVisibleEnum.Visible:
            notes.append(f"the hidden sheet {meta.name!r} was left out")
            continue
        if cells >= limits.cells:
            notes.append(f"sheet {meta.name!r} was not read (limit {limits.cells:,} cells)")
            continue
        grid, cut = _grid(workbook.get_sheet_by_name(meta.name), limits, limits.cells - cells)
        if cut:
            notes.append(f"only the first {len(grid):,} rows of sheet {meta.name!r} were read")
        if grid:
            grids.append((meta.name, grid))
            cells += sum(len(row) for row in grid)
    return _written(grids, notes)


def _unpacked(data: bytes, limits: Limits) -> str | None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
    total = sum(info.file_size for info in infos)
    if total > MAX_UNPACKED or any(
        i.file_size > 20_000_000 and i.file_size > i.compress_size * limits.ratio for i in infos
    ):
        return f"unpacks to {total:,} bytes, more than is opened"
    return None


def _grid(sheet: "CalamineSheet", limits: Limits, room: int) -> tuple[list[list[str]], bool]:
    """Rows of cell texts without empty rows at the end and empty columns at the sides."""
    if sheet.start is None or not sheet.width:
        return [], False
    allowed = max(1, min(limits.rows, room // max(1, sheet.width)))
    rows = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=True, nrows=allowed)]
    _merged(sheet, rows)
    cut = sheet.height > allowed
    while rows and not any(rows[-1]):
        rows.pop()
    used = [any(row[column] for row in rows) for column in range(len(rows[0]))] if rows else []
    first, last = (used.index(True), len(used) - used[::-1].index(True)) if any(used) else (0, 0)
    return [row[first:last] for row in rows if last], cut


def _merged(sheet: "CalamineSheet", rows: list[list[str]]) -> None:
    """A cell merged downwards holds for each of its rows."""
    top, left = sheet.start or (0, 0)
    for (row, column), (last_row, _) in sheet.merged_cell_ranges or []:
        at, side = row - top, column - left
        if 0 <= at < len(rows) and 0 <= side < len(rows[at]) and rows[at][side]:
            for below in range(at + 1, min(last_row - top, len(rows) - 1) + 1):
                if not rows[below][side]:
                    rows[below][side] = rows[at][side]


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    shown = f"{value:.15g}"  # as many digits as a spreadsheet shows
    return format(Decimal(shown), "f") if "e" in shown else shown


def _written(grids: list[tuple[str, list[list[str]]]], notes: list[str]) -> Reading:
    text = ""
    tables: list[TextTable] = []
    for name, grid in grids:
        lead = (("\n\n" if text else "") + f"{' '.join(name.split())}\n") if len(grids) > 1 else ""
        written, places = write_table(grid, len(text) + len(lead))
        text += lead + written
        tables.append(TextTable([row for row in places if any(cell[0] for cell in row)], name))
    return Reading(text.rstrip("\n"), tables, reason=None if text else "the sheets are empty", notes=tuple(notes))
