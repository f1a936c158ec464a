"""Which amount is what: limit asked for, limit today, yearly sales, overdue sum, difference, or none of them."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ingest.rules.candidates import amounts_of, bare_numbers
from ingest.rules.cues import Cue
from ingest.rules.lexicon import Phrases, phrases
from ingest.rules.material import Passage, companies_in, without_names
from ingest.rules.scales import all_in_thousands
from ingest.rules.segments import units
from ingest.rules.sum_roles import ROLES, SURE, Place, Story, certain, features, weighed
from ingest.rules.turnover import sold_by_period
from ingest.values.dates import find_dates
from ingest.values.identifiers import find_identifiers
from ingest.values.money import MoneyFound
from ingest.values.terms import find_terms

INSTEAD = 8.0  # how sure the second amount of "B instead of A" is
_FROM = Cue("amounts.from", r"(?:<1>)")
_TO = Cue("amounts.to", r"[\s,)]*(?:euro|eur|usd|gbp)?[\s,)]*(?:p\.?a\.?)?(?:(?:<1>)\s+)?(?:<2>)(?:\s+(?:<3>))*[\s(:]*")
_INSTEAD = Cue("amounts.instead", r"(?:<1>)")


_INSTEAD_ENDS = Cue("amounts.instead_ends", r"(?:<1>)\s+(?:<2>)*$")
_NAMED = Cue("amounts.named", r"(?:<1>)\w*\s*$")
_RATHER = Cue("amounts.rather", r"[\s,]*(?:eur|euro|€)?[\s,]*(?:<1>)\s*(?:<2>)?\s*(?:eur|€)?\s*")
_SAID_BEFORE = Cue("amounts.said_before", r"[\s,(]*(?:<1>)?(?:(?:<2>)\s?)?(?:<3>)*(?:<4>)\b")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount with its role and how sure that is."""

    passage: Passage
    start: int
    end: int
    amount: Decimal
    currency: str | None
    role: str
    score: float
    bare: bool = False  # a number without a currency
    currency_start: int | None = None
    currency_end: int | None = None
    likely: Mapping[str, float] = field(default_factory=dict)  # the chance of each role

    @property
    def could_be_a_limit(self) -> bool:
        """Whether it may be asked for, stand today, or be the difference."""
        return self.role in ("amount", "current", "delta") or self.likely["amount"] + self.likely["current"] > 0.3


def sums(pieces: list[Passage]) -> list[Sum]:
    """All amounts of the pieces with their roles, in text order."""
    out: list[Sum] = []
    for _, seen in itertools.groupby(amounts_seen(pieces), key=lambda each: id(each.piece)):
        out.extend(_in_sentence(list(seen)))
    return out


@dataclass(frozen=True, slots=True)
class Seen:
    """An amount in its sentence: the role that its words give it, and what the model of the roles looks at."""

    piece: Passage
    found: MoneyFound
    role: str
    score: float
    features: dict[str, float]

    @property
    def bare(self) -> bool:
        """Whether it is a number without a currency."""
        return self.found.currency is None and not self.found.multiplied


def amounts_seen(pieces: list[Passage]) -> list[Seen]:
    """All amounts of the pieces, which speak of one buyer."""
    apart = any(all_in_thousands(piece) for piece in pieces)
    found: list[tuple[Passage, str, list[MoneyFound]]] = []
    before = ""
    for piece in pieces:
        for start, end, _ in units(piece):
            sentence = piece.cut(start, end)
            amounts = amounts_of(sentence, apart)
            sentence = without_names(sentence)  # "z o.o. 200 000" is no raise by 200 000
            if amounts:
                found.append((sentence, before, amounts))
            before = sentence.folded
    if not found:
        return []
    story = Story.of([one.amount for _, _, amounts in found for one in amounts], pieces)
    return [each for sentence, before, amounts in found for each in _proposed(sentence, before, amounts, story)]


def _proposed(piece: Passage, before: str, amounts: list[MoneyFound], story: Story) -> Iterator[Seen]:
    arrows = _arrows(piece, amounts)
    for index, one in enumerate(amounts):
        floor = amounts[index - 1].end if index else 0
        roof = amounts[index + 1].start if index + 1 < len(amounts) else len(piece.text)
        if index in arrows:
            role, score = arrows[index], SURE
        else:
            role, score = _of_trade(piece, one, *_role(piece, one, floor, roof))
        yield Seen(piece, one, role, score, features(Place(piece.folded, before, amounts, index), story, role, score))


def _in_sentence(seen: list[Seen]) -> list[Sum]:
    out: list[Sum] = []
    for each in seen:
        one, (role, score, likely) = each.found, weighed(each.features, each.role, each.score)
        if each.bare and (role in ("own", "other") or score < 1.6):
            continue
        if one.currency is None and one.multiplied and one.text.isdigit() and score < 2.5:
            continue  # a small figure meant in thousands needs words that say what it is
        out.append(
            Sum(
                each.piece,
                one.start,
                one.end,
                one.amount,
                one.currency,
                role,
                score,
                each.bare,
                one.currency_start,
                one.currency_end,
                likely,
            )
        )
    return _pairs(seen[0].piece, out)


_SOLD_FOR = Cue("amounts.sold_for", r"(?<!\w)(?:<1>)\s+(?:<2>)?\s*$")
_IN_YEAR = Cue("amounts.in_year", r"(?<!\w)(?:<1>)(?!\w)")


def _of_trade(piece: Passage, one: MoneyFound, role: str, score: float) -> tuple[str, float]:
    """The role, unless the sentence tells what is bought or sold in a time."""
    limited = role in ("other", "amount", "current", "delta") and score < (9 if role == "other" else 5)
    if limited and sold_by_period(piece, one.start, one.end):
        return "turnover", max(score, 4.0)  # "12,000 worth of lamps every month"
    if role in ("amount", "other") and score < 5 and _bought_in_a_year(piece, one.start):
        return "turnover", 4.0
    return role, score


def _bought_in_a_year(piece: Passage, start: int) -> bool:
    """ "This season they want to take bulbs for 250,000": a trade, a year or season, and "for" right before the figure."""
    before = piece.folded[max(0, start - 30) : start]
    told = _SOLD_FOR.search(before) and _IN_YEAR.search(piece.folded)
    return (
        bool(told) and phrases("periods").has(piece.folded, "trade") and not phrases("request_types").has(piece.folded)
    )


_ARROW = Cue(
    "amounts.arrow", r"[\s,)\]]*(?:<1>)?[\s,)\]]*(?:[-=]{1,3}>|→|⇒|➔|➜|>>|»)\s*(?:(?:<2>)\w*)?[\s:(\[]*(?:<3>)?\s*"
)


def _arrows(piece: Passage, amounts: list[MoneyFound]) -> dict[int, str]:
    """ "150 000 → 220 000": the index of each amount beside an arrow with its role."""
    if not re.search(r"->|=>|→|⇒|➔|➜|>>|»", piece.folded):
        return {}
    out: dict[int, str] = {}
    for index in range(len(amounts) - 1):
        if _ARROW.fullmatch(piece.folded, amounts[index].end, amounts[index + 1].start):
            out[index], out[index + 1] = "current", "amount"
    return out


def _nearness(distance: int, word: int = 0) -> float:
    """What is left of a cue's weight at a distance in characters; long words carry further than prepositions."""
    steps = (1.0, 0.92, 0.8, 0.65, 0.5) if word >= 6 else (1.0, 0.8, 0.55, 0.35, 0.15)
    if word <= 2:
        steps = (1.0, 0.35, 0.15, 0.1, 0.05)
    for limit, share in zip((2, 12, 30, 60), steps, strict=False):
        if distance <= limit:
            return share
    return steps[4]


_NOW = Cue("amounts.now", r"\b(?:<1>)\b")
_NONE = Cue("amounts.none", r"\b(?:<1>)\b")
_SLAVIC_BY = Cue("amounts.slavic_by", r"(?<!\w)(?<!<1>)(?<!<2>)(?<!<3>)(?<!<4>)(?<!<5>)(?<!<6>)(?<!<7>)o $")
_RAISED = Cue("amounts.raised", r"\b(?:<1>)")
_ABOUT = Cue("amounts.about", r"(?<!\w)(?:<1>) $")
_ASKS = Cue("amounts.asks", r"\b(?:<1>)\b")
_WANT = Cue("amounts.want", r"\b(?:<1>)")


def _role(piece: Passage, one: MoneyFound, floor: int, roof: int) -> tuple[str, float]:
    """The role whose words stand nearest and say most, with its score."""
    book: Phrases = phrases("roles")
    left = max(floor, one.start - 75)
    before = piece.folded[left : one.start]
    about = _ABOUT.search(before)
    after = piece.folded[one.end : min(roof, one.end + 45)]
    if _THAN.search(before) and _THAN_LINK.match(after):
        return "amount", INSTEAD  # "rather 80,000 than 60,000"
    scores = dict.fromkeys(ROLES, 0.0)
    asked = max((match.start() for match in _ASKS.finditer(before)), default=0)
    for hit in book.find(before, *(f"{role}.before" for role in ROLES)):
        role = hit.key.split(".")[0]
        if hit.end <= asked and role in ("other", "own", "overdue", "turnover"):
            continue  # "before the shipment leaves we need 70,000"
        strength = hit.weight + 0.05 * (hit.end - hit.start)  # the longer phrase of two says more
        strength *= 0.8 ** before.count(",", hit.end) * 0.4 ** len(
            re.findall(r"(?:[;:|]| -(?= ))(?!\s*$)", before[hit.end :])
        )
        if hit.end - hit.start <= 2 and role == "amount":
            strength *= 0.8  # a bare preposition says little
        gap, long = len(before) - hit.end, hit.end - hit.start
        if about and long >= 5:
            gap -= about.end() - about.start() - 1  # "we need about 90,000"
        scores[role] = max(scores[role], strength * _nearness(gap, long))
    best_after = dict.fromkeys(ROLES, 0.0)
    limit = _clause_end(after)
    for hit in book.find(after[:limit], *_AFTER):
        role = hit.key.split(".")[0]
        if role == "delta" and hit.start > 2:
            continue  # "more" says that of an amount only right behind it
        if "," in after[: hit.start] and 0 <= roof - one.end - hit.end <= _LABELS and role not in ("amount", "delta"):
            continue  # "75,000, 90 days, yearly sales 310,000": said of the next amount
        far = after.count(",", 0, hit.start) if role in ("amount", "current") else 0
        weight = hit.weight * 0.5**far
        best_after[role] = max(best_after[role], weight * _nearness(hit.start, hit.end - hit.start))
    if _NONE.search(after):
        best_after["current"] = 0.0
    total = {role: scores[role] + best_after[role] for role in ROLES}
    if _SLAVIC_BY.search(before) and _RAISED.search(piece.folded[: one.start]):
        total["delta"] += 6.0
    said = max(total[r] for r in ("turnover", "overdue", "own", "other", "delta"))
    if said < 3 and _NOW.search(before) and not _WANT.search(before):
        total["current"] += 3.0
    role = max(ROLES, key=lambda r: total[r])
    return role, total[role]


_LABELS = 10  # characters between a word and the amount behind it that it labels
_AFTER = ("turnover.after", "own.after", "overdue.after", "delta.after", "current.after", "amount.after", "other.after")
_NEXT_CLAUSE = Cue("amounts.next_clause", r"[;(|]| - |,\s(?=\d)| (?:<1>) (?=[^.]{0,12}\d)")


def _clause_end(after: str) -> int:
    match = _NEXT_CLAUSE.search(after)
    return match.start() if match else len(after)


def _pairs(piece: Passage, found: list[Sum]) -> list[Sum]:
    """ "from A to B", "B instead of A", "instead of A rather B": the words between settle both."""
    out = list(found)
    for index in range(len(out) - 1):
        one, two = out[index], out[index + 1]
        between = piece.folded[one.end : two.start]
        lead = piece.folded[max(0, one.start - 44) : one.start]
        if (
            len(between) <= 45
            and _TO.fullmatch(between)
            and re.search(rf"(?<!\w){_FROM.pattern}(?:\s+[\w']+){{0,2}}[\s(]*$", lead)
        ):
            if one.role in ("current", "amount", "delta", "other") and two.role in (
                "amount",
                "current",
                "other",
                "delta",
            ):
                out[index], out[index + 1] = _as(one, "current", 9.0), _as(two, "amount", 9.0)
        elif two.role == "delta" and one.role == "amount" and re.search(rf"(?<!\w){_FROM.pattern}[\s(]*$", lead):
            out[index] = _as(one, "current", 6.0)  # "raise the limit from 60,000 by 25,000"
        elif len(between) <= 45 and _TO.fullmatch(between) and _moved(piece, one):
            if one.role in ("current", "amount", "other") and two.role in ("amount", "current", "other"):
                out[index], out[index + 1] = _as(one, "current", 8.5), _as(two, "amount", 8.5)
        elif _RATHER.fullmatch(between) and (instead := _INSTEAD_ENDS.search(lead)):
            first = "other" if _NAMED.search(instead.group()) else "current"  # "instead of the 130,000 mentioned"
            out[index], out[index + 1] = _as(one, first, INSTEAD), _as(two, "amount", INSTEAD)
        elif _OUT_OF.fullmatch(between) and _APPLIED.match(piece.folded, two.end):
            out[index], out[index + 1] = _as(one, "current", 7.5), _as(two, "amount", 7.5)
        elif _RAISED_TO.search(between) and one.role in ("amount", "other") and two.role in ("amount", "current"):
            out[index], out[index + 1] = _as(one, "current", 8.5), _as(two, "amount", 8.5)
        elif len(between) <= 60 and _STAYS.search(lead) and _INSTEAD.search(between):
            out[index], out[index + 1] = _as(one, "current", INSTEAD), _as(two, "amount", INSTEAD)
        elif len(between) <= 90 and one.role != "delta" and _INSTEAD.search(between[-40:]):
            named = _SAID_BEFORE.match(piece.folded, two.end)  # "rather than the 200k I mentioned"
            out[index], out[index + 1] = _as(one, "amount", INSTEAD), _as(two, "other" if named else "current", INSTEAD)
    return out


_THAN = Cue("amounts.than", r"(?<!\w)(?:<1>)\s+(?:<2>)?$")
_THAN_LINK = Cue("amounts.than_link", r"\s*(?:<1>)\s+(?:<2>)?\d")
_STAYS = Cue("amounts.stays", r"(?<!\w)(?:<1>)\s+(?:<2>)?$")
_MOVES = Cue("amounts.moves", r"\b(?:<1>)\b[^.;!?\d]{0,48}$")
_OUT_OF = Cue("amounts.out_of", r"\s*(?:<1>) (?:<2>)?(?:<3>)?(?:€|£|\$|eur |usd |gbp |chf )?")
_APPLIED = Cue("amounts.applied", r"\s*(?:that )?(?:<1>)")
_RAISED_TO = Cue("amounts.raised_to", r"^[^.;!?\d]{0,40}\b(?:<1>)\s+(?:\w+\s+)?(?:<2>)\s*(?:<3>)?\s*$")
_BY = Cue("amounts.by", r"\b(?:<1>)\s+(?:<2>)?\s*$")


def _moved(piece: Passage, one: Sum) -> bool:
    """Whether an amount is the object of a change ("drop the £90,000 to …") and not its measure ("raise by 50k to …")."""
    before = piece.folded[max(0, one.start - 60) : one.start]
    return _MOVES.search(before) is not None and _BY.search(before) is None


def _as(one: Sum, role: str, score: float) -> Sum:
    return replace(one, role=role, score=score, likely=certain(role))


def lone_figure(pieces: list[Passage]) -> Sum | None:
    """The one bare figure beside a buyer's name in a list ("Nordwind GmbH (Germany): new, 50.000")."""
    out: list[Sum] = []
    for piece in pieces:
        for start, end, _ in units(piece):
            unit = piece.cut(start, end)
            names = companies_in(unit.text)
            named = len(names) == 1 and names[0].start <= 12
            if (names and not named) or len(unit.text) > 160:
                continue
            taken = [*find_identifiers(unit.text), *find_dates(unit.text, unit.written), *find_terms(unit.text), *names]
            for one in bare_numbers(unit, []):
                grouped = re.search(r"\d[.,' \xa0]\d{3}", one.text) or (named and one.amount % 500 == 0)
                role, score = _role(unit, one, 0, len(unit.text))
                if grouped and one.amount % 100 == 0 and not any(one.overlaps(t.start, t.end) for t in taken):
                    out.append(Sum(unit, one.start, one.end, one.amount, None, role, score, True, likely=certain(role)))
    if len(out) != 1 or (out[0].role in ("own", "other", "turnover", "overdue") and out[0].score >= 2):
        return None
    return _as(out[0], "current" if out[0].role == "current" and out[0].score >= 2 else "amount", 1.0)


def best(found: list[Sum], role: str, least: float = 0.0) -> Sum | None:
    """The surest amount of a role; of equal ones the first."""
    fitting = [one for one in found if one.role == role and one.score >= least]
    return max(fitting, key=lambda one: (not one.bare, one.score), default=None)
