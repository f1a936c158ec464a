"""Two readings of one message, by rules and by the model, become one; where they differ a person sees both."""

import regex
from rapidfuzz import fuzz

from cases.understanding import REQUEST_FIELDS, Disagreement, Evidence, LimitRequest, Triage
from cases.vocabulary import DEPARTMENT_OF, EngineName, Intent
from ingest.fields import MESSAGE_PATHS, read, shown, write
from ingest.values.identifiers import vat_is_valid

_ALIKE = 70  # of 100: two names that may be the same buyer


def reconcile(rules: Triage, llm: Triage) -> Triage:
    """Field by field. Agreement is marked in the evidence (engine "mixed"); a difference is listed with both readings.

    The model's reading is kept, since it understands sentences, but for what rules know better: automatic mail
    (headers say so) and identifiers whose check digits are right where the model's are not.
    """
    merged = llm.model_copy(deep=True)
    merged.disagreements = [*rules.disagreements, *llm.disagreements]
    merged.warnings = list(dict.fromkeys([*rules.warnings, *llm.warnings]))
    merged.unread = list(dict.fromkeys([*rules.unread, *llm.unread]))
    merged.parts, merged.forwarded = rules.parts, rules.forwarded
    agreed: set[str] = set()
    _intent(rules, llm, merged)
    for path in MESSAGE_PATHS:
        _field(rules, llm, merged, path, path, agreed)
    agreed |= {
        f"case_references[{at}]" for at, one in enumerate(llm.case_references) if one in rules.case_references
    } | ({"intent"} if rules.intent is llm.intent else set())
    _documents(rules, llm, merged)
    pairs = pair_requests(rules.requests, llm.requests)
    for of_llm, of_rules in pairs.items():
        for name in REQUEST_FIELDS:
            _field(rules, llm, merged, f"requests[{of_rules}].{name}", f"requests[{of_llm}].{name}", agreed)
    if len(rules.requests) != len(llm.requests):
        readings = [f"{len(rules.requests)} requests", f"{len(llm.requests)} requests"]
        merged.disagreements.append(Disagreement(path="requests", readings=readings, sources=["rules", "llm"]))
    merged.evidence = [_agreeing(one, agreed) for one in merged.evidence]
    merged.engine = (
        EngineName.MIXED if any(one.engine is EngineName.RULES for one in merged.evidence) else EngineName.LLM
    )
    return merged


def _agreeing(evidence: Evidence, agreed: set[str]) -> Evidence:
    return evidence.model_copy(update={"engine": EngineName.MIXED}) if evidence.path in agreed else evidence


def _intent(rules: Triage, llm: Triage, merged: Triage) -> None:
    if rules.intent is llm.intent:
        return
    readings = [rules.intent.value, llm.intent.value]
    merged.disagreements.append(Disagreement(path="intent", readings=readings, sources=["rules", "llm"]))
    if rules.intent is Intent.AUTO_REPLY:
        merged.intent, merged.department = rules.intent, DEPARTMENT_OF[rules.intent]
        merged.intent_reason = rules.intent_reason
        merged.requests = []
        merged.needed_by = merged.policy_number = merged.policyholder_name = None
        merged.contact = rules.contact.model_copy()
        merged.evidence = list(rules.evidence)


def _documents(rules: Triage, llm: Triage, merged: Triage) -> None:
    """The files are a fact of the message; their kind is a reading."""
    kinds = {one.filename: one.type for one in rules.documents}
    for document in llm.documents:
        other = kinds.get(document.filename)
        if other is not None and other is not document.type:
            path = f"documents[{merged.documents.index(document)}].type"
            readings = [other.value, document.type.value]
            merged.disagreements.append(Disagreement(path=path, readings=readings, sources=["rules", "llm"]))


def _field(rules: Triage, llm: Triage, merged: Triage, rules_path: str, path: str, agreed: set[str]) -> None:
    ours, theirs = read(rules, rules_path), read(llm, path)
    if ours is None and theirs is None:
        return
    if ours is not None and theirs is not None and same_value(ours, theirs):
        agreed.add(path)
        return
    learned = [one for one in rules.evidence if one.path == rules_path and (one.derived or "").startswith("learned: ")]
    if theirs is None and learned:
        write(merged, path, ours)  # what a person taught needs no second reading
        merged.evidence += [one.model_copy(update={"path": path}) for one in learned]
        return
    if merged.intent is not llm.intent:
        return  # the rules' reading of an automatic mail stands as a whole
    readings = [shown(ours) if ours is not None else "nothing", shown(theirs) if theirs is not None else "nothing"]
    merged.disagreements.append(Disagreement(path=path, readings=readings, sources=["rules", "llm"]))
    if ours is not None and _rules_know_better(path, ours, theirs):
        write(merged, path, ours)
        merged.evidence = [one for one in merged.evidence if one.path != path] + [
            one.model_copy(update={"path": path}) for one in rules.evidence if one.path == rules_path
        ]


def _rules_know_better(path: str, ours: object, theirs: object) -> bool:
    if not path.endswith("buyer_vat_id") or theirs is None:
        return False
    return vat_is_valid(str(ours)) is True and vat_is_valid(str(theirs)) is False


def same_value(one: object, other: object) -> bool:
    """Whether two values are one: names and identifiers by letters and digits, all else exactly."""
    if isinstance(one, str) and isinstance(other, str):
        return _bare(one) == _bare(other)
    return one == other


def _bare(text: str) -> str:
    return str(regex.sub(r"[^\p{L}\p{N}]", "", text)).casefold()


def pair_requests(rules: list[LimitRequest], llm: list[LimitRequest]) -> dict[int, int]:
    """Index in `llm` → index in `rules`: the same buyer by name, then the same amount, then what is left in order."""
    pairs: dict[int, int] = {}
    scored = sorted(
        ((_likeness(one, other), a, b) for a, one in enumerate(llm) for b, other in enumerate(rules)),
        key=lambda entry: (-entry[0], entry[1], entry[2]),
    )
    for score, a, b in scored:
        if score > 0 and a not in pairs and b not in pairs.values():
            pairs[a] = b
    return pairs


def _likeness(one: LimitRequest, other: LimitRequest) -> float:
    names = 0.0
    if one.buyer_name and other.buyer_name:
        names = fuzz.ratio(_bare(one.buyer_name), _bare(other.buyer_name))
        if names < _ALIKE:
            return 0.0
    return names + 10 * (one.amount is not None and one.amount == other.amount) + 1
