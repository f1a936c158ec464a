"""Which blocks and views Slack refuses. The limits are those of Slack's reference pages."""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

IN_VIEWS = {"section", "divider", "image", "actions", "context", "input", "header", "rich_text", "video"}
IN_MESSAGES = IN_VIEWS - {"input"} | {"input", "context_actions", "markdown", "table", "file", "task_card", "plan"}
PLAIN = ("plain_text",)
ANY = ("plain_text", "mrkdwn")
INTERACTIVE = {
    "button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker",
    *(many + kind + "_select" for many in ("", "multi_") for kind in ("static", "external", "users", "conversations", "channels")),
}  # fmt: skip
INPUTS = INTERACTIVE - {"button", "overflow"} | {
    "plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input"
}  # fmt: skip
MOST_OPTIONS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10, "static_select": 100, "multi_static_select": 100}
ALL_CELLS, ALL_TEXT = 10_000, 12_000  # characters of a message


def faults_of_message(blocks: Any) -> list[str]:
    """Why Slack would refuse the blocks of a message."""
    found = _faults(blocks, IN_MESSAGES, 50)
    if not isinstance(blocks, list) or found:
        return found
    tables = [block for block in blocks if block.get("type") == "table"]
    if len(tables) > 1:
        found.append("only one table allowed")
    if sum(len(text) for text in texts(tables)) > ALL_CELLS:
        found.append(f"the cells hold more than {ALL_CELLS} characters")
    if sum(len(text) for text in texts([one for one in blocks if one not in tables])) > ALL_TEXT:
        found.append(f"msg_blocks_too_long: more than {ALL_TEXT} characters")
    return found


def faults_of_view(view: Any) -> list[str]:
    """Why Slack would refuse a view."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["view.type must be modal or home"]
    found = _faults(view.get("blocks"), IN_VIEWS, 100)
    found += _length(view, "private_metadata", 3000, "view") + _length(view, "callback_id", 255, "view")
    if view["type"] == "modal":
        found += _text(view.get("title"), 24, PLAIN, "view.title")
        for name in ("submit", "close"):
            if view.get(name) is not None:
                found += _text(view[name], 24, PLAIN, f"view.{name}")
        if any(block.get("type") == "input" for block in view.get("blocks") or []) and not view.get("submit"):
            found.append("a modal with inputs needs submit")
    return found


def texts(node: Any) -> Iterator[str]:
    """Every string that is shown."""
    if isinstance(node, list):
        for one in node:
            yield from texts(one)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str) and node.get("type") in (*ANY, "raw_text", "text", "markdown"):
            yield node["text"]
        for value in node.values():
            if isinstance(value, dict | list):
                yield from texts(value)


def _faults(blocks: Any, known: set[str], most: int) -> list[str]:
    if not isinstance(blocks, list):
        return ["blocks must be a list"]
    found = [f"more than {most} blocks"] if len(blocks) > most else []
    ids = [block.get("block_id") for block in blocks if isinstance(block, dict) and block.get("block_id")]
    if len(ids) != len(set(ids)):
        found.append("block_id is not unique")
    for number, block in enumerate(blocks):
        at = f"blocks[{number}]"
        if not isinstance(block, dict) or block.get("type") not in known:
            found.append(f"{at}: unsupported type {block.get('type') if isinstance(block, dict) else block!r}")
            continue
        found += _length(block, "block_id", 255, at)
        found += _BLOCKS.get(block["type"], lambda _block, _at: [])(block, at)
    return found


def _length(node: Node, name: str, most: int, at: str, least: int = 0) -> list[str]:
    value = node.get(name)
    if value is None:
        return [f"{at}.{name} is missing"] if least else []
    if not isinstance(value, str) or not least <= len(value) <= most:
        return [f"{at}.{name} must be a string of {least} to {most} characters"]
    return []


def _text(node: Any, most: int, kinds: tuple[str, ...], at: str) -> list[str]:
    if not isinstance(node, dict) or node.get("type") not in kinds:
        return [f"{at} must be {' or '.join(kinds)}"]
    return _length(node, "text", most, at, least=1)


def _many(node: Node, name: str, most: int, at: str) -> tuple[list[Any], list[str]]:
    found = node.get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= most:
        return [], [f"{at}.{name} must have 1 to {most} entries"]
    return found, []


def _section(block: Node, at: str) -> list[str]:
    found: list[str] = []
    if block.get("text") is not None or not block.get("fields"):
        found += _text(block.get("text"), 3000, ANY, f"{at}.text")
    if block.get("fields"):
        fields, found_fields = _many(block, "fields", 10, at)
        found += found_fields
        for number, field in enumerate(fields):
            found += _text(field, 2000, ANY, f"{at}.fields[{number}]")
    if block.get("accessory"):
        found += _element(block["accessory"], INTERACTIVE | {"image"}, f"{at}.accessory")
    return found


def _elements(block: Node, at: str, most: int, kinds: set[str]) -> list[str]:
    elements, found = _many(block, "elements", most, at)
    for number, element in enumerate(elements):
        found += _element(element, kinds, f"{at}.elements[{number}]")
    ids = [element.get("action_id") for element in elements if isinstance(element, dict) and element.get("action_id")]
    return [*found, f"{at}: action_id is not unique"] if len(ids) != len(set(ids)) else found


def _context(block: Node, at: str) -> list[str]:
    elements, found = _many(block, "elements", 10, at)
    for number, element in enumerate(elements):
        if element.get("type") != "image":
            found += _text(element, 3000, ANY, f"{at}.elements[{number}]")
    return found


def _element(node: Any, kinds: set[str], at: str) -> list[str]:
    if not isinstance(node, dict) or node.get("type") not in kinds:
        return [f"{at}: unsupported element"]
    kind = node["type"]
    found = _length(node, "action_id", 255, at)
    if kind == "button":
        found += _text(node.get("text"), 75, PLAIN, f"{at}.text") + _length(node, "value", 2000, at)
        if node.get("style") not in (None, "primary", "danger"):
            found.append(f"{at}.style is unknown")
    if kind in MOST_OPTIONS:
        found += _options(node, at, MOST_OPTIONS[kind])
    if node.get("placeholder") is not None:
        found += _text(node["placeholder"], 150, PLAIN, f"{at}.placeholder")
    if node.get("confirm"):
        for part, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            found += _text(node["confirm"].get(part), most, ANY, f"{at}.confirm.{part}")
    if kind == "feedback_buttons":
        for part in ("positive_button", "negative_button"):
            found += _text((node.get(part) or {}).get("text"), 75, PLAIN, f"{at}.{part}")
            found += _length(node.get(part) or {}, "value", 2000, f"{at}.{part}", least=1)
    return found


def _options(node: Node, at: str, most: int) -> list[str]:
    if node.get("option_groups"):
        options = [option for group in node["option_groups"] for option in group["options"]]
        found: list[str] = []
    else:
        options, found = _many(node, "options", most, at)
    for number, option in enumerate(options):
        kinds = ANY if node["type"] in ("checkboxes", "radio_buttons") else PLAIN
        found += _text(option.get("text"), 75, kinds, f"{at}.options[{number}].text")
        found += _length(option, "value", 150, f"{at}.options[{number}]", least=1)
    if node.get("initial_option") and node["initial_option"] not in options:
        found.append(f"{at}.initial_option is no option")
    return found


def _input(block: Node, at: str) -> list[str]:
    found = _text(block.get("label"), 2000, PLAIN, f"{at}.label")
    if block.get("hint") is not None:
        found += _text(block["hint"], 2000, PLAIN, f"{at}.hint")
    return found + _element(block.get("element"), INPUTS, f"{at}.element")


def _table(block: Node, at: str) -> list[str]:
    rows, found = _many(block, "rows", 100, at)
    widths = {len(row) if isinstance(row, list) else 0 for row in rows}
    if rows and (len(widths) > 1 or not 1 <= max(widths) <= 20):
        found.append(f"{at}: rows must all have the same 1 to 20 cells")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            spot = f"{at}.rows[{number}][{place}]"
            if cell.get("type") == "raw_text":
                found += _length(cell, "text", 10_000, spot, least=1)
            elif cell.get("type") != "rich_text":
                found.append(f"{spot}: unsupported cell")
    if len(block.get("column_settings") or []) > 20:
        found.append(f"{at}: more than 20 column settings")
    return found


def _rich_text(block: Node, at: str) -> list[str]:
    found: list[str] = []
    for number, node in enumerate(block.get("elements") or [{}]):
        spot = f"{at}.elements[{number}]"
        kind = node.get("type")
        if kind == "rich_text_list":
            found += _rich_text(node, spot)
        elif kind not in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
            found.append(f"{spot}: unsupported type")
        elif any(piece.get("type") == "text" and not piece.get("text") for piece in node.get("elements") or []):
            found.append(f"{spot}: empty text")
    return found


_BLOCKS = {
    "section": _section,
    "context": _context,
    "actions": lambda block, at: _elements(block, at, 25, INTERACTIVE),
    "context_actions": lambda block, at: _elements(block, at, 5, {"feedback_buttons", "icon_button"}),
    "input": _input,
    "header": lambda block, at: _text(block.get("text"), 150, PLAIN, f"{at}.text"),
    "table": _table,
    "rich_text": _rich_text,
    "markdown": lambda block, at: _length(block, "text", 12_000, at, least=1),
    "image": lambda block, at: _length(block, "alt_text", 2000, at, least=1),
}
