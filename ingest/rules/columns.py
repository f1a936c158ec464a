"""Columns whose header says nothing: told by what stands in them (companies, places, plain words for goods)."""

import re

from ingest.message import Cell
from ingest.rules.changes import tells_share
from ingest.rules.cues import Cue
from ingest.rules.kinds import kind_of_cell
from ingest.rules.label_words import kinds_within
from ingest.rules.labels import Label, scale_of
from ingest.rules.lexicon import fold
from ingest.rules.material import companies_in
from ingest.values.countries import find_countries
from ingest.values.money import find_money, parse_amount
from ingest.values.terms import find_terms

_NOTHING = Cue("columns.nothing", r"(?:<1>)")
_SAMPLE = 12  # rows that are looked at
Rows = tuple[tuple[Cell, ...], ...]


def with_guesses(rows: Rows, header: int, labels: list[Label | None]) -> list[Label | None]:
    """The labels of a header row; of its other columns those that their content tells."""
    known = {label.field for label in labels if label}
    if len(known) < 2 or any(re.search(r"(?!\b20\d\d\b)\b\d{3}", cell.text) for cell in rows[header]):
        return labels
    below = [row for row in rows[header + 1 :][:_SAMPLE] if sum(1 for cell in row if cell.text.strip()) >= 2]
    out = list(labels)
    for column, label in enumerate(labels):
        if label is not None and label.field != "buyer_country":
            continue
        cells = [row[column].text.strip() for row in below if column < len(row) and row[column].text.strip()]
        if label is not None:  # "Pays in" heads terms, not the French for country
            if cells and all(find_terms(cell) for cell in cells):
                known.discard("buyer_country")
                out[column] = None
            else:
                continue
        guess = _guess(cells, known, rows[header][column].text.strip())
        if guess is not None:
            known.add(guess)
            out[column] = Label(guess)
    return _with_sums(rows, header, below, out)


def _with_sums(
    rows: Rows, header: int, below: list[tuple[Cell, ...]], labels: list[Label | None]
) -> list[Label | None]:
    """Columns of sums whose headers say today or wanted in words of their own ("Have", "Would like", "Soll")."""
    out = list(labels)
    known = {label.field for label in labels if label}
    if "buyer_name" not in known or known >= {"amount", "current_limit"}:
        return out
    for column, label in enumerate(labels):
        written = rows[header][column].text
        scale = scale_of(fold(written))
        cells = [cell for row in below if column < len(row) and (cell := row[column].text.strip())]
        if label is not None or not cells or not all(_is_limit(cell, scale) for cell in cells):
            continue
        kinds = kinds_within(fold(written))
        if kinds & {"turnover", "overdue", "planned", "register", "terms", "buyer"}:
            continue
        field = "current_limit" if "current" in kinds else "amount" if kinds & {"wanted", "limit", "money"} else None
        if field and field not in known and not {"current", "wanted"} <= kinds:
            known.add(field)
            out[column] = Label(field, scale=scale, written=written)
    return out


def _is_limit(cell: str, scale: int) -> bool:
    """Whether a cell may stand in a column of limits: a sum, nothing, or words for a change."""
    if cell in ("-", "–", "—", "n/a", "0") or _NOTHING.fullmatch(fold(cell)):
        return True
    one = parse_amount(cell, scale) or next(iter(find_money(cell, scale)), None)
    if one is None:
        return kind_of_cell(cell) in ("cancellation", "renewal") or tells_share(fold(cell))
    return one.amount >= 1000 or one.currency is not None


def _guess(cells: list[str], known: set[str], header: str) -> str | None:
    if not cells:
        return None
    if "buyer_name" not in known and sum(bool(companies_in(cell)) for cell in cells) * 2 >= len(cells):
        return "buyer_name"
    if not known & {"buyer_country", "town"} and all(find_countries(cell) for cell in cells):
        return "town"
    if "payment_terms_days" not in known and all(find_terms(cell) and not find_money(cell) for cell in cells):
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
    return (
        plain
        and not tells_share(fold(text))
        and not companies_in(text)
        and not find_countries(text)
        and not kind_of_cell(text)
    )
