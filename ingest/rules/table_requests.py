"""Requests in tables: any order and language of headers, ditto marks, totals rows, figures in thousands, forms of two columns."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ingest.engine import Hint
from ingest.fields import MESSAGE_PATHS
from ingest.message import Cell, Table
from ingest.rules.columns import with_guesses
from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, Fact, place
from ingest.rules.identifier_cells import finish_vat
from ingest.rules.kinds import settle_kind
from ingest.rules.labels import Label, finish_amounts, hinted, put_value, read_label, scale_of
from ingest.rules.lexicon import fold, phrases
from ingest.rules.material import Material, Passage, companies_in
from ingest.rules.segments import units
from ingest.values.money import find_currencies

_TOTAL = Cue("table_requests.total", r"(?:<1>)?(?:<2>)\b.*")
_DITTO = Cue("table_requests.ditto", r"(?:<1>|\"|''|″|〃|„|“|”|-\"-|-''-|= ?\"=?|,,|-\|\|-|\^)")
_OF_FIGURES = Cue("table_requests.of_figures", r"<1>")
_ALL = Cue("table_requests.all", r"\b(?:<1>)\b")
_BUCKET = Cue(
    "table_requests.bucket",
    r"(?:<1>)?\s*(?:(?:[<>]|<2>)\s?\d{2,3}|\d{1,3}\s?(?:<3>)\s?\d{2,3}|\d{2,3}\s?\+)\s*(?:<4>)?",
)
_SUPERSEDED = Cue("table_requests.superseded", r"\b(?:<1>)\b")
_NO_DAY = date(1970, 1, 1)
_OF_ROWS = ("policy_number", "policyholder_name", "needed_by")  # a contact in a row is the buyer's
_MAIN = frozenset({"amount", "current_limit", "request_type", "increase_by"})


@dataclass(slots=True)
class TableReading:
    """What one table gave: requests, and labelled values that hold for the message."""

    drafts: list[Draft] = field(default_factory=list)
    general: Draft = field(default_factory=Draft)
    start: int = 0
    end: int = 0
    part: int = 0


def read_table(material: Material, table: Table, hints: tuple[Hint, ...]) -> TableReading | None:
    """The requests of a table, or None where it holds none."""
    rows = table.rows
    if _SUPERSEDED.search(fold(table.title)) or any(
        _SUPERSEDED.search(fold(cell.text))
        for row in rows[:3]
        if sum(1 for one in row if one.text.strip()) == 1
        for cell in row
    ):
        return None
    for number, row in enumerate(rows[:25]):
        if sum(1 for cell in row if _BUCKET.fullmatch(fold(cell.text).strip())) >= 2:
            return None  # how old claims are, not what is asked for
        labels = [hinted(hints, cell.text) or read_label(cell.text) for cell in row]
        below = _second_line(rows, number, hints)
        labels = with_guesses(rows, number + (below is not None), below or labels)
        if _is_header(row, labels):
            labels = _without_doubles(_learned_first(_named_in_words(rows[number + 1 :], labels)))
            return _down(material, table, number + (below is not None), labels)
    return _across(material, table, hints)


def _second_line(rows: tuple[tuple[Cell, ...], ...], number: int, hints: tuple[Hint, ...]) -> list[Label | None] | None:
    """The labels of a header of two lines ("Limit" over "today" and "wanted"), or None where the second is none."""
    if number + 1 >= len(rows) or any(re.search(r"\d", cell.text) for cell in rows[number + 1]):
        return None
    above, labels, over = "", [], 0
    for column, cell in enumerate(rows[number + 1]):
        top = rows[number][column].text.strip() if column < len(rows[number]) else ""
        above = top or (above if cell.text.strip() else "")
        both = f"{above} {cell.text}".strip()
        label = hinted(hints, both) or read_label(both) or read_label(cell.text) or read_label(above)
        over += bool(above and cell.text.strip() and label)
        labels.append(label)
    known = {label.field for label in labels if label}
    return labels if over >= 2 and "buyer_name" in known and known & _MAIN and len(known) >= 3 else None


def _is_header(row: tuple[Cell, ...], labels: list[Label | None]) -> bool:
    fields = {label.field for label in labels if label}
    filled = sum(1 for cell in row if cell.text.strip())
    named = "buyer_name" in fields or "buyer_vat_id" in fields or "buyer_registration_number" in fields
    return named and bool(fields & _MAIN) and len(fields) >= max(2, filled // 3)


def _learned_first(labels: list[Label | None]) -> list[Label | None]:
    """Where a learned rule names the column of a field, no other column is that field."""
    learned = {label.field for label in labels if label and label.learned}
    return [None if label and not label.learned and label.field in learned else label for label in labels]


def _named_in_words(below: tuple[tuple[Cell, ...], ...], labels: list[Label | None]) -> list[Label | None]:
    """Where two columns are headed as the buyer ("Account", "Customer"), one that holds numbers only is none."""
    if sum(1 for label in labels if label and label.field == "buyer_name") < 2:
        return labels
    out = list(labels)
    for column, label in enumerate(labels):
        cells = [row[column].text for row in below if column < len(row) and row[column].text.strip()]
        if label and label.field == "buyer_name" and not any(re.search(r"[^\W\d_]{3}", cell) for cell in cells):
            out[column] = None
    return out


def _without_doubles(labels: list[Label | None]) -> list[Label | None]:
    """Of two columns with one meaning the first counts."""
    seen: set[str] = set()
    out: list[Label | None] = []
    for label in labels:
        out.append(None if label is None or label.field in seen else label)
        if label:
            seen.add(label.field)
    return out


def _cell(material: Material, table: Table, cell: Cell) -> Passage:
    text = cell.text
    return Passage(table.part, cell.start, text, fold(text), "file", material.written)


def _down(material: Material, table: Table, header: int, labels: list[Label | None]) -> TableReading:
    reading = TableReading(part=table.part)
    reading.start = min(cell.start for row in table.rows for cell in row)
    reading.end = max(cell.end for row in table.rows for cell in row)
    scale, currency = _above(material, table, header, reading.general)
    above: dict[int, tuple[Cell, Label]] = {}
    for row in table.rows[header + 1 :]:
        if _is_total(row, labels):
            continue
        draft = Draft(source="table")
        for column, (cell, label) in enumerate(zip(row, labels, strict=False)):
            if label is None:
                continue
            if _DITTO.fullmatch(fold(cell.text).strip()) and column in above:
                _repeat(material, table, draft, above[column], cell, scale)
            elif cell.text.strip():
                above[column] = (cell, label)
                put_value(draft, label, _cell(material, table, cell), scale)
        _of_message(reading.general, draft, _OF_ROWS)
        if _counts(draft):
            _finish(draft, table, labels, header, currency)
            reading.drafts.append(draft)
        else:
            _note_below(material, table, row, reading.general)
    return reading


def _is_total(row: tuple[Cell, ...], labels: list[Label | None]) -> bool:
    """Whether a row is empty or sums up the others: its first cell or the buyer's says "total"."""
    first = next((cell.text for cell in row if cell.text.strip()), "")
    named = [c.text for c, label in zip(row, labels, strict=False) if label and label.field == "buyer_name"]
    totals = [t for t in (first, *named) if _TOTAL.fullmatch(fold(t).strip(" :.")) and not companies_in(t)]
    return not first or bool(totals)


def _note_below(material: Material, table: Table, row: tuple[Cell, ...], general: Draft) -> None:
    """A row below the table such as "Policy | TC-1"."""
    cells = [cell for cell in row if cell.text.strip()]
    if len(cells) == 2 and (label := read_label(cells[0].text)):
        put_value(general, label, _cell(material, table, cells[1]))


def _repeat(material: Material, table: Table, draft: Draft, above: tuple[Cell, Label], cell: Cell, scale: int) -> None:
    copy = Draft()
    put_value(copy, above[1], _cell(material, table, above[0]), scale)
    for name, one in copy.facts.items():
        spot = place(_cell(material, table, cell), 0, len(cell.text))
        draft.put(name, Fact(one.value, (*one.places, spot), "as in the row above", one.weight, one.labelled))


def _counts(draft: Draft) -> bool:
    name = str(draft.value("buyer_name") or "")
    if name and (len(name) > 90 or not re.search(r"[^\W\d_]{2}", name)):
        return False
    identified = bool(name) or "buyer_vat_id" in draft.facts or "buyer_registration_number" in draft.facts
    return identified and bool(
        set(draft.facts) & (_MAIN | {"payment_terms_days", "expected_turnover", "buyer_country"})
    )


def _finish(draft: Draft, table: Table, labels: list[Label | None], header: int, currency: Fact | None) -> None:
    if "currency" not in draft.facts:
        draft.put("currency", _currency_of_header(table, labels, header))
        draft.put("currency", currency)
    finish_draft(draft)


def _currency_of_header(table: Table, labels: list[Label | None], header: int) -> Fact | None:
    """The currency that the header of the limit's column names, in its own cell or in the one above."""
    for column, label in enumerate(labels):
        if label is None or not label.currency or label.field not in ("amount", "current_limit"):
            continue
        for row in table.rows[header::-1][:2]:
            for cell in row[column::-1]:
                if (found := _currency_in(table, cell, label)) is not None:
                    return found
    return None


def _currency_in(table: Table, cell: Cell, label: Label) -> Fact | None:
    """The currency of a label, where the cell of a header names one."""
    found = find_currencies(cell.text)
    if not found or not label.currency:
        return None
    spot = place(Passage(table.part, cell.start, cell.text, "", "file", _NO_DAY), found[0].start, found[0].end)
    return Fact(label.currency, (spot,), None, 1.0, True)


def _of_message(general: Draft, draft: Draft, names: Iterable[str]) -> None:
    """What a row or column says of the whole message; the first one counts."""
    for name in names:
        general.put(name, draft.facts.pop(name, None))


def finish_draft(draft: Draft) -> None:
    """Bring a labelled draft to its end: totals, VAT prefix, kind."""
    finish_amounts(draft)
    draft.put("buyer_country", draft.facts.pop("place_country", None))
    finish_vat(draft)
    kind = draft.facts.pop("request_type", None)
    if str(draft.value("buyer_name") or ""):
        settle_kind(draft, str(kind.value) if kind else None, kind)
        if kind is not None and "request_type" not in draft.facts:
            draft.put("request_type", kind)


def _above(material: Material, table: Table, header: int, general: Draft) -> tuple[int, Fact | None]:
    """Factor, currency and labelled values in the rows above the header."""
    scale, currency = max(scale_of(fold(table.title)), _said_scale(material, table)), None
    for row in table.rows[:header]:
        cells = [cell for cell in row if cell.text.strip()]
        for cell in cells:
            passage = _cell(material, table, cell)
            if _OF_FIGURES.search(passage.folded):
                scale = max(scale, scale_of(passage.folded))
                found = find_currencies(cell.text)
                if found and not re.search(r"\d", cell.text):
                    spot = place(passage, found[0].start, found[0].end)
                    currency = Fact(found[0].currency, (spot,), None, 1.0, True)
        for name, value in itertools.pairwise(cells):
            if label := read_label(name.text):
                put_value(general, label, _cell(material, table, value))
        _lone(material, table, cells, general)
    return scale, currency


def _said_scale(material: Material, table: Table) -> int:
    """The factor that the letter states for the figures of its table ("all figures in thousands"); only for small figures."""
    cells = (cell.text.strip() for row in table.rows for cell in row)
    if any(re.fullmatch(r"\D{0,4}\d{1,3}(?:[.,' ]?000)+(?:[.,]\d\d)?\D{0,4}", text) for text in cells):
        return 1
    for passage in material.body:
        for start, end, _ in units(passage):
            sentence = passage.folded[start:end]
            if phrases("phrases").has(sentence, "figures"):
                return scale_of(sentence)
            if scale_of(sentence) > 1 and not re.search(r"\d", sentence) and _ALL.search(sentence):
                return scale_of(sentence)
    return 1


def _lone(material: Material, table: Table, cells: list[Cell], general: Draft) -> None:
    """ "Policy: TC-1" within one cell."""
    for cell in cells:
        head, colon, _ = cell.text.partition(":")
        if colon and (label := read_label(head)):
            put_value(general, label, _cell(material, table, cell).cut(len(head) + 1, len(cell.text)))


def _across(material: Material, table: Table, hints: tuple[Hint, ...]) -> TableReading | None:
    """Labels in the first column: a form of two columns, or one buyer in each further column."""
    rows = [row for row in table.rows if row]
    labels = _learned_first([hinted(hints, row[0].text) or read_label(row[0].text) for row in rows])
    fields = {label.field for label in labels if label}
    if len(rows) < 3 or "buyer_name" not in fields or not fields & {"amount", "current_limit", "request_type"}:
        return None
    reading = TableReading(part=table.part)
    reading.start = min(cell.start for row in rows for cell in row)
    reading.end = max(cell.end for row in rows for cell in row)
    for column in range(1, max(len(row) for row in rows)):
        draft = Draft(source="table")
        for row, label in zip(rows, labels, strict=True):
            if label is not None and column < len(row) and row[column].text.strip():
                put_value(draft, label, _cell(material, table, row[column]), 1)
                if label.field in ("amount", "current_limit"):
                    draft.put("currency", _currency_in(table, row[0], label))
        _of_message(reading.general, draft, MESSAGE_PATHS)
        if _counts(draft):
            finish_draft(draft)
            reading.drafts.append(draft)
    return reading if reading.drafts else None
