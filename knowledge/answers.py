"""Answers from the manual without a model: the exact sentences and table rows first, each cited; nothing fits → says so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from knowledge.chunks import Chunk
from knowledge.passages import Citation, KnowledgeAnswer, Passage
from knowledge.question import Question
from knowledge.ranking import Candidate, band_fit, country_fit, held_keys
from knowledge.units import Unit, band_verdict, country_verdict, unit_score, units

if TYPE_CHECKING:
    from knowledge.search import Knowledge

ENOUGH = 0.38  # confidence from which the manual is taken to answer
NEAR = -1.3  # confidence from which the nearest passage is quoted, as such
NEAR_COVERAGE = 0.15  # share of the question's words that it must hold for that
ANSWERING = 0.8  # score of a hit that answers, as a rule; what falls short is mostly a section near the matter
BAND_EVIDENCE = 0.3  # a table row that holds the amount asked about
CLOSE = 0.86  # a second passage with this share of the first one's score is shown too
LEAD = 3  # sentences or rows that lead an answer
ROWS_SHOWN = 12
REST = 520  # characters of the passage that follow its lead
PASSAGES = 2
NEAREST = 3  # passages quoted where it is not sure that the best one answers
CITED_BEFORE = 0.3  # what a follow-up adds to the score of a section cited before

PHRASES = {
    "en": (
        "The manual says nothing about this: no section was found that answers it.",
        "Closest sections",
        "Source",
        "page",
    ),
    "de": (
        "Dazu sagt das Handbuch nichts: kein Abschnitt beantwortet die Frage.",
        "Nächstliegende Abschnitte",
        "Quelle",
        "Seite",
    ),
    "fr": (
        "Le manuel ne dit rien à ce sujet : aucune section ne répond.",
        "Sections les plus proches",
        "Source",
        "page",
    ),
}
EMPTY = {
    "en": "The knowledge base is empty, so nothing was found: index the manual with `creditdesk index PATH`.",
    "de": "Die Wissensbasis ist leer, es wurde nichts gefunden: das Handbuch mit `creditdesk index PFAD` einlesen.",
    "fr": "La base de connaissances est vide, rien n'a été trouvé : indexez le manuel avec `creditdesk index CHEMIN`.",
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit with its fit."""

    unit: Unit
    score: float


def _scored(chunk: Chunk, asked: Question) -> list[Scored]:
    heading = frozenset[str]().union(*map(held_keys, chunk.headings))
    return [Scored(unit, unit_score(unit, asked, heading)) for unit in units(chunk)]


def best_quote(chunk: Chunk, asked: Question) -> str:
    """The sentence or row of a chunk that fits best, verbatim."""
    scored = _scored(chunk, asked)
    return max(scored, key=lambda one: one.score).unit.quote if scored else chunk.text[:200]


def answer_question(
    knowledge: "Knowledge", question: str, language: str, previous: str = "", cited: Sequence[str] = ()
) -> KnowledgeAnswer:
    """The answer to a question; `previous` is the question before it in the conversation, where this one follows up.

    `cited` are the sections (`file › heading`) that the answer before rested on: a follow-up is mostly about them.

    Where it is not sure that the best passage answers, `found` is false and the passage is quoted as the nearest one.
    """
    language = language if language in PHRASES else "en"
    if knowledge.is_empty:
        return KnowledgeAnswer(False, EMPTY[language])
    asked = knowledge.read(f"{previous} {question}" if previous else question)
    found = knowledge.candidates(asked)
    for candidate in found:
        candidate.score += CITED_BEFORE * (_section(candidate.chunk) in cited)
    found.sort(key=lambda candidate: -candidate.score)
    generation = knowledge.generation()
    confidence = confidence_of(asked, found, generation.manifest.language if generation else "")
    if confidence >= ENOUGH:
        before = [one for one in found[:8] if _section(one.chunk) in cited][:1]
        chosen = _choose(asked, found)
        return _compose(asked, chosen + [one for one in before if one not in chosen], language, confidence)
    if found and confidence >= NEAR and found[0].coverage >= NEAR_COVERAGE:
        return replace(_compose(asked, found[:NEAREST], language, confidence), found=False)
    return _nothing(found, language, confidence)


def confidence_of(asked: Question, found: Sequence[Candidate], language: str = "") -> float:
    """How sure it is that the best hit answers (about -3..2): words covered, nearness, rank, words the manual does not know.

    `language` is the manual's: a question in another one has unknown words that say less, and lies farther off.
    """
    if not found or not asked.words:
        return -1.0
    best = found[0]
    near = [candidate.similarity for candidate in found if candidate.similarity is not None]
    similarity = best.similarity if best.similarity is not None else (min(near) if near else 0.85)
    lead = similarity - sum(near) / len(near) if near else 0.0
    alien = sum(word.importance for word in asked.words if not word.known) / asked.total if asked.total else 0.0
    foreign = bool(asked.language and language and asked.language != language)
    nearness = max(-0.2, min(0.6, 8 * (similarity - (0.82 if foreign else 0.85))))
    if not alien and asked.quantities and band_fit(asked, best.chunk.text) >= 1:
        nearness += BAND_EVIDENCE
    standing = min(0.3, 4 * (best.score - ANSWERING)) + (0.18 if foreign else 0.0)
    return best.coverage + nearness + 4 * (lead - 0.035) + standing - (0.8 if foreign else 1.2) * alien


def _choose(asked: Question, found: list[Candidate]) -> list[Candidate]:
    """The best hit, and one more where it is as good or covers words or a country that the first one does not."""
    first, chosen = found[0], [found[0]]
    held = _keys_of(first.chunk)
    open_words = [word for word in asked.words if word.known and not set(word.weights) & held]
    for candidate in found[1:8]:
        if len(chosen) >= PASSAGES:
            break
        keys = _keys_of(candidate.chunk)
        if _completes(asked, first.chunk, candidate.chunk) and candidate.score >= 0.5 * first.score:
            chosen.append(candidate)
            continue
        adds = sum(word.importance for word in open_words if set(word.weights) & keys)
        share = adds / asked.total if asked.total else 0.0
        if candidate.score >= CLOSE * first.score or (share >= 0.2 and candidate.score >= 0.6 * first.score):
            chosen.append(candidate)
    return chosen


def _completes(asked: Question, first: Chunk, other: Chunk) -> bool:
    """Whether the other passage has the row for an amount, or the country, that the question names and the first one lacks."""
    band = band_fit(asked, first.text) <= 0 and band_fit(asked, other.text) >= 1
    named = [country_fit(asked, chunk.text, chunk.headings) for chunk in (first, other)]
    return band or (named[0] < 0.4 and named[1] >= 1)


def _section(chunk: Chunk) -> str:
    return " › ".join((chunk.source, *chunk.headings[-1:]))


def _keys_of(chunk: Chunk) -> set[str]:
    return set(held_keys(chunk.text + " " + " ".join(chunk.headings)))


def _nothing(found: list[Candidate], language: str, confidence: float) -> KnowledgeAnswer:
    says, closest, _, _ = PHRASES[language]
    names = list(dict.fromkeys(_place(c.chunk, language) for c in found[:3] if c.coverage > 0.2))
    text = says + (f"\n{closest}: " + "; ".join(names) + "." if names else "")
    return KnowledgeAnswer(False, text, confidence=confidence, nearest=tuple(names))


def _place(chunk: Chunk, language: str) -> str:
    page = f", {PHRASES[language][3]} {chunk.page}" if chunk.page else ""
    return _section(chunk) + page


def _compose(asked: Question, chosen: list[Candidate], language: str, confidence: float) -> KnowledgeAnswer:
    blocks, citations, passages = [], [], []
    for place, candidate in enumerate(chosen):
        chunk = candidate.chunk
        scored = _scored(chunk, asked)
        lead = _lead(asked, scored)
        if not lead:
            continue
        rest = _rest(scored, lead, REST if place == 0 else REST // 2)
        lines = ["\n".join(one.text for one in lead), rest, f"({PHRASES[language][2]}: {_place(chunk, language)})"]
        blocks.append("\n".join(line for line in lines if line))
        quote = lead[0].quote
        page = chunk.page
        citations.append(
            Citation(
                chunk.source,
                chunk.headings[-1] if chunk.headings else chunk.source,
                quote,
                page,
                chunk.headings,
                chunk.author,
            )
        )
        passages.append(
            Passage(
                chunk.source,
                chunk.headings,
                page,
                chunk.text,
                quote,
                min(candidate.score, 1.0),
                chunk.chunk_id,
                chunk.author,
            )
        )
    return KnowledgeAnswer(True, "\n\n".join(blocks), tuple(citations), tuple(passages), confidence)


def _lead(asked: Question, scored: list[Scored]) -> list[Unit]:
    """The units that answer: the best, and others nearly as good; of a table the rows that fit, or all where none stands out."""
    if not scored:
        return []
    best = max(scored, key=lambda one: one.score)
    exact = [one for one in scored if one.unit.table is not None and _exact(asked, one.unit)]
    if exact and best.unit.table is None and best.score < 1.3 * max(one.score for one in exact) + 0.2:
        best = max(exact, key=lambda one: one.score)
    if best.unit.table is not None:
        return _rows(asked, [one for one in scored if one.unit.table == best.unit.table])
    good = [one for one in scored if one.unit.table is None and one.score >= 0.8 * best.score > 0]
    good = sorted(good, key=lambda one: -one.score)[:LEAD]
    tables = [one for one in scored if one.unit.table is not None and one.score >= 0.75 * best.score]
    order = {id(one.unit): place for place, one in enumerate(scored)}
    lead = sorted((one.unit for one in good), key=lambda unit: (unit is not best.unit, order[id(unit)]))
    return lead + (_rows(asked, tables) if tables else [])


def _exact(asked: Question, unit: Unit) -> bool:
    verdicts = band_verdict(unit, asked), country_verdict(unit, asked)
    return max(verdicts) >= 1 and min(verdicts) >= 0


def _rows(asked: Question, rows: list[Scored]) -> list[Unit]:
    best = max(one.score for one in rows)
    verdicts = {id(one): (band_verdict(one.unit, asked), country_verdict(one.unit, asked)) for one in rows}
    fitting = [one for one in rows if max(verdicts[id(one)]) > 0 and min(verdicts[id(one)]) >= 0]
    if fitting:  # rows that fit exactly go before those that fit by a group of countries
        exact = [one for one in fitting if max(verdicts[id(one)]) >= 1] or fitting
        both = [one for one in exact if min(verdicts[id(one)]) > 0]
        return [one.unit for one in (both or exact)][:LEAD]
    worst = min(one.score for one in rows)
    if best - worst > 0.25:
        return [one.unit for one in sorted(rows, key=lambda one: -one.score) if one.score >= 0.9 * best][:LEAD]
    return [one.unit for one in rows[:ROWS_SHOWN]]


def _rest(scored: list[Scored], lead: list[Unit], room: int) -> str:
    """The passage's other sentences and items in order, as far as there is room; the best ones are kept first."""
    others = [one for one in scored if one.unit not in lead and one.unit.table is None]
    kept, used = set(), 0
    for one in sorted(others, key=lambda one: -one.score):
        if used + len(one.unit.text) <= room:
            kept.add(id(one.unit))
            used += len(one.unit.text)
    parts, paragraph = [], None
    for one in others:
        if id(one.unit) in kept:
            same = one.unit.paragraph == paragraph
            parts.append((" " if same else "\n") + ("" if not one.unit.context else "- ") + one.unit.text)
            paragraph = one.unit.paragraph
    return "".join(parts).strip("\n ")
