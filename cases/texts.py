"""The fixed texts of outgoing mail, by language, from `templates/`; and values written the way a language writes them.

Each file has sections that begin with `=== name`; `$word` in them is filled in. Only what stands in these files
leaves the desk without a person.
"""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Template

from cases.models import Case

FOLDER = Path(__file__).with_name("templates")
LANGUAGES = ("en", "de", "fr", "es", "it", "pl", "nl", "cs")
FALLBACK = "en"
LONGEST_VALUE = 120  # characters of a value from outside that a mail of ours repeats
_LINKS = re.compile(r"(?i)\b(?:https?|ftp|file|data|javascript)\s*:\S*|\bwww\.\S*|\S*://\S*")


def language_of(language: str | None) -> str:
    """The language to write in: the client's where there are texts in it, else English."""
    return language if language in LANGUAGES else FALLBACK


@cache
def sections(language: str) -> dict[str, str]:
    """The sections of a language's file."""
    text = (FOLDER / f"{language}.txt").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for block in text.split("=== ")[1:]:
        name, _, body = block.partition("\n")
        found[name.strip()] = body.strip()
    return found


def fill(language: str, section: str, **values: str) -> str:
    """A section with its places filled. Raises KeyError for a section or a value that is missing."""
    return Template(sections(language)[section]).substitute(values)


def word(language: str, kind: str, value: str) -> str:
    """A closed word (request type, document type) in a language."""
    return sections(language).get(f"{kind} {value}", value.replace("_", " "))


def one_line(text: str | None, longest: int = LONGEST_VALUE) -> str:
    """Text from outside made harmless to repeat: one line, no control characters, no links, cut where it is long."""
    plain = "".join(c if c.isprintable() else " " for c in text or "")
    plain = " ".join(_LINKS.sub("", plain).replace("<", " ").replace(">", " ").split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def amount(value: Decimal | None, currency: str | None, language: str) -> str:
    """EUR 250,000 as the language writes numbers; empty where no amount is known."""
    from babel.numbers import format_decimal

    if value is None:
        return ""
    whole = value == value.to_integral_value()
    number = format_decimal(value, format="#,##0" if whole else "#,##0.00", locale=language)
    return f"{currency} {number}" if currency else number


def day(value: date, language: str) -> str:
    """A date as the language writes it, the month in letters."""
    from babel.dates import format_date

    return format_date(value, format="long", locale=language)


def request_line(case: Case, language: str) -> str:
    """One line that says what a request is: reference, type, buyer, amount, terms."""
    buyer = one_line(case.buyer_name) or fill(language, "buyer_unknown")
    if case.buyer_country:
        buyer += f" ({case.buyer_country})"
    pieces = [word(language, "type", case.request_type) if case.request_type else "", buyer]
    pieces.append(amount(case.amount, case.currency, language))
    if case.payment_terms_days is not None:
        pieces.append(fill(language, "terms", days=str(case.payment_terms_days)))
    return f"{case.reference}: " + ", ".join(p for p in pieces if p)


def document_names(types: list[str], language: str) -> list[str]:
    """Document types as a client reads them."""
    return [word(language, "document", kind) for kind in types]
