"""What a letter says once for all its requests: terms, goods, currency, country."""

from ingest.rules.drafts import Draft, Fact, fact, place
from ingest.rules.goods import goods
from ingest.rules.lexicon import phrases
from ingest.rules.material import Passage
from ingest.rules.needs import limits_of
from ingest.rules.periods import tells_effect, validity
from ingest.rules.prose import terms_of
from ingest.values.countries import find_countries
from ingest.values.money import find_currencies


def complete(drafts: list[Draft], around: list[Passage], common: list[Passage]) -> None:
    """What the text says for all fills what a request leaves open."""
    shared = Draft()
    pieces = [*around, *common]
    shared.put("payment_terms_days", terms_of(pieces))
    shared.put("goods", goods(pieces))
    shared.put("currency", _currency_for_all(pieces))
    shared.put("buyer_country", _country_for_all(pieces))
    for draft in drafts:
        if "currency" not in draft.facts and "currency" not in shared.facts:
            draft.put("currency", _currency_of_country(pieces, draft))
        cancelled = draft.value("request_type") == "cancellation"
        for name, one in shared.facts.items():
            if name == "buyer_country" and "buyer_vat_id" in draft.facts:
                continue
            if cancelled and name != "buyer_country" and (name != "currency" or "current_limit" not in draft.facts):
                continue
            draft.put(name, one)


def _currency_for_all(pieces: list[Passage]) -> Fact | None:
    found = [(p, c) for p in pieces for c in find_currencies(p.text)]
    if found and len({c.currency for _, c in found}) == 1:
        passage, one = found[0]
        return fact(passage, one.start, one.end, one.currency)
    return None


def _country_for_all(pieces: list[Passage]) -> Fact | None:
    """The one country of which the text says that the buyers are ("our Italian customers", "buyers in Norway")."""
    found = []
    for piece in pieces:
        for one in find_countries(piece.text):
            near = piece.folded[max(0, one.start - 24) : one.end + 24]
            if one.ground in ("name", "adjective") and phrases("phrases").has(near, "buyers_word"):
                found.append((piece, one))
    if not found or len({one.country for _, one in found}) > 1:
        return None
    piece, one = found[0]
    return fact(piece, one.start, one.end, one.country, derived="said of all buyers")


def _currency_of_country(pieces: list[Passage], draft: Draft) -> Fact | None:
    """Of several currencies named for several countries that of the buyer's own."""
    from babel.numbers import get_territory_currencies

    country = draft.value("buyer_country")
    own = get_territory_currencies(country) if isinstance(country, str) else []
    return next(
        (fact(p, c.start, c.end, c.currency) for p in pieces for c in find_currencies(p.text) if c.currency in own),
        None,
    )


def share_dates(drafts: list[Draft], common: list[Passage]) -> None:
    """From when or until when, said for all: "take these off as from 1 September: …"."""
    if len(drafts) < 2:
        return
    effect, likely = [p for p in common if tells_effect(p)], limits_of(common)
    for draft in drafts:
        if not {"valid_from", "valid_until"} & set(draft.facts):
            for name, one in (validity(effect, str(draft.value("request_type"))) | likely).items():
                draft.put(name, one)


def as_above(draft: Draft, above: Draft, pieces: list[Passage]) -> None:
    """ "Same terms as above" repeats what was said of the buyer before."""
    for piece in pieces:
        hit = phrases("phrases").first(piece.folded, "same_terms")
        terms = above.facts.get("payment_terms_days")
        if hit is not None and terms is not None:
            places = (*terms.places, place(piece, hit.start, hit.end))
            draft.put("payment_terms_days", Fact(terms.value, places, "same terms as above"))


def as_others(draft: Draft, newest: list[Passage], older: list[Passage]) -> None:
    """ "One more, same terms as the others": the terms of the older letter."""
    hit = next((h for p in newest if (h := phrases("phrases").first(p.folded, "same_terms"))), None)
    terms = terms_of(older) if hit is not None else None
    if terms is not None:
        draft.put("payment_terms_days", Fact(terms.value, terms.places, "same terms as before"))
