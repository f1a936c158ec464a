"""Reading a table from a file: CSV of any common dialect and encoding, or Excel."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

from config.errors import InvalidValue

_EXCEL = {".xlsx", ".xlsm", ".xls", ".ods"}
_LIMIT = 200_000_000  # bytes
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that could not be taken, by its line in the file (the header is line 1)."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(slots=True)
class ImportResult:
    """What an import did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Counts and faults as plain values."""
        faults = [{"line": fault.line, "reason": fault.reason} for fault in self.faults]
        return {"added": self.added, "changed": self.changed, "unchanged": self.unchanged, "faults": faults}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows by column name (lower case, as in the header), with their lines."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def check(self, required: Sequence[str]) -> None:
        """Raises InvalidValue where columns are missing."""
        missing = [name for name in required if name not in self.columns]
        if missing:
            raise InvalidValue(
                f"{self.name} has no column {', '.join(missing)}: it needs {', '.join(required)} "
                f"(found: {', '.join(self.columns[:12]) or 'nothing'})"
            )

    def records(self, result: ImportResult) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Line and values of each row; rows that are too long or too short become faults."""
        width = len(self.columns)
        for line, cells in self.rows:
            if len(cells) > width and any(cells[width:]):
                result.faults.append(Fault(line, f"has {len(cells)} columns where the header has {width}"))
            elif len(cells) < width:
                result.faults.append(Fault(line, f"has only {len(cells)} of {width} columns"))
            else:
                yield line, dict(zip(self.columns, cells, strict=False))


def read_sheet(path: Path) -> Sheet:
    """The table of a file. Raises InvalidValue in one sentence where it is none."""
    try:
        if path.stat().st_size > _LIMIT:
            raise InvalidValue(f"{path} is larger than {_LIMIT // 1_000_000} MB: split it")
        data = path.read_bytes()
    except OSError as error:
        raise InvalidValue(f"{path} cannot be read ({error.strerror}): correct the path") from error
    if path.suffix.lower() in _EXCEL or data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        numbered = _excel_rows(path, data)
    else:
        numbered = _csv_rows(path, data)
    header = next(numbered, None)
    if header is None:
        raise InvalidValue(f"{path} is empty: it needs a header line and rows below")
    columns = tuple(re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in header[1])
    while columns and not columns[-1]:
        columns = columns[:-1]
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise InvalidValue(f"{path}: the column {twice!r} stands twice in the header: rename one of them")
    return Sheet(path.name, columns, tuple((line, cells) for line, cells in numbered if any(cells)))


def _text_of(path: Path, data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidValue(f"{path} is no text: give a CSV file in UTF-8 or Windows-1252, or an Excel file")


def _csv_rows(path: Path, data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    text = _text_of(path, data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count) if first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    line = 0
    while True:
        begins = line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InvalidValue(f"{path}, line {reader.line_num}: {error}; correct the CSV there") from error
        line = reader.line_num
        if cells:
            yield begins, tuple(cell.strip() for cell in cells)


def _excel_rows(path: Path, data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
            rows = next((rows for sheet in sheets if (rows := sheet.to_python(skip_empty_area=False))), [])
    except (CalamineError, OSError, ValueError) as error:
        raise InvalidValue(f"{path} is no Excel file that can be read ({error}): save it again, or as CSV") from error
    for line, row in enumerate(rows, start=1):
        yield line, tuple(_cell(value) for value in row)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != time() else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


class Row:
    """One row while it is read: each getter names its column in what it raises."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def lacks(self, column: str) -> bool:
        """Whether the file has no such column."""
        return column not in self._values

    def text(self, column: str, limit: int = 300) -> str | None:
        """The cell, or None where it is empty or the column is missing."""
        value = self._values.get(column, "").replace("\0", "").strip()
        if len(value) > limit:
            raise InvalidValue(f"{column} has {len(value)} characters, at most {limit} fit")
        return value or None

    def required(self, column: str, limit: int = 300) -> str:
        """The cell, which must not be empty."""
        value = self.text(column, limit)
        if value is None:
            raise InvalidValue(f"{column} is empty")
        return value

    def amount(self, column: str) -> Decimal | None:
        """A plain number, not negative."""
        if (value := self.text(column)) is None:
            return None
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = self._written_amount(column, value)
        if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 15:
            raise InvalidValue(f"{column} {value!r} is no amount")
        return amount

    def _written_amount(self, column: str, value: str) -> Decimal:
        from cases.values import parse_amount

        try:
            return parse_amount(value)
        except InvalidValue as error:
            raise InvalidValue(f"{column} {value!r} is no amount") from error

    def whole(self, column: str, low: int, high: int) -> int | None:
        """A whole number between two bounds, both included."""
        if (value := self.text(column)) is None:
            return None
        if not re.fullmatch(r"\d{1,9}(\.0+)?", value) or not low <= int(float(value)) <= high:
            raise InvalidValue(f"{column} {value!r} is no whole number from {low} to {high}")
        return int(float(value))

    def day(self, column: str) -> date | None:
        """A date."""
        if (value := self.text(column)) is None:
            return None
        try:
            return date.fromisoformat(value[:10]) if re.match(r"\d{4}-\d\d-\d\d", value) else _written_day(value)
        except ValueError as error:
            raise InvalidValue(f"{column} {value!r} is no date: write it like 2026-03-20") from error

    def moment(self, column: str) -> datetime | None:
        """A time in ISO 8601; without a zone it is UTC."""
        if (value := self.text(column)) is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise InvalidValue(f"{column} {value!r} is no time: write it like 2026-03-20T09:30:00Z") from error
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    def choice(self, column: str, allowed: Sequence[str]) -> str:
        """One of the allowed words, in any case."""
        value = self.required(column)
        word = re.sub(r"[\s-]+", "_", value.lower())
        if word not in allowed:
            raise InvalidValue(f"{column} {value!r} is none of {', '.join(allowed)}")
        return word

    def listed(self, column: str) -> list[str]:
        """Values joined by semicolons."""
        return [part.strip() for part in (self.text(column, 20_000) or "").split(";") if part.strip()]

    def currency(self, column: str) -> str:
        """A currency code of three letters."""
        value = self.required(column).upper()
        if not re.fullmatch(r"[A-Z]{3}", value):
            raise InvalidValue(f"{column} {value!r} is no currency code like EUR")
        return value

    def country(self, column: str) -> str | None:
        """A country code of two letters."""
        value = self.text(column)
        if value is not None and not re.fullmatch(r"[A-Za-z]{2}", value):
            raise InvalidValue(f"{column} {value!r} is no country code like DE")
        return value.upper() if value else None


def _written_day(value: str) -> date:
    from cases.values import parse_date

    return parse_date(value)
