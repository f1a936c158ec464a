"""A request told in sentences: the facts about one buyer from the stretches that speak of it."""

import re
from decimal import Decimal
from fractions import Fraction

from ingest.rules.amounts import Sum, best, lone_figure, sums
from ingest.rules.changes import multiple, times
from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, Fact, Place, fact, place
from ingest.rules.figures import Figures, best_reading, blended
from ingest.rules.kinds import settle_kind, wanted_kind
from ingest.rules.lexicon import phrases
from ingest.rules.linear import chances
from ingest.rules.material import Passage
from ingest.rules.needs import limits_of
from ingest.rules.periods import is_answer, validity
from ingest.rules.request_kinds import MODEL, features
from ingest.rules.segments import units
from ingest.rules.turnover import yearly
from ingest.values.countries import find_countries
from ingest.values.identifiers import IdentifierFound, country_of_register, find_identifiers
from ingest.values.terms import TermsFound, find_terms

ID_FIELDS = {
    "registration": "buyer_registration_number",
    "vat": "buyer_vat_id",
    "lei": "buyer_lei",
    "duns": "buyer_duns",
}

_ITEM = re.compile(r"\s*(?:$|[,;.)\n])")
_INSTEAD = Cue("prose.instead", r"\s*,?\s*(?:<1>)\s+(?:the\s+)?\d{1,3}(?!\d)")
_PAID = Cue("prose.paid", r"\b(?:<1>)\b[^.;]{0,26}$")
_AT_TERMS = Cue("prose.at_terms", r"\d.*\b(?:<1>)\s+$")


def fill(draft: Draft, pieces: list[Passage], *, kind_text: list[Passage] | None = None) -> None:
    """Read the pieces that speak of one buyer into a draft."""
    found = sums(pieces)
    if not any(one.role in ("amount", "current", "delta") for one in found) and (lone := lone_figure(pieces)):
        found.append(lone)
    kind, kind_fact = wanted_kind(kind_text if kind_text is not None else pieces)
    around = [piece for piece in kind_text or [] if not any(piece is one for one in pieces)]
    kinds = blended(chances(MODEL, features(pieces, around)), kind)
    part, reached = _share(found, pieces, kind)
    reading, chance = best_reading(found, kinds, share=part is not None, reached=reached) or (None, 0.0)
    if reading is not None:
        kind_fact = kind_fact if kind == reading.kind else None
        kind = reading.kind
    _amounts(draft, found, kind, pieces, reading)
    draft.put("payment_terms_days", terms_of(pieces))
    for piece in pieces:
        identifiers(draft, piece)
    for name, value in (validity(pieces, kind) | limits_of(pieces)).items():
        draft.put(name, value)
    settle_kind(draft, kind, kind_fact)
    if reading is not None:
        draft.weighed(chance, "amount", "current_limit", "request_type")


def _as_fact(one: Sum, value: Decimal | None = None, derived: str | None = None) -> Fact:
    return fact(
        one.passage, one.start, one.end, one.amount if value is None else value, derived=derived, weight=one.score
    )


def _amounts(draft: Draft, found: list[Sum], kind: str | None, pieces: list[Passage], reading: Figures | None) -> None:
    wanted, current, delta = (reading.amount, reading.current, reading.delta) if reading else (None, None, None)
    taken = {one.amount for one in (wanted, current, delta) if one is not None}
    rest = [one for one in found if one.amount not in taken]
    turnover, overdue = best(rest, "turnover", 2.0), best(rest, "overdue", 2.5)
    share, _ = _share(found, pieces, kind)
    if share and (wanted is None or current is None) and kind != "cancellation":
        base = current or wanted
        if base is not None:
            at = place(base.passage, base.start, base.end)
            draft.put("amount", Fact(times(base.amount, share[0]), (at, share[2]), share[1]))
            current, wanted = base, None
    elif delta is not None and wanted is None and current is not None:
        down = kind == "decrease"
        value = current.amount - delta.amount if down else current.amount + delta.amount
        spots = tuple(place(one.passage, one.start, one.end) for one in (current, delta))
        if value >= 0:
            draft.put("amount", Fact(value, spots, "current limit minus the difference" if down else "sum"))
    if wanted is not None:
        draft.put("amount", _as_fact(wanted))
    if current is not None:
        draft.put("current_limit", _as_fact(current))
    if turnover is not None:
        draft.put("expected_turnover", yearly(_as_fact(turnover), turnover.passage, turnover.start, turnover.end))
    if overdue is not None and not phrases("phrases").has(overdue.passage.folded, "settled"):
        draft.put("overdue_amount", _as_fact(overdue))
    _currency(draft, [one for one in (wanted, current, delta, turnover, overdue) if one is not None], found)


_TARGET = Cue("prose.target", r"(?<!\w)(?:<1>)\s+(?:the\s+)?$")


def _share(
    found: list[Sum], pieces: list[Passage], kind: str | None
) -> tuple[tuple[Fraction, str, Place] | None, Sum | None]:
    """The share of today's limit that is asked for; or the amount that says what it comes to ("cut by half to 40,000")."""
    share = multiple(pieces, kind)
    if share is None:
        return None, None
    reached = next((one for one in found if one.could_be_a_limit and _TARGET.search(_before(one))), None)
    return (share, None) if reached is None else (None, reached)


def _before(one: Sum) -> str:
    return one.passage.folded[max(0, one.start - 20) : one.start]


def _currency(draft: Draft, used: list[Sum], found: list[Sum]) -> None:
    for one in [*used, *found]:
        if one.currency is not None and one.currency_start is not None and one.currency_end is not None:
            draft.put("currency", fact(one.passage, one.currency_start, one.currency_end, one.currency))
            return


def terms_of(pieces: list[Passage]) -> Fact | None:
    """The payment terms: of several periods the one that words of payment stand by and no past habit."""
    rated: list[tuple[float, int, Passage, TermsFound]] = []
    order = 0
    for piece in pieces:
        for start, end, _ in units(piece):
            sentence = piece.cut(start, end)
            for one in find_terms(sentence.text):
                order += 1
                paid = _PAID.search(sentence.folded[max(0, one.start - 32) : one.start]) is not None
                if one.discount or one.days > 400 or (one.adverse and not paid):
                    continue
                score = 2.0 if one.has_context or paid else 0.0
                if one.unit == "day" and one.days in (
                    0,
                    7,
                    8,
                    10,
                    14,
                    15,
                    20,
                    21,
                    28,
                    30,
                    40,
                    45,
                    50,
                    60,
                    70,
                    75,
                    80,
                    90,
                    100,
                    120,
                    150,
                    180,
                ):
                    score += 0.6
                if phrases("phrases").has(sentence.folded, "past_cash") and not one.days:
                    score -= 3
                if _AT_TERMS.search(sentence.folded[: one.start]):
                    score += 1.0  # "EUR 50,000 at 60 days"
                if _INSTEAD.match(sentence.folded, one.end):
                    score += 1.5  # "90 days instead of 60"
                if phrases("phrases").has(sentence.folded, "all_buyers") and one.unit == "day" and not one.adverse:
                    score += 1.0  # "for all three: 30 days"
                if _ITEM.match(sentence.folded, one.end) and re.search(r"[,;(:–-]\s*$", sentence.folded[: one.start]):
                    score += 1.0  # an item of its own in a list of conditions
                rated.append((score, order, sentence, one))
    good = [item for item in rated if item[0] >= 1.5]
    if not good and len({item[3].days for item in rated if item[0] > 0}) == 1:
        good = [item for item in rated if item[0] > 0 and not is_answer(item[2])]
    if not good:
        return None
    score, _, sentence, one = max(good, key=lambda item: (item[0], -item[1]))
    return fact(sentence, one.start, one.end, one.days, weight=score)


def identifiers(draft: Draft, piece: Passage) -> None:
    """Registration, VAT, LEI and D-U-N-S numbers of a piece."""
    for one in find_identifiers(piece.text):
        draft.put(ID_FIELDS[one.kind], identifier_fact(piece, one))
        put_register(draft, piece, one)


def put_register(draft: Draft, piece: Passage, one: IdentifierFound, shift: int = 0) -> None:
    """The country of a register that is one country's own; `shift` is the length of what was set before the piece."""
    if country := country_of_register(one):
        spot = (one.start - shift, one.end - shift)
        draft.put("register_country", fact(piece, *spot, country, derived="country of the register"))


def identifier_fact(piece: Passage, one: IdentifierFound) -> Fact:
    """An identifier as a fact."""
    return fact(piece, one.start, one.end, one.value, labelled=bool(one.label), checked=bool(one.checked))


def bare_vat(draft: Draft, pieces: list[Passage]) -> None:
    """A number of a VAT number's shape with the prefix of the buyer's own country, though nobody calls it so."""
    country = draft.value("buyer_country")
    if "buyer_vat_id" in draft.facts or not isinstance(country, str):
        return
    prefix = {"GR": "EL"}.get(country, country)
    shape = re.compile(rf"(?<![\w-]){prefix} ?U?\d{{2,9}}(?:[ .]?\d{{2,4}}){{0,3}}(?:B\d\d)?(?![\w-])")
    for piece in pieces:
        for match in shape.finditer(piece.text):
            plain = re.sub(r"[ .]", "", match.group())
            if 10 <= len(plain) <= 14:
                draft.put("buyer_vat_id", fact(piece, match.start(), match.end(), plain))
                return


def country_of(
    draft: Draft, pieces: list[Passage], after: tuple[Passage, int] | None, form_country: str | None
) -> None:
    """The buyer's country: named near the buyer, else implied by its number, its legal form or its town."""
    named: list[tuple[float, Fact]] = []
    for piece in pieces:
        for one in find_countries(piece.text):
            distance = _distance(piece, one.start, after)
            strength = {"name": 3.0, "code": 2.5, "postcode": 2.5, "city": 1.2, "adjective": 1.0}.get(one.ground, 1.0)
            if distance is not None and distance < 0:
                strength -= 1.2 if distance < -60 else 0.5
            near = 1.5 if distance is not None and 0 <= distance < 140 else 0.0
            derived = None if one.ground in ("name", "code") else f"country from the {one.ground}"
            named.append((strength + near, fact(piece, one.start, one.end, one.country, derived=derived)))
    strong = [item for item in named if item[0] >= 2.0]
    if strong:
        draft.put("buyer_country", max(strong, key=lambda item: item[0])[1])
        return
    vat = draft.facts.get("buyer_vat_id")
    if vat is not None and re.match(r"[A-Z]{2}", str(vat.value)):
        prefix = str(vat.value)[:2]
        draft.put(
            "buyer_country", Fact({"EL": "GR", "XI": "GB"}.get(prefix, prefix), vat.places, "country of the VAT number")
        )
    elif "register_country" in draft.facts:
        draft.put("buyer_country", draft.facts["register_country"])
    elif form_country and (name := draft.facts.get("buyer_name")):
        draft.put("buyer_country", Fact(form_country, name.places, "country of the legal form"))
    elif named:
        draft.put("buyer_country", max(named, key=lambda item: item[0])[1])


def _distance(piece: Passage, start: int, after: tuple[Passage, int] | None) -> int | None:
    if after is None or after[0].part != piece.part:
        return None
    return piece.start + start - (after[0].start + after[1])
