"""What a mail says twice and differently: the sum in its text against the one in its attached form or sheet."""

from collections.abc import Iterator

from cases.understanding import Disagreement, Triage
from cases.values import parse_amount
from cases.vocabulary import DocumentType
from config.errors import InvalidValue
from ingest.fields import shown
from ingest.labelled import labels_of_files
from ingest.message import Message
from ingest.signals import asked_for
from ingest.values.money import find_money

_LONGEST = 6_000  # characters of a text that are looked at


def conflicts(message: Message, triage: Triage) -> list[Disagreement]:
    """Both readings of the amount of a mail with one request, each with the part that it stands in."""
    if len(triage.requests) != 1 or triage.requests[0].amount is None:
        return []
    request = triage.requests[0]
    path = "requests[0].amount"
    own = [one for one in triage.evidence if one.path == path]
    if not own or any(one.how == "derived" for one in own):
        return []
    known = {request.amount, request.current_limit, request.expected_turnover, request.overdue_amount}
    in_file = own[0].part.startswith("attachment")
    forms = {f"attachment: {one.filename}" for one in triage.documents if one.type == DocumentType.APPLICATION_FORM}
    found = _in_letters(message) if in_file else (pair for pair in _in_files(message) if pair[1] in forms)
    others = [(value, part) for value, part in found if value not in {one and shown(one) for one in known}]
    if len({value for value, _ in others}) != 1:
        return []
    value, part = others[0]
    return [Disagreement(path=path, readings=[shown(request.amount), value], sources=[own[0].part, part])]


def _in_letters(message: Message) -> Iterator[tuple[str, str]]:
    """Sums that the writer asks for in the text itself."""
    for letter in message.letters:
        for span in letter.body if letter.kind != "quoted" else ():
            text = message.text_of(span)[:_LONGEST]
            for one in find_money(text):
                if one.currency and asked_for(text[max(0, one.start - 220) : one.start]):
                    yield shown(one.amount), message.parts[span.part].name


def _in_files(message: Message) -> Iterator[tuple[str, str]]:
    """Sums beside a label that means the limit asked for, in attached files."""
    for part, one in labels_of_files(message):
        if one.meaning != "amount":
            continue
        money = find_money(one.text)
        if money:
            yield shown(money[0].amount), part
            continue
        try:
            yield shown(parse_amount(one.text)), part
        except InvalidValue:
            continue
