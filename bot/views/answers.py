"""An answer of the assistant as Slack messages: text, table, sources, buttons, feedback.

Everything of an answer may come from outside (names in the register, the manual's text), so it is shown in blocks
that interpret nothing.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack import escaping
from bot.views.phrases import phrase

Block = dict[str, Any]
MOST_ROWS = 99  # and a header, of the 100 that a table takes
MOST_COLUMNS = 20
MOST_CELLS = 9_000  # characters in all cells, of 10,000
TEXT_OF_ONE = 9_000  # characters of one message, of 12,000
LISTED = 15  # cases that the text tells one by one
ASK, SHARE, FEEDBACK, PROPOSE = "ask", "share_answer", "feedback", "propose"  # what clicks are named after


@dataclass(frozen=True, slots=True)
class Shown:
    """One message: the text of notifications, and the blocks. `body`: what the first block says, as text."""

    text: str
    blocks: list[Block]
    body: str = ""


def answer_messages(
    answer: Mapping[str, Any], language: str = "en", *, private: str = "", root: str = "", tables: bool = True
) -> list[Shown]:
    """The messages of an answer (keys of `ask --json`), in order; most have one.

    `private`: the sentence that says why only one person sees it; a button then offers to share the rest in
    the thread of `root`. `tables`: False where Slack does not take a table block; the text then tells the rows.
    """
    rows = answer["data"]["rows"]
    table = table_block(answer["data"]["columns"], rows) if tables and _wants_table(answer) else None
    text = _body(answer, without_list=table is not None and answer["kind"] == "statistics")
    texts = escaping.pieces(text, TEXT_OF_ONE) or ["–"]
    messages = [Shown(escaping.notice(piece, 300), [_text(piece)], piece) for piece in texts]
    last = messages[-1].blocks
    if table is not None:
        last.append(table)
        if len(rows) > len(table["rows"]) - 1:
            last.append(_note(phrase("rows_in_file", language, count=len(rows))))
    last += _sources(answer["citations"], language)
    last += _buttons(answer["actions"])
    if private:
        value = json.dumps({"answer": answer["id"], "root": root})
        last.append(_note(private))
        share: Block = {"type": "button", "action_id": SHARE, "value": value}
        if not answer["refused"] and answer["kind"] not in ("clarify", "smalltalk"):
            share["text"] = escaping.plain_text(phrase("share", language), 75)
            last.append({"type": "actions", "elements": [share]})
    if answer["kind"] not in ("smalltalk", "clarify", "permission"):
        last.append(_feedback(answer["id"], root, language))
    return messages


def _wants_table(answer: Mapping[str, Any]) -> bool:
    """Figures by group, and lists longer than the text tells; what the text says in full needs no table."""
    rows, columns = answer["data"]["rows"], answer["data"]["columns"]
    if answer["kind"] == "clarify" or not rows:
        return False
    if answer["kind"] == "status":
        return len(rows) > LISTED
    return len(rows) > 1 or len(columns) > 4


def _body(answer: Mapping[str, Any], *, without_list: bool) -> str:
    """The text, without the source line and the list that stand in blocks of their own."""
    lines = str(answer["answer"]).split("\n")
    sources = [str(one["source"]) for one in answer["citations"]]
    if lines[-1].startswith("(") and any(source in lines[-1] for source in sources):
        lines = lines[:-1]
    bullets = [line for line in lines if line.startswith("• ")]
    if without_list and 0 < len(bullets) <= len(answer["data"]["rows"]):
        lines = [line for line in lines if not line.startswith("• ")]
    return "\n".join(lines)


def _text(text: str) -> Block:
    """The text as it is, its first line stronger where more follows."""
    first, _, rest = escaping.clean(text).strip("\n").partition("\n")
    elements = [{"type": "text", "text": first or "–", **({"style": {"bold": True}} if rest else {})}]
    if rest:
        elements.append({"type": "text", "text": "\n" + rest})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _note(text: str) -> Block:
    return {"type": "context", "elements": [escaping.plain_text(text, 2000)]}


def _sources(citations: Sequence[Mapping[str, Any]], language: str) -> list[Block]:
    if not citations:
        return []
    named = dict.fromkeys(
        f"{one['source']} › {one['section']}" + (f", p. {one['page']}" if one.get("page") else "") for one in citations
    )
    return [_note(f"{phrase('sources', language)}: {'; '.join(list(named)[:5])}")]


def _buttons(actions: Sequence[Mapping[str, str]]) -> list[Block]:
    """Candidates and proposals; each asks or does what its label says."""
    elements = []
    for number, action in enumerate(actions[:10]):
        name = ASK if action["action"] == "ask" else f"{PROPOSE}:{action['action']}"
        elements.append(
            {
                "type": "button",
                "action_id": f"{name}:{number}",
                "text": escaping.plain_text(action["label"], 75),
                "value": escaping.cut(action["value"], 2000),
            }
        )
    return [{"type": "actions", "elements": elements}] if elements else []


def _feedback(answer_id: str, root: str, language: str) -> Block:
    def button(name: str) -> Block:
        value = json.dumps({"answer": answer_id, "root": root, "feedback": name})
        return {"text": {"type": "plain_text", "text": phrase(name, language)}, "value": value}

    element = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": button("good"),
        "negative_button": button("bad"),
    }
    return {"type": "context_actions", "elements": [element]}


def table_block(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Block | None:
    """As much of the data as a table block takes; None where not even its header fits."""
    kept = _columns_with_values(columns, rows)
    if not kept:
        return None
    shown = [[str(columns[place]).replace("_", " ") for place in kept]]
    size = sum(len(text) for text in shown[0])
    for row in rows[:MOST_ROWS]:
        cells = [escaping.cut(cell_text(columns[place], row[place]), 300) for place in kept]
        size += sum(len(text) for text in cells)
        if size > MOST_CELLS:
            break
        shown.append(cells)
    numeric = [isinstance(next((row[p] for row in rows if row[p] is not None), ""), int | float) for p in kept]
    settings = [{"align": "right" if right else "left", "is_wrapped": not right} for right in numeric]
    table = [[{"type": "raw_text", "text": escaping.clean(text) or "–"} for text in cells] for cells in shown]
    return {"type": "table", "column_settings": settings, "rows": table}


def _columns_with_values(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    filled = [place for place in range(len(columns)) if any(row[place] not in (None, "") for row in rows)]
    return filled[:MOST_COLUMNS]


def cell_text(column: str, value: Any) -> str:
    """A value as people read it: percent for rates, thousands separated, codes as words."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if _is_rate(column):
            return f"{value * 100:.2f} %"
        return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
    return str(value)


def _is_rate(column: str) -> bool:
    from cases.statistics import metrics

    name = column.removesuffix("_compared").removesuffix("_before")
    return name.startswith("share") or (name in metrics() and metrics()[name].unit == "rate")


def whole_table(answer: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """The rows as a CSV file where a table block does not take them all; no cell begins a formula."""
    data = answer["data"]
    if not _wants_table(answer):
        return None
    table = table_block(data["columns"], data["rows"])
    if table is not None and len(table["rows"]) - 1 >= len(data["rows"]) and len(data["columns"]) <= MOST_COLUMNS:
        return None
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(data["columns"])
    for row in data["rows"]:
        writer.writerow([_tame(value) for value in row])
    return "rows.csv", out.getvalue().encode("utf-8-sig")


def _tame(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
