"""Boxes of forms, ticked and not: "☐ new  ☒ change  ☐ cancel"."""

import re

BOX = re.compile(r"\[\s?[xX✓✔]?\s?\]|[☐☒☑]")
TICKED = re.compile(r"(?:\[\s?[xX✓✔]\s?\]|☒|☑|\([xX]\)|✔|✓)\s*([^\[\]☐☒☑()\n]{3,40})")
_UNTICKED = re.compile(r"(?:☐|\[ ?\])[^☐☒☑\[\n]*")


def without_unticked(text: str) -> str:
    """The text, the same length, with blanks for options that were not chosen."""
    return _UNTICKED.sub(lambda option: " " * len(option[0]), text)
