"""Which HTML elements a reader does not see, by their style."""

import re
from dataclasses import dataclass

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
NAMES: dict[str, Colour] = {
    "white": WHITE, "snow": (255, 250, 250), "ivory": (255, 255, 240), "ghostwhite": (248, 248, 255),
    "whitesmoke": (245, 245, 245), "floralwhite": (255, 250, 240), "azure": (240, 255, 255), "black": BLACK,
    "red": (255, 0, 0), "blue": (0, 0, 255), "navy": (0, 0, 128), "green": (0, 128, 0), "yellow": (255, 255, 0),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192), "orange": (255, 165, 0),
}  # fmt: skip
MEDIA = re.compile(r"@[a-z-]+[^{};]{0,200}\{(?:[^{}]{0,4000}\{[^{}]{0,4000}\}){0,400}[^{}]{0,4000}\}", re.I)
SIMPLE = re.compile(r"[a-z0-9]*([.#][\w-]+)$", re.I)
QUOTE = re.compile(r"\b(?:gmail_quote|protonmail_quote|yahoo_quoted|moz-cite|cite|quote|quoted)\b", re.I)
ZERO = re.compile(r"0*\.?0*(?:px|pt|em|rem|%)?$")
SIZE = re.compile(r"(\d*\.?\d+)(px|pt|em|rem|%)?$")
RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+%?))?")


@dataclass(frozen=True, slots=True)
class Look:
    """What text inherits: its colour and the background behind it."""

    colour: Colour = BLACK
    background: Colour = WHITE


def declarations(style: str) -> dict[str, str]:
    """Declarations of a style attribute, names and values in lower case."""
    found: dict[str, str] = {}
    for piece in style[:4000].split(";"):
        name, colon, value = piece.partition(":")
        if colon:
            found[name.strip().casefold()] = value.replace("!important", "").strip().casefold()
    return found


def hiding_rules(sheet: str) -> dict[str, dict[str, str]]:
    """Declarations by simple class or id selector (".x", "#y"); media queries are left out."""
    rules: dict[str, dict[str, str]] = {}
    if not any(word in sheet for word in ("display", "visibility", "font-size", "color", "opacity", "mso-hide")):
        return rules
    clean = _without_comments(sheet[:200_000])
    clean = MEDIA.sub("", clean) if "@" in clean else clean
    for rule in clean.split("}"):
        selectors, brace, body = rule.rpartition("{")
        for selector in selectors.split(",") if brace else ():
            if simple := SIMPLE.match(selector.strip()[-100:]):
                rules.setdefault(simple.group(1), {}).update(declarations(body))
    return rules


def _without_comments(sheet: str) -> str:
    pieces: list[str] = []
    at = 0
    while (start := sheet.find("/*", at)) >= 0:
        pieces.append(sheet[at:start])
        end = sheet.find("*/", start + 2)
        if end < 0:
            return "".join(pieces)
        at = end + 2
    return "".join([*pieces, sheet[at:]]).replace("<!--", "").replace("-->", "")


def style_of(attributes: dict[str, str | None], rules: dict[str, dict[str, str]]) -> dict[str, str]:
    """The declarations that hold for an element: its own, then those of its classes and id."""
    style = declarations(attributes.get("style") or "") if "style" in attributes else {}
    if rules:
        names = [f".{name}" for name in (attributes.get("class") or "").split()[:20]]
        if attributes.get("id"):
            names.append(f"#{attributes['id']}")
        for name in names:
            if name in rules:
                style = rules[name] | style
    return style


def colour(value: str) -> Colour | None:
    """A CSS colour as red, green, blue; None where it is not understood or transparent."""
    value = value.strip().casefold()
    if value in NAMES:
        return NAMES[value]
    if value.startswith("#"):
        digits = value[1:]
        digits = "".join(d * 2 for d in digits[:3]) if len(digits) in (3, 4) else digits[:6]
        try:
            return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
        except ValueError:
            return None
    if match := RGB.match(value):
        return int(match.group(1)), int(match.group(2)), int(match.group(3))
    return None


def hidden(style: dict[str, str]) -> bool:
    """Whether the declarations alone make text invisible."""
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return True
    if style.get("mso-hide") == "all" or ZERO.match(style.get("opacity", "1")):
        return True
    if _tiny(style.get("font-size", "")):
        return True
    clipped = "hidden" in style.get("overflow", "")
    if clipped and any(ZERO.match(style.get(side) or "1") for side in ("height", "max-height", "width", "max-width")):
        return True
    off = any(_far(style.get(side, "")) for side in ("left", "top", "right", "margin-left", "margin-top"))
    if off and (
        style.get("position") in ("absolute", "fixed") or style.get("margin-left", "") or style.get("margin-top", "")
    ):
        return True
    if _far(style.get("text-indent", "")):
        return True
    fill = style.get("color", "")
    return fill == "transparent" or bool((m := RGB.match(fill)) and m.group(4) and ZERO.match(m.group(4)))


def _tiny(size: str) -> bool:
    match = SIZE.match(size)
    if not match:
        return False
    value, unit = float(match.group(1)), match.group(2) or "px"
    return value <= {"px": 1.5, "pt": 1.5, "em": 0.1, "rem": 0.1, "%": 10}[unit]


def _far(value: str) -> bool:
    match = re.match(r"-(\d{3,6})(?:\.\d+)?(?:px|pt|em|rem|%)?$", value)
    return bool(match) and int(match.group(1)) >= 500 if match else False


def inherit(look: Look, style: dict[str, str], attributes: dict[str, str | None]) -> Look:
    """The look inside an element."""
    own = colour(style.get("color") or attributes.get("color") or "")
    behind = style.get("background-color") or style.get("background") or attributes.get("bgcolor") or ""
    ground = colour(behind) or next((c for word in behind.split() if (c := colour(word))), None)
    if not ground and ("url(" in behind or attributes.get("background") or "gradient" in behind):
        ground = (128, 128, 128)  # a picture: assume that text on it can be read
    if own is None and ground is None:
        return look
    return Look(own or look.colour, ground or look.background)


def unreadable(look: Look) -> bool:
    """Whether text has (almost) the colour of what lies behind it."""
    return sum(abs(a - b) for a, b in zip(look.colour, look.background, strict=True)) <= 24


def is_quotation(attributes: dict[str, str | None], style: dict[str, str]) -> bool:
    """Whether a blockquote holds what somebody else wrote (else it only indents)."""
    named = f"{attributes.get('type') or ''} {attributes.get('class') or ''} {attributes.get('id') or ''}"
    return bool(QUOTE.search(named)) or "cite" in attributes or "border-left" in style
