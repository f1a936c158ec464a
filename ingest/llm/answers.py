"""From the model's filled form to a triage with evidence; nothing is believed here, grounding comes next."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from cases.understanding import Contact, Dropped, Evidence, LimitRequest, SubmittedDocument, Triage
from cases.vocabulary import DEPARTMENT_OF, EngineName, Intent
from ingest.alignment import locate
from ingest.fields import KINDS, shown
from ingest.llm.schema import Quote, RequestForm, Said, TriageForm, exact_amount
from ingest.message import Message
from ingest.values.phones import normalise_phone

NOBODY_ASKS = (Intent.AUTO_REPLY, Intent.UNRELATED)
WITH_REQUESTS = (Intent.CREDIT_LIMIT_REQUEST, Intent.DECISION_APPEAL)


def parse_form(content: str) -> TriageForm:
    """The form that the model filled; raises ValueError where it is none."""
    try:
        return TriageForm.model_validate_json(content)
    except ValidationError as error:
        raise ValueError(str(error.errors()[0]["msg"])) from error


class FormReader:
    """Turns a form into a triage of one message."""

    def __init__(self, message: Message, part_names: Sequence[str]) -> None:
        self._parts = {part.name: part.text for part in message.parts}
        self._names = part_names
        self._evidence: list[Evidence] = []
        self._dropped: list[Dropped] = []

    def read(self, form: TriageForm) -> Triage:
        """The triage; quotes that stand nowhere are kept as they are, for grounding to refuse."""
        intent = form.intent.value
        self._quote("intent", intent.value, form.intent.quotes)
        triage = Triage(
            intent=intent,
            department=DEPARTMENT_OF[intent],
            language=form.language.strip().lower()[:2] or None,
            intent_reason=form.intent.quotes[0].text if form.intent.quotes else "",
            engine=EngineName.LLM,
        )
        for one in form.case_references:
            if (reference := self._value(f"case_references[{len(triage.case_references)}]", one)) is not None:
                triage.case_references.append(reference)
        triage.documents = [SubmittedDocument(type=one.type, filename=one.filename) for one in form.documents]
        if intent not in NOBODY_ASKS:
            self._message_fields(triage, form)
        if intent in WITH_REQUESTS:
            triage.requests = [self._request(at, one) for at, one in enumerate(form.requests)]
        if form.speaks_to_the_machine:
            triage.warnings.append("the text gives orders to a program that reads it; they were not followed")
        triage.evidence, triage.dropped = self._evidence, self._dropped
        return triage

    def _message_fields(self, triage: Triage, form: TriageForm) -> None:
        triage.policy_number = self._value("policy_number", form.policy_number)
        triage.policyholder_name = self._value("policyholder_name", form.policyholder_name)
        triage.needed_by = self._value("needed_by", form.needed_by)
        triage.contact = Contact(
            name=self._value("contact.name", form.contact_name),
            email=self._value("contact.email", form.contact_email),
            phone=self._value("contact.phone", form.contact_phone),
        )

    def _request(self, index: int, form: RequestForm) -> LimitRequest:
        prefix = f"requests[{index}]."
        near = self._place(form.buyer_name)
        values: dict[str, Any] = {}
        for name in LimitRequest.model_fields:
            values[name] = self._value(prefix + name, getattr(form, name), near)
        return LimitRequest(**values)

    def _place(self, said: Said[str] | None) -> tuple[str, int]:
        """Part and offset of the buyer's name: quotes that occur often are looked for near it."""
        for quote in said.quotes if said else ():
            name, text = self._part(quote)
            if place := locate(text, quote.text):
                return name, place.start
        return "", 0

    def _part(self, quote: Quote) -> tuple[str, str]:
        """The part that holds the quote: the one named, else the first that does."""
        named = self._names[quote.part - 1] if 1 <= quote.part <= len(self._names) else ""
        if quote.text and quote.text in self._parts.get(named, ""):
            return named, self._parts[named]
        for name, text in self._parts.items():
            if quote.text and quote.text in text:
                return name, text
        return named, self._parts.get(named, "")

    def _quote(self, path: str, value: str, quotes: Sequence[Quote], near: tuple[str, int] = ("", 0)) -> None:
        for quote in quotes:
            name, text = self._part(quote)
            place = locate(text, quote.text, near[1] if near[0] == name else 0)
            start, end = (place.start, place.end) if place else (0, 0)
            found = text[start:end] if place else quote.text
            self._evidence.append(
                Evidence(path=path, value=value, quote=found, part=name, start=start, end=end, engine=EngineName.LLM)
            )

    def _value(self, path: str, said: Said[Any] | None, near: tuple[str, int] = ("", 0)) -> Any:
        if said is None:
            return None
        value = _normalised(path, said.value)
        if value is None:
            self._dropped.append(Dropped(path=path, value=str(said.value), reason="it is no value of this field"))
            return None
        self._quote(path, shown(value), said.quotes, near)
        return value


def _normalised(path: str, value: Any) -> Any:
    """The value in the desk's own form, or None where it cannot be one."""
    name = path.rpartition(".")[2]
    kind = KINDS["contact." + name] if path.startswith("contact.") else KINDS[name.partition("[")[0]]
    if kind == "choice":
        return value
    if kind == "money":
        return _amount(value)
    if kind == "days":
        return value if 0 <= value <= 3650 else None
    text = str(value).strip()
    if kind == "date":
        return _date(text)
    if kind == "phone":
        return normalise_phone(text) or None
    if kind == "email":
        return text.lower()
    if kind in ("country", "currency"):
        return text.upper() if text.isalpha() and len(text) == (2 if kind == "country" else 3) else None
    if name in ("buyer_vat_id", "buyer_lei", "buyer_duns"):
        return "".join(one for one in text.upper() if one.isalnum()) or None
    return text or None


def _amount(value: float) -> Decimal | None:
    return exact_amount(value) if 0 <= value < 1e15 else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
