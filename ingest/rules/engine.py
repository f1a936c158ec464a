"""The rules engine: reads a message and says what it understands, every value with the place where it stands."""

from dataclasses import dataclass
from datetime import date

from cases.understanding import Contact, ForwardedMail, LimitRequest, SubmittedDocument, TextPart, Triage
from cases.vocabulary import DEPARTMENT_OF, EngineName, Intent, RequestType
from ingest.conflicts import conflicts
from ingest.engine import ReadingContext
from ingest.message import Message
from ingest.rules.contact import contact
from ingest.rules.documents import TypedFile, typed_files
from ingest.rules.drafts import Draft, Fact, evidence_of, fact
from ingest.rules.extraction import requests
from ingest.rules.intent import Decision, decide
from ingest.rules.intent_words import Seen
from ingest.rules.material import Material, lay_out
from ingest.rules.needs import needed_by
from ingest.rules.policy_numbers import beside, find_policy
from ingest.rules.policyholder import parties
from ingest.rules.sources import Sources
from ingest.rules.sum_roles import SURE
from ingest.rules.summary import summary_of
from ingest.rules.warnings import planted
from ingest.trust import rate
from ingest.values.identifiers import find_case_references
from ingest.values.language import detect

_NOBODY = (Intent.AUTO_REPLY, Intent.UNRELATED)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the steps found, before it is told."""

    material: Material
    sources: Sources
    files: list[TypedFile]
    policyholder: Fact | None
    drafts: list[Draft]
    language: str | None
    references: dict[str, Fact]
    policy: Fact | None
    decision: Decision


class RulesEngine:
    """Understands mail from dictionaries, labels, tables and sentence roles; needs no model and no network."""

    name = EngineName.RULES

    def triage(self, message: Message, context: ReadingContext) -> Triage:
        """What the message says, each value with its evidence."""
        seen = _read(message, context)
        intent, material = seen.decision.intent, seen.material
        triage = Triage(
            intent=intent,
            department=DEPARTMENT_OF[intent],
            language=seen.language,
            intent_reason=seen.decision.reason,
            parts=[TextPart(name=part.name, text=part.text) for part in message.parts],
            forwarded=_forwarded(message),
            unread=[
                f"{f.filename}: {f.unread_reason}" for f in message.attachments if f.unread_reason and not f.inline
            ],
            warnings=planted(message),
        )
        _fill(triage, material, seen.decision, seen.files, seen.references)
        if intent not in _NOBODY:
            _people(triage, material, seen.sources.general, seen.policy, seen.policyholder)
            need = seen.sources.general.facts.get("needed_by") or needed_by([*material.body, *material.subject[:1]])
            _set_need(triage, message, need)
        if intent in (Intent.CREDIT_LIMIT_REQUEST, Intent.DECISION_APPEAL):
            _requests(triage, message, seen.drafts, intent)
        triage.summary = summary_of(triage)
        triage.disagreements = conflicts(message, triage)
        return rate(triage, message)

    def decision(self, message: Message, context: ReadingContext) -> Decision:
        """The intent alone, with what it was decided by."""
        return _read(message, context).decision


def _read(message: Message, context: ReadingContext) -> _Reading:
    material = lay_out(message, context)
    sources = Sources(material, context.hints)
    files = typed_files(message, frozenset(sources.request_files), " ".join(p.folded for p in material.body))
    sides = parties(material, sources.general)
    drafts = requests(material, sources, sides, files, context.hints)
    language = _language(material)
    references = _references(material)
    policy = _policy(material, sources.general)
    if policy is None and sides.policyholder is not None:
        policy = beside([*material.body, *material.foot], sides.policyholder)
    decision = decide(material, Seen(drafts, files, bool(references), policy is not None), language)
    return _Reading(material, sources, files, sides.policyholder, drafts, language, references, policy, decision)


def _language(material: Material) -> str | None:
    texts = [p.text for p in [*material.body, *material.subject[:1]]]
    whole = "\n".join(texts)
    if len(whole.split()) < 6 and material.files:
        whole += "\n" + material.files[0].text[:1500]
    return detect(whole) or detect("\n".join(p.text for p in material.foot))


def _references(material: Material) -> dict[str, Fact]:
    out: dict[str, Fact] = {}
    fresh = [*material.subject, *material.body, *material.notes, *material.foot]
    for passage in fresh:
        for one in find_case_references(passage.text):
            out.setdefault(one.reference, fact(passage, one.start, one.end, one.reference))
    return out


def _policy(material: Material, form: Draft) -> Fact | None:
    ordered = [*material.body, *material.subject, *material.foot]
    found = find_policy(ordered)
    if found is not None and found.labelled:
        return found
    labelled = form.facts.get("policy_number")
    if labelled is not None and any(c.isdigit() for c in str(labelled.value)) and len(str(labelled.value)) <= 30:
        return labelled
    return found or find_policy([*material.older, *material.older_foot, *material.files])


def _forwarded(message: Message) -> list[ForwardedMail]:
    return [
        ForwardedMail(
            sender_name=(letter.sender.name or None) if letter.sender else None,
            sender_address=(letter.sender.address or None) if letter.sender else None,
            subject=letter.subject,
            date=letter.date,
        )
        for letter in sorted((x for x in message.letters if x.kind == "forwarded"), key=lambda x: x.depth)
    ]


def _fill(
    triage: Triage, material: Material, decision: Decision, files: list[TypedFile], references: dict[str, Fact]
) -> None:
    message = material.message
    for number, (reference, one) in enumerate(references.items()):
        triage.case_references.append(reference)
        triage.evidence.extend(evidence_of(message, f"case_references[{number}]", one))
    if decision.intent in _NOBODY:
        return
    for number, file in enumerate(files):
        triage.documents.append(SubmittedDocument(type=file.type, filename=file.filename))
        if file.proof is not None:
            found = Fact(file.type.value, file.proof.places, "kind of document by its words")
            triage.evidence.extend(evidence_of(message, f"documents[{number}].type", found))


def _people(triage: Triage, material: Material, form: Draft, policy: Fact | None, holder: Fact | None) -> None:
    message = material.message
    if policy is not None:
        triage.policy_number = str(policy.value)
        triage.evidence.extend(evidence_of(message, "policy_number", policy))
    if holder is not None:
        triage.policyholder_name = str(holder.value)
        triage.evidence.extend(evidence_of(message, "policyholder_name", holder))
    found = contact(material, form)
    values = {path.removeprefix("contact."): str(one.value) for path, one in found.items()}
    triage.contact = Contact(**values)
    for path, one in found.items():
        triage.evidence.extend(evidence_of(message, path, one))


def _set_need(triage: Triage, message: Message, need: Fact | None) -> None:
    if need is not None and isinstance(need.value, date):
        triage.needed_by = need.value
        triage.evidence.extend(evidence_of(message, "needed_by", need))


def _granted_since(draft: Draft) -> bool:
    """Whether the limit of a contested decision was granted on a first application: no word or pair tells a raise."""
    current, amount = draft.facts.get("current_limit"), draft.facts.get("amount")
    pair = current is not None and amount is not None and min(current.weight, amount.weight) >= SURE
    return draft.said == "new" or (draft.said is None and current is not None and not pair)


def _requests(triage: Triage, message: Message, drafts: list[Draft], intent: Intent) -> None:
    for draft in drafts:
        if intent == Intent.DECISION_APPEAL and "amount" not in draft.facts:
            continue
        number = len(triage.requests)
        request = LimitRequest()
        for name, one in draft.facts.items():
            if name not in LimitRequest.model_fields:
                continue
            value: object = one.value
            if name == "request_type":
                first_asked = intent == Intent.DECISION_APPEAL and _granted_since(draft)
                value = RequestType.NEW if first_asked else RequestType(str(one.value))
            setattr(request, name, value)
            triage.evidence.extend(evidence_of(message, f"requests[{number}].{name}", one))
        triage.requests.append(request)
