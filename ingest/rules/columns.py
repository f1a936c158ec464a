"""Columns whose header says nothing: told by what stands in them (companies, places, plain words for goods)."""

import re

from ingest.message import Cell
from ingest.rules.kinds import kind_of_cell
from ingest.rules.labels import Label
from ingest.rules.material import companies_in
from ingest.values.countries import find_countries
from ingest.values.money import find_money
from ingest.values.terms import find_terms

_SAMPLE = 12  # rows that are looked at
Rows = tuple[tuple[Cell, ...], ...]


def with_guesses(rows: Rows, header: int, labels: list[Label | None]) -> list[Label | None]:
    """The labels of a header row; of its other columns those that their content tells."""
    known = {label.field for label in labels if label}
    if len(known) < 2 or any(re.search(r"\d{3}", cell.text) for cell in rows[header]):
        return labels
    below = [row for row in rows[header + 1 :][:_SAMPLE] if sum(1 for cell in row if cell.text.strip()) >= 2]
    out = list(labels)
    for column, label in enumerate(labels):
        if label is not None:
            continue
        cells = [row[column].text.strip() for row in below if column < len(row) and row[column].text.strip()]
        guess = _guess(cells, known, rows[header][column].text.strip())
        if guess is not None:
            known.add(guess)
            out[column] = Label(guess)
    return out


def _guess(cells: list[str], known: set[str], header: str) -> str | None:
    if not cells:
        return None
    if "buyer_name" not in known and sum(bool(companies_in(cell)) for cell in cells) * 2 >= len(cells):
        return "buyer_name"
    if not known & {"buyer_country", "town"} and all(find_countries(cell) for cell in cells):
        return "town"
    if "payment_terms_days" not in known and all(find_terms(cell) for cell in cells):
        return "payment_terms_days"
    if "goods" not in known and header and all(_may_be_goods(cell) for cell in cells):
        return "goods"
    return None


def _may_be_goods(text: str) -> bool:
    """A few words in small letters that are neither a figure, a company, a place nor a kind of request."""
    words = text.split()
    small = [w for w in words if w[:1].islower()]
    if not 1 <= len(words) <= 5 or len(text) < 4 or len(small) < max(1, len(words) - 1):
        return False
    plain = not re.search(r"\d|[@:?!/]", text) and not find_money(text) and not find_terms(text)
    return plain and not companies_in(text) and not find_countries(text) and not kind_of_cell(text)
