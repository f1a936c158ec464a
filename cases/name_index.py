"""Finds the companies and people of the register in the words of a question: typos, parts of names, no accents.

The index holds each distinct name once, by its words; it is filled from the register and kept in step by
reading only what came since. A question at 100,000 cases takes a few milliseconds.
"""

import math
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cases.folding import fold
from cases.models import Buyer, BuyerAlias, Case, Event, Person, Policyholder
from cases.names import legal_form, name_key

Kind = Literal["buyer", "client", "broker", "person"]
PREFIX = 0.9  # worth of the beginning of a word
FUZZY = 80.0  # least likeness of a misspelt word
SURE = 0.895  # one misspelt word alone must be as like as this, ...
PART = 0.6  # ... or make up this much of the name
NEAREST = 70.0  # least likeness of a name that is offered where none fits
TIE = 0.94  # candidates this near the best are offered too


@dataclass(frozen=True, slots=True)
class Named:
    """A company or person of the register; `target` is the name under which its cases stand."""

    kind: Kind
    name: str
    country: str | None = None
    target: str = ""

    @property
    def register_name(self) -> str:
        """The name that cases carry (an alias leads to its buyer)."""
        return self.target or self.name


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question: as written, its plain form, and whether it may start a name."""

    text: str
    plain: str
    role: Literal["name", "weak", "stop", "form", "taken"] = "name"


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Words `first`..`last` (inclusive) name one of these."""

    candidates: tuple[Named, ...]
    first: int
    last: int
    likeness: float


@dataclass
class NameIndex:
    """The names of one register."""

    entries: list[Named] = field(default_factory=list)
    teams: set[str] = field(default_factory=set)
    sectors: set[str] = field(default_factory=set)
    currencies: set[str] = field(default_factory=set)
    emails: dict[str, str] = field(default_factory=dict)  # of colleagues, by name
    roles: dict[str, str] = field(default_factory=dict)  # likewise
    _keys: list[tuple[str, ...]] = field(default_factory=list)
    _postings: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _known: set[Named] = field(default_factory=set)
    _words: list[str] = field(default_factory=list)
    _last: tuple[int, int, int] = (0, 0, 0)  # newest case, event and person read
    _filling: threading.Lock = field(default_factory=threading.Lock)

    # --- filling ---

    def refresh(self, session: Session) -> None:
        """Reads what the register got since the last call; who comes meanwhile waits, lest he ask a half-filled index."""
        with self._filling:
            self._read_new(session)

    def _read_new(self, session: Session) -> None:
        newest = session.execute(
            select(
                select(func.coalesce(func.max(Case.id), 0)).scalar_subquery(),
                select(func.coalesce(func.max(Event.id), 0)).scalar_subquery(),
                select(func.coalesce(func.max(Person.id), 0)).scalar_subquery(),
            )
        ).one()
        state = (int(newest[0]), int(newest[1]), int(newest[2]))
        if state == self._last:
            return
        last_case, last_event, _ = self._last
        self._last = state
        changed = select(Event.case_id).where(Event.id > last_event, Event.case_id.is_not(None))
        fresh = Case.id > last_case if last_case == 0 else or_(Case.id > last_case, Case.id.in_(changed))
        self.add(Named("buyer", name, country) for name, country in self._pairs(session, fresh))
        for kind, column in (("client", Case.policyholder_name), ("broker", Case.broker), ("person", Case.underwriter)):
            names = session.scalars(select(column).where(fresh, column.is_not(None)).distinct())
            self.add(Named(kind, name) for name in names if name)  # type: ignore[arg-type]
        for known, column in ((self.teams, Case.team), (self.sectors, Case.sector), (self.currencies, Case.currency)):
            known.update(name for name in session.scalars(select(column).where(fresh).distinct()) if name)
        people = session.execute(select(Person.name, Person.email, Person.role, Person.team))
        for name, email, role, team in people:
            self.add([Named("person", name)])
            self.emails[name], self.roles[name] = email, role
            if team and role == "underwriter":
                self.teams.add(team)
        self.add(Named("client", name) for name in session.scalars(select(Policyholder.name)))
        aliases = select(BuyerAlias.name, Buyer.name, Buyer.country).join(Buyer, Buyer.id == BuyerAlias.buyer_id)
        self.add(
            Named("buyer", alias, country, target=name)
            for alias, name, country in session.execute(aliases)
            if alias != name
        )

    @staticmethod
    def _pairs(session: Session, fresh: object) -> Iterable[tuple[str, str | None]]:
        statement = select(Case.buyer_name, Case.buyer_country).where(fresh, Case.buyer_name.is_not(None)).distinct()  # type: ignore[arg-type]
        return [(name, country) for name, country in session.execute(statement) if name]

    def add(self, names: Iterable[Named]) -> None:
        """Adds what is not there yet."""
        for named in names:
            if named in self._known:
                continue
            self._known.add(named)
            key = tuple(dict.fromkeys(name_key(named.name).split()))
            place = len(self.entries)
            self.entries.append(named)
            self._keys.append(key)
            for word in key:
                if word not in self._postings:
                    self._words.append(word)
                self._postings[word].append(place)

    # --- finding ---

    def knows(self, plain: str) -> bool:
        """Whether a word stands in some name."""
        return bool(self._spellings(plain))

    def begins(self, plain: str) -> bool:
        """Whether some name begins with the word: the part by which people call a company."""
        return any(self._keys[place][0] == form for form in self._spellings(plain) for place in self._postings[form])

    def likeness(self, plain: str) -> float:
        """How much a word looks like some word of a name, 0 to 1."""
        from rapidfuzz import fuzz, process

        best = process.extractOne(plain, self._words, scorer=fuzz.ratio, score_cutoff=FUZZY)
        return best[1] / 100 if best else 0.0

    def _spellings(self, plain: str) -> list[str]:
        """The word as names have it: "ue" for "ü" counts too."""
        digraphs = plain.replace("ae", "a").replace("oe", "o").replace("ue", "u")
        forms = dict.fromkeys((plain, digraphs, name_key(plain)))
        return [form for form in forms if form and form in self._postings]

    def _weight(self, word: str) -> float:
        return math.log(1 + (len(self.entries) + 1) / len(self._postings[word]))

    def _similar(self, word: Word) -> dict[str, float]:
        """Words of names that the question's word may mean, each with its likeness."""
        if exact := self._spellings(word.plain):
            return dict.fromkeys(exact, 1.0)
        if len(word.plain) < (6 if word.role == "weak" else 4):
            return {}
        from rapidfuzz import fuzz, process

        found = {
            name: score / 100
            for name, score, _ in process.extract(
                word.plain, self._words, scorer=fuzz.ratio, score_cutoff=_cutoff(word), limit=12
            )
        }
        if len(word.plain) >= 5:
            for name in self._words:
                if name.startswith(word.plain):
                    found[name] = max(PREFIX, found.get(name, 0.0))
        return found

    def match(self, words: Sequence[Word]) -> list[NameMatch]:
        """The names in a question, best first; each word belongs to one match at most."""
        hits: dict[int, dict[int, float]] = defaultdict(dict)
        alike: dict[int, float] = {}  # the best likeness of each word of the question
        for place, word in enumerate(words):
            if word.role in ("stop", "form", "taken") or len(word.plain) < 2:
                continue
            for name_word, likeness in self._similar(word).items():
                alike[place] = max(likeness, alike.get(place, 0.0))
                worth = likeness * self._weight(name_word)
                for entry in self._postings[name_word]:
                    hits[entry][place] = max(worth, hits[entry].get(place, 0.0))
        found: list[NameMatch] = []
        taken: set[int] = set()
        while match := self._best(words, hits, taken):
            only = match.first == match.last
            if not (only and alike[match.first] < SURE and match.likeness < PART):
                found.append(match)
            taken.update(range(match.first, match.last + 1))
        return sorted(found, key=lambda one: one.first)

    def _best(self, words: Sequence[Word], hits: dict[int, dict[int, float]], taken: set[int]) -> NameMatch | None:
        scored: list[tuple[float, int, int, int]] = []
        for entry, places in hits.items():
            free = sorted(place for place in places if place not in taken)
            for first, last in _runs(free, words, taken):
                inside = [place for place in free if first <= place <= last]
                if any(words[place].role == "name" for place in inside) or self._whole(entry, places, inside):
                    scored.append((sum(places[place] for place in inside), entry, first, last))
        if not scored:
            return None
        top, _, first, last = max(scored, key=lambda one: (one[0], one[3] - one[2]))
        near = {entry for score, entry, a, b in scored if score >= TIE * top and a <= last and b >= first}
        candidates = self._by_form(near, words, last, top)
        return NameMatch(
            tuple(self.entries[entry] for entry in candidates), first, last, self._likeness(candidates, hits)
        )

    def _whole(self, entry: int, places: dict[int, float], inside: list[int]) -> bool:
        """Whether everyday words make a whole name of several words, as written."""
        full = sum(self._weight(word) for word in self._keys[entry])
        return len(inside) > 1 and len(self._keys[entry]) > 1 and sum(places[place] for place in inside) >= full * 0.999

    def _by_form(self, near: set[int], words: Sequence[Word], last: int, top: float) -> list[int]:
        """Where the question gives the whole name with its legal form, only that one is meant."""
        form = _form_after(words, last)
        if form:
            exact = [
                entry
                for entry in near
                if _same_form(legal_form(self.entries[entry].name), form)
                and sum(self._weight(word) for word in self._keys[entry]) <= top * 1.08
            ]
            if exact:
                return sorted(exact)
        return sorted(near, key=lambda entry: (self.entries[entry].kind, self.entries[entry].name))

    def _likeness(self, candidates: list[int], hits: dict[int, dict[int, float]]) -> float:
        whole = [sum(self._weight(word) for word in self._keys[entry]) for entry in candidates]
        got = [sum(hits[entry].values()) for entry in candidates]
        return max(part / all_of for part, all_of in zip(got, whole, strict=True))

    def nearest(self, text: str, kinds: Sequence[Kind] = ("buyer", "client"), count: int = 3) -> list[Named]:
        """The names that look most like a text that fits none."""
        from rapidfuzz import fuzz, process

        key = name_key(text) or fold(text)
        chosen = {place: " ".join(self._keys[place]) for place, one in enumerate(self.entries) if one.kind in kinds}
        best = process.extract(key, chosen, scorer=fuzz.WRatio, limit=count * 3, score_cutoff=NEAREST)
        names: dict[str, Named] = {}
        for _, _, place in best:
            names.setdefault(self.entries[place].register_name, self.entries[place])
        return list(names.values())[:count]


def _cutoff(word: Word) -> float:
    return 85.0 if word.role == "weak" or len(word.plain) <= 4 else FUZZY


def _runs(places: list[int], words: Sequence[Word], taken: set[int]) -> list[tuple[int, int]]:
    """Matched words that stand together; a small word ("de", "&") between them does not part them."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs:
            between = range(runs[-1][1] + 1, place)
            if len(between) <= 1 and all(words[gap].role in ("stop", "form") and gap not in taken for gap in between):
                runs[-1] = (runs[-1][0], place)
                continue
        runs.append((place, place))
    return runs


def _form_after(words: Sequence[Word], last: int) -> str:
    """The words of a legal form right behind the name."""
    forms: list[str] = []
    for word in words[last + 1 :]:
        if word.role != "form":
            break
        forms.append(word.text)
    return " ".join(forms)


def _same_form(form: str | None, written: str) -> bool:
    return form is not None and legal_form(f"x {written}") == form
