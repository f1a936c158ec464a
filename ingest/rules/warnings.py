"""Instructions planted in a mail for a machine to follow: reported, never followed."""

import re
from functools import cache

from ingest.message import Message
from ingest.rules.lexicon import fold, table


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(fold(str(item))) for item in table("phrases")["planted"])


def planted(message: Message) -> list[str]:
    """A warning for each part that speaks to a machine; empty for ordinary mail."""
    out = []
    for part in message.parts:
        text = fold(part.text[:40_000])
        for pattern in _patterns():
            if match := pattern.search(text):
                quote = " ".join(part.text[match.start() : match.end()].split())[:80]
                out.append(
                    f'{part.name}: text that reads like an instruction to a machine ("{quote}"); it was not followed'
                )
                break
    for file in message.attachments:
        name = fold(file.filename)
        if any(pattern.search(name) for pattern in _patterns()):
            out.append(f'file name "{file.filename[:60]}" reads like an instruction to a machine; it was not followed')
    return out
