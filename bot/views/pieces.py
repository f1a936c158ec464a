"""Block Kit pieces that cards, modals and the home tab are made of. Text from outside stands in plain text or rich text."""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.slack import escaping

Block = dict[str, Any]
Piece = str | tuple[str, str]  # text, or text and its style: "bold" or "italic"

BUTTON_TEXT = 75
OPTION_TEXT = 75
LINE = 300  # characters of one piece of a line


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": escaping.plain_text(text, 150)}


def lines(rows: Iterable[Sequence[Piece]], *, most: int = LINE) -> Block:
    """A rich text block, one line for each row; nothing in it is interpreted. Pieces are cut at `most` characters."""
    elements: list[Block] = []
    for number, row in enumerate(rows):
        if number:
            elements.append({"type": "text", "text": "\n"})
        for piece in row:
            text, style = (piece, "") if isinstance(piece, str) else piece
            shown = escaping.cut(escaping.clean(text), most)
            if shown:
                styled = {"style": {style: True}} if style else {}
                elements.append({"type": "text", "text": shown, **styled})
    empty = [{"type": "text", "text": "–"}]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements or empty}]}


def bullets(title: str, items: Sequence[str], *, most: int = 8, ordered: bool = False) -> Block:
    """A title in bold over a list; what is more than `most` is counted."""
    shown = [escaping.cut(escaping.clean(item), LINE) for item in items[:most]]
    if len(items) > most:
        shown.append(f"and {len(items) - most} more")
    head = {"type": "rich_text_section", "elements": [{"type": "text", "text": title, "style": {"bold": True}}]}
    entries = [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": text or "–"}]} for text in shown or ["–"]
    ]
    listed = {"type": "rich_text_list", "style": "ordered" if ordered else "bullet", "elements": entries}
    return {"type": "rich_text", "elements": [head, listed]}


def within(blocks: Sequence[Block], most: int = 11_500) -> list[Block]:
    """The blocks of a message with list entries cut shorter where Slack would refuse so much text."""
    if sum(_length(block) for block in blocks if block["type"] != "table") <= most:
        return list(blocks)
    return [_shortened(block) if block["type"] == "rich_text" else block for block in blocks]


def _length(node: object) -> int:
    if isinstance(node, str):
        return len(node)
    if isinstance(node, dict):
        return sum(_length(value) for value in node.values())
    return sum(map(_length, node)) if isinstance(node, list) else 0


def _shortened(block: Block) -> Block:
    def cut(node: Block) -> Block:
        text = {"text": escaping.cut(node["text"], 100)} if "text" in node else {}
        return node | text | ({"elements": [cut(one) for one in node["elements"]]} if "elements" in node else {})

    return cut(block)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, most_cell: int = 160) -> Block:
    """A table of plain cells. The caller keeps it under 100 rows and 10,000 characters."""
    cells = [
        [{"type": "raw_text", "text": escaping.cut(escaping.clean(cell), most_cell) or "–"} for cell in row]
        for row in [columns, *rows]
    ]
    return {"type": "table", "rows": cells, "column_settings": [{"is_wrapped": True} for _ in columns]}


def context(*texts: str) -> Block:
    """Small grey lines of plain text."""
    return {"type": "context", "elements": [escaping.plain_text(text, 1000) for text in texts[:10]]}


def button(text: str, action: str, value: str, style: str = "") -> Block:
    """A button; `style` primary or danger."""
    made: Block = {
        "type": "button",
        "action_id": action,
        "text": escaping.plain_text(text, BUTTON_TEXT),
        "value": value,
    }
    return made | ({"style": style} if style else {})


def actions(buttons: Sequence[Block], block_id: str = "") -> Block:
    """A row of buttons (at most 25)."""
    row: Block = {"type": "actions", "elements": list(buttons[:25])}
    return row | ({"block_id": block_id} if block_id else {})


def option(text: str, value: str) -> Block:
    """An entry of a menu."""
    return {"text": escaping.plain_text(text, OPTION_TEXT), "value": value[:150]}


def select(action: str, options: Sequence[Block], chosen: str | None = None, placeholder: str = "") -> Block:
    """A menu of at most 100 entries, one of them chosen by its value."""
    shown = list(options[:100])
    made: Block = {"type": "static_select", "action_id": action, "options": shown}
    if first := next((one for one in shown if one["value"] == chosen), None):
        made["initial_option"] = first
    if placeholder:
        made["placeholder"] = escaping.plain_text(placeholder, 150)
    return made


def text_field(
    block_id: str, title: str, value: str = "", *, hint: str = "", optional: bool = True, multiline: bool = False,
    longest: int = 3000,
) -> Block:  # fmt: skip
    """An input with its text filled in."""
    element: Block = {"type": "plain_text_input", "action_id": "value", "multiline": multiline, "max_length": longest}
    if value:
        element["initial_value"] = escaping.cut(escaping.clean(value), longest)
    return field(block_id, title, element, hint=hint, optional=optional)


def field(block_id: str, title: str, element: Block, *, hint: str = "", optional: bool = True) -> Block:
    """An input block around an element."""
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": escaping.plain_text(title, 150),
        "element": element,
        "optional": optional,
    }
    return made | ({"hint": escaping.plain_text(hint, 300)} if hint else {})


def modal(
    callback: str, title: str, blocks: Sequence[Block], *, submit: str = "", metadata: str = "", close: str = "Close"
) -> Block:
    """A modal of at most 100 blocks. `metadata` comes back with what is sent in."""
    view: Block = {
        "type": "modal",
        "callback_id": callback,
        "title": escaping.plain_text(title, 24),
        "close": escaping.plain_text(close, 24),
        "blocks": list(blocks[:100]),
        "private_metadata": metadata,
    }
    return view | ({"submit": escaping.plain_text(submit, 24)} if submit else {})
