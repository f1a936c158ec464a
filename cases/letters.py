"""What the desk's mails say: composed from the fixed texts, one paragraph a thought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cases.models import Case
from cases.texts import day, document_names, fill, one_line, request_line
from config.desk import DeskRules


@dataclass(frozen=True, slots=True)
class Owed:
    """What a client still has to send for a case."""

    case: Case
    types: list[str]


def references(cases: Sequence[Case]) -> str:
    """References of cases in one line; of many the first ones."""
    names = [case.reference for case in cases]
    return ", ".join(names[:5]) + (f" … (+{len(names) - 5})" if len(names) > 5 else "")


def _letter(language: str, name: str | None, rules: DeskRules, paragraphs: list[str]) -> str:
    plain = one_line(name, 60)
    greeting = fill(language, "greeting", name=plain) if plain else fill(language, "greeting_unknown")
    closing = fill(language, "closing", desk=rules.desk.signature or rules.desk.name)
    return "\n\n".join([greeting, *paragraphs, closing, fill(language, "footer")]) + "\n"


def _missing(language: str, owed: Sequence[Owed], due: date | None) -> list[str]:
    paragraphs = []
    for item in owed:
        head = fill(language, "missing_for", reference=f"{item.case.reference} ({one_line(item.case.buyer_name)})")
        if not item.case.buyer_name:
            head = fill(language, "missing_for", reference=item.case.reference)
        paragraphs.append("\n".join([head, *(f"- {name}" for name in document_names(item.types, language))]))
    if paragraphs and due is not None:
        paragraphs.append(fill(language, "send_by", date=day(due, language)))
    return paragraphs


def acknowledgement(
    language: str, name: str | None, cases: Sequence[Case], owed: Sequence[Owed], due: date | None, rules: DeskRules
) -> tuple[str, str]:
    """Subject and text that tell a client what was understood of his request, and what is missing."""
    lines = "\n".join(f"- {request_line(case, language)}" for case in cases)
    body = [fill(language, "request_received"), lines, fill(language, "correct_us")]
    body += _missing(language, owed, due) or [fill(language, "next_step")]
    return fill(language, "request_subject", references=references(cases)), _letter(language, name, rules, body)


def plain_acknowledgement(
    language: str, section: str, name: str | None, cases: Sequence[Case], rules: DeskRules, original: str = ""
) -> tuple[str, str]:
    """Subject and text for what is no request: `section` is enquiry, reply or appeal."""
    names = references(cases)
    subject = fill(language, f"{section}_subject", references=names)
    text = fill(language, f"{section}_received", references=names, original=original)
    return subject, _letter(language, name, rules, [text])


def documents_received(
    language: str, name: str | None, cases: Sequence[Case], owed: Sequence[Owed], due: date | None, rules: DeskRules
) -> tuple[str, str]:
    """Subject and text after documents came: complete, or what is still missing."""
    names = references(cases)
    body = [fill(language, "documents_received", references=names)]
    body += _missing(language, owed, due) or [fill(language, "documents_complete", references=names)]
    return fill(language, "documents_subject", references=names), _letter(language, name, rules, body)


def asking(
    language: str, section: str, name: str | None, owed: Sequence[Owed], due: date | None, rules: DeskRules
) -> tuple[str, str]:
    """Subject and text that ask for documents; `section` is document_request or reminder."""
    names = references([item.case for item in owed])
    body = [fill(language, section), *_missing(language, owed, due)]
    return fill(language, f"{section}_subject", references=names), _letter(language, name, rules, body)


def too_large(language: str, name: str | None, cases: Sequence[Case], sent: date, rules: DeskRules) -> tuple[str, str]:
    """Subject and text that tell a client that his mail was too large to be read."""
    body = [fill(language, "too_large", date=day(sent, language)), references(cases)]
    return fill(language, "too_large_subject"), _letter(language, name, rules, body)
