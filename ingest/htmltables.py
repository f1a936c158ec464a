"""Tables while an HTML document is written: which hold data, and how spans fill their cells."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

PARAGRAPHS_IN_A_CELL = 8  # more of them make it a page's layout


@dataclass(slots=True)
class HtmlTable:
    """Rows of (text, start, end) into the text, not yet padded."""

    rows: list[list[tuple[str, int, int]]] = field(default_factory=list)
    title: str = ""


class OpenTable:
    """A table that is being written."""

    def __init__(self, table: HtmlTable, data: bool) -> None:
        self.table = table
        self.data = data
        self.inside = 0
        self.begin = 0  # where in the text the open cell starts
        self.written = 0  # and how many pieces stood before it
        self.below: dict[int, tuple[int, tuple[str, int, int]]] = {}  # column -> rows left, cell above

    def start_row(self) -> None:
        """Forget spans that have ended."""
        self.below = {column: span for column, span in self.below.items() if span[0] > 0}

    def fill(self) -> int:
        """How many columns from here on are taken by cells above."""
        count, column = 0, len(self.table.rows[-1]) if self.table.rows else 0
        while column + count in self.below and self.below[column + count][0] > 0:
            count += 1
        return count

    def spanned(self) -> tuple[str, int, int]:
        """The cell from above for the next column."""
        column = len(self.table.rows[-1])
        left, cell = self.below[column]
        self.below[column] = (left - 1, cell)
        return cell

    def put(self, cell: tuple[str, int, int], columns: int, rows: int) -> None:
        """Add a cell with its spans."""
        row = self.table.rows[-1]
        if rows > 1:
            self.below[len(row)] = (rows - 1, cell)
        row.append(cell)
        row.extend(("", cell[2], cell[2]) for _ in range(columns - 1))


def span_of(value: str | None) -> int:
    """A colspan or rowspan attribute as a number."""
    return min(int(value), 60) if value and value.strip().isdigit() and len(value) < 4 and int(value) else 1


def holds_data(table: "LexborNode") -> bool:
    """Whether a table holds data (not layout): no table inside, and some row has two filled cells."""
    if table.css_first("table table") is not None:
        return False
    inner = [n for n in table.css("table") if n.mem_id != table.mem_id]
    if inner:
        return False
    rows = table.css("tr")
    filled = 0
    for row in rows[:400]:
        cells = [cell for cell in row.css("td, th") if (cell.text(deep=True) or "").strip()]
        if len(cells) >= 2:
            filled += 1
        if any(len(cell.css("p, div, br, li")) > PARAGRAPHS_IN_A_CELL for cell in cells):
            return False
    return filled >= 1
