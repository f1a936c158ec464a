"""Words of a model's text that must come from the results: the state of a case, names of companies and people."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.assistant import lexicon, spelling
from cases.folding import fold
from cases.names import legal_form

# what a case must be for the words of a state to be said of it
FITS = {
    "approved": {"approved", "partially_approved"},
    "partially_approved": {"partially_approved"},
    "declined": {"declined"},
    "withdrawn": {"withdrawn"},
    "awaiting_documents": {"awaiting_documents"},
    "in_underwriting": {"in_underwriting", "allocated"},
}
BEFORE = 40  # characters in front of a state's words in which "not", "until" or "will" takes them back
_CAPITAL = re.compile(r"[^\W\d_][\w'’-]*", re.UNICODE)


def states_held(sentence: str, cases: Iterable[Mapping[str, Any]]) -> bool:
    """Whether each state that the sentence claims is that of one of the cases (or a decision quoted with it)."""
    rows = list(cases)
    states = {str(row.get("status")) for row in rows}
    if any(row.get("missing_documents") for row in rows):
        states.add("awaiting_documents")
    plain = fold(sentence)
    for name, pattern in _patterns():
        for match in pattern.finditer(plain):
            lead = plain[max(0, match.start() - BEFORE) : match.start()]
            unsaid = lexicon.pattern("intents", "unsaid").search(re.split(r"[.;,:]", lead)[-1])
            if not unsaid and not FITS[name] & states:
                return False
    return True


def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    outcomes = [one for one in lexicon.table("metrics", "states") if one[0] in FITS]
    return outcomes + [one for one in lexicon.table("values", "status") if one[0] in FITS]


def names_held(sentence: str, words: str, is_name: Callable[[str], bool]) -> bool:
    """Whether the names in a sentence are among `words` (folded).

    What looks like a name and is not: words in capitals that follow each other with a strange one among them, a strange
    one with a legal form behind it, a word of some name of the register.
    """
    known = set(re.findall(r"[\w']+", words))
    plain_text = fold(sentence)
    countries = [match.span() for match in lexicon.countries()[0].finditer(plain_text)]
    aligned = len(plain_text) == len(sentence)  # else places are not the same, and countries are words like others
    row: list[bool] = []  # capitals that follow each other: which of them are strange
    end = -1
    for place, match in enumerate(_CAPITAL.finditer(sentence)):
        plain = fold(match[0]).strip("'")
        if not match[0][:1].isupper() or plain in lexicon.all_stopwords():
            row = []
            continue
        country = aligned and any(start <= match.start() < stop for start, stop in countries)
        strange = len(plain) > 2 and not country and not _known(plain, known)
        row = [*row, strange] if row and not sentence[end : match.start()].strip() else [strange]
        end = match.end()
        form = sentence[end:].split()[:1]
        formed = bool(form) and legal_form(f"x {form[0].strip(',;:()')}") is not None
        if any(row) and (len(row) > 1 or (strange and (formed or (place > 0 and is_name(plain))))):
            return False
    return True


def _known(plain: str, known: set[str]) -> bool:
    """Among the words read, in the genitive or joined by dashes too; or a word of every day."""
    if plain in known or spelling.in_vocabulary(plain):
        return True
    parts = [part.removesuffix("'s").removesuffix("s") for part in plain.split("-")]
    return all(part in known or f"{part}s" in known or spelling.in_vocabulary(part) for part in parts)
