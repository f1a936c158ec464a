"""From boxes of text on a page to lines in reading order, columns and tables."""

from dataclasses import dataclass

from ingest.gather import CELL, TextTable

TABLE_GAP = 3.5  # heights of a line between two rows of one table


@dataclass(slots=True)
class Piece:
    """A run of text; y grows upwards as in PDF."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """Height of the box."""
        return max(self.top - self.bottom, 0.1)


@dataclass(slots=True)
class Line:
    """Cells on one height, from left to right."""

    cells: list[Piece]
    top: float
    bottom: float

    @property
    def left(self) -> float:
        """Where the line begins."""
        return self.cells[0].left

    @property
    def right(self) -> float:
        """Where the line ends."""
        return self.cells[-1].right


def page_text(pieces: list[Piece]) -> tuple[str, list[TextTable]]:
    """Text of a page and the tables in it; cells of a line are set apart by tabs."""
    out: list[str] = []
    tables: list[TextTable] = []
    at = 0
    for block in _blocks(pieces):
        lines = _lines(block)
        places: list[list[CELL]] = []
        previous: Line | None = None
        for line in lines:
            if previous is not None and previous.bottom - line.top > 1.2 * (line.top - line.bottom):
                out.append("\n")
                at += 1
                if previous.bottom - line.top > TABLE_GAP * (line.top - line.bottom):
                    _keep(places, tables)
                    places = []
            written: list[CELL] = []
            for position, cell in enumerate(line.cells):
                if position:
                    out.append("\t")
                    at += 1
                text = " ".join(cell.text.split())
                written.append((text, at, at + len(text)))
                out.append(text)
                at += len(text)
            out.append("\n")
            at += 1
            places.append(written)
            previous = line
        _keep(places, tables)
    return "".join(out).rstrip("\n"), tables


def _keep(places: list[list[CELL]], tables: list[TextTable]) -> None:
    """Rows with several cells beside each other make a table."""
    run: list[list[CELL]] = []
    for row in [*places, []]:
        if len(row) >= 2:
            run.append(row)
        elif run:
            if row and len(run) >= 2 and len(run[-1]) >= 3:
                run.append(row)  # a lone cell under a table: a wrapped cell or a total
                continue
            tables.append(TextTable(run))
            run = []


def _lines(pieces: list[Piece]) -> list[Line]:
    """Pieces of about the same height, merged to cells where only a word's space is between them."""
    lines: list[Line] = []
    for piece in sorted(pieces, key=lambda p: (-(p.top + p.bottom), p.left)):
        middle = (piece.top + piece.bottom) / 2
        for line in lines[-3:]:
            if line.bottom <= middle <= line.top or line.bottom <= piece.bottom + piece.height * 0.55 <= line.top:
                line.cells.append(piece)
                break
        else:
            lines.append(Line([piece], piece.top, piece.bottom))
    for line in lines:
        line.cells = _cells(sorted(line.cells, key=lambda p: p.left))
    return sorted(lines, key=lambda line: -line.top)


def _cells(pieces: list[Piece]) -> list[Piece]:
    cells = [pieces[0]]
    for piece in pieces[1:]:
        last = cells[-1]
        gap = piece.left - last.right
        size = min(last.height, piece.height)
        if gap < size * 0.95:
            space = " " if gap > size * 0.12 and not last.text.endswith(" ") and not piece.text.startswith(" ") else ""
            cells[-1] = Piece(
                last.text + space + piece.text, last.left, max(last.right, piece.right),
                max(last.top, piece.top), min(last.bottom, piece.bottom),
            )  # fmt: skip
        else:
            cells.append(piece)
    return cells


def _blocks(pieces: list[Piece]) -> list[list[Piece]]:
    """The page as it is, or its head, left column, right column and foot where running text stands in two columns."""
    if len(pieces) < 16:
        return [pieces] if pieces else []
    left, right = min(p.left for p in pieces), max(p.right for p in pieces)
    width = right - left
    if sum(p.left > left + width * 0.4 for p in pieces) * 4 < len(pieces):
        return [pieces]  # nothing much begins on the right
    gutter = _gutter(pieces, left + width * 0.35, left + width * 0.65)
    if gutter is None:
        return [pieces]
    crossing = [p for p in pieces if p.left < gutter < p.right]
    west = [p for p in pieces if p.right <= gutter]
    east = [p for p in pieces if p.left >= gutter]
    if not _prose(west, gutter - left) or not _prose(east, right - gutter):
        return [pieces]
    high = max(max(p.top for p in west), max(p.top for p in east))
    head = [p for p in crossing if p.bottom >= high - 1]
    foot = [p for p in crossing if p not in head]
    return [block for block in (head, west, east, foot) if block]


def _gutter(pieces: list[Piece], low: float, high: float) -> float | None:
    """An x that few pieces cross."""
    best, fewest = None, len(pieces)
    step = max((high - low) / 40, 1)
    x = low
    while x <= high:
        crossed = sum(p.left - 2 < x < p.right + 2 for p in pieces)
        if crossed < fewest:
            best, fewest = x, crossed
        x += step
    return best if best is not None and fewest <= max(3, len(pieces) * 0.08) else None


def _prose(pieces: list[Piece], width: float) -> bool:
    """Whether pieces look like lines of running text that fill their column."""
    if len(pieces) < 6:
        return False
    lines = _lines(pieces)
    full = [line for line in lines if line.right - line.left > width * 0.62 and len(line.cells) == 1]
    words = sum(len(line.cells[0].text.split()) >= 4 for line in full)
    return len(full) * 2 >= len(lines) and words * 10 >= len(lines) * 4
