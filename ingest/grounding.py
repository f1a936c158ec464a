"""Grounding: a value stays only where its quotes stand in the message and give the value when read again.

After grounding `part.text[start:end] == quote` holds for every piece of evidence, and what was dropped is listed.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from cases.understanding import Dropped, Evidence, SubmittedDocument, Triage
from cases.vocabulary import RequestType
from ingest.alignment import locate, same
from ingest.fields import KINDS, field_of, moved, paths, read, shown, write
from ingest.message import Message, Part
from ingest.support import TEXT_SUPPORT, How, supports_date, supports_days, supports_money

_RULES = {
    "money": "computed from the quoted amounts and words",
    "date": "counted from the day on which it was written",
    "country": "implied by what is quoted",
    "identifier": "the country's prefix was added",
    "name": "the name in its usual order",
    "currency": "what the sign means here",
}  # how a value follows from its quotes, where the engine gave no rule


# Parts of delivery reports and receipts: machines' own, no documents of the sender.
REPORT_PARTS = frozenset({"message/delivery-status", "message/disposition-notification", "text/rfc822-headers"})


def ground(triage: Triage, message: Message, received: date | None = None) -> Triage:
    """A copy of the triage with only what the message shows.

    `received` stands in for the date of a message that has none.
    """
    grounded = triage.model_copy(deep=True)
    parts = {part.name: part for part in message.parts}
    located = [one for one in (_located(evidence, parts) for evidence in triage.evidence) if one is not None]
    kept: list[Evidence] = [one for one in located if one.path.startswith(("intent", "documents", "language"))]
    unsupported: list[str] = []
    for path in paths(triage):
        mine = [one for one in located if one.path == path]
        how = _support(triage, path, mine, message, received)
        if how is None and field_of(path) != "request_type":
            unsupported.append(path)
            grounded.dropped.append(
                Dropped(path=path, value=shown(read(triage, path)), reason=_reason(triage, path, mine))
            )
            continue
        kept.extend(_marked(one, how or one.how, read(triage, path)) for one in mine)
    grounded.evidence = kept
    _remove(grounded, unsupported)
    _ground_documents(grounded, message)
    return grounded


def _located(evidence: Evidence, parts: dict[str, Part]) -> Evidence | None:
    """The evidence with offsets at which its quote really stands, or None."""
    part = parts.get(evidence.part)
    if part is None:
        return None
    if evidence.quote and part.text[evidence.start : evidence.end] == evidence.quote:
        return evidence
    place = locate(part.text, evidence.quote, evidence.start)
    if place is None:
        return None
    quote = part.text[place.start : place.end]
    how = evidence.how if place.exact or evidence.how == "derived" else "aligned"
    return evidence.model_copy(update={"start": place.start, "end": place.end, "quote": quote, "how": how})


def _support(
    triage: Triage, path: str, evidence: Sequence[Evidence], message: Message, received: date | None
) -> How | None:
    value, kind = read(triage, path), KINDS[field_of(path)]
    quotes = [one.quote for one in evidence]
    if not quotes:
        return None
    if kind == "choice":
        return evidence[0].how
    if kind == "money" and isinstance(value, Decimal):
        request_type = read(triage, path.rpartition(".")[0] + ".request_type")
        cancelled = path.endswith(".amount") and request_type is RequestType.CANCELLATION
        return supports_money(value, quotes, next((one.derived for one in evidence if one.derived), None), cancelled)
    if kind == "days" and isinstance(value, int):
        return supports_days(value, quotes)
    if kind == "date" and isinstance(value, date):
        return supports_date(value, quotes, dates_written(message, received))
    return TEXT_SUPPORT[kind](str(value), quotes)


def dates_written(message: Message, received: date | None = None) -> list[date]:
    """The days on which the letters of a message were written; relative dates count from one of them."""
    days = [letter.date.date() for letter in message.letters if letter.date is not None]
    if message.date is not None:
        days.append(message.date.date())
    if received is not None:
        days.append(received)
    return list(dict.fromkeys(days)) or [date.today()]  # noqa: DTZ011 - a message without any date


def _marked(evidence: Evidence, how: How, value: object) -> Evidence:
    """The evidence with how it supports the value; a derived one always names a rule."""
    kind = KINDS[field_of(evidence.path)]
    derived = (evidence.derived or _RULES.get(kind, "follows from the quotes")) if how == "derived" else None
    text = value if isinstance(value, int) else shown(value)
    return evidence.model_copy(update={"how": how, "derived": derived, "value": text})


def _reason(triage: Triage, path: str, located: Sequence[Evidence]) -> str:
    if located:
        return "its quote does not give this value"
    given = [one.quote for one in triage.evidence if one.path == path]
    return f"its quote is not in the message: {given[0][:80]!r}" if given else "no quote was given"


def _remove(triage: Triage, unsupported: Sequence[str]) -> None:
    """Takes unsupported values out, and requests of which nothing that names a buyer or an amount is left."""
    references = [path for path in unsupported if path.startswith("case_references")]
    for path in unsupported:
        if not path.startswith("case_references"):
            write(triage, path, None)
    if references:
        kept = [at for at in range(len(triage.case_references)) if f"case_references[{at}]" not in references]
        triage.case_references = [triage.case_references[at] for at in kept]
        _reindex(triage, kept, "case_references")
    kept = [
        at
        for at, one in enumerate(triage.requests)
        if any((one.buyer_name, one.buyer_registration_number, one.buyer_vat_id, one.buyer_lei, one.buyer_duns))
        or one.amount is not None
        or one.current_limit is not None
    ]
    if len(kept) < len(triage.requests):
        triage.requests = [triage.requests[at] for at in kept]
        _reindex(triage, kept, "requests")


def _reindex(triage: Triage, kept: Sequence[int], name: str) -> None:
    indexes = {old: new for new, old in enumerate(kept)}
    triage.evidence = [
        one.model_copy(update={"path": path})
        for one in triage.evidence
        if (path := moved(one.path, indexes, name)) is not None
    ]


def _ground_documents(triage: Triage, message: Message) -> None:
    """Only files of the message are documents; each once, under its real name."""
    documents: list[SubmittedDocument] = []
    files = [one for one in message.attachments if not one.inline and one.media_type not in REPORT_PARTS]
    for document in triage.documents:
        real = next((one.filename for one in files if same(one.filename, document.filename)), None)
        if real is None:
            dropped = Dropped(path="documents", value=document.filename, reason="no file of this name is attached")
            triage.dropped.append(dropped)
        elif not any(one.filename == real for one in documents):
            documents.append(SubmittedDocument(type=document.type, filename=real))
    triage.documents = documents
