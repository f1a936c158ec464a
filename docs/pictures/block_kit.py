"""Block Kit as simple HTML, close enough to Slack's look to judge a card by eye."""

from collections.abc import Iterable
from html import escape
from typing import Any

Block = dict[str, Any]
STYLE = """
body{font:15px/1.46 Lato,'Liberation Sans',Arial,sans-serif;color:#1d1c1d;margin:0;background:#fff}
.message{display:flex;gap:10px;padding:16px 20px;max-width:760px}
.icon{width:36px;height:36px;border-radius:6px;background:#1d3557;color:#fff;font-weight:700;display:flex;
 align-items:center;justify-content:center;flex:none}
.who{font-weight:900}.app{background:#e8e8e8;color:#616061;font-size:10px;border-radius:2px;padding:1px 3px;margin:0 6px}
.time{color:#616061;font-size:12px}.block{margin:6px 0}
h3{font-size:18px;font-weight:900;margin:4px 0}
table{border-collapse:separate;border-spacing:0;border:1px solid #ddd;border-radius:8px;font-size:14px}
td{padding:5px 9px;border-top:1px solid #eee;border-left:1px solid #eee;vertical-align:top}
tr:first-child td{font-weight:700;border-top:0;background:#f8f8f8}td:first-child{border-left:0;white-space:nowrap}
.button{display:inline-block;border:1px solid #bbb;border-radius:8px;padding:4px 12px;margin:3px 8px 3px 0;font-weight:700;
 font-size:14px;background:#fff}.primary{background:#007a5a;color:#fff;border-color:#007a5a}
.danger{background:#e01e5a;color:#fff;border-color:#e01e5a}
.context{color:#616061;font-size:13px}.context span{margin-right:12px}ul{margin:2px 0 2px 22px;padding:0}
.pre{white-space:pre-wrap}.quote{border-left:4px solid #ddd;padding-left:12px}
.modal{width:520px;border:1px solid #ddd;border-radius:10px;margin:16px;box-shadow:0 4px 14px #0002}
.title{font-weight:900;font-size:20px;padding:16px 22px;border-bottom:1px solid #eee}.body{padding:8px 22px}
.foot{padding:12px 22px;border-top:1px solid #eee;text-align:right}
label{font-weight:700;display:block;margin-top:10px}.input{border:1px solid #999;border-radius:6px;padding:7px 10px;min-height:20px}
.hint,.optional{color:#616061;font-size:13px;font-weight:400}.row{display:flex;justify-content:space-between;gap:12px}
.home{max-width:760px;padding:10px 24px}hr{border:0;border-top:1px solid #ddd;margin:12px 0}
"""


def page(body: str) -> str:
    """A whole page."""
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}"


def message(blocks: Iterable[Block], time: str = "09:41") -> str:
    """A message of the app."""
    head = f"<span class=who>Creditdesk</span><span class=app>APP</span><span class=time>{time}</span>"
    return f"<div class=message><div class=icon>CD</div><div>{head}{''.join(map(block, blocks))}</div></div>"


def modal(view: Block) -> str:
    """A modal."""
    buttons = f"<span class=button>{plain(view.get('close'))}</span>"
    if view.get("submit"):
        buttons += f"<span class='button primary'>{plain(view['submit'])}</span>"
    body = "".join(map(block, view["blocks"]))
    return (
        f"<div class=modal><div class=title>{plain(view['title'])}</div><div class=body>{body}</div>"
        f"<div class=foot>{buttons}</div></div>"
    )


def home(view: Block) -> str:
    """A home tab."""
    return f"<div class=home>{''.join(map(block, view['blocks']))}</div>"


def plain(node: Block | None) -> str:
    """A text object."""
    return escape(str((node or {}).get("text", "")))


def block(node: Block) -> str:
    """One block. Raises KeyError for a kind that the desk does not use."""
    return f"<div class=block>{_KINDS[node['type']](node)}</div>"


def _section(node: Block) -> str:
    text = f"<div class=pre>{plain(node.get('text'))}</div>"
    beside = _element(node["accessory"]) if node.get("accessory") else ""
    return f"<div class=row>{text}<div>{beside}</div></div>"


def _table(node: Block) -> str:
    rows = ["".join(f"<td>{escape(str(cell.get('text', '')))}</td>" for cell in row) for row in node["rows"]]
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _rich(node: Block) -> str:
    return "".join(_rich_part(part) for part in node["elements"])


def _rich_part(part: Block) -> str:
    kind = part["type"]
    if kind == "rich_text_list":
        return f"<ul>{''.join(f'<li>{_rich_part(one)}</li>' for one in part['elements'])}</ul>"
    text = "".join(_styled(piece) for piece in part["elements"])
    return f"<div class='pre {kind.removeprefix('rich_text_')}'>{text}</div>"


def _styled(piece: Block) -> str:
    text, style = escape(str(piece.get("text", ""))), piece.get("style") or {}
    text = f"<b>{text}</b>" if style.get("bold") else text
    return f"<i>{text}</i>" if style.get("italic") else text


def _element(node: Block) -> str:
    kind = node["type"]
    if kind == "button":
        return f"<span class='button {node.get('style', '')}'>{plain(node['text'])}</span>"
    if kind == "static_select":
        return f"<span class=button>{plain((node.get('initial_option') or {}).get('text')) or 'Choose'} ▾</span>"
    if kind == "radio_buttons":
        return "".join(f"<div>◯ {plain(one['text'])}</div>" for one in node["options"])
    value = node.get("initial_value") or node.get("initial_date") or ""
    return f"<div class='input pre'>{escape(str(value))}</div>"


def _input(node: Block) -> str:
    optional = " <span class=optional>(optional)</span>" if node.get("optional") else ""
    hint = f"<div class=hint>{plain(node['hint'])}</div>" if node.get("hint") else ""
    return f"<label>{plain(node['label'])}{optional}</label>{_element(node['element'])}{hint}"


_KINDS = {
    "header": lambda node: f"<h3>{plain(node['text'])}</h3>",
    "section": _section,
    "divider": lambda node: "<hr>",
    "table": _table,
    "rich_text": _rich,
    "input": _input,
    "actions": lambda node: "".join(map(_element, node["elements"])),
    "context": lambda node: (
        f"<div class=context>{''.join(f'<span>{plain(one)}</span>' for one in node['elements'])}</div>"
    ),
}
