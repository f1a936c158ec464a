"""What the sender mainly wants: weighed words of the newest letter, headers, attachments and what was extracted."""

import re
from dataclasses import dataclass, field

from cases.vocabulary import DocumentType, Intent
from ingest.rules.cues import Cue
from ingest.rules.documents import TypedFile
from ingest.rules.drafts import Draft
from ingest.rules.intent_words import MODEL, Seen, features
from ingest.rules.lexicon import Hit, phrases
from ingest.rules.linear import chances, telling
from ingest.rules.material import Material, Passage, one_sentence_names

_SHARE = (1.0, 0.6, 0.4, 0.3, 0.2)
_PAST = Cue("intent.past", r"\b(?:<1>)\b")
_MACHINE = Cue("intent.machine", r"(?:<1>)")
_REPLY = Cue("intent.reply", r"\s*(?:<1>)\s*(?:\[\d+\])?:")
_SURELY = 0.8  # the chance at which a mail that names a policy is put aside all the same


@dataclass(slots=True)
class Decision:
    """The intent and what decided it."""

    intent: Intent
    reason: str
    features: dict[str, float] = field(default_factory=dict)


def automatic_reason(material: Material) -> str | None:
    """The header that shows an automatic answer, bounce or receipt; None for a person's mail."""
    headers = material.message.headers
    auto = " ".join(headers.get("auto-submitted", ())).lower()
    if auto and not auto.startswith("no"):
        return f"Auto-Submitted: {auto.strip()}"
    for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress-reply", "x-failed-recipients"):
        if headers.get(name):
            return name
    if "auto_reply" in " ".join(headers.get("precedence", ())).lower():
        return "Precedence: auto_reply"
    kind = " ".join(headers.get("content-type", ())).lower()
    if "multipart/report" in kind:
        return "a delivery or read report"
    sender = material.message.sender
    if sender and _MACHINE.match(sender.address):
        return f"sent by {sender.address}"
    if headers.get("return-path", ("x",))[0].strip() == "<>":
        return "an empty return path"
    return None


def decide(material: Material, seen: Seen, language: str | None) -> Decision:
    """The intent of a message."""
    if material.asker == 0 and (header := automatic_reason(material)):
        return Decision(Intent.AUTO_REPLY, header)
    scores, words = _weigh(_hits(material, {"en", language} if language else set()))
    too_little = scores.pop("too_little", 0.0)
    if scores.get("decision_appeal") or seen.has_reference:
        scores["decision_appeal"] = scores.get("decision_appeal", 0.0) + too_little
    _adjust(scores, material, seen.drafts, seen.files, seen.has_reference)
    concerns_us = seen.has_policy or seen.has_reference or _of_the_desk(material, seen.drafts)
    if not concerns_us and max(scores.values(), default=0.0) < 1:
        return Decision(Intent.UNRELATED, "no word of the desk's business")
    found = features(material, seen, scores)
    likely = chances(MODEL, found)
    if (seen.has_policy or seen.has_reference) and likely[Intent.UNRELATED] < _SURELY:
        likely.pop(Intent.UNRELATED)  # what names a policy or a case mostly concerns somebody
    best = max(likely, key=lambda intent: likely[intent])
    return Decision(Intent(best), words.get(best) or telling(MODEL, found, best) or _facts(seen), found)


def _facts(seen: Seen) -> str:
    """What speaks for an intent where no words do, for people."""
    figures = ", ".join(dict.fromkeys(name.replace("_", " ") for draft in seen.drafts for name in draft.facts))
    papers = ", ".join(f"{file.filename}: {file.type.value.replace('_', ' ')}" for file in seen.files[:3])
    told = [
        "no telling words",
        "a reference to a case" if seen.has_reference else "",
        f"values of a request ({figures})" if figures else "",
        f"files ({papers})" if papers else "",
    ]
    return "; ".join(filter(None, told))


def _of_the_desk(material: Material, drafts: list[Draft]) -> bool:
    """Whether a word of the trade, a company or a file with a request stands in the mail."""
    if any({"buyer_name", "buyer_vat_id"} & set(d.facts) for d in drafts):
        return True
    book = phrases("desk_words")
    passages = [*material.subject, *material.body, *material.notes, *material.older, *material.files]
    return any(book.has(p.folded[:4000], "desk") for p in passages)


def _hits(material: Material, languages: set[str]) -> list[tuple[float, Hit, Passage]]:
    book = phrases("intent")
    out: list[tuple[float, Hit, Passage]] = []
    replies = material.older and _REPLY.match(material.subject[0].folded) if material.subject else None
    for factor, passages in (
        (0.5 if replies else 1.2, material.subject[:1]),
        (1.0, material.body),
        (0.5, material.notes),
    ):
        for passage in passages:
            text = one_sentence_names(passage)[:4000]
            out.extend((factor, hit, passage) for hit in book.find(text, languages=languages))
    if not material.body or sum(len(p.text.strip()) for p in material.body) < 15:
        for passage in material.files[:2]:
            out.extend((0.7, hit, passage) for hit in book.find(passage.folded[:2000], languages=languages))
    return out


def _weigh(hits: list[tuple[float, Hit, Passage]]) -> tuple[dict[str, float], dict[str, str]]:
    by_intent: dict[str, list[tuple[float, str]]] = {}
    seen: set[tuple[str, str, str]] = set()
    for factor, hit, passage in hits:
        quote = passage.folded[hit.start : hit.end]
        if (hit.key, quote, passage.role) in seen or _inside_a_question(hit, passage, hits):
            continue
        seen.add((hit.key, quote, passage.role))
        by_intent.setdefault(hit.key, []).append((hit.weight * factor * _tone(hit, passage), quote))
    scores, words = {}, {}
    for name, found in by_intent.items():
        found.sort(reverse=True)
        scores[name] = sum(w * _SHARE[min(k, 4)] for k, (w, _) in enumerate(found[:10]))
        words[name] = "; ".join(dict.fromkeys(" ".join(q.split())[:50] for _, q in found[:3]))
    return scores, words


def _tone(hit: Hit, passage: Passage) -> float:
    """Words of asking count for less in a sentence that is no question."""
    if hit.key not in ("status_query", "procedure_query") or passage.role != "body":
        return 1.0
    rest = re.search(r"[?.!\n](?=\s|$)", passage.folded[hit.end :])
    return 1.15 if rest and rest.group() == "?" else 0.75


def _inside_a_question(hit: Hit, passage: Passage, hits: list[tuple[float, Hit, Passage]]) -> bool:
    """ "Can you tell us which limit …" is no request: the words that ask stand inside those that request."""
    if hit.key != "credit_limit_request":
        return False
    if hit.weight <= 2 and _asks_about(hit, passage, hits):
        return True
    return any(
        other.key in ("status_query", "procedure_query", "statistics_request")
        and other.weight >= 3
        and place is passage
        and hit.start <= other.start < hit.end
        for _, other, place in hits
    )


def _asks_about(hit: Hit, passage: Passage, hits: list[tuple[float, Hit, Passage]]) -> bool:
    """Whether weak words ("limit on") stand in a question after what there is ("Can you tell me what our limit on them is?")."""
    end = re.compile(r"[?.!\n](?=\s|$)").search(passage.folded, hit.end)
    if end is None or end.group() != "?":
        return False
    return any(
        other.key == "status_query"
        and other.weight >= 3
        and place is passage
        and other.start < end.start()
        and not re.search(r"[?.!\n](?=\s|$)", passage.folded[min(hit.start, other.start) : end.start()])
        for _, other, place in hits
    )


def _adjust(
    scores: dict[str, float], material: Material, drafts: list[Draft], files: list[TypedFile], has_reference: bool
) -> None:
    """What was extracted and attached speaks for one intent or another."""
    body = " ".join(p.folded for p in material.body)
    kinds = {file.type for file in files}
    forms = DocumentType.APPLICATION_FORM in kinds or any(d.source in ("table", "form") for d in drafts)
    figures = any("amount" in d.facts for d in drafts)

    def add(name: str, points: float) -> None:
        scores[name] = scores.get(name, 0.0) + points

    if forms:
        add("credit_limit_request", 4.0)
    if figures and scores.get("credit_limit_request", 0) >= 2:
        add("credit_limit_request", 1.5)
    told = {"amount", "current_limit", "payment_terms_days", "expected_turnover", "goods", "valid_until"}
    if any("buyer_name" in d.facts and "amount" in d.facts and len(told & set(d.facts)) >= 3 for d in drafts):
        add("credit_limit_request", 2.5)
    if scores.get("credit_limit_request") and _PAST.search(body) and not forms:
        add("credit_limit_request", -1.5)
    if has_reference:
        for name, points in (("status_query", 1.0), ("decision_appeal", 0.5), ("document_submission", 1.0)):
            if scores.get(name):
                add(name, points)
        add("credit_limit_request", -1.0)
    evidence = kinds - {DocumentType.APPLICATION_FORM, DocumentType.OTHER}
    if evidence and (has_reference or (material.older and scores.get("document_submission") and not figures)):
        add("document_submission", 2.0)
    elif not evidence and scores.get("document_submission"):
        add("document_submission", -1.5 if not files else -0.5)
    if scores.get("decision_appeal", 0) >= 3:
        add("decision_appeal", 2.0)
    if scores.get("claim_notification", 0) >= 3 and not forms and scores["claim_notification"] > 3.5:
        add("claim_notification", 1.0)
    rivals = (
        "claim_notification",
        "collections_query",
        "policy_administration",
        "statistics_request",
        "decision_appeal",
    )
    if (
        scores.get("procedure_query", 0) >= 3
        and not figures
        and not forms
        and all(scores.get(r, 0) < 3 for r in rivals)
    ):
        add("procedure_query", 2.0)
    if scores.get("procedure_query") and "?" not in body:
        add("procedure_query", -1.5)
    if figures and scores.get("credit_limit_request", 0) >= 3:
        for name in ("procedure_query", "status_query", "statistics_request"):
            if scores.get(name):
                add(name, -1.0)
