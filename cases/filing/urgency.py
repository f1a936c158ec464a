"""Whether a request is urgent, and the words that say so."""

import json
import re
from datetime import date
from functools import cache
from pathlib import Path

from cases.names import transliterate

SOON_DAYS = 3  # a deadline within so many days is urgent
READ_CHARACTERS = 20_000


@cache
def _phrases() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Words of urgency, and their denials ("not urgent"), in all languages."""
    data = json.loads(Path(__file__).with_name("urgency.json").read_text(encoding="utf-8"))
    urgent = sorted({transliterate(p) for words in data["urgent"].values() for p in words}, key=len, reverse=True)
    denied = sorted({transliterate(p) for words in data["not_urgent"].values() for p in words}, key=len, reverse=True)
    return tuple(re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b") for words in (urgent, denied))  # type: ignore[return-value]


def urgency(text: str, needed_by: date | None, day: date) -> tuple[str | None, str | None]:
    """("high", reason) or (None, None): by the deadline, or by words on orders, shipments and haste."""
    if needed_by is not None and (needed_by - day).days <= SOON_DAYS:
        return "high", f"needed by {needed_by.isoformat()}"
    urgent, denied = _phrases()
    plain = denied.sub(" ", transliterate(text[:READ_CHARACTERS]))
    found = urgent.search(plain)
    return ("high", f"the message says “{found.group()}”") if found else (None, None)
