"""Which companies of a text are buyers: neither the sender, its broker or the insurer, nor a buyer's parent."""

import re
from dataclasses import dataclass, field
from functools import cache

from ingest.rules.cues import Cue
from ingest.rules.drafts import Fact, fact
from ingest.rules.lexicon import fold, phrases
from ingest.rules.material import Passage, companies_in
from ingest.values.countries import find_countries
from ingest.values.legal_forms import CompanyFound
from ingest.values.money import find_money

_WORD = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĘĚŁŃŇŐŘŚŠŤŮŰŹŻŽ0-9][\w&.'’/+-]*"
_NAME = Cue("buyers.name", rf"{_WORD}(?:[ \xa0](?:(?:<1>)[ \xa0]){{0,2}}{_WORD}){{0,5}}")
_CLAUSE = Cue("buyers.clause", r"[.;\n]|, (?=<1>)\b")
_NOT_NAME = Cue("buyers.not_name", r"(?:<1>)")


@dataclass(slots=True)
class Buyer:
    """A buyer with all its mentions; the first full one gives the name."""

    name: str
    mentions: list[tuple[Passage, int, int]] = field(default_factory=list)
    country: str | None = None  # implied by the legal form
    with_form: bool = True

    def fact(self) -> Fact:
        """The name with its place."""
        passage, start, end = self.mentions[0]
        return fact(passage, start, end, self.name, checked=self.with_form)

    def key(self) -> str:
        """The name as compared."""
        return name_key(self.name)


def name_key(name: str) -> str:
    """Letters and digits of a name, folded."""
    return re.sub(r"\W+", "", fold(name))


def trim_name(text: str) -> str:
    """A name in one line without punctuation at its ends."""
    return re.sub(r"\s+", " ", text).strip(" \t,;:-–—*\"'„“”»«")


def find_buyers(passages: list[Passage], own: set[str]) -> list[Buyer]:
    """Buyers in the order of their first mention; `own` holds name keys of sender, broker and insurer."""
    buyers: list[Buyer] = []
    for passage in passages:
        for company in companies_in(passage.text):
            if name_key(company.name) in own or _is_someone_else(passage, company, own):
                continue
            _note(buyers, passage, company)
        buyers.extend(_in_list(passage, own))
    if not buyers:
        buyers = _named_by_context(passages, own)
    return buyers


_ENTRY = re.compile(r"^[ \t]*(?:(?:[-*•–]|\(?(?:\d{1,2}|[a-z])[.)])[ \t]+)?(?P<text>[^\n]+)$", re.MULTILINE)


def _in_list(passage: Passage, own: set[str]) -> list[Buyer]:
    """Names without a legal form at the head of a list's entries ("1. Weinhaus Keller, Mainz, Germany - new, EUR 20,000")."""
    if passage.role not in ("body", "older", "file"):
        return []
    entries = [m for m in _ENTRY.finditer(passage.text) if re.search(r"\d|[-–:]", m["text"])]
    told = [m for m in entries if len(m["text"]) <= 240 and _tells_a_request(m["text"])]
    if len(told) < 2:
        return []
    out = []
    for match in told:
        at = match.start("text")
        name = None if companies_in(match["text"]) else name_at(passage, at)
        if name and name_key(name) not in own and re.match(r"\s*[,:(]|\s+[-–]\s", passage.text[at + len(name) :]):
            out.append(Buyer(trim_name(name), [(passage, at, at + len(name))], None, False))
    return out


def _tells_a_request(text: str) -> bool:
    """Whether an entry names a company or a place, and an amount or a kind of request."""
    placed = companies_in(text) or find_countries(text)
    return bool(placed) and bool(find_money(text) or phrases("request_types").has(fold(text)))


def _is_someone_else(passage: Passage, company: CompanyFound, own: set[str]) -> bool:
    key = name_key(company.name)
    if any(len(o) >= 8 and (key.startswith(o) or o.startswith(key)) for o in own):
        return True
    before = passage.folded[max(0, company.start - 40) : company.start]
    clause = _CLAUSE.split(before)[-1]
    hits = phrases("phrases").find(clause, "not_buyer")
    return any(len(clause) - hit.end <= 12 for hit in hits)


def _note(buyers: list[Buyer], passage: Passage, company: CompanyFound) -> None:
    key = name_key(company.name)
    for buyer in buyers:
        known = buyer.key()
        if known == key or known.endswith(key) or key.endswith(known):
            buyer.mentions.append((passage, company.start, company.end))
            return
    name = trim_name(company.name)
    buyers.append(Buyer(name, [(passage, company.start, company.end)], company.country))


@cache
def _spaces() -> re.Pattern[str]:
    return re.compile(r"[\s:\"'„“»«(-]*")


def _named_by_context(passages: list[Passage], own: set[str]) -> list[Buyer]:
    """Names without a legal form, behind words that announce a buyer ("limit on …", "our customer …")."""
    for passage in passages:
        for hit in phrases("phrases").find(passage.folded, "by_name"):
            gap = _spaces().match(passage.text, hit.end)
            at = gap.end() if gap else hit.end
            found = name_at(passage, at)
            key = name_key(found) if found else ""
            if found and key not in own and not any(len(o) >= 8 and o.startswith(key) for o in own):
                return [Buyer(trim_name(found), [(passage, at, at + len(found))], None, False)]
    return []


def name_at(passage: Passage, at: int) -> str | None:
    """A capitalised name that begins at an offset, or None."""
    match = _NAME.match(passage.text, at)
    if match is None:
        return None
    name = re.split(r"[.](?=\s|$)", match.group())[0].rstrip(".,'’-/&+ ")
    words = name.split()
    while words and _NOT_NAME.fullmatch(fold(words[-1]).rstrip(".")):
        words.pop()
    if not words or _NOT_NAME.fullmatch(fold(words[0]).rstrip(".")):
        return None
    name = passage.text[match.start() : match.start() + passage.text[match.start() :].find(words[-1]) + len(words[-1])]
    letters = sum(c.isalpha() for c in name)
    return name if letters >= 4 and letters > 0.6 * len(name.replace(" ", "")) else None


def short_names(buyers: list[Buyer]) -> dict[int, re.Pattern[str]]:
    """For each buyer a pattern of its distinctive first word, where no other buyer shares it."""
    firsts = [re.findall(r"[^\W\d_][\w'-]{3,}", fold(b.name)) for b in buyers]
    out: dict[int, re.Pattern[str]] = {}
    for index, words in enumerate(firsts):
        others = {w for k, ws in enumerate(firsts) if k != index for w in ws}
        mine = next((w for w in words if w not in others), None)
        if mine:
            out[index] = re.compile(rf"(?<!\w){re.escape(mine)}(?!\w)")
    return out
