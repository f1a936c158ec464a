"""All requests of a message: from tables, forms and sentences, made whole from each other."""

import re

from ingest.engine import Hint
from ingest.rules.amounts import INSTEAD, sums
from ingest.rules.buyers import Buyer, find_buyers, name_key, short_names
from ingest.rules.common import as_above, as_others, complete, share_dates
from ingest.rules.corrections import corrected, overrule
from ingest.rules.currencies import local_currency
from ingest.rules.documents import TypedFile
from ingest.rules.drafts import Draft, Fact
from ingest.rules.goods import goods
from ingest.rules.identifier_cells import finish_vat
from ingest.rules.kinds import settle_kind, wanted_kind
from ingest.rules.lexicon import fold, phrases
from ingest.rules.material import Material, Passage, companies_in
from ingest.rules.policyholder import Parties
from ingest.rules.prose import bare_vat, country_of, fill
from ingest.rules.segments import Portion, portion, units
from ingest.rules.sources import Sources, is_request

_SHORT = 8_000  # characters of a file whose text beside its table is read


def requests(
    material: Material, sources: Sources, parties: Parties, files: list[TypedFile], hints: tuple[Hint, ...]
) -> list[Draft]:
    """The requests of a message, in the order in which they stand."""
    prose = list(material.body)
    tabled = [draft for reading in sources.tables for draft in reading.drafts]
    formed = [
        draft for p, reading in sources.forms if p.role == "file" for draft in reading.drafts if is_request(draft)
    ]
    if tabled:
        drafts = _from_tables(material, sources, tabled)
        overrule(drafts, prose)
    elif formed:
        drafts = formed
        overrule(drafts, prose)
        complete(drafts, prose, [])
    else:
        drafts = _from_prose(material, sources, parties, files)
    for draft in drafts:
        _last_touches(material, draft, hints, drafts)
    return [draft for draft in drafts if draft.facts]


def _without(passages: list[Passage], spans: list[tuple[int, int, int]]) -> list[Passage]:
    """The passages without the stretches that tables take up."""
    out: list[Passage] = []
    for passage in passages:
        pieces = [passage]
        for part, start, end in spans:
            if part == passage.part:
                pieces = [q for p in pieces for q in _minus(p, start, end)]
        out.extend(pieces)
    return out


def _minus(passage: Passage, start: int, end: int) -> list[Passage]:
    left, right = start - passage.start, end - passage.start
    if right <= 0 or left >= len(passage.text):
        return [passage]
    out = []
    if left > 0:
        out.append(passage.cut(0, left))
    if right < len(passage.text):
        out.append(passage.cut(right, len(passage.text)))
    return out


def _from_tables(material: Material, sources: Sources, drafts: list[Draft]) -> list[Draft]:
    spans = [(r.part, r.start, r.end) for r in sources.tables]
    tabled = {reading.part for reading in sources.tables}
    beside = [p for p in material.files if p.part in tabled and len(p.text) < _SHORT]
    around = [*_without(material.body, spans), *_without(beside, spans)]
    kind, proof = wanted_kind([*around, *material.subject])
    for draft in drafts:
        if "request_type" not in draft.facts and kind is not None:
            settle_kind(draft, kind, proof)
    complete(drafts, around, [])
    share_dates(drafts, around)
    return drafts


def _older(material: Material) -> list[Passage]:
    return [p for p in material.older if p.role == "older"]


def _from_prose(material: Material, sources: Sources, parties: Parties, files: list[TypedFile]) -> list[Draft]:
    letters = [p for p in material.body if p.text.strip()]
    application = {f.index for f in files if f.type == "application_form"} - sources.request_files
    written = [p for p in material.files if p.attachment in application and len(p.text) < 20_000]
    texts = [*letters, *written]
    older = _older(material)
    buyers = buyers_told(material, texts, parties.own)
    drafts = _drafts_for(texts, buyers, material)
    labelled = [d for p, r in sources.forms if p.role == "body" for d in r.drafts]
    if len(labelled) == 1 and len(drafts) <= 1:
        drafts = drafts or [Draft()]
        for name, one in labelled[0].facts.items():
            if name == "request_type" and "request_type" in drafts[0].facts:
                continue
            drafts[0].replace(name, one)
        settle_kind(drafts[0], None, None)
    elif len(labelled) > 1 and all("buyer_name" in d.facts for d in labelled):
        drafts = labelled
        complete(drafts, letters, [])
    if older:
        _from_older(drafts, older, parties.own, letters)
    return drafts


def buyers_told(material: Material, texts: list[Passage], own: set[str]) -> list[Buyer]:
    """The buyers of the newest letter; short names get their full form from the subject or older letters."""
    buyers = find_buyers(texts, own)
    known = [b for b in find_buyers([*material.subject, *_older(material)], own) if b.with_form]
    if not any(b.with_form for b in buyers):
        match = [b for b in known if buyers and name_key(buyers[0].name) in b.key()]
        if match or (known and (not buyers or _mention(texts, known[0]) is not None)):
            buyers = []
        elif not buyers:
            return find_buyers(material.subject, own)[:1]
        if not buyers and match:
            known = match
    for one in known:
        if any(one.key() == b.key() for b in buyers):
            continue
        spot = _mention(texts, one)
        if spot is not None:
            buyers.append(Buyer(one.name, [*one.mentions[:1], spot], one.country))
    if not buyers and known:
        return known[:1]
    place_of = {id(p): n for n, p in enumerate(texts)}

    def first(buyer: Buyer) -> tuple[int, int]:
        return min(((place_of[id(p)], s) for p, s, _ in buyer.mentions if id(p) in place_of), default=(99, 0))

    return sorted(buyers, key=first)


def _mention(texts: list[Passage], buyer: Buyer) -> tuple[Passage, int, int] | None:
    """Where a text speaks of a buyer by the first words of its name."""
    words = re.findall(r"[^\W\d_][\w'&-]*", fold(buyer.name))
    for length in (2, 1):
        head = words[:length]
        if len(head) < length or (length == 1 and len(head[0]) < 5):
            continue
        pattern = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, head)) + r"(?!\w)")
        for passage in texts:
            if match := pattern.search(passage.folded):
                return passage, match.start(), match.end()
    return None


def _drafts_for(texts: list[Passage], buyers: list[Buyer], material: Material) -> list[Draft]:
    if not buyers:
        if not sums(texts) and wanted_kind([*texts, *material.subject])[0] != "cancellation":
            return []  # without a figure there is no request
        draft = Draft()
        fill(draft, texts, kind_text=[*texts, *material.subject])
        country_of(draft, texts, None, None)
        draft.put("goods", goods(texts))
        return [draft] if {"amount", "current_limit"} & set(draft.facts) else []
    shares = portion(texts, buyers)
    drafts: list[Draft] = []
    for index, buyer in enumerate(buyers):
        draft = _draft_of(buyer, shares, index, material, len(buyers) == 1)
        if drafts and "payment_terms_days" not in draft.facts:
            as_above(draft, drafts[-1], shares.own[index])
        drafts.append(draft)
    useful = [
        d
        for d in drafts
        if {"amount", "current_limit"} & set(d.facts) or d.value("request_type") in ("cancellation", "renewal")
    ]
    drafts = useful or drafts[:1]
    complete(drafts, [], shares.common)
    share_dates(drafts, shares.common)
    _share_goods(drafts, texts, buyers)
    return drafts


def _share_goods(drafts: list[Draft], texts: list[Passage], buyers: list[Buyer]) -> None:
    """Goods told in a sentence that names no buyer are those of all, though they stand behind the last."""
    told = [draft.facts["goods"] for draft in drafts if "goods" in draft.facts]
    if len(told) != 1 or len(drafts) < 2:
        return
    spot = told[0].places[0]
    short = short_names(buyers)
    for passage in texts:
        for start, end, _ in units(passage):
            if passage.part == spot.part and passage.start + start <= spot.start < passage.start + end:
                piece = passage.cut(start, end)
                if companies_in(piece.text) or any(pattern.search(piece.folded) for pattern in short.values()):
                    return
                if phrases("phrases").has(piece.folded, "plural"):
                    for draft in drafts:
                        if draft.value("request_type") != "cancellation":
                            draft.put("goods", told[0])


def _draft_of(buyer: Buyer, shares: Portion, index: int, material: Material, alone: bool) -> Draft:
    draft = Draft()
    pieces = shares.own[index]
    draft.put("buyer_name", buyer.fact())
    around = [*pieces, *material.subject] if alone else pieces
    kind, _ = wanted_kind(pieces)
    words = pieces if kind else [*around, *shares.common, *material.subject]
    fill(draft, pieces, kind_text=words)
    passage, _, end = buyer.mentions[0]
    country_of(draft, pieces, (passage, end), buyer.country)
    bare_vat(draft, pieces)
    if draft.value("request_type") == "cancellation":
        if not any(phrases("phrases").has(p.folded, "cash") for p in pieces):
            draft.facts.pop("payment_terms_days", None)
        return draft
    sold = goods(pieces)
    if sold is not None and name_key(str(sold.value)) != buyer.key():
        draft.put("goods", sold)
    return draft


def _from_older(drafts: list[Draft], older: list[Passage], own: set[str], newest: list[Passage]) -> None:
    """Older letters of the thread fill what the newest leaves open, each request from what was said of its buyer."""
    earlier = find_buyers(older, own)
    shares = portion(older, earlier) if earlier else None
    for draft in drafts:
        mine = name_key(str(draft.value("buyer_name") or ""))
        same = [k for k, b in enumerate(earlier) if not mine or mine in b.key() or b.key() in mine]
        if earlier and shares is not None:
            if same and (mine or len(earlier) == 1):
                buyer = earlier[same[0]]
                _fill_from(draft, [*shares.own[same[0]], *shares.common], buyer, newest if len(drafts) == 1 else [])
        elif len(drafts) == 1:
            _fill_from(draft, older, None, newest)
        if mine and "payment_terms_days" not in draft.facts and shares is not None:
            as_others(draft, newest, [p for own_pieces in shares.own for p in own_pieces] + shares.common)


def _fill_from(draft: Draft, older: list[Passage], buyer: Buyer | None, letters: list[Passage]) -> None:
    if draft.value("request_type") == "cancellation":
        return
    past = Draft()
    kind, proof = wanted_kind(older)
    fill(past, older)
    if buyer is not None:
        past.put("buyer_name", buyer.fact())
        passage, _, end = buyer.mentions[0]
        country_of(past, older, (passage, end), buyer.country)
    past.put("goods", goods(older))
    said = draft.facts.pop("request_type", None)
    past.facts.pop("request_type", None)
    if "amount" not in draft.facts and "amount" in past.facts:
        draft.put("amount", corrected(letters, past.facts["amount"]))
    if "amount" in draft.facts:
        instead = draft.facts.get("current_limit")
        if instead is not None and instead.weight == INSTEAD and instead.value == past.value("amount"):
            draft.facts.pop("current_limit", None)  # "350 rather than 300": the figure first asked for is no limit
            said = None
        past.facts.pop("amount", None)
    for name, one in past.facts.items():
        draft.put(name, one)
    newest = str(said.value) if said is not None and said.value != "new" else None
    settle_kind(draft, newest or kind, said if newest else proof)


def _last_touches(material: Material, draft: Draft, hints: tuple[Hint, ...], drafts: list[Draft]) -> None:
    if "buyer_vat_id" in draft.facts:
        finish_vat(draft)
    if draft.source != "prose" and "buyer_country" not in draft.facts:
        country_of(draft, [], None, None)
    if "currency" not in draft.facts and {"amount", "current_limit"} & set(draft.facts):
        others = {d.value("currency") for d in drafts} - {None}
        for hint in hints:
            base = draft.facts.get("amount") or draft.facts.get("current_limit")
            if hint.kind == "default_currency" and base is not None:
                draft.put("currency", Fact(str(hint.payload["currency"]), base.places, "learned: " + hint.sentence))
        draft.put("currency", local_currency(draft, material.message))
        if len(others) == 1 and "currency" not in draft.facts and draft.value("request_type") != "cancellation":
            twin = next(d for d in drafts if d.value("currency") in others)
            draft.put("currency", twin.facts["currency"])
    if draft.value("request_type") == "cancellation" and "current_limit" not in draft.facts:
        draft.facts.pop("currency", None)
