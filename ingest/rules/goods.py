"""What is sold to the buyer: a short phrase as written."""

import itertools
import re
from functools import cache

from ingest.rules.cues import Cue
from ingest.rules.drafts import Fact, fact
from ingest.rules.lexicon import Hit, fold, phrases, table
from ingest.rules.material import Passage, companies_in
from ingest.rules.periods import is_answer, sentences
from ingest.values.countries import find_countries
from ingest.values.dates import find_dates
from ingest.values.found import load_words
from ingest.values.money import find_currencies, find_money
from ingest.values.terms import find_terms

_MOST_WORDS = 6
_END = r"[,;:.!?()\n–\"”“]|\s-\s|\s[€$£]|\s\d"
_IS = Cue("goods.is", r"(?:\s+(?:<1>))?\s*(?::|=|(?:<2>)\s)")
_NOUN = Cue("goods.noun", r"(?<!\w)(?:<1>) $")
_WORTH = Cue("goods.worth", r"\d\s?(?:<1>)\s(?:<2>)\s")
_FRAMED = Cue(
    "goods.framed",
    r"(?<!\w)(?:<1>)\s+(?:(?:<2>)\s+)*(?P<goods>[^\W\d][\w-]*(?: [^\W\d][\w-]*){0,3}?)\s+(?:(?:<3>)\s+)*(?:<4>)(?!\w)",
)
_LAST = re.compile(r"[,;/]\s*([^\W\d_][^,;:/().!?\d\n]{2,40})(?=[.!]\s|[.!]?\s*$|\))")
_QUANTITY = Cue("goods.quantity", r"(?:<1>)?\d[\d.,]*\s?(?:<2>)\b(?: (?:<3>))? ")
_ELIDED = Cue("goods.elided", r"<1>")
_FRENCH_PART = Cue("goods.french_part", r" à (?!<1>)[a-zéèêâîôûç]{4,}")
_PHRASE_OF_A_LETTER = Cue("goods.phrase_of_a_letter", r"(?:<1>)")
_AS_BEFORE = Cue("goods.as_before", r"\s+(?:<1>)\b.*$", re.IGNORECASE)
_NO_ITEM = Cue("goods.no_item", r"(?:<1>)\b")
_GROWS = Cue("goods.grows", r" (?:<1>)\w*$")


@cache
def _stop() -> re.Pattern[str]:
    words = "|".join(str(item) for item in table("goods")["stop"])
    return re.compile(rf"{_END}| (?:{words})(?=[ .,;:!?)\n]|$)")


@cache
def _skip() -> re.Pattern[str]:
    words = sorted((str(item) for item in table("goods")["skip"]), key=len, reverse=True)
    loose = "|".join(re.escape(word) + (" ?" if word.endswith("'") else r"\s+") for word in words)
    return re.compile(rf"(?:[\s:\"„»]|(?:{loose})|{_ELIDED.pattern}|{_QUANTITY.pattern})+")


@cache
def _words(key: str) -> re.Pattern[str]:
    options = "|".join(re.escape(str(w)).replace(r"\*", r"\w*") for w in table("goods")[key])
    return re.compile(rf"(?<!\w)(?:{options})(?!\w)")


def goods(pieces: list[Passage]) -> Fact | None:
    """The goods sold, from words of selling and buying or a bare list of terms and goods."""
    rated: list[tuple[float, int, Fact]] = []
    for order, sentence in enumerate(sentences(pieces)):
        for weight, found in _announced(sentence):
            rated.append((weight, -order, found))
    if rated:
        return max(rated, key=lambda item: (item[0], item[1]))[2]
    return _listed(pieces)


def _announced(sentence: Passage) -> list[tuple[float, Fact]]:
    """All readings of a sentence with their weights."""
    book, out = phrases("goods"), []
    from_us = 1.0 if book.has(sentence.folded, "from_us") else 0.0
    for hit in book.find(sentence.folded, "noun"):
        joint = _IS.match(sentence.folded, hit.end) or _apposed(sentence, hit)
        found = _after(sentence, joint.end()) if joint else None
        if found is not None:
            out.append((3.4, found))
    for hit in book.find(sentence.folded, "lead"):
        if (found := _after(sentence, hit.end)) is not None:
            out.append((hit.weight + (0.5 if hit.end - hit.start > 8 else 0), found))
    for hit in book.find(sentence.folded, "verb"):
        if not _own_wish(sentence, hit) and (found := _after(sentence, hit.end)) is not None:
            out.append((hit.weight - 0.5 + from_us, found))
    if phrases("periods").has(sentence.folded, "trade"):
        for match in _WORTH.finditer(sentence.folded):
            if (found := _after(sentence, match.end())) is not None:
                out.append((2.0, found))
    for match in _FRAMED.finditer(sentence.folded):
        if (found := _checked(sentence, match.start("goods"), match.end("goods"))) is not None:
            out.append((2.6, found))
    if book.has(sentence.folded, "buying"):
        for hit in book.find(sentence.folded, "object"):
            if (found := _after(sentence, hit.end)) is not None:
                out.append((hit.weight, found))
    return out


def _apposed(sentence: Passage, hit: Hit) -> re.Match[str] | None:
    """ "30 Tage, Ware Laborglas.": the word for goods opens an item of a list and one or two words end it."""
    if not re.search(r"(?:^|[,;(/|])\s*$", sentence.folded[: hit.start]):
        return None
    found = re.match(r" [^\W\d_]{3,}(?: [^\W\d_]{3,})?(?=\s*(?:$|[.,;)/|]))", sentence.folded[hit.end :])
    return re.compile(r"\s").match(sentence.folded, hit.end) if found else None


def _own_wish(sentence: Passage, hit: Hit) -> bool:
    """Whether "want", "need" or "take" is the writer's own."""
    before = sentence.folded[max(0, hit.start - 18) : hit.start]
    if _NOUN.search(before):
        return True  # "the order book"
    subjects = phrases("goods").find(before, "not_subject")
    return any(len(before) - one.end <= 9 and not re.search(r"[,;)]", before[one.end :]) for one in subjects)


def _after(sentence: Passage, at: int) -> Fact | None:
    lead = _skip().match(sentence.folded, at)
    start = lead.end() if lead else at
    if sentence.folded[start - 1 : start].isalnum() and sentence.folded[start : start + 1].isalnum():
        return None  # within a word
    stop = _stop().search(sentence.folded, max(at, start - 1))
    if stop and _FRENCH_PART.match(sentence.text, stop.start()):
        stop = _stop().search(sentence.folded, stop.end() + 1)  # "silos à copeaux"
    end = stop.start() if stop else len(sentence.text)
    if end <= start:
        return None
    text = sentence.text[start:end]
    return _checked(sentence, start, start + len(text.rstrip()))


@cache
def _months() -> frozenset[str]:
    listed = load_words("dates")["months"].values()
    return frozenset(fold(name) for months in listed for names in months for name in names if len(name) > 3)


def _starts_with_month(folded: str) -> bool:
    return folded.split()[0] in _months()


_CHANGES = ("increase", "decrease", "cancellation", "renewal")


def _checked(sentence: Passage, start: int, end: int) -> Fact | None:
    text = sentence.text[start:end].strip(" *\"'„“")
    start = sentence.text.find(text, start) if text else start
    words = text.split()
    if not words or len(words) > _MOST_WORDS or len(text) < 3 or re.search(r"\d{2,}|\d$|[@€$£%/]", text):
        return None
    folded = sentence.folded[start : start + len(text)]
    if any(hit.start == 0 for hit in phrases("request_types").find(folded, *_CHANGES)):
        return None  # "they ask to increase"
    if _words("never_first").match(folded) or _words("never_within").search(folded):
        return None
    if phrases("phrases").first(folded, "salutation") is not None or find_dates(text, sentence.written):
        return None
    if (
        _starts_with_month(folded)
        or find_money(text)
        or find_terms(text)
        or find_countries(text)
        or find_currencies(text)
    ):
        return None
    if any(start < one.end and one.start < start + len(text) for one in companies_in(sentence.text)):
        return None
    return fact(sentence, start, start + len(text), text)


def _at_the_end(sentence: Passage) -> Fact | None:
    """ "need 60k on Hansson AB in Sundsvall, 30 days, sawn pine.": what stands behind the terms at the end of a short list."""
    if len(sentence.text) > 320:
        return None
    for found in _LAST.finditer(sentence.text):
        ahead = re.split(r"[,;/]", sentence.text[: found.start()])[-1]
        words = found[1].split()
        small = len(words) <= 3 and all(word[:1].islower() for word in words[1:])
        answer = is_answer(sentence.cut(found.start(1), found.end(1)))
        if small and len(ahead) <= 40 and find_terms(ahead) and not answer:
            return _checked(sentence, found.start(1), found.end(1))
    return _before_terms(sentence)


def _before_terms(sentence: Passage) -> Fact | None:
    """ "… for Kunststoff Eder GmbH, Salzburg, new customer, PVC granulate, 60 days.": what stands before the terms."""
    chunks = list(re.finditer(r"(?:[^,;/–—-]|(?<! )-|-(?! ))+", sentence.text))
    for chunk, behind in itertools.pairwise(chunks[1:]):
        text = chunk.group().strip()
        plain = 1 <= len(text.split()) <= 3 and text[:1].islower() and not re.search(r"[\d():.!?]", text)
        if not plain or len(behind.group()) > 24 or not find_terms(behind.group()):
            continue
        start = chunk.start() + chunk.group().find(text)
        piece = sentence.cut(start, start + len(text))
        if phrases("request_types").has(piece.folded) or phrases("phrases").has(
            piece.folded, "buyer_word", "same_terms"
        ):
            continue
        return None if is_answer(piece) else _checked(sentence, start, start + len(text))
    return None


def _listed(pieces: list[Passage]) -> Fact | None:
    """ "Copper rod, about 1.6m EUR a year, 30 days net.": a fragment without a verb beside figures and terms."""
    before: Passage | None = None
    for sentence in sentences(pieces):
        previous, before = before, sentence
        if previous is not None and find_terms(previous.text) and previous.end + 2 >= sentence.start:
            bare = re.sub(r",(?: \w+){1,2}$", "", sentence.text.strip(" ."))  # "Kites and accessories, as usual"
            if 1 <= len(bare.split()) <= 3 and len(bare) > 3 and not _PHRASE_OF_A_LETTER.match(bare.lower()):
                start = sentence.text.find(bare)
                if (lone := _checked(sentence, start, start + len(bare))) is not None:
                    return lone
        if companies_in(sentence.text):
            if (lone := _at_the_end(sentence)) is not None:
                return lone
            continue
        if len(sentence.text) > 130 or re.search(r"[()?]", sentence.text):
            continue
        chunks = list(re.finditer(r"[^,;.]+(?:[.,]\d+[^,;.]*)*", sentence.text))
        if len(chunks) < 2:
            continue
        figures = [m for m in chunks if find_terms(m.group()) or find_money(m.group())]
        if not figures or phrases("roles").has(sentence.folded, "overdue.before", "overdue.after"):
            continue
        for chunk in chunks:
            text = _AS_BEFORE.sub("", chunk.group())
            bare = text.rpartition(":")[2].strip()  # "conditions unchanged: wood varnish, 60 days"
            if find_countries(bare):
                continue
            if chunk in figures or re.search(r"\d", bare) or not 1 <= len(bare.split()) <= 4:
                continue
            if _NO_ITEM.match(bare.lower()):
                continue
            start = chunk.start() + chunk.group().find(bare)
            if _GROWS.search(fold(bare)):
                continue  # "orders are growing" is no list of goods
            if (found := _checked(sentence, start, start + len(bare))) is not None:
                return found
    return None
