"""Tables drawn with lines: each box is a cell, whatever number of lines its text takes."""

import bisect
import itertools
from dataclasses import dataclass

from ingest.documents.layout import Piece, page_text
from ingest.gather import TextTable, write_table

Box = tuple[float, float, float, float]  # left, bottom, right, top

_THIN = 2.0  # points: narrower is a line
_NEAR = 3.0  # points between edges that are one border
_FEWEST = 2  # rows and columns of a grid


@dataclass(slots=True)
class Grid:
    """The borders of a drawn table: x of its columns from the left, y of its rows from the top."""

    columns: list[float]
    rows: list[float]

    def holds(self, piece: Piece) -> bool:
        """Whether a run of text lies within."""
        x, y = (piece.left + piece.right) / 2, (piece.top + piece.bottom) / 2
        return self.columns[0] < x < self.columns[-1] and self.rows[-1] < y < self.rows[0]

    def cells(self, pieces: list[Piece]) -> list[list[list[Piece]]]:
        """Rows of cells, each with its runs of text."""
        down = [-y for y in self.rows]
        out: list[list[list[Piece]]] = [[[] for _ in self.columns[1:]] for _ in self.rows[1:]]
        for piece in pieces:
            row = bisect.bisect(down, -(piece.top + piece.bottom) / 2) - 1
            column = bisect.bisect(self.columns, piece.left + min(_NEAR, (piece.right - piece.left) / 2)) - 1
            if 0 <= row < len(out) and 0 <= column < len(out[0]):
                out[row][column].append(piece)
        return out


def find_grids(boxes: list[Box]) -> list[Grid]:
    """The grids that drawn lines and boxes make, from the top; a frame round the page or a lone box is none."""
    upright, level = _edges(boxes)
    grids: list[Grid] = []
    for group in _groups(upright, level):
        columns = _merged([x for x, _, _ in group[0]])
        rows = _merged([y for y, _, _ in group[1]])[::-1]
        if len(columns) > _FEWEST and len(rows) > _FEWEST:
            grids.append(Grid(columns, rows))
    return sorted(grids, key=lambda grid: -grid.rows[0])


Edge = tuple[float, float, float]  # where it runs, from, to


def _edges(boxes: list[Box]) -> tuple[list[Edge], list[Edge]]:
    """Upright and level edges; a box has two of each."""
    upright: list[Edge] = []
    level: list[Edge] = []
    for left, bottom, right, top in boxes:
        wide, high = right - left, top - bottom
        if wide <= _THIN < high:
            upright.append(((left + right) / 2, bottom, top))
        elif high <= _THIN < wide:
            level.append(((bottom + top) / 2, left, right))
        elif wide > _THIN and high > _THIN:
            upright += [(left, bottom, top), (right, bottom, top)]
            level += [(bottom, left, right), (top, left, right)]
    return upright, level


def _groups(upright: list[Edge], level: list[Edge]) -> list[tuple[list[Edge], list[Edge]]]:
    """Edges that touch in height belong to one grid."""
    bands: list[list[float]] = []
    for _, low, high in sorted(upright, key=lambda edge: edge[1]):
        if bands and low <= bands[-1][1] + _NEAR:
            bands[-1][1] = max(bands[-1][1], high)
        else:
            bands.append([low, high])
    out = []
    for low, high in bands:
        posts = [edge for edge in upright if low - _NEAR <= edge[1] and edge[2] <= high + _NEAR]
        beams = [edge for edge in level if low - _NEAR <= edge[0] <= high + _NEAR]
        out.append((posts, beams))
    return out


def _merged(values: list[float]) -> list[float]:
    """Values in rising order, near ones as one."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > _NEAR:
            out.append(value)
    return out


def in_reading_order(pieces: list[Piece]) -> str:
    """The text of one cell: its lines from the top, words in a line from the left."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (-p.top, p.left)):
        if lines and abs(lines[-1][0].top - piece.top) < piece.height * 0.5:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    words = itertools.chain.from_iterable(sorted(line, key=lambda p: p.left) for line in lines)
    return " ".join(" ".join(piece.text.split()) for piece in words if piece.text.strip())


def text_and_tables(pieces: list[Piece], boxes: list[Box]) -> tuple[str, list[TextTable]]:
    """Text of a page and the tables in it, drawn ones cell by cell, the others by the place of their words."""
    text, rest = "", pieces
    tables: list[TextTable] = []
    for grid in find_grids(boxes):
        inside = [piece for piece in rest if grid.holds(piece)]
        rows = [[in_reading_order(cell) for cell in row] for row in grid.cells(inside)]
        if sum(sum(map(bool, row)) >= _FEWEST for row in rows) < _FEWEST:
            continue
        outside = [piece for piece in rest if not grid.holds(piece)]
        above = [piece for piece in outside if piece.bottom >= grid.rows[0] - _NEAR]
        rest = [piece for piece in outside if piece.bottom < grid.rows[0] - _NEAR]
        text, tables = _joined(text, tables, *page_text(above))
        written, places = write_table([row for row in rows if any(row)], 0)
        text, tables = _joined(text, tables, written, [TextTable(places)])
    return _joined(text, tables, *page_text(rest))


def _joined(text: str, tables: list[TextTable], more: str, others: list[TextTable]) -> tuple[str, list[TextTable]]:
    if not more:
        return text, tables
    lead = "\n\n" if text else ""
    by = len(text) + len(lead)
    moved = [TextTable([[(t, s + by, e + by) for t, s, e in row] for row in one.rows], one.title) for one in others]
    return text + lead + more, [*tables, *moved]
