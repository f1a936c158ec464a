"""What is asked for a buyer: new, increase, decrease, renewal, temporary increase or cancellation."""

from decimal import Decimal

from ingest.rules.boxes import BOX, TICKED
from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, Fact, fact
from ingest.rules.lexicon import fold, phrases
from ingest.rules.material import Passage, one_sentence_names

_ORDER = ("cancellation", "temporary_increase", "renewal", "decrease", "increase", "new")


_CELLS = {
    "renewal": Cue("kinds.keep", r"(?:<1>)"),
    "increase": Cue("kinds.up", r"(?:<1>)"),
    "decrease": Cue("kinds.down", r"(?:<1>)"),
    "cancellation": Cue("kinds.nothing", r"(?:<1>)(?:\s*[;,(].*)?"),
}  # cells of a word or two


def wanted_kind(pieces: list[Passage]) -> tuple[str | None, Fact | None]:
    """The kind that the verbs say, with the words that say it."""
    scores: dict[str, float] = {}
    proof: dict[str, Fact] = {}
    book = phrases("request_types")
    for piece in pieces:
        for hit in book.find(one_sentence_names(piece)):
            if hit.weight > scores.get(hit.key, 0.0):
                proof[hit.key] = fact(piece, hit.start, hit.end, hit.key)
            scores[hit.key] = max(scores.get(hit.key, 0.0), hit.weight)
    if "not_temporary" in scores:
        scores.pop("temporary_increase", None)
    kinds = [kind for kind in _ORDER if kind in scores]
    if not kinds:
        return None, None
    kind = max(kinds, key=lambda k: (scores[k], -_ORDER.index(k)))
    if kind == "cancellation" and scores[kind] < 3 and any(k in scores for k in ("increase", "renewal", "decrease")):
        kind = max((k for k in kinds if k != "cancellation"), key=lambda k: (scores[k], -_ORDER.index(k)))
    return kind, proof[kind]


def kind_of_cell(text: str) -> str | None:
    """The kind that a table cell or form field says ("Increase from 40.000 EUR", "Neuantrag")."""
    if BOX.search(text):
        text = " ".join(TICKED.findall(text))  # the others are not chosen
    folded = fold(text)
    for kind, said in _CELLS.items():
        if said.fullmatch(folded.strip(" .:!*")):
            return kind
    hits = phrases("request_types").find(folded)
    found = {hit.key for hit in hits}
    for kind in ("cancellation", "temporary_increase", "renewal", "decrease", "increase", "new"):
        if kind in found:
            return kind
    return None


def settle_kind(draft: Draft, kind: str | None, proof: Fact | None) -> None:
    """The figures settle what the words leave open: up, down, the same, or nothing so far."""
    amount, current = draft.amount("amount"), draft.amount("current_limit")
    draft.said = draft.said or (kind if proof is not None else None)
    if kind == "cancellation":
        told = proof or draft.facts.get("current_limit") or draft.facts.get("buyer_name")
        if told is not None:
            draft.replace("amount", Fact(_zero(), told.places, "a cancelled limit is 0"))
    elif kind == "renewal" and amount is None and current is not None:
        draft.put("amount", Fact(current, draft.facts["current_limit"].places, "a renewal keeps the limit"))
    elif kind == "renewal" and current is None and amount is not None:
        draft.put("current_limit", Fact(amount, draft.facts["amount"].places, "a renewal keeps the limit"))
    settled = _settled(draft, kind)
    if settled is None:
        return
    if proof is not None and settled == kind:
        draft.put("request_type", Fact(settled, proof.places))
    else:
        base = draft.facts.get("current_limit") or draft.facts.get("amount") or proof or draft.facts.get("buyer_name")
        if base is not None:
            draft.put("request_type", Fact(settled, base.places, "from the limit today and the limit asked for"))


def _settled(draft: Draft, kind: str | None) -> str | None:
    amount, current = draft.amount("amount"), draft.amount("current_limit")
    if kind == "cancellation":
        return kind
    if amount is not None and current is not None:
        if amount > current:
            temporary = kind == "temporary_increase" or ("valid_until" in draft.facts and kind != "renewal")
            return "temporary_increase" if temporary else "increase"
        if amount < current:
            return "decrease" if amount else "cancellation"
        return "renewal"
    if kind == "new" and current is not None and amount is None:
        return None
    if kind is None:
        return "new" if amount is not None else None
    return kind


def _zero() -> Decimal:
    return Decimal(0)
