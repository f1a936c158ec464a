"""Labels of forms and headers of tables in any of the languages, and reading the values beside them."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

from ingest.engine import Hint
from ingest.rules.buyers import trim_name
from ingest.rules.changes import multiple, tells_share, times
from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, Fact, fact
from ingest.rules.identifier_cells import identifier_in, put_any_identifier, put_identifier
from ingest.rules.kinds import kind_of_cell
from ingest.rules.label_words import composed
from ingest.rules.lexicon import fold, phrases, table
from ingest.rules.material import Passage, companies_in
from ingest.rules.periods import period_of, validity
from ingest.rules.prose import ID_FIELDS, put_register
from ingest.rules.remarks import put_remark
from ingest.rules.turnover import yearly
from ingest.values.countries import find_countries, parse_country
from ingest.values.dates import find_dates
from ingest.values.identifiers import find_identifiers
from ingest.values.money import find_currencies, find_money, parse_amount
from ingest.values.phones import find_phones
from ingest.values.terms import find_terms

AMOUNTS = frozenset({"amount", "current_limit", "expected_turnover", "overdue_amount", "increase_by"})
_THOUSANDS = Cue("labels.thousands", r"(?:<1>)")
_MILLIONS = Cue("labels.millions", r"(?:in (?:<1>)|<2>)")
_IN_CURRENCY = Cue("labels.in_currency", r"\s*[,/]?\s*\b(?:in )?(?:t|k|m)?\s?(?:<1>)\b\.?")
_A_YEAR = Cue("labels.a_year", r"\s*[/,]?\s*\(?(?:<1>|/ ?(?:<2>))\)?$")
_IN_DAYS = Cue("labels.in_days", r"\s+(?:in )?(?:<1>)\.?$")
_NET = Cue("labels.net", r"\s*(?:<1>)?(\d{1,3})(?:\.0+)?(?![\d.,%])")


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    out = []
    for name, items in table("labels").items():
        options = "|".join(fold(str(item)) for item in items)
        out.append((name, re.compile(options)))
    return out


@dataclass(frozen=True, slots=True)
class Label:
    """What a label or header means, with the currency and the factor that it names."""

    field: str
    currency: str | None = None
    scale: int = 1
    learned: str | None = None  # the sentence of the learned rule that says so
    written: str = ""  # the label as it stands


@cache
def read_label(text: str) -> Label | None:
    """The meaning of a label, or None."""
    folded = " ".join(fold(text).split())
    if "_" in folded and "k" not in folded.split("_"):
        folded = folded.replace("_", " ")  # "policy_no"
    if not folded or len(folded) > 70:
        return None
    scale = scale_of(folded)
    currencies = find_currencies(text)
    currency = currencies[0].currency if currencies else None
    for candidate in _variants(folded):
        for name, pattern in _patterns():
            if pattern.fullmatch(candidate):
                return Label(name, currency, scale, written=text)
    made = next((name for name in map(composed, _variants(folded)) if name), None)
    return Label(made, currency, scale, written=text) if made else None


def _variants(folded: str) -> list[str]:
    bare = folded.strip(" :.*-–#?_") if folded not in ("#", "c.") else folded
    unbracketed = re.sub(r"\s*[(\[].*?[)\]]\s*", " ", bare).strip(" :.*-–?")
    money = _IN_CURRENCY.sub("", unbracketed)
    money = re.sub(r"\s*(?:in\s+)?(?:t|k)?[€$£]\s*", "", money).strip(" :.*-–?,")
    numbered = re.sub(r"^(?:\d{1,2}|[a-z])[.)]\s*", "", money)
    yearly = _A_YEAR.sub("", numbered)
    days = _IN_DAYS.sub("", numbered)
    first = re.split(r"\s*[/|]\s*", numbered)[0]
    return list(dict.fromkeys(v for v in (folded, bare, unbracketed, money, numbered, yearly, days, first) if v))


def scale_of(text: str) -> int:
    """1000 where a folded text says that figures are in thousands."""
    if _THOUSANDS.search(text):
        return 1000
    return 1_000_000 if _MILLIONS.search(text) else 1


def hinted(hints: tuple[Hint, ...], text: str) -> Label | None:
    """What a learned rule says of a column ("Limit neu" is the amount)."""
    for hint in hints:
        if hint.kind == "column_meaning" and fold(str(hint.payload.get("column", ""))) == fold(text).strip():
            known = read_label(text)
            currency, scale = (known.currency, known.scale) if known else (None, scale_of(fold(text)))
            return Label(str(hint.payload.get("field", "amount")), currency, scale, hint.sentence)
    return None


def put_value(draft: Draft, label: Label, cell: Passage, scale: int = 1, currency: str | None = None) -> None:
    """Read the value beside a label into the draft; what does not fit its label is left out."""
    if label.learned is not None:
        apart = Draft()
        put_value(apart, replace(label, learned=None), cell, scale, currency)
        for field, read in apart.facts.items():
            draft.put(field, replace(read, derived=f"learned: {label.learned}") if field == label.field else read)
        return
    text = cell.text.strip()
    if not text or text in ("-", "–", "—", "n/a", "N/A", "none", "/", "?", "--"):
        return
    name = label.field
    if name == "amount" and not find_money(text) and len(find_dates(text, cell.written)) >= 2:
        name = "validity"  # "Cover required: 1 April - 30 September"
        _put_wish(draft, cell)
    if name in AMOUNTS:
        _put_amount(draft, label, cell, scale, currency)
    elif name == "request_type":
        _put_type(draft, cell)
    elif name == "payment_terms_days":
        draft.put(name, _terms(cell))
    elif name in ("valid_from", "valid_until", "needed_by"):
        _put_date(draft, name, cell)
    elif name == "validity":
        for field, day in period_of(cell).items():
            draft.put(field, day)
    elif name == "buyer_country":
        draft.put(name, _country(cell))
    elif name == "currency":
        found = find_currencies(cell.text)
        if found:
            draft.put(name, fact(cell, found[0].start, found[0].end, found[0].currency, labelled=True))
    elif name == "buyer_name":
        put_name(draft, cell)
    elif name == "policyholder_name":
        company = next((one for one in companies_in(cell.text) if not re.search(r"\w", cell.text[: one.start])), None)
        if company is not None or not re.search(r"\t|\s{3,}|\|", cell.text.strip()):  # else the head of a table
            draft.put(name, whole(cell.cut(0, company.end)) if company else whole(cell))
    elif name in ("town", "buyer_address"):
        _put_place(draft, cell)
        draft.put(name, whole(cell))
    elif name == "buyer_identifier":
        put_any_identifier(draft, cell)
    elif name == "remarks":
        put_remark(draft, cell)
    elif name.startswith("buyer_"):
        put_identifier(draft, name, label.written, cell)
    elif name == "contact.name":
        phones = find_phones(cell.text)
        head = re.split(r"[,;(|]", cell.text)[0]
        draft.put(name, whole(cell.cut(0, len(head)) if phones else cell))
        for phone in phones[:1]:
            draft.put("contact.phone", fact(cell, phone.start, phone.end, phone.number, labelled=True))
    else:
        draft.put(name, whole(cell))


def _put_date(draft: Draft, name: str, cell: Passage) -> None:
    dates = find_dates(cell.text, cell.written)
    if not dates:
        return
    one = dates[-1 if name == "valid_until" else 0]
    value = one.first if name == "valid_from" else one.value
    draft.put(name, fact(cell, one.start, one.end, value, labelled=True, derived=one.rule if one.relative else None))
    if name == "valid_until" and len(dates) == 2:
        draft.put("valid_from", fact(cell, dates[0].start, dates[0].end, dates[0].first, labelled=True))


def put_name(draft: Draft, cell: Passage) -> None:
    """A buyer's name; what follows it may say its place and numbers ("Vestjysk Grovvare A/S, Denmark, CVR 29571805")."""
    text = cell.text
    company = next((one for one in companies_in(text) if not re.search(r"\w", text[: one.start])), None)
    if company is not None:
        end = company.end
        name = fact(cell, company.start, end, trim_name(company.name), labelled=True, checked=True)
    else:
        head = re.split(r",\s|;|\s\(|\s-\s|\n", text.rstrip())[0] if len(text) > 20 else text.rstrip()
        start, end = len(head) - len(head.lstrip()), len(head)
        if not re.search(r"[^\W\d_]{2}", head) or not 0 < end - start <= 90:
            return
        name = fact(cell, start, end, trim_name(head), labelled=True)
    draft.put("buyer_name", name)
    rest = cell.cut(end, len(text))
    _put_place(draft, rest)
    for one in find_identifiers(rest.text):
        draft.put(ID_FIELDS[one.kind], identifier_in(rest, one))
        put_register(draft, rest, one)


def _put_place(draft: Draft, cell: Passage) -> None:
    """The country in which a place lies, for buyers whose country nothing else says."""
    order = ("name", "postcode", "city", "adjective")
    found = sorted(find_countries(cell.text), key=lambda one: order.index(one.ground))
    if found:
        one = found[0]
        derived = None if one.ground == "name" else f"country from the {one.ground}"
        draft.put("place_country", fact(cell, one.start, one.end, one.country, labelled=True, derived=derived))


def whole(cell: Passage) -> Fact:
    """The cell's text as it stands."""
    start = len(cell.text) - len(cell.text.lstrip(" \t,;.:"))
    end = len(cell.text.rstrip(" \t,;"))
    return fact(cell, start, end, " ".join(cell.text[start:end].split()), labelled=True)


def _put_amount(draft: Draft, label: Label, cell: Passage, scale: int, currency: str | None) -> None:
    factor = label.scale if label.scale > 1 else scale
    if label.field == "amount" and tells_share(cell.folded) and _put_wish(draft, cell):
        put_remark(draft, cell)  # "Please double it. We look at annual sales of $2.1m."
        return
    one = parse_amount(cell.text, factor)
    if one is None:
        found = find_money(cell.text, factor)
        one = found[0] if found else None
    if one is None:
        if label.field == "amount" and _put_wish(draft, cell):
            return
        bare = re.search(r"\d[\d.,' \xa0]*\d|\d", cell.text)
        one = parse_amount(bare.group(), factor) if bare and len(re.findall(r"\d[\d.,' ]*", cell.text)) == 1 else None
        if one is None or bare is None:
            return
        shift = bare.start()
        read = fact(cell, shift + one.start, shift + one.end, one.amount, labelled=True)
        if label.field == "expected_turnover":
            read = yearly(read, cell, shift + one.start, shift + one.end, fold(label.written))
        draft.put(label.field, read)
        return
    if label.field == "current_limit" and one.amount == 0:
        return
    if label.field == "overdue_amount" and one.amount == 0:
        return
    if label.field in ("amount", "current_limit") and find_terms(cell.text):
        draft.put("payment_terms_days", _terms(cell))
    if label.field == "amount":
        _put_current_beside(draft, cell, one.end)
        if len(find_dates(cell.text, cell.written)) == 2:
            for field, day in period_of(cell).items():
                draft.put(field, day)
    derived = "in thousands" if factor == 1000 and not one.multiplied else None
    read = fact(cell, one.start, one.end, one.amount, labelled=True, derived=derived)
    if label.field == "expected_turnover":
        read = yearly(read, cell, one.start, one.end, fold(label.written))
    draft.put(label.field, read)
    if one.currency and one.currency_start is not None and one.currency_end is not None:
        draft.put("currency", fact(cell, one.currency_start, one.currency_end, one.currency, labelled=True))


def _put_wish(draft: Draft, cell: Passage) -> bool:
    """What a cell wants in words instead of a sum: "half as much again", "as it is", "take it off by 15 December"."""
    kind = kind_of_cell(cell.text)
    share = multiple([cell], kind)
    if share is None and kind not in ("cancellation", "renewal"):
        return False
    if kind:
        _put_type(draft, cell)
    if share is not None:
        draft.put("share", Fact(str(share[0]), (share[2],), share[1]))
    return True


def _put_current_beside(draft: Draft, cell: Passage, at: int) -> None:
    """ "EUR 85,000 (currently 60,000)": the limit of today stands behind the one asked for."""
    rest = cell.cut(at, len(cell.text))
    if not phrases("roles").has(rest.folded, "current.before", "current.after"):
        return
    bare = re.findall(r"\d[\d.,' \xa0]*\d", rest.text)
    one = parse_amount(bare[0]) if len(bare) == 1 else None
    money = find_money(rest.text)
    if len(money) == 1:
        draft.put("current_limit", fact(rest, money[0].start, money[0].end, money[0].amount, labelled=True))
    elif one is not None and one.amount > 0:
        start = rest.text.find(bare[0])
        draft.put("current_limit", fact(rest, start, start + len(bare[0]), one.amount, labelled=True))


def _put_type(draft: Draft, cell: Passage) -> None:
    kind = kind_of_cell(cell.text)
    if kind:
        draft.put("request_type", fact(cell, 0, len(cell.text.rstrip()), kind, labelled=True))
        for field, day in validity([cell], kind).items():
            draft.put(field, day)
    money = find_money(cell.text)
    if len(money) == 1 and kind in ("increase", "decrease", "temporary_increase", "renewal"):
        one = money[0]
        draft.put("current_limit", fact(cell, one.start, one.end, one.amount))


def _terms(cell: Passage) -> Fact | None:
    found = find_terms(cell.text)
    good = [one for one in found if not one.discount] or found
    if good:
        one = good[-1] if len(good) > 1 and good[0].days < good[-1].days and "%" in cell.text else good[0]
        return fact(cell, one.start, one.end, one.days, labelled=True)
    bare = _NET.match(cell.folded)
    return fact(cell, bare.start(1), bare.end(1), int(bare[1]), labelled=True) if bare else None


def _country(cell: Passage) -> Fact | None:
    code = parse_country(cell.text.strip())
    if code:
        start = len(cell.text) - len(cell.text.lstrip())
        return fact(cell, start, len(cell.text.rstrip()), code, labelled=True)
    found = find_countries(cell.text)
    return fact(cell, found[0].start, found[0].end, found[0].country, labelled=True) if found else None


def finish_amounts(draft: Draft) -> None:
    """A column "increase by", or a share of the limit today, becomes the total."""
    by, current = draft.facts.get("increase_by"), draft.facts.get("current_limit")
    if by is not None and "amount" not in draft.facts and isinstance(by.value, Decimal):
        base = current.value if current and isinstance(current.value, Decimal) else Decimal(0)
        places = (*(current.places if current else ()), *by.places)
        draft.put("amount", Fact(base + by.value, places, "sum"))
    draft.facts.pop("increase_by", None)
    share = draft.facts.pop("share", None)
    if share is not None and current is not None and isinstance(current.value, Decimal):
        total = times(current.value, Fraction(str(share.value)))
        draft.put("amount", Fact(total, (*current.places, *share.places), share.derived))
