"""Text from outside as Slack may show it: no pings, no links, no markup, no invisible characters.

Best is `rich` (a rich_text block interprets nothing) or `plain_text`; `mrkdwn` is for our own words with outside
parts that went through `plain`; streams take only Markdown, and so `markdown`. The address of a planted link stays
readable, but nothing can be clicked.
"""

import re
from typing import Any

from ingest.charsets import visible

Block = dict[str, Any]

_SCHEME = re.compile(r"\b(h)(tt)(ps?)(?=:|%3a)|\bmailto(?=:)", re.IGNORECASE)
_ADDRESS = re.compile(r"://|@|mailto:|\bwww\.|\w\.[^\W\d_]{2,}", re.IGNORECASE)
_MARKS = re.compile(r"([\\`*_~\[\]#|])")
_PIECE = 2900  # characters of one text piece; Slack takes 3,000 in a section


def clean(text: str) -> str:
    """The text without characters that nobody sees; names and emoji in any script stay whole."""
    return visible(text)


def plain(text: str) -> str:
    """Safe inside mrkdwn that is `verbatim`, and in the notification text: nothing pings, nothing is a link."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def notice(text: str, most: int = 3000) -> str:
    """For the `text` beside blocks (what notifications and screen readers show), where Slack would link addresses."""
    return cut(_SCHEME.sub(lambda m: f"{m[1]}xx{m[3]}" if m[1] else "mail to", plain(text)), most)


def may_link(text: str) -> bool:
    """Whether Slack could make a link of something in it: an address, a domain, a file's name."""
    return _ADDRESS.search(text) is not None


def markdown(text: str) -> str:
    """Safe where Slack reads Markdown (streams): shown as it is. Links are to be kept out by `may_link`."""
    return _MARKS.sub(r"\\\1", plain(text))


def cut(text: str, most: int) -> str:
    """At most so many characters, the end marked where something is left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def plain_text(text: str, most: int = 2900) -> Block:
    """A plain_text object: shown as it is, emoji names too. Never empty, since Slack refuses that."""
    return {"type": "plain_text", "text": cut(clean(text).strip(), most) or "–", "emoji": False}


def mrkdwn(text: str) -> Block:
    """A mrkdwn object of our own words; outside parts must have gone through `plain`. Addresses are not linked."""
    return {"type": "mrkdwn", "text": cut(text, _PIECE) or "–", "verbatim": True}


def rich(text: str, *, style: str = "") -> Block:
    """A rich_text block that shows the text as it is. `style`: "quote" or "preformatted"."""
    kind = f"rich_text_{style or 'section'}"
    shown = cut(clean(text).strip("\n"), 9_900) or "–"
    return {"type": "rich_text", "elements": [{"type": kind, "elements": [{"type": "text", "text": shown}]}]}


def pieces(text: str, most: int = 3_000) -> list[str]:
    """The text in pieces of at most so many characters, cut between lines or words where that is possible."""
    found: list[str] = []
    rest = clean(text).strip("\n")
    while len(rest) > most:
        place = rest.rfind("\n", most // 2, most)
        place = place if place > 0 else rest.rfind(" ", most // 2, most)
        place = place if place > 0 else most
        found.append(rest[:place])
        rest = rest[place:].lstrip("\n ")
    return [*found, rest] if rest else found
